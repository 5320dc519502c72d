"""The site of the real project, rendered once."""

import pytest

from page_reader import ParsedPage
from whereas.http.representation import Content
from whereas.site.site import Site


@pytest.fixture(scope="session")
def site(checked) -> Site:
    return Site(checked)


@pytest.fixture(scope="session")
def written(site) -> dict[str, Content]:
    """Render the contents that a static build writes, by path."""
    contents = {path: site.render(path) for path in site.paths()}
    assert None not in contents.values()
    return contents


@pytest.fixture(scope="session")
def pages(written) -> dict[str, ParsedPage]:
    return {path: ParsedPage(page.content) for path, page in written.items() if page.media_type == "text/html"}
