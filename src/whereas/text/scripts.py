"""Which scripts write spaces between words, and which run from right to left."""

from __future__ import annotations

import re
from functools import lru_cache

# Thai, Lao, Burmese, Khmer, Tai, Balinese and Javanese; kana, Chinese characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9df\uaa60-\uaadf"
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
# Scripts written from right to left (ISO 15924), as Unicode's bidirectional classes R and AL say of their letters.
_RIGHT_TO_LEFT = (
    "Adlm Arab Aran Armi Avst Chrs Cprt Elym Garm Hatr Hebr Hung Khar Lydi Mand Mani Mend Merc Mero Narb Nbat Nkoo "
    "Orkh Ougr Palm Phli Phlp Phnx Prti Rohg Samr Sarb Sogd Sogo Syrc Thaa Todr Yezi"
)
_RIGHT_TO_LEFT_LETTER = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def is_unspaced(text: str) -> bool:
    """Whether a script that writes no spaces between words occurs in the text."""
    return bool(_UNSPACED.search(text))


def has_right_to_left(text: str) -> bool:
    """Whether a letter written from right to left occurs in the text."""
    return not text.isascii() and bool(_RIGHT_TO_LEFT_LETTER.search(text))


@lru_cache(maxsize=1024)
def text_direction(language: str) -> str:
    """Return the direction in which a language is written: `ltr`, `rtl`, or `auto` where its tag does not tell the script."""
    from babel.core import get_global  # CLDR's likely subtags

    primary, *subtags = language.split("-")
    private = next((number for number, subtag in enumerate(subtags) if len(subtag) == 1), len(subtags))
    if len(primary) == 1:  # private or irregular as a whole
        return "auto"
    script = next((subtag.title() for subtag in subtags[:private] if len(subtag) == 4 and subtag.isalpha()), "")
    likely = get_global("likely_subtags")
    regions = [subtag.upper() for subtag in subtags[:private] if len(subtag) == 2 or subtag.isdigit()]
    names = [*(f"{primary.lower()}_{region}" for region in regions), primary.lower()]
    if not script and primary.lower() not in ("und", ""):
        script = next((likely[name].split("_")[1] for name in names if name in likely), "")
    return "auto" if not script else "rtl" if script in _RIGHT_TO_LEFT.split() else "ltr"
