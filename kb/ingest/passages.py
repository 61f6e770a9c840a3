"""Cuts records into passages on section and sentence boundaries, and aligns the two faces of a practice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kb.corpus import plain, questions
from kb.records import FACTS, Document, Face, Passage, Practice
from kb.store import IndexedPassage
from kb.text.highlight import original_spans
from kb.text.language import UNKNOWN, detect
from kb.text.normalise import THAI_MARKS, normalise, normalise_with_offsets
from kb.text.segment import Segmenter, Token
from kb.text.sentences import pack, paragraphs, sentences
from kb.text.spans import pack_spans
from kb.text.years import to_buddhist_era, years

LIMIT = 700
"""Characters of a passage, unless one sentence is longer; about 200 tokens of the default model in Thai or English."""

HARD_LIMIT = 1400
"""A sentence longer than this is cut at a blank, or between letters: the model reads no further than 512 tokens."""

WINDOW = 150
"""Characters of a window, unless one sentence is longer; chosen on public sets, as docs/relevance.md has it."""

_FOLLOWING = THAI_MARKS | frozenset("ะาำๅๆฯ")
_LEADING = frozenset("เแโใไ")
_BULLET = re.compile(r"^[-*•] +", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*\*|\*|__|`)(?=\S)(.+?)(?<=\S)\1")
_BLANKS = re.compile(r"[ \t]{2,}")
_BLANK_BEFORE_MARK = re.compile(r"[ \t]+(?=[.,;:)])")


def cut(record: Practice | Document) -> list[Passage]:
    """Passages of a record of either kind."""
    return cut_practice(record) if isinstance(record, Practice) else cut_document(record)


def cut_practice(practice: Practice) -> list[Passage]:
    """Passages of both faces, each knowing the aligned one in the other face."""
    faces = {language: [*_cut_face(practice.id, face), _facts(practice, face)] for language, face in practice.faces.items()}
    if len(faces) == 2:
        thai, english = faces["th"], faces["en"]
        faces["th"], faces["en"] = _align(thai, english), _align(english, thai)
    return [passage for passages in faces.values() for passage in passages]


def _cut_face(record: str, face: Face) -> Iterator[Passage]:
    for section, markdown in face.sections.items():
        text = plain(markdown)
        if section == "questions":
            spans = [(text.find(question), text.find(question) + len(question)) for question in questions(text)]
        else:
            spans = pack([piece for span in paragraphs(text) for piece in _fit(text, *span)], LIMIT)
        for ordinal, (start, end) in enumerate(spans):
            yield _passage(record, face.language, section, 0, ordinal, tidy(text[start:end]), start, end, context=face.title)


def _facts(practice: Practice, face: Face) -> Passage:
    """Who, where and when, in the language of a face: readers ask for agencies and places, which stand in no section."""
    named = [practice.place, *(agency.name for agency in practice.agencies), *practice.partners]
    named += [award.name for award in practice.awards]
    texts = dict.fromkeys(text for text in (name.th if face.language == "th" else name.en for name in named) if text)
    if practice.start:
        texts[str(to_buddhist_era(practice.start) if face.language == "th" else practice.start)] = None
    text = "; ".join(texts)
    return _passage(practice.id, face.language, FACTS, 0, 0, text, 0, len(text), context=face.title)


def _align(own: Sequence[Passage], other: Sequence[Passage]) -> list[Passage]:
    """Give each passage of `own` its twin: the passage of `other` at the same relative place of the same section."""
    sections: dict[str, list[Passage]] = {}
    for passage in other:
        sections.setdefault(passage.section, []).append(passage)
    lengths: dict[str, int] = {}
    for passage in own:
        lengths[passage.section] = lengths.get(passage.section, 0) + 1
    aligned = []
    for passage in own:
        twins = sections.get(passage.section)
        twin = twins[passage.ordinal * len(twins) // lengths[passage.section]].key if twins else None
        aligned.append(replace(passage, twin=twin))
    return aligned


def cut_document(document: Document) -> list[Passage]:
    """Passages of a document, part by part, each in the language that it is written in."""
    passages = []
    for part in document.parts:
        spans = pack([piece for span in sentences(part.text) for piece in _fit(part.text, *span)], LIMIT)
        context = " ".join(dict.fromkeys(filter(None, (document.title, part.heading))))
        for ordinal, (start, end) in enumerate(spans):
            text = part.text[start:end]
            language = detect(text)
            if language == UNKNOWN:
                language = document.language
            passages.append(_passage(document.id, language, part.kind, part.number, ordinal, text, start, end, context=context))
    return passages


def _fit(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a span that is longer than `LIMIT` at its sentences, and a sentence longer than `HARD_LIMIT` at blanks."""
    if end - start <= LIMIT:
        yield start, end
        return
    for first, last in sentences(text[start:end]):
        at = start + first
        while start + last - at > HARD_LIMIT:
            blank = text.rfind(" ", at + LIMIT, at + HARD_LIMIT)
            stop = blank if blank > 0 else _before_cluster(text, at + LIMIT, at + HARD_LIMIT)
            yield at, stop
            at = stop + (blank > 0)
        yield at, start + last


def _before_cluster(text: str, low: int, high: int) -> int:
    """The last place after `low` and up to `high` where a cut parts no Thai mark or vowel from its consonant."""
    for place in range(high, low, -1):
        if text[place] not in _FOLLOWING and text[place - 1] not in _LEADING:
            return place
    return high


def _passage(
    record: str,
    language: str,
    section: str,
    part: int,
    ordinal: int,
    text: str,
    start: int,
    end: int,
    *,
    context: str,
) -> Passage:
    digest = hashlib.sha256(f"{context}\0{text}".encode()).hexdigest()[:12]
    key = f"{record}/{language}/{section}/{part}/{ordinal}/{digest}"
    return Passage(key, record, language, section, part, ordinal, text, start, end, context)


def tidy(markdown: str) -> str:
    """A piece of Markdown as plain text: no list marks, emphasis, link targets or doubled blanks."""
    text = _LINK.sub(r"\1", _BULLET.sub("", markdown))
    text = _EMPHASIS.sub(r"\2", text)
    return _BLANK_BEFORE_MARK.sub("", _BLANKS.sub(" ", text)).strip()


def index_passage(passage: Passage, segmenter: Segmenter) -> IndexedPassage:
    """The words, word parts and embedded text of a passage; its context (a title) counts as part of it."""
    return index_passages([passage], segmenter)[0]


def passages_of(record: Practice | Document, segmenter: Segmenter) -> list[IndexedPassage]:
    """The passages of a record with their words; those of a document have windows, by which questions find single sentences."""
    return index_passages(cut(record), segmenter, windowed=isinstance(record, Document))


def index_passages(passages: Iterable[Passage], segmenter: Segmenter, windowed: bool = False) -> list[IndexedPassage]:
    """What the indexes hold of the passages of one record, whose common contexts are segmented once."""
    contexts: dict[str, tuple[list[str], list[str]]] = {}
    indexed = []
    for passage in passages:
        if passage.context not in contexts:
            context = normalise(passage.context)
            contexts[passage.context] = _words(context, segmenter.tokens(context), segmenter)
        own = normalise_with_offsets(passage.text)
        tokens = segmenter.tokens(own.text)
        before, after = contexts[passage.context], _words(own.text, tokens, segmenter)
        words, parts = (" ".join([*first, *last]) for first, last in zip(before, after, strict=True))
        digest = hashlib.sha256(embedded_text(passage).encode()).hexdigest()
        spans = pack_spans(original_spans(passage.text, own, tokens))
        windows = len(window_spans(passage.text)) if windowed else 0
        indexed.append(IndexedPassage(passage, words, parts, digest, spans, windows))
    return indexed


def _words(text: str, tokens: Sequence[Token], segmenter: Segmenter) -> tuple[list[str], list[str]]:
    """The words of a text, and their parts with its years in the other era."""
    parts = [part for token in tokens for part in segmenter.parts(token)]
    parts += [str(to_buddhist_era(year.ce) if year.era == "ce" else year.ce) for year in years(text)]
    return [token.term for token in tokens], parts


def embedded_text(passage: Passage) -> str:
    """What the encoder reads of a passage."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


def window_spans(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the windows of a passage's text: runs of sentences, one after another; none where it would be one."""
    spans = pack(sentences(text), WINDOW)
    return spans if len(spans) > 1 else []


def window_texts(passage: Passage) -> list[str]:
    """What the encoder reads of a passage's windows: each with the context, as the passage itself."""
    before = f"{passage.context}\n" if passage.context else ""
    return [before + passage.text[start:end] for start, end in window_spans(passage.text)]
