"""Rules for the two faces of an entry: written, in their language, and about the same thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kb.corpus import plain
from kb.lint.entry import Entry, Finding, Surroundings
from kb.lint.facts import PLACEHOLDER
from kb.records import HEADINGS, SECTIONS, Lang
from kb.text.language import UNKNOWN, detect

FACE_RATIO = (0.6, 1.35)
"""Characters of the Thai face over those of the English one; 0.82 to 0.99 in the corpus."""
SECTION_RATIO = (0.45, 2.0)
"""The same of a section; 0.63 to 1.41 in the corpus."""
SHORT_SECTION = 200
"""Characters below which two sections are not compared."""
LEAST_OWN = 0.15
"""The part of a paragraph's letters that must be of its script; at least 0.27 in the corpus, where names abound."""
SHORT_PARAGRAPH = 40
"""Characters below which a paragraph may be a bare name."""
LEAST_WRITTEN = 6
"""Letters and digits without which a section says nothing."""


def faces_written(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for lang, face in entry.practice.faces.items():
        for section, text in face.sections.items():
            said = plain(text)
            if len(re.findall(r"\w", said)) < LEAST_WRITTEN or PLACEHOLDER.fullmatch(said.strip(" -*")):
                heading = HEADINGS[lang][section]
                yield entry.find_in(lang, section, f"the section {heading!r} says nothing; write what is not known")


def faces_alike_in_length(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    if not entry.two_faced:
        return
    sizes = {
        lang: {key: len(plain(text)) for key, text in face.sections.items()} for lang, face in entry.practice.faces.items()
    }
    short = _shorter(sum(sizes["th"].values()), sum(sizes["en"].values()), FACE_RATIO)
    if short:
        yield entry.at(f"{{lang={short}}}", f"the {short} face is far shorter than its twin; see what was left out")
        return
    for section in SECTIONS:
        th, en = sizes["th"][section], sizes["en"][section]
        short = _shorter(th, en, SECTION_RATIO) if max(th, en) >= SHORT_SECTION else None
        if short:
            heading = HEADINGS[short][section]
            message = f"the section {heading!r} is far shorter than its twin; see what was left out"
            yield entry.find_in(short, section, message)


def _shorter(th: int, en: int, limits: tuple[float, float]) -> Lang | None:
    if th < limits[0] * en:
        return "th"
    return "en" if th > limits[1] * en else None


def faces_alike_in_parts(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    if not entry.two_faced:
        return
    counts = Counter((piece.lang, piece.section) for piece in entry.pieces)
    for section in SECTIONS:
        th, en = counts["th", section], counts["en", section]
        if th != en:
            short: Lang = "th" if th < en else "en"
            message = (
                f"the section {HEADINGS[short][section]!r} has {min(th, en)} paragraphs or items, its twin {max(th, en)}; "
                "see which one was left out"
            )
            yield entry.find_in(short, section, message, error=False)


def faces_in_their_language(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    """Sections are judged by language; titles and paragraphs by script, because names make short English look foreign."""
    for lang, face in entry.practice.faces.items():
        for section, text in face.sections.items():
            if _foreign(plain(text), lang):
                message = f"the section {HEADINGS[lang][section]!r} of the {lang} face is in another language; translate it"
                yield entry.find_in(lang, section, message)
    for piece in entry.pieces:
        if len(piece.plain) >= SHORT_PARAGRAPH and _own_share(piece.plain, piece.lang) < LEAST_OWN:
            where = "title" if piece.section == "title" else f"paragraph in {HEADINGS[piece.lang][piece.section]!r}"
            yield entry.find(piece, 0, f"a {where} of the {piece.lang} face is in another language; translate it")


def _foreign(text: str, lang: Lang) -> bool:
    if lang == "th" and _own_share(text, lang) > 0.5:  # told apart by script, without the slower identification
        return False
    return detect(text) not in (lang, UNKNOWN)


def _own_share(text: str, lang: Lang) -> float:
    """The part of a text's Thai consonants and Latin letters that are of the face's script; 1 where it has neither."""
    thai, latin = len(_THAI.findall(text)), len(_LATIN.findall(text))
    return (thai if lang == "th" else latin) / (thai + latin) if thai + latin else 1.0


_THAI = re.compile("[\u0e01-\u0e2e]")
_LATIN = re.compile("[A-Za-z]")
