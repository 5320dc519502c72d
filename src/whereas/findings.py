"""Where something stands in a file, and what a check says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SEVERITIES = ("Violation", "Warning", "Info")
_FRENCH = {"Violation": "violation", "Warning": "avertissement", "Info": "information"}


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file; `path` is relative to the project, `line` counts from 1, 0 is the whole file."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, order=True)
class Message:
    """One sentence in both languages of the house."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        """The French sentence for `fr`, else the English one."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, order=True)
class Finding:
    """One thing a check says of the material: where, how grave, by which rule, of what."""

    place: Place
    severity: str
    rule: str
    message: Message
    focus: str = ""
    path: str = ""
    value: str = ""

    def line(self, language: str = "en") -> str:
        """`place: severity: sentence`, the form editors and terminals make a link of."""
        severity = _FRENCH[self.severity] if language == "fr" else self.severity.lower()
        return f"{self.place}: {severity}: {self.message.in_language(language)}"


def finding(rule: str, place: Place, *, severity: str = "Violation", focus: str = "", **told: Any) -> Finding:
    """The finding of an authoring rule, its sentence filled with what was `told`, a `Message` in its language."""
    template = RULES[rule]
    en = {name: value.en if isinstance(value, Message) else value for name, value in told.items()}
    fr = {name: value.fr if isinstance(value, Message) else value for name, value in told.items()}
    return Finding(place, severity, rule, Message(template.en.format(**en), template.fr.format(**fr)), focus)


# Every authoring rule and its sentence: what, expected, got.
RULES = {
    "file-too-large": Message(
        "{size} bytes, at most {most} are read",
        "{size} octets, au plus {most} sont lus",
    ),
    "file-outside": Message(
        "a link that leads out of the project, to {target}",
        "un lien qui sort du projet, vers {target}",
    ),
    "file-unreadable": Message("cannot be read: {reason}", "illisible : {reason}"),
    "file-missing": Message("no such file", "fichier absent"),
    "not-utf8": Message(
        "not UTF-8: byte {byte} at offset {offset}",
        "pas en UTF-8 : octet {byte} à la position {offset}",
    ),
    "control-character": Message(
        "control character U+{code:04X} at column {column}",
        "caractère de commande U+{code:04X} à la colonne {column}",
    ),
    "yaml-syntax": Message("YAML: {problem}", "YAML : {problem}"),
    "yaml-key": Message("expected a string as key, got {got}", "clé : une chaîne est attendue, et non {got}"),
    "yaml-tag": Message(
        "a tag such as {tag} is not YAML-LD; quote the value if it starts with '!'",
        "une étiquette comme {tag} n’est pas du YAML-LD ; mettre la valeur entre guillemets si elle commence par « ! »",
    ),
    "yaml-number": Message(
        "the number {number} is too large to stay exact; quote it if it is a name",
        "le nombre {number} est trop grand pour rester exact ; le mettre entre guillemets si c’est un nom",
    ),
    "yaml-cycle": Message("an alias contains itself", "un alias se contient lui-même"),
    "yaml-aliases": Message(
        "aliases unfold to more than {most} values", "les alias se déplient en plus de {most} valeurs"
    ),
    "yaml-depth": Message("nested deeper than {most} levels", "plus de {most} niveaux d’imbrication"),
    "duplicate-key": Message("duplicate key '{key}'", "clé en double « {key} »"),
    "empty-value": Message(
        "empty value for '{key}' (a bare '#' starts a comment)",
        "valeur vide pour « {key} » (un « # » nu ouvre un commentaire)",
    ),
    "bare-quote": Message(
        "quote: expected quoted or block text, got bare words (a bare '#', '!' or ': ' is lost)",
        "quote : texte entre guillemets ou en bloc attendu, et non des mots nus (un « # », « ! » ou « : » nu se perd)",
    ),
    "not-yamlld": Message(
        "expected a mapping with @context, id and graph, got {got}",
        "un objet avec @context, id et graph est attendu, et non {got}",
    ),
    "unknown-key": Message("unknown key '{key}'{hint}", "clé inconnue « {key} »{hint}"),
    "unknown-type": Message("unknown type '{type}'{hint}", "type inconnu « {type} »{hint}"),
    "unknown-prefix": Message(
        "unknown prefix '{prefix}' in '{value}'{hint}", "préfixe inconnu « {prefix} » dans « {value} »{hint}"
    ),
    "not-an-iri": Message(
        "{key}: expected prefix:name or an IRI, got '{value}'",
        "{key} : préfixe:nom ou une IRI est attendu, et non « {value} »",
    ),
    "not-a-value": Message("{key}: expected {expected}, got {got}", "{key} : {expected} est attendu, et non {got}"),
    "unknown-language": Message("unknown language '{language}'", "langue inconnue « {language} »"),
    "no-id": Message("a node without id", "un nœud sans id"),
    "no-type": Message("'{id}' has no type", "« {id} » n’a pas de type"),
    "described-twice": Message("'{id}' is described already at {other}", "« {id} » est déjà décrit en {other}"),
    "wrong-graph": Message(
        "id: expected '{expected}' (the folder's graph), got '{got}'",
        "id : « {expected} » (le graphe du dossier) est attendu, et non « {got} »",
    ),
    "json-ld": Message("JSON-LD: {problem}", "JSON-LD : {problem}"),
    "text-changed": Message(
        "sha256: the text {text} has changed, its digest is now {digest}",
        "sha256 : le texte {text} a changé, son empreinte est désormais {digest}",
    ),
    "text-missing": Message("the text {text} is not in the folder", "le texte {text} n’est pas dans le dossier"),
    "text-unclaimed": Message(
        "no node of type SourceText describes this text", "aucun nœud de type SourceText ne décrit ce texte"
    ),
    "text-twice": Message(
        "a second text in '{language}', expected one a language",
        "un second texte en « {language} », un seul par langue est attendu",
    ),
    "text-language": Message(
        "neither this text nor its document has a lang", "ni ce texte ni son document n’ont de lang"
    ),
    "quote-form": Message(
        "quote: expected text, a list, a mapping by language or {{exact, prefix, suffix}}, got {got}",
        "quote : un texte, une liste, un objet par langue ou {{exact, prefix, suffix}} est attendu, et non {got}",
    ),
    "quote-without-text": Message(
        "quote: the document has no text in '{language}'", "quote : le document n’a pas de texte en « {language} »"
    ),
    "quote-not-found": Message(
        "quote: not found in {text}, closest at {offset}: '{nearest}'",
        "quote : introuvable dans {text}, le plus proche à {offset} : « {nearest} »",
    ),
    "quote-ambiguous": Message(
        "quote: found {count} times in {text}, at {offsets}; add prefix or suffix",
        "quote : trouvé {count} fois dans {text}, à {offsets} ; ajouter prefix ou suffix",
    ),
    "quotation-without-marks": Message(
        "quote: a Quotation stands between quotation marks in {text}, this does not",
        "quote : une citation est entre guillemets dans {text}, ceci ne l’est pas",
    ),
    "verb-absent": Message(
        "verb: '{verb}' is not in the paragraph cited", "verb : « {verb} » n’est pas dans le paragraphe cité"
    ),
    "sentence-without-statement": Message(
        "no node cites this sentence: '{sentence}'", "aucun nœud ne cite cette phrase : « {sentence} »"
    ),
    "link-columns": Message(
        "expected the columns {expected}, got {got}", "les colonnes {expected} sont attendues, et non {got}"
    ),
    "link-value": Message(
        "{column}: expected {expected}, got '{got}'", "{column} : {expected} est attendu, et non « {got} »"
    ),
    "extract": Message(
        "expected Wikidata's entity JSON, one item a line: {problem}",
        "le JSON d’entités de Wikidata est attendu, un élément par ligne : {problem}",
    ),
    "link-form": Message(
        "object_id: expected {expected}, got '{got}'", "object_id : {expected} est attendu, et non « {got} »"
    ),
    "link-gone": Message("{object} does not exist", "{object} n’existe pas"),
    "link-redirect": Message("{object} is now {target}", "{object} est désormais {target}"),
    "link-shared": Message(
        "{object} is linked to {other} too, at {where}", "{object} est lié aussi à {other}, en {where}"
    ),
    "last-check": Message(
        "is no line that 'whereas link check --record' writes",
        "n’est pas une ligne que « whereas link check --record » écrit",
    ),
    "minimum": Message(
        "{count} of type {type}, the project asserts at least {least}",
        "{count} de type {type}, le projet en affirme au moins {least}",
    ),
    "settings": Message("{problem}", "{problem}"),
    "turtle": Message("Turtle: {problem}", "Turtle : {problem}"),
    "query": Message("{problem}", "{problem}"),
    "shapes": Message("{engine} refuses the shapes: {problem}", "{engine} refuse les formes : {problem}"),
}
