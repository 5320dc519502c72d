"""Which language tags are valid."""

from __future__ import annotations

import functools

from whereas.i18n import interface_languages


@functools.lru_cache(maxsize=1024)
def is_language(tag: str) -> bool:
    """Return whether `tag` is a BCP 47 language tag of registered parts."""
    if tag in interface_languages():  # most tags are one of these: the registry below takes 25 ms to load
        return True
    import langcodes

    return "_" not in tag and langcodes.tag_is_valid(tag)
