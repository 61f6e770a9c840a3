"""What was understood of a question, in words, with the address that takes each step back or applies it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from kb.search.engine import Request, Result
from kb.search.query import Step
from kb.search.understand import LITERAL
from kb.termbase import TermEntry
from web.links import switched
from web.pages import Say

Address = Callable[[Request], str]
"""A request's address."""


@dataclass(frozen=True)
class StepView:
    """Something that was understood of a question: in words, and the address that takes it back or applies it."""

    text: str
    url: str
    applied: bool
    changed: bool
    """Whether the words themselves were read otherwise, which is announced above the results."""


def literal_url(result: Result, address: Address) -> str:
    """Where anything was read into the question, the address that reads it word by word; after that, the way back."""
    request = result.request
    if LITERAL in request.undo:
        return address(replace(request, undo=frozenset()))
    if any(step.applied for step in result.query.steps):
        return address(replace(request, undo=frozenset({LITERAL}), redo=frozenset()))
    return ""


def steps(result: Result, say: Say, address: Address, terms: Mapping[str, TermEntry]) -> Iterator[StepView]:
    """What was understood, in words, each with the address that switches it."""
    for step in result.query.steps:
        url = address(switched(result.request, step.key, step.applied))
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
    if step.kind == "transliteration":
        return say("{said}: also as {words}, which sounds alike").format(said=step.said, words=value)
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
