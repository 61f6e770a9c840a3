"""The outcome of each need, the order of cases, and the compact form of a context."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import QueryError
from kb.fit.judge import MAX_CONTEXT, Fit, Judged, best_first, judge, read_context, write_context
from kb.fit.needs import Need, Quote
from kb.fit.rules import Rules

LAW = Need("legal-basis", (Quote("en", "enabling", 0, "A law.", "a law"),))


@pytest.mark.parametrize(
    ("need", "context", "outcome"),
    [
        (LAW, {"law": "yes"}, "met"),
        (LAW, {"law": "no"}, "missing"),
        (LAW, {}, "unknown"),  # the reader did not say
        (LAW, {"sponsor": "yes"}, "unknown"),  # said something else
        (Need("level", values=("local", "national")), {"level": "local"}, "met"),
        (Need("level", values=("regional",)), {"level": "local"}, "missing"),
        (Need("level", values=("regional",)), {}, "unknown"),
        (Need("cost", values=("1m-10m",)), {"budget": "1m-10m"}, "met"),  # the same band reaches
        (Need("cost", values=("1m-10m",)), {"budget": "10m-100m"}, "met"),
        (Need("cost", values=("1m-10m",)), {"budget": "100k-1m"}, "missing"),
        (Need("size", LAW.quotes), {"size": "small"}, "missing"),  # a warning about small places
        (Need("size", LAW.quotes), {"size": "large"}, "met"),
    ],
)
def test_outcomes(rules: Rules, need: Need, context: dict[str, str], outcome: str) -> None:
    fit = judge([need], context, rules)
    assert [judged.outcome for judged in fit.judged] == [outcome]
    assert need.rule not in fit.unstated
    assert "identity" in fit.unstated, "what a case does not speak of is told apart from what is unknown"


def fit(met: int, missing: int, unknown: int = 0) -> Fit:
    outcomes = ["met"] * met + ["missing"] * missing + ["unknown"] * unknown
    return Fit(tuple(Judged(LAW, outcome) for outcome in outcomes), ())  # type: ignore[arg-type]


def test_the_score_is_the_formula_and_the_unknown_counts_neither_way() -> None:
    assert fit(4, 0).score == 4 / 5
    assert fit(1, 0).score == 1 / 2
    assert fit(2, 3).score == -1 / 6
    assert fit(2, 3, 9).score == fit(2, 3).score
    assert fit(0, 0, 5).score == 0


def test_best_first_prefers_near_cases_among_equals_and_is_stable() -> None:
    fits = [("c", fit(1, 0)), ("b", fit(1, 0)), ("a", fit(0, 1)), ("d", fit(3, 0)), ("e", fit(0, 0))]
    assert best_first(fits) == ["d", "b", "c", "e", "a"]
    assert best_first(fits, near={"c", "a"}) == ["d", "c", "b", "e", "a"]


def test_a_context_is_read_and_written_in_one_form(rules: Rules) -> None:
    context = read_context("level:local, country:LA,,budget:under-100k", rules)
    assert context == {"country": "LA", "level": "local", "budget": "under-100k"}
    assert write_context(context, rules) == "country:LA,level:local,budget:under-100k"
    assert read_context("", rules) == {}


@given(st.data())
def test_every_context_survives_its_compact_form(rules: Rules, data: st.DataObject) -> None:
    context = {
        name: data.draw(st.sampled_from(sorted(question.options)))
        for name, question in rules.questions.items()
        if data.draw(st.booleans())
    }
    text = write_context(context, rules)
    assert len(text) <= MAX_CONTEXT
    assert read_context(text, rules) == context


@pytest.mark.parametrize("text", ["law:perhaps", "shoe:42", "law", "country:XX", "country:ASEAN", "budget:unknown", "x" * 700])
def test_a_context_that_no_form_gives_is_refused(rules: Rules, text: str) -> None:
    with pytest.raises(QueryError):
        read_context(text, rules)
