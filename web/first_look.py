"""What a first-time reader asks, in that order: what it is, who runs it, what it cost, how good the evidence is, and whether it
would work elsewhere. The order is that of the box "At a glance", so that a phone shows all five within two screens."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from kb.ingest.passages import tidy
from kb.ingest.statements import CITATION
from kb.records import Face, Practice
from kb.text.sentences import pack, sentences
from web.glance import HALTED, FactView
from web.pages import Say

OPENING = 150
"""Characters of a section that are told in the box, in whole sentences; a longer first sentence is told whole."""


def first_look(practice: Practice, face: Face, facts: Sequence[FactView], say: Say) -> tuple[FactView, ...]:
    """The facts of `glance` with what the face says of the case, in the order of the questions. That it was stopped or failed
    comes before them: nobody should read on without having seen that."""
    where, who, when, status, cost, whom, evidence, verified = facts
    halted, going = ((status,), ()) if practice.status in HALTED else ((), (status,))
    return (
        *halted,
        FactView(
            say("What it is"),
            (opening(face, "summary") or say("not known"),),
            mood="told",
            language=_spoken(face, "summary", say),
        ),
        who,
        cost,
        evidence,
        _elsewhere(practice, face, say),
        *going,
        where,
        when,
        whom,
        verified,
    )


def opening(face: Face, section: str) -> str:
    """The first sentences of a section as plain text; empty where the face lacks it."""
    first = tidy(CITATION.sub("", face.sections.get(section, "").strip().split("\n", 1)[0]))
    spans = pack(sentences(first), OPENING)
    return first[slice(*spans[0])] if spans else ""


def _elsewhere(practice: Practice, face: Face, say: Say) -> FactView:
    """What is needed to do the same; the facts of a case hold no number of inhabitants, so the reader's own is compared."""
    told = opening(face, "transfer")
    levels = ", ".join(say.label("levels", level) for level in practice.levels)
    pattern = say("Run at: {levels}. For how many inhabitants it is suited is not among the facts of the case.")
    return FactView(
        say("Would it work elsewhere"),
        (told or say("not known"),),
        pattern.format(levels=levels),
        "told",
        f"/{say.language}/practices/{quote(practice.id)}/fit",
        say("Compare with your own municipality or agency"),
        _spoken(face, "transfer", say),
    )


def _spoken(face: Face, section: str, say: Say) -> str:
    """The language of an opening, where it is not that of the page."""
    return face.language if opening(face, section) and face.language != say.language else ""
