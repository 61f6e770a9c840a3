"""What the pages on fit show: the reader's context, a case's preconditions beside it, and cases ordered by fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from kb.fit.judge import Fit, Judged, write_context
from kb.fit.needs import Need
from kb.fit.rules import Rules
from kb.store import RecordRow
from web.links import PAGE_SIZE, anchor_of, record_url
from web.pages import Link, Say

_ORDER = ("missing", "unknown", "met")
"""What stands in the way comes first."""


@dataclass(frozen=True)
class QuoteView:
    """The passage that a precondition rests on, with its place on the practice's page.

    `around` is the same paragraph in the reader's language, where the passage could be quoted in the other one only.
    """

    text: str
    language: str
    place: Link
    around: str


@dataclass(frozen=True)
class NeedView:
    """One precondition: its outcome as a code and in words, what the outcome means, and the passage or the fact."""

    label: str
    outcome: str
    outcome_name: str
    wording: str
    quote: QuoteView | None
    values: tuple[str, ...]


@dataclass(frozen=True)
class FitBox:
    """A case beside a context. `stated` says whether the reader gave any answer."""

    id: str
    needs: tuple[NeedView, ...]
    counts: str
    unstated: tuple[str, ...]
    stated: bool
    context: tuple[str, ...]
    context_url: str


@dataclass(frozen=True)
class FitPage:
    """The box on a page of its own."""

    title: str
    url: str
    box: FitBox


def fit_box(record: str, fit: Fit, context: Mapping[str, str], rules: Rules, say: Say) -> FitBox:
    """Build the box of one case."""
    labels = {rule.id: rule.label.get(say.language) for rule in rules.preconditions}
    ordered = sorted(fit.judged, key=lambda judged: _ORDER.index(judged.outcome))
    return FitBox(
        id=record,
        needs=tuple(_need_view(record, judged, rules, say) for judged in ordered),
        counts=counts_line(fit, say),
        unstated=tuple(labels[rule] for rule in fit.unstated),
        stated=bool(context),
        context=tuple(rules.questions[name].options[value].get(say.language) for name, value in _spoken(context)),
        context_url=context_url(say.language, context, rules, record),
    )


def _spoken(context: Mapping[str, str]) -> list[tuple[str, str]]:
    """Answers that tell something without their question: places and sizes, not yes and no."""
    return [(name, value) for name, value in context.items() if value not in ("yes", "no")]


def _need_view(record: str, judged: Judged, rules: Rules, say: Say) -> NeedView:
    rule = next(rule for rule in rules.preconditions if rule.id == judged.need.rule)
    lists = {"level": "levels", "cost": "cost_bands"}
    return NeedView(
        label=rule.label.get(say.language),
        outcome=judged.outcome,
        outcome_name=outcome_name(judged.outcome, say),
        wording=rule.wording[judged.outcome].get(say.language),
        quote=_quote_view(record, judged.need, say) if judged.need.quotes else None,
        values=tuple(say.label(lists[rule.fact], value) for value in judged.need.values),
    )


def _quote_view(record: str, need: Need, say: Say) -> QuoteView:
    passage, around = need.quote(say.language), need.around(say.language)
    view = "" if passage.language == say.language else passage.language
    anchor = anchor_of("practice", passage.section, 0, passage.language)
    return QuoteView(
        passage.text,
        passage.language,
        Link(say.section(passage.section), record_url(say.language, "practice", record, anchor, view)),
        around.text if around else "",
    )


def outcome_name(outcome: str, say: Say) -> str:
    return {"met": say("Met"), "missing": say("Missing"), "unknown": say("Unknown")}[outcome]


def counts_line(fit: Fit, say: Say) -> str:
    """How many preconditions are met, missing and unknown, in words."""
    return say("{met} met, {missing} missing, {unknown} unknown").format(
        met=fit.count("met"), missing=fit.count("missing"), unknown=fit.count("unknown")
    )


def context_url(language: str, context: Mapping[str, str], rules: Rules, record: str = "") -> str:
    """The address of the form with this context in it; `record` is the case to go back to."""
    pairs = [("fit", write_context(context, rules))] if context else []
    pairs += [("for", record)] if record else []
    return f"/{language}/context" + (f"?{compact(pairs)}" if pairs else "")


def compact(pairs: Sequence[tuple[str, str]]) -> str:
    """A query whose context stays readable: colons and commas need no escape there."""
    return urlencode(pairs, safe=":,")


@dataclass(frozen=True)
class OptionView:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class QuestionView:
    """A question of the form; one with few answers is shown as buttons, another as a list."""

    id: str
    label: str
    options: tuple[OptionView, ...]
    short: bool


@dataclass(frozen=True)
class ContextPage:
    """The form for the reader's own context."""

    questions: tuple[QuestionView, ...]
    fit: str
    record: str
    problem: str
    list_url: str


def context_page(context: Mapping[str, str], record: str, problem: str, rules: Rules, say: Say) -> ContextPage:
    """Build the form with the answers given so far."""
    questions = tuple(
        QuestionView(
            question.id,
            question.label.get(say.language),
            tuple(
                OptionView(value, label.get(say.language), context.get(question.id) == value)
                for value, label in question.options.items()
            ),
            short=set(question.options) == {"yes", "no"},
        )
        for question in rules.questions.values()
    )
    fit = write_context(context, rules)
    return ContextPage(questions, fit, record, problem, fit_list_url(say.language, fit))


def fit_list_url(language: str, fit: str, priority: str = "", text: str = "", page: int = 1) -> str:
    """The address of the cases ordered by fit."""
    pairs = [(name, value) for name, value in (("fit", fit), ("priority", priority), ("q", text)) if value]
    pairs += [("page", str(page))] if page > 1 else []
    return f"/{language}/fit" + (f"?{compact(pairs)}" if pairs else "")


@dataclass(frozen=True)
class FitRow:
    """A case in the list: its link, facts, how it fits, and which preconditions are missing."""

    id: str
    link: Link
    title_th: str
    title_en: str
    facts: str
    counts: str
    missing: tuple[str, ...]
    fit_url: str


@dataclass(frozen=True)
class FitListPage:
    """Cases ordered by fit, a page of them."""

    fit: str
    stated: bool
    problem: str
    priorities: tuple[OptionView, ...]
    text: str
    total: int
    first: int
    rows: tuple[FitRow, ...]
    previous_url: str
    next_url: str
    context_url: str


@dataclass(frozen=True)
class FitListAsked:
    """What the list was asked for."""

    context: Mapping[str, str]
    priority: str
    text: str
    page: int
    problem: str = ""


def fit_list_page(
    asked: FitListAsked, ordered: Sequence[tuple[str, Fit]], rows: Mapping[str, RecordRow], rules: Rules, say: Say
) -> FitListPage:
    """Build one page of the list; `rows` has the titles of the cases on it."""
    fit = write_context(asked.context, rules)
    first = (asked.page - 1) * PAGE_SIZE
    shown = ordered[first : first + PAGE_SIZE]

    def turn(page: int) -> str:
        return fit_list_url(say.language, fit, asked.priority, asked.text, page)

    return FitListPage(
        fit=fit,
        stated=bool(asked.context),
        problem=asked.problem,
        priorities=tuple(
            OptionView(term.id, term.label.get(say.language), term.id == asked.priority)
            for term in say.taxonomy["priorities"].values()
        ),
        text=asked.text,
        total=len(ordered),
        first=first + 1,
        rows=tuple(_fit_row(rows[name], result, fit, rules, say) for name, result in shown if name in rows),
        previous_url=turn(asked.page - 1) if asked.page > 1 else "",
        next_url=turn(asked.page + 1) if first + PAGE_SIZE < len(ordered) else "",
        context_url=context_url(say.language, asked.context, rules),
    )


def _fit_row(row: RecordRow, fit: Fit, context: str, rules: Rules, say: Say) -> FitRow:
    labels = {rule.id: rule.label.get(say.language) for rule in rules.preconditions}
    facts = [say.label("countries", row.country)] if row.country else []
    facts += [say.year(row.start)] if row.start else []
    own = say.language if (row.title.th if say.language == "th" else row.title.en) else ("en" if say.language == "th" else "th")
    return FitRow(
        row.id,
        Link(row.title.get(say.language), record_url(say.language, "practice", row.id), own),
        row.title.th,
        row.title.en,
        " · ".join(facts),
        counts_line(fit, say),
        tuple(labels[judged.need.rule] for judged in fit.judged if judged.outcome == "missing"),
        fit_url(say.language, row.id, context),
    )


def fit_url(language: str, record: str, fit: str) -> str:
    """The address of a case's box on a page of its own."""
    return f"/{language}/practices/{quote(record)}/fit" + (f"?{compact([('fit', fit)])}" if fit else "")
