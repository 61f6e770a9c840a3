"""The gate against double cases, with the real model and the whole corpus."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kb.desk.duplicates import find
from kb.desk.prepared import Signatures
from kb.desk.sameness import sameness
from kb.records import Face, Practice
from kb.repository import Repository
from kb.search.engine import Searcher

sys.path.append(str(Path(__file__).parent.parent.parent / "bench"))  # its scripts are no package

from double_cases import Judged, judge, one_sided, rates, scored
from labelled import Draft, made, others, practice_of, reworded, rows

pytestmark = pytest.mark.model

EVERY = 6
"""Of the practices, that many are passed over for each one from which drafts are made: `bench/duplicates.py` takes all."""


@pytest.fixture(scope="module")
def searcher(real_repository: Repository) -> Iterator[Searcher]:
    with real_repository.store(readonly=True) as store:
        yield real_repository.searcher(store)


@pytest.fixture(scope="module")
def published(searcher: Searcher) -> Signatures:
    return Signatures.of(searcher)


@pytest.fixture(scope="module")
def practices(searcher: Searcher) -> dict[str, Practice]:
    return {practice.id: practice for practice, _, _ in searcher.store.practices()}


@pytest.fixture(scope="module")
def judged(published: Signatures, practices: dict[str, Practice]) -> Sequence[Judged]:
    some = dict(sorted(practices.items())[::EVERY])
    return list(judge([*reworded(), *others(), *made(some)], published, practices))


def draft(name: str) -> Practice:
    """A draft of the labelled set by its id."""
    files = ("reworded-th.jsonl", "reworded-en.jsonl", "others.jsonl")
    return next(practice_of(row) for file in files for row in rows(file) if row["id"] == name)


def test_the_labelled_set_is_large_enough_and_about_real_cases(practices: dict[str, Practice]) -> None:
    for language in ("th", "en"):
        written = rows(f"reworded-{language}.jsonl")
        assert len({row["case"] for row in written}) >= 20
        assert {row["case"] for row in written} <= practices.keys()
        assert all(row["lang"] == language and row["why"] for row in written)
    negatives = rows("others.jsonl")
    assert {name for row in negatives for name in (*row["without"], *row["near"])} <= practices.keys()
    pairs = {(key, related.id) for key, practice in practices.items() for related in practice.related}
    assert len(negatives) >= 16
    assert len(pairs) >= 40


@pytest.mark.parametrize(
    ("kind", "likely", "possible"),
    [
        ("reworded, same language", 0.85, 0.95),
        ("reworded, other language", 0.80, 0.90),
        ("other face", 0.90, 0.95),
        ("part of a face", 0.70, 0.80),
    ],
)
def test_recall(judged: Sequence[Judged], kind: str, likely: float, possible: float) -> None:
    model = sameness()
    found = [one for one in scored(judged, "model", model) if one.kind == kind]
    assert rates(found, model.likely).recall >= likely
    assert rates(found, model.possible).recall >= possible


def test_precision_and_false_alarms(judged: Sequence[Judged]) -> None:
    model = sameness()
    found = scored(judged, "model", model)
    assert rates(found, model.likely).precision >= 0.93
    assert rates(found, model.possible).precision >= 0.80
    assert rates(found, model.likely).false_alarm <= 0.05
    assert rates(found, model.possible).false_alarm <= 0.15


def test_the_model_beats_cosine_and_titles_alone(judged: Sequence[Judged]) -> None:
    """At the precision that the model has, neither signal alone finds as many."""
    model = sameness()
    ours = rates(scored(judged, "model", model), model.likely)
    for method in ("cosine alone", "title overlap alone"):
        values = scored(judged, method, model)
        thresholds = {one.own for one in values if one.own is not None}
        as_precise = [
            made for made in (rates(values, threshold) for threshold in thresholds) if made.precision >= ours.precision
        ]
        assert max((made.recall for made in as_precise), default=0.0) < ours.recall - 0.1, method


def test_reasons_are_told_for_both_sides(published: Signatures) -> None:
    best = find(draft("th-16"), published)[0]
    assert (best.id, best.likely) == ("vn-project-06-vneid", True)
    agrees = {one.field: (one.mine, one.theirs) for one in best.agrees}
    assert agrees["country"] == ("VN", "VN")
    assert "06/qd-ttg" in agrees["names"][0]
    assert "2022" in agrees["years"][0], "2565 in the draft"
    assert "2022-01" in agrees["months"][0], "6 ม.ค. 2565 in the draft"


def test_what_differs_is_told(published: Signatures) -> None:
    wrong = replace(draft("th-16"), country="LA", start=2010)
    differs = {one.field: (one.mine, one.theirs) for one in find(wrong, published)[0].differs}
    assert differs["country"] == ("LA", "VN")
    assert differs["start"] == ("2010", "2022")


def test_a_draft_in_the_language_that_a_case_lacks_is_its_other_face(
    published: Signatures, practices: dict[str, Practice]
) -> None:
    thai = draft("th-16")
    alone = find(thai, one_sided(published, "en", practices))[0]
    assert (alone.id, alone.other_face, alone.translation) == ("vn-project-06-vneid", True, True)
    assert not find(thai, one_sided(published, "th", practices))[0].other_face, "the case has a Thai text"
    assert not find(thai, published)[0].other_face, "the case has both texts"
    english = Face("en", "Project 06", {"summary": "Viet Nam's population database and the VNeID app."})
    both = replace(thai, faces={**thai.faces, "en": english})
    assert not any(one.other_face for one in find(both, one_sided(published, "en", practices))), "the draft has both texts"


def test_a_draft_is_not_its_own_double(published: Signatures, practices: dict[str, Practice]) -> None:
    own = practices["vn-project-06-vneid"]
    assert own.id not in {one.id for one in find(own, published)}
    assert find(replace(own, id=""), published)[0].id == own.id


def test_other_drafts_are_looked_through_as_well(published: Signatures) -> None:
    told = replace(draft("no-07"), id="entry:12")
    assert "entry:12" not in {one.id for one in find(draft("no-07"), published)}
    best = find(draft("no-07"), published.beside([told]))[0]
    assert (best.id, best.likely) == ("entry:12", True)


def test_a_searcher_will_do(searcher: Searcher, published: Signatures) -> None:
    assert find(draft("en-16"), searcher) == find(draft("en-16"), published)
    assert len(find(draft("en-16"), published, limit=1)) == 1


def test_only_what_changed_is_read_again(searcher: Searcher, published: Signatures) -> None:
    again = Signatures.of(searcher, published)
    assert [one.id for one in again.all] == [one.id for one in published.all]
    assert all(one is other for one, other in zip(again.all, published.all, strict=True))


@pytest.mark.parametrize("face", [Face("th", "", {}), Face("en", "  ", {"summary": "\n"})])
def test_a_draft_that_says_nothing_has_no_double(published: Signatures, face: Face) -> None:
    assert find(replace(draft("th-16"), faces={face.language: face}), published) == ()
    assert find(replace(draft("th-16"), faces={}), published) == ()


def test_nothing_to_look_among(published: Signatures) -> None:
    empty = Signatures(published.reading, ())
    assert find(draft("th-16"), empty) == ()
    assert find(draft("th-16"), empty.beside([replace(draft("th-16"), id="entry:1")]))[0].id == "entry:1"


def test_related_cases_are_told_apart(judged: Sequence[Judged]) -> None:
    """The descriptions by hand of other cases, against the cases that they are nearest to."""
    model = sameness()
    wrong = [
        (one.draft.name, key)
        for one in judged
        if one.draft.kind == "another case"
        for key, pair, row in zip(one.ids, one.pairs, one.signals, strict=True)
        if key in one.draft.near and model.probability(pair, row) >= model.likely
    ]
    assert len(wrong) <= 1, wrong


def test_drafts_say_among_what_they_are_looked_for(practices: dict[str, Practice]) -> None:
    one: Draft
    for one in made(dict(list(practices.items())[:3])):
        assert one.kind != "other face" or one.among not in one.practice.faces
