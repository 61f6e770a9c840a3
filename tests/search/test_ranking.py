"""From passages to records: the rule against a plain reference, and what it promises of support, ties and order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.catalogue import Catalogue
from kb.search.calibration import calibration, log_odds, logistic
from kb.search.candidates import Pool
from kb.search.ranking import SUPPORT, SUPPORT_MEANING, SUPPORT_WORDS, Ranking, moved, rank_records

NAMES = ("en", "th")


@dataclass(frozen=True)
class Candidate:
    """A passage that a question brought up; its position is its place in the list."""

    owner: int
    language: str
    cosine: float
    coverage: float = 0.0
    raised: float = 0.0
    """A probability that it got through its counterpart."""

    def final(self, asked: str) -> float:
        weights = calibration().same if self.language == asked else calibration().cross
        return max(logistic(weights, self.cosine, self.coverage), self.raised)

    def meaning(self, asked: str) -> float:
        """The term of the cosine in the log-odds."""
        constant, slope, _ = calibration().same if self.language == asked else calibration().cross
        return constant + slope * self.cosine


def pool(candidates: Sequence[Candidate], asked: str) -> Pool:
    nothing = np.zeros(len(candidates), dtype=np.int64)
    return Pool(
        NAMES,
        np.arange(len(candidates)),
        np.array([item.owner for item in candidates], dtype=np.int32),
        np.array([NAMES.index(item.language) for item in candidates], dtype=np.int64),
        np.array([item.cosine for item in candidates], dtype=float),
        np.array([item.coverage for item in candidates], dtype=float),
        np.array([item.final(asked) for item in candidates], dtype=float),
        nothing,
        nothing,
    )


def catalogue(two_faced: Sequence[bool]) -> Catalogue:
    """A catalogue of which only the faces matter."""
    none = np.zeros(0, dtype=np.int64)
    faces = np.array(two_faced, dtype=bool)
    records = [f"record-{number}" for number in range(len(faces))]
    return Catalogue(records, {}, [], none, none, none, ~faces, faces, none, none, none, none)  # type: ignore[arg-type]


def ranked(candidates: Sequence[Candidate], two_faced: Sequence[bool], asked: str = "en") -> Ranking:
    return rank_records(pool(candidates, asked), catalogue(two_faced), asked, calibration())


def raised(probability: float, gain: float) -> float:
    """A probability whose log-odds grow."""
    return logistic((log_odds(probability), gain, 0.0), 1.0, 0.0)


def reference(candidates: Sequence[Candidate], two_faced: Sequence[bool], asked: str) -> dict[int, tuple[float, list[int]]]:
    """The rule, record by record: its score, and its passages, best first."""
    found = {}
    for record in sorted({item.owner for item in candidates}):
        own = [place for place, item in enumerate(candidates) if item.owner == record]
        own.sort(key=lambda place: (-candidates[place].final(asked), place))
        best = candidates[own[0]]
        score = best.final(asked)
        if two_faced[record]:
            means = []
            for language in {candidates[place].language for place in own}:
                terms = sorted(candidates[place].meaning(asked) for place in own if candidates[place].language == language)
                means.append(fmean(terms[-SUPPORT:]))
            coverages = sorted((candidates[place].coverage for place in own), reverse=True)
            gain = SUPPORT_MEANING * (fmean(means) - best.meaning(asked)) + SUPPORT_WORDS * sum(coverages[1:SUPPORT])
            score = raised(score, gain)
        found[record] = (score, own)
    return found


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        owner=st.integers(0, 4),
        language=st.sampled_from(NAMES),
        cosine=st.sampled_from([-0.1, 0.2, 0.35, 0.5]) | st.floats(-1, 1),
        coverage=st.sampled_from([0.0, 0.2]) | st.floats(0, 1),
        raised=st.sampled_from([0.0, 0.0, 0.3, 0.9]),
    ),
    max_size=24,
)


@settings(deadline=None)
@given(CANDIDATES, st.lists(st.booleans(), min_size=5, max_size=5), st.sampled_from(NAMES))
def test_any_pool_is_ranked_by_the_rule(candidates: list[Candidate], two_faced: list[bool], asked: str) -> None:
    ranking = ranked(candidates, two_faced, asked)
    expected = reference(candidates, two_faced, asked)
    assert len(ranking) == len(expected)
    assert dict(zip(ranking.records.tolist(), ranking.scores.tolist(), strict=True)) == pytest.approx(
        {record: score for record, (score, _) in expected.items()}, abs=1e-9
    )
    for number, record in enumerate(ranking.records.tolist()):
        assert ranking.passages(number) == expected[record][1]
    keys = list(zip((-ranking.scores).tolist(), ranking.records.tolist(), strict=True))
    assert keys == sorted(keys)


# Records with two faces

THAI = [Candidate(0, "th", cosine, share) for cosine, share in [(0.5, 0.2), (0.4, 0.1), (0.3, 0.0), (0.1, 0.3)]]
ENGLISH = [Candidate(0, "en", cosine) for cosine in (0.45, 0.2)]


def test_a_record_with_one_face_has_the_probability_of_its_best_passage() -> None:
    ranking = ranked([*THAI, *ENGLISH], [False], "th")
    every = [item.final("th") for item in (*THAI, *ENGLISH)]
    assert ranking.scores.tolist() == [pytest.approx(max(every), abs=1e-12)]
    assert ranking.passages(0) == sorted(range(len(every)), key=lambda place: -every[place])


def test_a_record_with_two_faces_is_moved_by_its_other_good_passages() -> None:
    """Only the best three of each face and the best two further coverages count."""
    best = max((*THAI, *ENGLISH), key=lambda item: item.final("th"))
    mean = fmean([fmean(item.meaning("th") for item in THAI[:3]), fmean(item.meaning("th") for item in ENGLISH)])
    gain = SUPPORT_MEANING * (mean - best.meaning("th")) + SUPPORT_WORDS * (0.2 + 0.1)
    ranking = ranked([*THAI, *ENGLISH], [True], "th")
    assert ranking.scores.tolist() == [pytest.approx(raised(best.final("th"), gain))]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param([(0.5, 0.0), (0.4, 0.0)], [(0.5, 0.0), (0.3, 0.0)], id="another good passage"),
        pytest.param([(0.5, 0.2), (0.4, 0.2)], [(0.5, 0.2), (0.4, 0.0)], id="the words a second time"),
    ],
)
def test_of_two_records_the_one_that_says_more_comes_first(
    better: list[tuple[float, float]], worse: list[tuple[float, float]]
) -> None:
    rows = [Candidate(1, "en", *row) for row in better] + [Candidate(0, "en", *row) for row in worse]
    assert ranked(rows, [True, True]).records.tolist() == [1, 0]


def test_a_fourth_passage_of_a_face_does_not_count() -> None:
    three = [Candidate(0, "en", cosine) for cosine in (0.5, 0.4, 0.3)]
    four = [*three, Candidate(0, "en", -0.5)]
    assert ranked(three, [True]).scores.tolist() == ranked(four, [True]).scores.tolist()


# Order


def test_records_and_passages_with_equal_scores_stand_in_their_own_order() -> None:
    ranking = ranked([Candidate(owner, "en", 0.4) for owner in (2, 0, 2, 1)], [False] * 3)
    assert ranking.records.tolist() == [0, 1, 2]
    assert [ranking.passages(number) for number in range(3)] == [[1], [3], [0, 2]]


def test_a_raised_ranking_keeps_each_records_passages() -> None:
    rows = [Candidate(0, "en", 0.5), Candidate(1, "en", 0.3), Candidate(1, "th", 0.2), Candidate(2, "en", 0.1)]
    before = ranked(rows, [False] * 3)
    assert before.records.tolist() == [0, 1, 2]
    gains = np.array([0.0, 30.0, 0.0])
    after = before.raised(gains)
    assert after.records.tolist() == [1, 0, 2]
    assert [after.passages(number) for number in range(3)] == [before.passages(number) for number in (1, 0, 2)]
    assert after.scores[1:].tolist() == before.scores[[0, 2]].tolist()  # what is not raised stays to the bit
    assert after.scores[0] == pytest.approx(raised(before.scores[1], 30.0))


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(-20, 20))
def test_probabilities_are_moved_in_log_odds(probability: float, gain: float) -> None:
    assert moved(np.array([probability]), np.array([gain]))[0] == pytest.approx(raised(probability, gain), abs=1e-12)


def test_nothing_brought_up_is_an_empty_ranking() -> None:
    ranking = ranked([], [True])
    assert (len(ranking), ranking.records.tolist(), ranking.scores.tolist()) == (0, [], [])
