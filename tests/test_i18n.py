"""The languages of the interface: complete catalogues, and another language as one more file."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from whereas import i18n
from whereas.i18n import (
    LOCALE,
    Message,
    Translations,
    format_date,
    format_number,
    format_percent,
    from_data,
    to_data,
    year_of,
)
from whereas.locale.update import updated

CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/whereas.po"))
GERMAN = r"""
msgid ""
msgstr ""
"Language: de\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"Content-Type: text/plain; charset=utf-8\n"

msgid "no such file"
msgstr "Datei nicht vorhanden"

msgid "violation"
msgstr "Verstoß"

msgid "{count} triple"
msgid_plural "{count} triples"
msgstr[0] "{count} Tripel"
msgstr[1] "{count} Tripel"

msgid "d MMMM y"
msgstr "d. MMMM y"

msgctxt "the first of a month"
msgid "d MMMM y"
msgstr "d. MMMM y"
"""


def in_file(path: Path):
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def keys(catalogue) -> set:
    return {(message.context, str(message.id)) for message in catalogue}


def texts(value) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_catalogue_holds_every_sentence_and_no_other(path):
    assert keys(in_file(path)) == keys(updated(path)), "python src/whereas/locale/update.py"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_sentence_is_translated_with_the_same_values(path):
    for message in in_file(path):
        if not message.id:
            continue
        source, translated = texts(message.id), texts(message.string)
        assert all(translated), message.id
        values = {name for text in source for name in re.findall(r"\{\w+", text)}
        for text in translated:
            assert set(re.findall(r"\{\w+", text)) <= values, message.id


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_catalogue_is_compiled_as_it_stands(path):
    compiled = io.BytesIO()
    write_mo(compiled, in_file(path))
    with path.with_suffix(".mo").open("rb") as file:
        compiled_before = {(m.context, str(m.id)): m.string for m in read_mo(file)}
    compiled.seek(0)
    assert compiled_before == {(m.context, str(m.id)): m.string for m in read_mo(compiled)}, (
        "make catalogues compiles it"
    )


def clear_caches():
    for cached in (i18n._catalogue, format_number, format_percent, format_date):
        cached.cache_clear()


@pytest.fixture
def german(tmp_path, monkeypatch):
    """The catalogues, and a small German one beside them: one file, compiled."""
    folder = tmp_path / "locale/de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "whereas.po").write_text(GERMAN, "utf-8")
    with (folder / "whereas.mo").open("wb") as file:
        write_mo(file, in_file(folder / "whereas.po"))
    monkeypatch.setattr(i18n, "LOCALE", tmp_path / "locale")
    clear_caches()
    yield
    clear_caches()


def test_third_language_is_one_more_file(german):
    assert i18n.interface_languages() == ("en", "de")
    assert Message("no such file").in_language("de") == "Datei nicht vorhanden"
    assert Message("no such file").in_language("de-AT") == "Datei nicht vorhanden"
    assert Message("{count} triple", "{count} triples", count=5124).in_language("de") == "5.124 Tripel"
    assert Message("a node without id").in_language("de") == "a node without id"
    assert (format_date("2022-06-09", "de"), format_percent(0.985, "de", 1)) == ("9. Juni 2022", "98,5\xa0%")


def test_command_uses_a_third_language(german, monkeypatch, tmp_path, capsys):
    from whereas.cli.main import main

    monkeypatch.setenv("LANGUAGE", "de_DE.UTF-8")
    with pytest.raises(SystemExit):
        main(["check", "-C", str(tmp_path / "nowhere")])
    assert re.search(r"Verstoß", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["3,242.5", "98%", "9 June 2022", "1 June 2022", "June 2022", "2022", "soon", "2022-13-01"]),
        ("fr", ["3\u202f242,5", "98\xa0%", "9 juin 2022", "1ᵉʳ juin 2022", "juin 2022", "2022", "soon", "2022-13-01"]),
    ],
)
def test_numbers_and_dates_follow_the_language(language, expected):
    days = ("2022-06-09", "2022-06-01", "2022-06", "2022", "soon", "2022-13-01")
    assert expected == [
        format_number(3242.5, language, 1),
        format_percent(0.98, language),
        *(format_date(day, language) for day in days),
    ]


def test_message_survives_conversion_to_data():
    inner = Message("no such file")
    for message in (
        Message("{key}: expected {expected}, got {got}", key="a", expected=inner, got=3),
        Message("{count} triple", "{count} triples", count=2),
        Message.within("location", "born in {value} too", value="{brace}"),
        Translations.of({"fr": "Un nom", "en": "A name"}),
    ):
        again = from_data(to_data(message))
        assert again == message
        assert again.in_language("fr") == message.in_language("fr")


def test_missing_translation_falls_back_and_names_its_language():
    text = Translations.of({"ug": "ئۇيغۇر", "fr": "ouïghour"})
    assert (text.in_language("fr"), text.language_for("fr")) == ("ouïghour", "fr")
    assert (text.in_language("de"), text.language_for("de")) == ("ئۇيغۇر", "ug")


@pytest.mark.parametrize(
    ("day", "english", "french"),
    [
        ("-0551-09-28", "28 September 552 before our era", "28 septembre 552 avant notre ère"),
        ("-0043", "44 before our era", "44 avant notre ère"),
        ("0000-02-29", "29 February 1 before our era", "29 février 1 avant notre ère"),
        ("12022-01-01", "1 January 12022", "1ᵉʳ janvier 12022"),
        ("0044-03-15", "15 March 44", "15 mars 44"),
        ("1969-12-28Z", "28 December 1969 (UTC)", "28 décembre 1969 (UTC)"),
        ("1969-12+02:00", "December 1969 (UTC+02:00)", "décembre 1969 (UTC+02:00)"),
        ("1900-02-29", "1900-02-29", "1900-02-29"),
        ("2022-06-09T10:00", "2022-06-09T10:00", "2022-06-09T10:00"),
    ],
)
def test_day_of_any_era_or_time_zone_is_written_in_words(day, english, french):
    assert (format_date(day, "en"), format_date(day, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("day", "year"),
    [("2022-06-09", "2022"), ("-0551-09-28", "-0551"), ("12022-01-01", "12022"), ("1969Z", "1969"), ("", "")],
)
def test_year_of_a_day_has_its_sign_and_all_its_digits(day, year):
    assert year_of(day) == year
