"""Two people wrote at once: their texts are brought together, and what cannot be is shown for a decision."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from fastapi import Request, Response

from kb.desk.diff3 import Side
from kb.desk.differences import FieldChange, Run, differences, practice_differences
from kb.desk.entries import EntryError
from kb.desk.merge import Conflict, Merged, merge
from kb.records import LANGUAGES, Lang, Practice
from web.desk.access import Seat
from web.desk.edit_answers import Sent, clean
from web.desk.edit_reader import MAX_SECTION
from web.desk.edit_view import Typed
from web.desk.entry import Head, field_name, head
from web.desk.frame import day, language_of, show
from web.pages import Say
from web.render import say_in

_SIDES: dict[str, Side] = {"mine": "mine", "theirs": "theirs", "base": "base"}


@dataclass(frozen=True)
class ConflictView:
    """A place that both changed: the three texts and what each did to the first."""

    number: int
    key: str
    name: str
    language: str
    base: str
    mine: str
    theirs: str
    mine_runs: tuple[Run, ...]
    theirs_runs: tuple[Run, ...]
    may_write: bool
    chosen: str
    own: str


@dataclass(frozen=True)
class ChangeView:
    name: str
    language: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class ConflictPage:
    """`mine` and `theirs` are what each side's changes were that went together by themselves."""

    head: Head
    conflicts: tuple[ConflictView, ...]
    theirs: tuple[ChangeView, ...]
    mine: tuple[ChangeView, ...]
    who: str
    when: str
    why: str
    typed: Typed
    newest: int
    limit: int = MAX_SECTION


@dataclass(frozen=True)
class Decided:
    practice: Practice
    newest: int


def base_of(seat: Seat, revision: int) -> Practice:
    """The text of a revision of the entry; the newest where there is no such revision."""
    entries, entry = seat.desk.entries, seat.entry
    with contextlib.suppress(EntryError):
        found = entries.revision(entry.number, revision).practice
        return replace(found, id=entry.practice) if entry.practice else found
    return entries.newest(entry)


def keep(seat: Seat, typed: Typed) -> None:
    """Keep what was typed, so that it outlives the browser's window."""
    seat.desk.entries.autosave(seat.entry.number, typed.base, typed.answers.to_json(), seat.account)


def conflict(request: Request, seat: Seat, typed: Typed, mine: Practice) -> Response:
    """The page on which two versions are brought together."""
    say, desk = say_in(request, language_of(request)), seat.desk
    entry = desk.entries.required(seat.entry.number)
    newest = desk.entries.revision(entry.number, entry.revision)
    base, theirs = base_of(seat, typed.base), base_of(seat, entry.revision)
    merged = merge(base, mine, theirs)
    disputed = {(item.path, item.language) for item in merged.conflicts}
    segmenter = desk.repository.segmenter
    page = ConflictPage(
        head=head(request, seat, say),
        conflicts=tuple(_view(number, item, seat, say) for number, item in enumerate(merged.conflicts, 1)),
        theirs=change_views(practice_differences(base, theirs, segmenter), say, disputed),
        mine=change_views(practice_differences(base, mine, segmenter), say, disputed),
        who=desk.accounts.names().get(newest.author or 0, "") or say("From the corpus"),
        when=day(newest.made, say),
        why=newest.reason,
        typed=typed,
        newest=entry.revision,
    )
    return show(request, seat, "desk/edit_conflict.html", page, 409)


def _view(number: int, item: Conflict, seat: Seat, say: Say) -> ConflictView:
    segmenter = seat.desk.repository.segmenter
    prose = item.span is not None or item.path == "title"
    return ConflictView(
        number=number,
        key=item.key,
        name=path_name(item.path, item.language, say),
        language=item.language or "",
        base=item.base,
        mine=item.mine,
        theirs=item.theirs,
        mine_runs=differences(item.base, item.mine, segmenter),
        theirs_runs=differences(item.base, item.theirs, segmenter),
        may_write=prose,
        chosen=item.taken,
        own=item.mine,
    )


def change_views(
    changes: tuple[FieldChange, ...], say: Say, without: set[tuple[str, Lang | None]] | None = None
) -> tuple[ChangeView, ...]:
    """Changes with the names of their fields, but for those in `without`."""
    return tuple(
        ChangeView(path_name(change.path, change.language, say), change.language or "", change.runs)
        for change in changes
        if (change.path, change.language) not in (without or set())
    )


def path_name(path: str, language: str | None, say: Say) -> str:
    """What a field is called, for people: "Agencies 2 (Thai)"."""
    first, *rest = path.split(".")
    inner = {
        "state": say("State"), "checked": say("Checked"), "unchecked_names": say("Names not yet verified"), "role": say("Role"),
        "year": say("Year"), "relation": say("Relation"), "id": say("Case"), "publisher": say("Publisher"),
        "url": say("Web address"), "copy": say("Copy"), "figures": say("Figures"), "basis": say("Basis"), "note": say("Note"),
        "sources": say("Sources"), "title": say("Title"), "band": say("Cost band"), "by": say("Verified by"),
        "day": say("Day"), "until": say("Until"),
    }  # fmt: skip
    parts = [say("Face") if first == "face" else field_name(first, say)]
    parts += [part if part.isdecimal() else inner.get(part, "") for part in rest]
    name = " ".join(part for part in parts if part)
    return f"{name} ({say.tongue(language)})" if language in LANGUAGES else name


def decided(seat: Seat, sent: Sent, mine: Practice) -> Decided:
    """Both versions as one, with what was decided of each conflict: a side, or words of one's own."""
    text = sent.others.get("newest", "")
    newest = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else seat.entry.revision
    theirs, base = base_of(seat, newest), base_of(seat, sent.base)
    choices: dict[str, Side] = {}
    own: dict[str, str] = {}
    for number in range(1, 500):
        key, choice = sent.others.get(f"key-{number}", ""), sent.others.get(f"choice-{number}", "")
        if not key:
            break
        if choice == "own":
            own[key] = clean(sent.others.get(f"own-{number}", "")).strip()
        elif choice in _SIDES:
            choices[key] = _SIDES[choice]
    return Decided(_with_own_words(merge(base, mine, theirs, choices), own), min(newest, seat.entry.revision))


def _with_own_words(merged: Merged, own: dict[str, str]) -> Practice:
    """The merged practice with a person's own words in the places of conflicts; the last place of a section first."""
    practice = merged.practice
    for item in sorted(merged.conflicts, key=lambda item: item.span or (0, 0), reverse=True):
        if item.key not in own or item.language is None or item.language not in practice.faces:
            continue
        face = practice.faces[item.language]
        if item.path == "title":
            face = replace(face, title=" ".join(own[item.key].split("\n")))
        elif item.span is not None:
            text, (start, end) = face.sections.get(item.path, ""), item.span
            tail = text[start:end][len(text[start:end].rstrip()) :]
            face = replace(
                face, sections={**face.sections, item.path: (text[:start] + own[item.key] + tail + text[end:]).strip()}
            )
        practice = replace(practice, faces={**practice.faces, item.language: face})
    return practice
