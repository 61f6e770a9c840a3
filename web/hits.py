"""One result as it is listed: its title, facts, passages, and why it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from kb.search.engine import Hit, HitPassage
from kb.search.receipts import FORMS
from web.links import anchor_of, record_url
from web.markdown import marked
from web.pages import Say

BRIEF = 220
"""Characters of a summary in a list."""

_MARKS = re.compile(r"\[\^?[\d, ]+\]|[*_`#]")
"""Marks of claims and of emphasis in the text of a face."""


@dataclass(frozen=True)
class PassageView:
    """A passage under a hit, in its own language, with a link to its place."""

    language: str
    place: str
    html: Markup
    url: str
    by_words: bool
    aligned: str
    aligned_language: str


@dataclass(frozen=True)
class HitView:
    """One result: titles in the page's language and the other one, facts in a line, passages, and why it is here."""

    id: str
    kind: str
    title: str
    title_language: str
    other_title: str
    other_language: str
    url: str
    facts: tuple[str, ...]
    summary: str
    """In brief, where no passage is shown."""
    summary_language: str
    sides: tuple[PassageView, ...]
    """The best passage of each language, the page's own first; empty where there is one language only."""
    passages: tuple[PassageView, ...]
    """The other passages."""
    reasons: tuple[str, ...]
    receipts: tuple[tuple[str, tuple[str, ...]], ...]
    """Forms of matching, each with the words of the text that matched so."""
    missing: tuple[str, ...]


def hit_view(hit: Hit, say: Say, question: str = "") -> HitView:
    """A hit as the page shows it; the words of `question` are marked where its links lead."""
    other = "en" if say.language == "th" else "th"
    has_own = bool(hit.title.th if say.language == "th" else hit.title.en)
    own = say.language if has_own else other
    facts = [say.label("countries", hit.country)] if hit.country else [say("Document")]
    if hit.start:
        facts.append(say("since {year}").format(year=say.year(hit.start)) if hit.country else say.year(hit.start))
    passages = tuple(_passage_view(hit, passage, question, say) for passage in hit.passages)
    sides = _sides(passages, say)
    return HitView(
        id=hit.id,
        kind=hit.kind,
        title=hit.title.get(say.language),
        title_language=own,
        other_title=(hit.title.en if say.language == "th" else hit.title.th) if has_own else "",
        other_language=other,
        url=record_url(say.language, hit.kind, hit.id),
        facts=tuple(facts),
        summary=_brief(hit.summary.get(say.language)),
        summary_language=say.language if (hit.summary.th if say.language == "th" else hit.summary.en) else other,
        sides=sides,
        passages=tuple(passage for passage in passages if passage not in sides),
        reasons=tuple(_reasons(hit, say)),
        receipts=tuple(_receipts(hit, say)),
        missing=hit.missing,
    )


def _passage_view(hit: Hit, passage: HitPassage, question: str, say: Say) -> PassageView:
    return PassageView(
        passage.language if passage.language not in ("mixed", "und") else "",
        f"{say.section(passage.section)}{f' {passage.part}' if passage.part else ''}",
        marked(passage.text, passage.highlights),
        _passage_url(hit, passage, question, say),
        passage.why == "words",
        passage.aligned.text if passage.aligned else "",
        passage.aligned.language if passage.aligned else "",
    )


def _sides(passages: tuple[PassageView, ...], say: Say) -> tuple[PassageView, ...]:
    """The best passage of each of two languages, the page's own first; empty where there are not two."""
    best: dict[str, PassageView] = {}
    for passage in passages:
        best.setdefault(passage.language, passage)
    if set(best) != {"th", "en"}:
        return ()
    return tuple(sorted(best.values(), key=lambda passage: passage.language != say.language))


def _brief(text: str) -> str:
    """The first sentence of an English text, or the first words of a text without sentence ends, up to `BRIEF` characters."""
    plain = " ".join(_MARKS.sub("", text).split())
    if len(plain) <= BRIEF:
        return plain
    end = plain.rfind(". ", 60, BRIEF)
    if end > 0:
        return plain[: end + 1]
    return plain[: plain.rfind(" ", 60, BRIEF)].rstrip(" ,;:") + " …"


def _receipts(hit: Hit, say: Say) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Forms of matching, each with the words that matched so, in the order of the engine's list."""
    names = {
        "exact": say("as you typed it"),
        "inflected": say("another form of a word"),
        "part": say("as part of a word"),
        "year": say("the year in the other era"),
        "expanded": say("another name of the same term"),
        "corrected": say("corrected spelling"),
    }
    for form in FORMS:
        words = {match.text: None for passage in hit.passages for match in passage.matches if match.form == form}
        if words:
            yield names[form], tuple(words)


def _passage_url(hit: Hit, passage: HitPassage, question: str, say: Say) -> str:
    """The place of a passage, at its page of a long document, with the words of the question marked there."""
    anchor = anchor_of(hit.kind, passage.section, passage.part, passage.language)
    view = "both" if hit.kind == "practice" and passage.language != say.language else ""
    return record_url(say.language, hit.kind, hit.id, anchor, view, page=passage.part, query=question)


def _reasons(hit: Hit, say: Say) -> list[str]:
    """Which legs put the record here, in words."""
    reasons = []
    for leg in hit.legs:
        name = (
            say("meaning, {language} text: place {rank}, {share} % of the evidence")
            if leg.leg == "meaning"
            else say("words, {language} text: place {rank}, {share} % of the evidence")
        )
        reasons.append(name.format(language=say.tongue(leg.language), rank=leg.rank, share=round(100 * leg.share)))
    return reasons
