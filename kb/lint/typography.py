"""Rules for the look of a text, which are mostly about Thai."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.lint.entry import Entry, Finding, Surroundings, nearby
from kb.text.damage import repair


def thai_marks(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for piece in entry.all_pieces():
        for pattern, problem in _MISPLACED:
            for match in pattern.finditer(piece.text):
                word = nearby(piece.text, match.start())
                yield entry.find(piece, match.start(), f"{problem} in {word!r}; type the word anew")
                break


_CONSONANTS = "\u0e01-\u0e2e"
_VOWEL_MARKS = "\u0e31\u0e34-\u0e3a\u0e47\u0e4d"
_TONES = "\u0e48-\u0e4c"
_TWICE = re.compile(rf"([{_CONSONANTS}][{_VOWEL_MARKS}{_TONES}]+)\1")
_MISPLACED = tuple(
    (re.compile(pattern), problem)
    for pattern, problem in (
        (rf"(?<![{_CONSONANTS}{_VOWEL_MARKS}{_TONES}])[{_VOWEL_MARKS}{_TONES}]", "a Thai mark on no consonant"),
        (rf"[{_TONES}][{_TONES}]", "two tone marks on one consonant"),
        (rf"[{_VOWEL_MARKS}]{{2}}", "two vowels on one consonant"),
        (rf"[{_TONES}][{_VOWEL_MARKS}]", "a tone mark before its vowel"),
        (rf"[เแโใไ](?![{_CONSONANTS}])", "a leading vowel before no consonant"),
        (rf"(?<![{_CONSONANTS}{_VOWEL_MARKS}{_TONES}า])[ะาำ]", "a vowel after no consonant"),
        ("\u0e4d[\u0e48-\u0e4b]?\u0e32", "sara am in two pieces"),
    )
)


def thai_damage(entry: Entry, known: Surroundings) -> Iterator[Finding]:
    """What a text copied from a PDF brings along besides misplaced marks: characters of old fonts, syllables said twice."""
    for piece in entry.all_pieces():
        if not piece.is_thai or any(pattern.search(piece.text) for pattern, _ in _MISPLACED) or not _doubtful(piece.text):
            continue
        mended = repair(piece.text, known.dictionary.__contains__)
        if mended.text != piece.text or mended.doubts:
            at = next((n for n, (a, b) in enumerate(zip(piece.text, mended.text, strict=False)) if a != b), 0)
            kinds = ", ".join(mended.doubts) or "characters of an old font, or a syllable twice"
            yield entry.find(piece, at, f"the text was spoilt in copying ({kinds}) at {nearby(piece.text, at)!r}; type it anew")


def _doubtful(text: str) -> bool:
    """Whether a text may be damaged, as far as one sees without a dictionary, which takes time to load."""
    tried = repair(text, lambda _: False)
    return tried.text != text or bool(tried.doubts) or _TWICE.search(text) is not None


def blanks(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for piece in entry.all_pieces():
        if match := _BLANKS.search(piece.text):
            what = "a double space" if match[0].strip(" ") == "" else "a tab or an invisible character"
            word = nearby(piece.text, match.start())
            yield entry.find(piece, match.start(), f"{what} near {word!r}; write one plain space or none")


_BLANKS = re.compile(r"(?<=\S)[ ]{2,}(?=\S)|[\t\u00a0\u00ad\u200b-\u200f\u2060\ufeff]")


def quotation_marks(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for piece in entry.all_pieces():
        match = re.search("[\u2018\u2019\u201a\u201c\u201d\u201e«»]", piece.text) if piece.lang == "th" else None
        if match:
            yield entry.find(piece, match.start(), f"a curly quotation mark {match[0]} in Thai; write \" or '")


def thai_digits(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for piece in entry.all_pieces():
        if match := re.search("[๐-๙]+", piece.text):
            yield entry.find(piece, match.start(), f"Thai digits {match[0]!r}; write Arabic digits")


def repetition_mark(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for piece in entry.all_pieces():
        if match := re.search(r"(?<! )ๆ|ๆ(?![ \n)\"',;.:?!\]]|$)", piece.text):
            word = nearby(piece.text, match.start())
            yield entry.find(piece, match.start(), f"ๆ without a space before and after in {word!r}; add the spaces")


def brackets_closed(entry: Entry, _: Surroundings) -> Iterator[Finding]:
    for piece in entry.all_pieces():
        for opening, closing in ("()", "[]"):
            if (at := _unmatched(piece.text, opening, closing)) is not None:
                yield entry.find(piece, at, f"a bracket {piece.text[at]} has no partner; add or remove one")
        if piece.text.count('"') % 2:
            yield entry.find(piece, piece.text.rindex('"'), 'a quotation mark " has no partner; add or remove one')


def _unmatched(text: str, opening: str, closing: str) -> int | None:
    """Where a bracket stands that has no partner; the one of an enumeration, `a)` or `1)`, needs none."""
    open_at: list[int] = []
    for match in re.finditer(rf"[\{opening}\{closing}]", text):
        if match[0] == opening:
            open_at.append(match.start())
        elif open_at:
            open_at.pop()
        elif not re.search(r"(?:^|\s)\w{1,2}$", text[: match.start()]):
            return match.start()
    return open_at[-1] if open_at else None
