"""Interface strings through gettext catalogues. The keys are English; Thai comes from `locale/th/messages.po`."""

from __future__ import annotations

import io
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("th", "en")
DEFAULT_LANGUAGE = "th"
NAMES = {"th": "ไทย", "en": "English"}


@lru_cache(maxsize=4)
def translations(language: str) -> NullTranslations:
    """The catalogue of a language, compiled in memory from its .po file."""
    if language == "en":
        return NullTranslations()
    source = files("web").joinpath(f"locale/{language}/messages.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def preferred_language(accept: str) -> str:
    """The first of our languages in an Accept-Language header, by its weights; Thai where it names none of them."""
    wanted = []
    for item in accept[:500].split(","):
        code, _, weight = item.strip().partition(";q=")
        try:
            wanted.append((float(weight or 1), code.split("-")[0].lower()))
        except ValueError:
            continue
    for _, code in sorted(wanted, key=lambda pair: -pair[0]):
        if code in LANGUAGES:
            return code
    return DEFAULT_LANGUAGE
