"""The catalogue of a release in DCAT 3, VoID and PROV: one graph, with nothing in it that depends on the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from whereas._version import __version__
from whereas.content.downloads import File
from whereas.iris import expand, shorten
from whereas.project.project import Project
from whereas.rdf.context import Context
from whereas.rdf.external_datasets import ExternalDataset, dataset_of
from whereas.rdf.formats import FORMATS
from whereas.rdf.namespaces import DCAT, DCTERMS, FOAF, PROV, RDF, VOID, XSD
from whereas.rdf.terms import Quad, iri, literal

SPDX = "http://spdx.org/rdf/terms#"
IANA = "https://www.iana.org/assignments/media-types/"
ABOUT = "https://w3id.org/whereas/software"


@dataclass(frozen=True)
class Holdings:
    """Counts of what the dataset holds."""

    triples: int
    subjects: int
    documents: int
    types: Mapping[str, int]
    predicates: Mapping[str, int]
    links: Iterable[Quad]
    material: Mapping[str, tuple[int, str]]  # number of files and digest, by folder


def describe(project: Project, context: Context, holdings: Holdings, files: Iterable[File]) -> list[Quad]:
    """Return the catalogue's quads, sorted, in the graph `catalogue`."""
    writer = _Writer(project, context)
    writer.catalogue()
    writer.dataset(holdings)
    for file in files:
        writer.distribution(file)
    writer.partitions(holdings)
    writer.linksets(holdings.links)
    writer.provenance(holdings)
    return sorted(set(writer.quads))


class _Writer:
    def __init__(self, project: Project, context: Context) -> None:
        self.project, self.prefixes = project, context.prefixes
        self.catalog, self.set = f"{project.base}catalogue", f"{project.base}dataset"
        self.quads: list[Quad] = []

    def add(self, subject: str, predicate: str, term: str) -> None:
        self.quads.append((iri(subject), iri(predicate), term, iri(self.catalog)))

    def a(self, subject: str, *types: str) -> None:
        for kind in types:
            self.add(subject, f"{RDF}type", iri(kind))

    def count(self, subject: str, predicate: str, number: int) -> None:
        self.add(subject, predicate, literal(str(number), datatype=f"{XSD}integer"))

    def catalogue(self) -> None:
        self.a(self.catalog, f"{DCAT}Catalog")
        self.add(self.catalog, f"{DCAT}dataset", iri(self.set))
        self.about(self.catalog)

    def about(self, subject: str) -> None:
        """Add the project's own metadata, which catalogue and dataset share."""
        project = self.project
        for predicate, translations in (
            (f"{DCTERMS}title", project.title),
            (f"{DCTERMS}description", project.description),
            (f"{DCTERMS}rights", project.rights),
        ):
            for language, text in translations.items():
                self.add(subject, predicate, literal(text, language=language))
        if project.publisher:
            self.add(subject, f"{DCTERMS}publisher", iri(expand(project.publisher, self.prefixes)))
        if project.licence:
            self.add(subject, f"{DCTERMS}license", iri(project.licence))
        if project.homepage:
            self.add(subject, f"{FOAF}homepage", iri(project.homepage))
        for language in project.languages:
            self.add(subject, f"{DCTERMS}language", literal(language))

    def dataset(self, holdings: Holdings) -> None:
        self.a(self.set, f"{DCAT}Dataset", f"{VOID}Dataset")
        self.about(self.set)
        self.add(self.set, f"{DCAT}landingPage", iri(self.project.homepage or self.project.base))
        self.add(self.set, f"{VOID}uriSpace", literal(self.project.base))
        self.add(self.set, f"{VOID}vocabulary", iri(f"{self.project.vocabulary}ns#"))
        self.count(self.set, f"{VOID}triples", holdings.triples)
        self.count(self.set, f"{VOID}entities", holdings.subjects)
        self.count(self.set, f"{VOID}documents", holdings.documents)
        for location in self.project.coverage.get("spatial", ()):
            self.add(self.set, f"{DCTERMS}spatial", iri(expand(location, self.prefixes)))
        period = {"from": "startDate", "to": "endDate"}
        if days := {period[key]: str(day) for key, day in self.project.coverage.items() if key in period}:
            span = f"{self.set}#period"
            self.add(self.set, f"{DCTERMS}temporal", iri(span))
            self.a(span, f"{DCTERMS}PeriodOfTime")
            for name, day in days.items():
                self.add(span, f"{DCAT}{name}", literal(day, datatype=f"{XSD}date"))

    def distribution(self, file: File) -> None:
        plain = file.path.removesuffix(".gz")
        format_ = FORMATS[plain.rpartition(".")[2]]
        address = f"{self.project.base}{file.path}"
        self.add(self.set, f"{DCAT}distribution", iri(address))
        self.add(self.set, f"{VOID}dataDump", iri(address))
        self.a(address, f"{DCAT}Distribution")
        title = format_.label if plain == file.path else f"{format_.label}, gzip"
        self.add(address, f"{DCTERMS}title", literal(title, language="en"))
        self.add(address, f"{DCAT}downloadURL", iri(address))
        self.add(address, f"{DCAT}mediaType", iri(IANA + format_.media_type))
        if plain != file.path:
            self.add(address, f"{DCAT}compressFormat", iri(f"{IANA}application/gzip"))
        self.add(address, f"{DCAT}byteSize", literal(str(file.size), datatype=f"{XSD}nonNegativeInteger"))
        if self.project.licence:
            self.add(address, f"{DCTERMS}license", iri(self.project.licence))
        check = f"{address}#sha256"
        self.add(address, f"{SPDX}checksum", iri(check))
        self.a(check, f"{SPDX}Checksum")
        self.add(check, f"{SPDX}algorithm", iri(f"{SPDX}checksumAlgorithm_sha256"))
        self.add(check, f"{SPDX}checksumValue", literal(file.sha256, datatype=f"{XSD}hexBinary"))

    def partitions(self, holdings: Holdings) -> None:
        for kind, counts, of, number in (
            ("class", holdings.types, "class", "entities"),
            ("property", holdings.predicates, "property", "triples"),
        ):
            for name, count in counts.items():
                partition = f"{self.set}#{kind}-{self._slug(name)}"
                self.add(self.set, f"{VOID}{kind}Partition", iri(partition))
                self.a(partition, f"{VOID}Dataset")
                self.add(partition, f"{VOID}{of}", iri(name))
                self.count(partition, f"{VOID}{number}", count)

    def _slug(self, name: str) -> str:
        return shorten(name, self.prefixes).replace(":", "-").replace("/", "-").replace("#", "-")

    def linksets(self, links: Iterable[Quad]) -> None:
        counts: Counter[tuple[ExternalDataset, str]] = Counter()
        for _, predicate, term, _ in links:
            if dataset := dataset_of(term[1:-1]):
                counts[dataset, predicate[1:-1]] += 1
        for (dataset, predicate), count in counts.items():
            linkset = f"{self.set}#links-{dataset.name}-{self._slug(predicate)}"
            self.add(self.set, f"{VOID}subset", iri(linkset))
            self.a(linkset, f"{VOID}Linkset")
            self.add(linkset, f"{VOID}subjectsTarget", iri(self.set))
            self.add(linkset, f"{VOID}objectsTarget", iri(dataset.iri or dataset.namespace))
            self.add(linkset, f"{VOID}linkPredicate", iri(predicate))
            self.count(linkset, f"{VOID}triples", count)

    def provenance(self, holdings: Holdings) -> None:
        build = f"{self.set}#build"
        self.add(self.set, f"{PROV}wasGeneratedBy", iri(build))
        self.a(build, f"{PROV}Activity")
        self.add(build, f"{PROV}wasAssociatedWith", iri(f"{ABOUT}/{__version__}"))
        self.a(f"{ABOUT}/{__version__}", f"{PROV}SoftwareAgent")
        self.add(f"{ABOUT}/{__version__}", f"{DCTERMS}title", literal(f"whereas {__version__}", language="en"))
        self.add(f"{ABOUT}/{__version__}", f"{DCTERMS}hasVersion", literal(__version__))
        for folder, (number, digest) in holdings.material.items():
            used = f"{self.set}#material-{folder}"
            self.add(build, f"{PROV}used", iri(used))
            self.a(used, f"{PROV}Entity")
            self.add(used, f"{DCTERMS}title", literal(f"{folder}/, {number} files", language="en"))
            self.add(used, f"{DCTERMS}identifier", literal(f"sha256:{digest}"))


def sums(files: Iterable[File]) -> Iterator[str]:
    """Iterate over the lines of `SHA256SUMS`, for `sha256sum --check`."""
    for file in sorted(files, key=lambda file: file.path):
        yield f"{file.sha256}  {file.path}\n"
