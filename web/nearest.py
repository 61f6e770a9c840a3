"""Ways on from an answer without a close precedent: ask for less, ask in other words, look around."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kb.search.engine import Request, Result
from kb.termbase import TermEntry
from web.links import search_url
from web.pages import Link, Say

WORDS_DROPPED, FORMS_OFFERED, PRIORITIES_OFFERED = 3, 6, 3


@dataclass(frozen=True)
class Help:
    """Links to wider searches, to the question in other words, and to priorities that the nearest cases belong to."""

    missing: tuple[str, ...]
    wider: tuple[Link, ...]
    words: tuple[Link, ...]
    priorities: tuple[Link, ...]


def help_with(result: Result, say: Say, terms: Mapping[str, TermEntry]) -> Help | None:
    """What helps where no precedent is close; `None` where one is."""
    if result.verdict == "match":
        return None
    missing = result.hits[0].missing if result.hits else ()
    return Help(
        missing,
        tuple(_wider(result.request, missing, say)),
        tuple(_other_words(result, say, terms))[:FORMS_OFFERED],
        tuple(_priorities(result, say))[:PRIORITIES_OFFERED],
    )


def _wider(request: Request, missing: tuple[str, ...], say: Say) -> Iterator[Link]:
    if request.filters or request.year_from is not None or request.year_to is not None:
        yield Link(say("The same question without limits"), search_url(say.language, Request(request.text)))
    for word in missing[:WORDS_DROPPED]:
        text = " ".join(request.text.replace(word, " ").split())
        if text and text != request.text:
            yield Link(say("Without “{word}”").format(word=word), search_url(say.language, replace(request, text=text)))


def _other_words(result: Result, say: Say, terms: Mapping[str, TermEntry]) -> Iterator[Link]:
    """The question with a term under another of its names."""
    request = result.request
    for step in result.query.steps:
        if step.kind != "term" or step.said not in request.text:
            continue
        entry = terms[step.value]
        for language, forms in (("th", entry.th), ("en", entry.en)):
            for form in forms:
                if form.lower() != step.said.lower():
                    text = request.text.replace(step.said, form)
                    yield Link(form, search_url(say.language, replace(request, text=text)), language)


def _priorities(result: Result, say: Say) -> Iterator[Link]:
    for value in result.facets["priority"]:
        if value.count and not value.selected:
            label = say.facet("priority", value.value)
            yield Link(label, search_url(say.language, Request(filters={"priority": (value.value,)}, sort="newest")))
