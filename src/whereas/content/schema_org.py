"""Pages as schema.org JSON-LD, for search engines and other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from whereas.content.index import Index
from whereas.content.statements import DOCUMENTS, EVENTS, STATEMENTS, Statement, date_of, read_statement
from whereas.project.project import Project

_CLASSES = {
    "foaf:Person": "Person",
    "org:Organization": "Organization",
    "foaf:Group": "Organization",
    "schema:Place": "Place",
    "wa:Resolution": "CreativeWork",
    "eli:Work": "Legislation",
    "schema:Collection": "Collection",
    "skos:Concept": "DefinedTerm",
    "skos:ConceptScheme": "DefinedTermSet",
    "schema:WebPage": "WebPage",
}


class SchemaOrg:
    """JSON-LD of pages. What a document says of somebody is a claim or a quotation, never a fact about them."""

    def __init__(self, index: Index, project: Project, title: Callable[[str], str]) -> None:
        self.index, self.project, self.title = index, project, title

    def dataset(self, language: str) -> dict[str, Any]:
        """Return the project as a data set."""
        data = {
            "@context": "https://schema.org",
            "@type": "Dataset",
            "@id": self.project.base,
            "name": self.title(language),
            "description": self.project.description.get(language, ""),
            "license": self.project.licence,
            "inLanguage": language,
            "distribution": {
                "@type": "DataDownload",
                "encodingFormat": "application/n-quads",
                "contentUrl": f"{self.project.base}dataset.nq",
            },
        }
        return {key: value for key, value in data.items() if value}

    def thing(self, thing: str, language: str) -> dict[str, Any]:
        """Return one thing."""
        data: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "Thing",
            "@id": thing,
            "name": self.index.label(thing, language).text,
        }
        same = self.index.all(thing, "owl:sameAs", "skos:exactMatch")
        if same:
            data["sameAs"] = same
        if self.index.is_a(thing, *DOCUMENTS):
            data["@type"] = "Report" if self.index.is_a(thing, "schema:Report") else "Article"
            data["datePublished"] = date_of(self.index, thing)
            data["inLanguage"] = self.index.first(thing, "schema:inLanguage")
            data["publisher"] = self._names(self.index.all(thing, "dcterms:publisher"), language)
        elif self.index.is_a(thing, "wa:Quotation"):
            statement = read_statement(self.index, thing)
            data |= self._quotation(statement, statement.speakers, language)
        elif self.index.is_a(thing, *STATEMENTS):
            statement = read_statement(self.index, thing)
            data["@type"] = "Claim"
            data["author"] = self._names(statement.speakers or statement.reporters, language)
            data["appearance"] = self._quotation(statement, statement.quoted or statement.reporters, language)
        elif self.index.is_a(thing, *EVENTS):
            data["@type"] = "Event"
            if day := date_of(self.index, thing):
                data["startDate"] = day
        else:
            data["@type"] = next((kind for name, kind in _CLASSES.items() if self.index.is_a(thing, name)), "Thing")
        return data

    def _quotation(self, statement: Statement, speakers: Sequence[str], language: str) -> dict[str, Any]:
        """Return the passages of a statement as a quotation of the speakers."""
        return {
            "@type": "Quotation",
            "text": [passage.exact for passage in statement.passages],
            "creator": self._names(speakers, language),
            "isPartOf": {"@type": "CreativeWork", "@id": statement.document},
        }

    def _names(self, things: Sequence[str], language: str) -> list[dict[str, str]]:
        return [
            {
                "@type": "Person" if self.index.is_a(thing, "foaf:Person") else "Organization",
                "@id": thing,
                "name": self.index.label(thing, language).text,
            }
            for thing in things
        ]
