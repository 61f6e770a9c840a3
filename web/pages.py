"""What each page shows: one frozen dataclass a template, built from the engine's values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from gettext import NullTranslations

from markupsafe import Markup

from kb.records import HEADINGS, SECTIONS
from kb.search.calibration import Calibration
from kb.search.engine import Hit, HitPassage, Request, Result
from kb.search.query import Step
from kb.search.receipts import FORMS
from kb.search.similar import Similar
from kb.search.understand import LITERAL
from kb.taxonomy import Taxonomy
from kb.termbase import TermEntry
from kb.text.years import format_year, to_buddhist_era
from web.links import PAGE_SIZE, anchor_of, record_url, search_url, switched, toggled
from web.markdown import marked

_FACET_LISTS = {
    "country": "countries",
    "priority": "priorities",
    "principle": "principles",
    "level": "levels",
    "status": "status",
}
_FACETS_SHOWN = 8


@dataclass(frozen=True)
class Say:
    """How a page speaks: its language, gettext, and labels of the taxonomy."""

    language: str
    translations: NullTranslations
    taxonomy: Taxonomy

    def __call__(self, message: str) -> str:
        return self.translations.gettext(message)

    def label(self, taxonomy: str, value: str) -> str:
        return self.taxonomy.label(taxonomy, value, self.language)

    def facet(self, facet: str, value: str) -> str:
        """The label of a facet value."""
        if facet in _FACET_LISTS:
            return self.label(_FACET_LISTS[facet], value)
        if facet == "decade":
            first = int(value)
            be = to_buddhist_era(first)
            return f"พ.ศ. {be}-{be + 9} (ค.ศ. {first}-{first + 9})" if self.language == "th" else f"{first}-{first + 9}"
        if facet == "kind":
            return self("Practice") if value == "practice" else self("Document")
        return self.tongue(value)

    def tongue(self, code: str) -> str:
        """The name of a language."""
        names = {
            "th": self("Thai"),
            "en": self("English"),
            "mixed": self("Thai and English"),
            "und": self("no language"),
            "lo": self("Lao"),
            "my": self("Burmese"),
            "km": self("Khmer"),
            "ms": self("Malay"),
            "id": self("Indonesian"),
            "vi": self("Vietnamese"),
            "tl": self("Filipino"),
            "zh": self("Chinese"),
            "ta": self("Tamil"),
        }
        return names.get(code, code)

    def facet_name(self, facet: str) -> str:
        names = {
            "country": self("Country"),
            "priority": self("Priority"),
            "principle": self("Governance principle"),
            "level": self("Level of government"),
            "status": self("Status"),
            "language": self("Language"),
            "kind": self("Kind"),
            "decade": self("Begun in"),
        }
        return names[facet]

    def section(self, section: str) -> str:
        """The name of a passage's place."""
        if section in SECTIONS:
            return HEADINGS["th" if self.language == "th" else "en"][section]
        return {"page": self("page"), "slide": self("slide"), "facts": self("At a glance")}.get(section, self("section"))

    def year(self, year: int) -> str:
        return format_year(year, self.language)


@dataclass(frozen=True)
class Link:
    text: str
    url: str
    language: str = ""


@dataclass(frozen=True)
class FacetLine:
    """One value of a facet: its label, how many records, whether it is chosen, and the address that toggles it."""

    label: str
    count: int
    selected: bool
    url: str


@dataclass(frozen=True)
class FacetGroup:
    name: str
    lines: tuple[FacetLine, ...]
    more: tuple[FacetLine, ...]
    open: bool


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

    title: str
    title_language: str
    other_title: str
    other_language: str
    url: str
    facts: tuple[str, ...]
    summary: str
    passages: tuple[PassageView, ...]
    reasons: tuple[str, ...]
    receipts: tuple[tuple[str, tuple[str, ...]], ...]
    """Forms of matching, each with the words of the text that matched so."""
    missing: tuple[str, ...]


@dataclass(frozen=True)
class StepView:
    """Something that was understood of a question: in words, and the address that takes it back or applies it."""

    text: str
    url: str
    applied: bool
    changed: bool
    """Whether the words themselves were read otherwise, which is announced above the results."""


@dataclass(frozen=True)
class SearchPage:
    """The search page: with words it shows answers, without it lists everything."""

    text: str
    hidden: tuple[tuple[str, str], ...]
    """Chosen facet values, which a new question keeps."""
    switched: tuple[tuple[str, str], ...]
    """Steps taken back or applied, which hold for this question only."""
    year_from: str
    year_to: str
    searched: bool
    close: bool
    truncated: bool
    total: int
    hits: tuple[HitView, ...]
    first: int
    groups: tuple[FacetGroup, ...]
    chosen: tuple[Link, ...]
    clear_url: str
    previous_url: str
    next_url: str
    api_url: str
    steps: tuple[StepView, ...] = ()
    literal_url: str = ""
    """The address that reads the question word by word, where anything was understood."""
    error: str = ""


def search_page(result: Result, page: int, say: Say, terms: Mapping[str, TermEntry]) -> SearchPage:
    """Build the search page from an answer; `terms` are the entries of the termbase by id."""
    request = result.request
    last = (page - 1) * PAGE_SIZE + len(result.hits)
    keep = [("face" if facet == "language" else facet, value) for facet, values in request.filters.items() for value in values]
    return SearchPage(
        text=request.text[:2000],
        hidden=tuple(keep),
        switched=(*(("undo", key) for key in sorted(request.undo)), *(("redo", key) for key in sorted(request.redo))),
        year_from=_year_text(request.year_from, say),
        year_to=_year_text(request.year_to, say),
        searched=not result.query.empty,
        close=result.verdict == "match",
        truncated=result.query.truncated,
        total=result.total,
        hits=tuple(_hit_view(hit, say, request.text) for hit in result.hits),
        first=(page - 1) * PAGE_SIZE + 1,
        groups=tuple(_groups(result, say)),
        chosen=tuple(_chosen(request, say)),
        clear_url=search_url(say.language, Request(request.text)),
        previous_url=search_url(say.language, request, page - 1) if page > 1 else "",
        next_url=search_url(say.language, request, page + 1) if last < result.total else "",
        api_url=_api_url(request, say),
        steps=tuple(_steps(result, say, terms)),
        literal_url=_literal_url(result, say),
    )


def _api_url(request: Request, say: Say) -> str:
    """The address of the same answer as data, with aligned passages in the page's language."""
    query = search_url(say.language, request)[len(f"/{say.language}/") :]
    return f"/api/v1/search{query or '?q='}&reader={say.language}"


def _literal_url(result: Result, say: Say) -> str:
    """Where anything was read into the question, the address that reads it word by word; after that, the way back."""
    request = result.request
    if LITERAL in request.undo:
        return search_url(say.language, replace(request, undo=frozenset()))
    if any(step.applied for step in result.query.steps):
        return search_url(say.language, replace(request, undo=frozenset({LITERAL}), redo=frozenset()))
    return ""


def _steps(result: Result, say: Say, terms: Mapping[str, TermEntry]) -> Iterator[StepView]:
    """What was understood, in words, each with the address that switches it."""
    for step in result.query.steps:
        url = search_url(say.language, switched(result.request, step.key, step.applied))
        yield StepView(_step_text(step, say, terms), url, step.applied, step.kind in ("keyboard", "spelling"))


def _step_text(step: Step, say: Say, terms: Mapping[str, TermEntry]) -> str:
    """A step in the reader's language."""
    value = step.value
    if step.kind in ("keyboard", "spelling"):
        return say("Showing results for {value} instead of {said}").format(value=value, said=step.said)
    if step.kind == "years":
        return _span_text(value, say)
    if step.kind == "field":
        facet, _, chosen = value.partition("=")
        return _field_text(facet, chosen, say)
    if step.kind in ("country", "region"):
        label = say.label("countries" if step.kind == "country" else "regions", value)
        return f"{say('Country')}: {label}"
    if step.kind in ("priority", "level"):
        label = say.label("priorities" if step.kind == "priority" else "levels", value)
        return say("{name} first: {value}").format(name=say.facet_name(step.kind), value=label)
    if step.kind == "term":
        entry = terms[value]
        own, other = (entry.th[0], entry.en[0]) if say.language == "th" else (entry.en[0], entry.th[0])
        return say("{said}: also as {own} / {other}").format(said=step.said, own=own, other=other)
    pattern = say("exactly {words}") if step.kind == "phrase" else say("without {words}")
    return pattern.format(words=step.said.lstrip("-"))


def _field_text(facet: str, value: str, say: Say) -> str:
    if facet == "years":
        return _span_text(value, say)
    if facet == "title":
        return say("in the title: {words}").format(words=value)
    if facet == "region":
        return f"{say('Country')}: {say.label('regions', value)}"
    return f"{say.facet_name(facet)}: {say.facet(facet, value)}"


def _span_text(value: str, say: Say) -> str:
    """A span of years, `2015..2020`, in words."""
    first, dots, last = value.partition("..")
    if not dots:
        return say("begun in {year}").format(year=say.year(int(first)))
    if not last:
        return say("begun in {year} or later").format(year=say.year(int(first)))
    if not first:
        return say("begun in {year} or earlier").format(year=say.year(int(last)))
    return say("begun from {first} to {last}").format(first=say.year(int(first)), last=say.year(int(last)))


def _year_text(year: int | None, say: Say) -> str:
    if year is None:
        return ""
    return str(to_buddhist_era(year) if say.language == "th" else year)


def _groups(result: Result, say: Say) -> list[FacetGroup]:
    groups = []
    for facet, values in result.facets.items():
        lines = [
            FacetLine(
                say.facet(facet, value.value),
                value.count,
                value.selected,
                search_url(say.language, toggled(result.request, facet, value.value)),
            )
            for value in values
        ]
        if facet == "decade":
            order = sorted(range(len(lines)), key=lambda i: values[i].value, reverse=True)
            lines = [lines[i] for i in order]
        if len(lines) > 1 or any(line.selected for line in lines):
            groups.append(
                FacetGroup(
                    say.facet_name(facet),
                    tuple(lines[:_FACETS_SHOWN]),
                    tuple(lines[_FACETS_SHOWN:]),
                    facet in ("country", "priority") or any(line.selected for line in lines),
                )
            )
    return groups


def _chosen(request: Request, say: Say) -> list[Link]:
    """What narrows the search, each with the address without it."""
    chips = [
        Link(
            f"{say.facet_name(facet)}: {say.facet(facet, value)}",
            search_url(say.language, toggled(request, facet, value)),
        )
        for facet, values in request.filters.items()
        for value in values
    ]
    if request.year_from is not None:
        text = say("begun in {year} or later").format(year=say.year(request.year_from))
        chips.append(Link(text, search_url(say.language, replace(request, year_from=None))))
    if request.year_to is not None:
        text = say("begun in {year} or earlier").format(year=say.year(request.year_to))
        chips.append(Link(text, search_url(say.language, replace(request, year_to=None))))
    return chips


def _hit_view(hit: Hit, say: Say, question: str) -> HitView:
    other = "en" if say.language == "th" else "th"
    has_own = bool(hit.title.th if say.language == "th" else hit.title.en)
    own = say.language if has_own else other
    facts = [say.label("countries", hit.country)] if hit.country else [say("Document")]
    if hit.start:
        facts.append(say("since {year}").format(year=say.year(hit.start)) if hit.country else say.year(hit.start))
    return HitView(
        title=hit.title.get(say.language),
        title_language=own,
        other_title=(hit.title.en if say.language == "th" else hit.title.th) if has_own else "",
        other_language=other,
        url=record_url(say.language, hit.kind, hit.id),
        facts=tuple(facts),
        summary="" if hit.passages else hit.summary.get(say.language),
        passages=tuple(
            PassageView(
                passage.language if passage.language not in ("mixed", "und") else "",
                f"{say.section(passage.section)}{f' {passage.part}' if passage.part else ''}",
                marked(passage.text, passage.highlights),
                _passage_url(hit, passage, question, say),
                passage.why == "words",
                passage.aligned.text if passage.aligned else "",
                passage.aligned.language if passage.aligned else "",
            )
            for passage in hit.passages
        ),
        reasons=tuple(_reasons(hit, say)),
        receipts=tuple(_receipts(hit, say)),
        missing=hit.missing,
    )


def _receipts(hit: Hit, say: Say) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Forms of matching, each with the words that matched so, in the order of the engine's list."""
    names = {
        "exact": say("as you typed it"),
        "inflected": say("another form of a word"),
        "part": say("inside a longer word"),
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


@dataclass(frozen=True)
class SimilarView:
    """A similar record: its link, facts, and the passage that is nearest to one of the source."""

    link: Link
    facts: str
    passage: str
    passage_language: str
    source: str


def similar_view(found: Similar, say: Say) -> SimilarView:
    """A similar record as it is listed."""
    own = say.language if (found.title.th if say.language == "th" else found.title.en) else found.passage.language
    facts = [say.label("countries", found.country)] if found.country else [say("Document")]
    if found.start:
        facts.append(say.year(found.start))
    passage = found.passage
    return SimilarView(
        Link(found.title.get(say.language), record_url(say.language, found.kind, found.id), own),
        " · ".join(facts),
        passage.text,
        passage.language if passage.language not in ("mixed", "und") else "",
        passage.source,
    )


@dataclass(frozen=True)
class SimilarPage:
    """More like a pasted text: the text, what was found, and what is wrong with the text, if anything."""

    text: str
    limit: int
    found: tuple[SimilarView, ...]
    searched: bool
    error: str = ""


@dataclass(frozen=True)
class CurveRow:
    """A threshold of "no close precedent": the share of unanswerable questions it recognises, and of false alarms."""

    threshold: str
    recognised: str
    false_alarm: str
    chosen: bool


@dataclass(frozen=True)
class CurveView:
    name: str
    chosen: str
    rows: tuple[CurveRow, ...]


@dataclass(frozen=True)
class HowPage:
    """How search works: what is counted, and the thresholds with the curves that they were chosen from."""

    records: int
    terms: int
    false_alarm: str
    curves: tuple[CurveView, ...]


def how_page(calibration: Calibration, records: int, terms: int, say: Say) -> HowPage:
    """Build the page from the shipped calibration."""
    curves = []
    for (asked, found), threshold in sorted(calibration.close.items()):
        curve = calibration.curves.get((asked, found))
        rows = list(zip(curve.thresholds, curve.recognised, curve.false_alarm, strict=True)) if curve else []
        nearest = min(range(len(rows)), key=lambda row: abs(rows[row][0] - threshold), default=-1)
        name = say("question in {asked}, nearest case in {found}").format(asked=say.tongue(asked), found=say.tongue(found))
        curves.append(
            CurveView(
                name,
                f"{threshold:.4f}",
                tuple(
                    CurveRow(f"{value:.4f}", f"{recognised:.0%}", f"{false:.0%}", number == nearest)
                    for number, (value, recognised, false) in enumerate(rows)
                ),
            )
        )
    return HowPage(records, terms, f"{calibration.false_alarm:.1%}", tuple(curves))


@dataclass(frozen=True)
class ErrorPage:
    """Something went wrong: what, and what to do."""

    status: int
    message: str
