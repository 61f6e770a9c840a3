"""How evidence adds up to scores and verdicts, with given vectors: formulas, counterparts across languages, and thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest
from made_records import document, practice
from made_vectors import DIMENSION, searching

from kb.records import LANGUAGES, Document, Practice
from kb.repository import Repository
from kb.search.calibration import Calibration, log_odds, logistic
from kb.search.candidates import EXPANSION_WEIGHT, HUBNESS, PIVOT_MIN
from kb.search.engine import MISSING_SHOWN, PREFERENCE, Best, Request, Searcher

PLAIN = Calibration(
    same=(-4.0, 8.0, 6.0),
    cross=(-4.0, 8.0, 3.0),
    twin=(-6.0, 8.0, 8.0),
    precedent=(0.0, 1.0, 0.0),
    close={(asked, found): 0.5 for asked in LANGUAGES for found in LANGUAGES},
    curves={},
    false_alarm=0.0,
)
"""Weights that are easy to follow; a best record is a precedent with its own probability."""


def raised(probability: float, gain: float) -> float:
    """A probability whose log-odds grow."""
    return logistic((log_odds(probability), gain, 0.0), 1.0, 0.0)


def scores(searcher: Searcher, request: Request) -> dict[str, float]:
    return {hit.id: hit.score for hit in searcher.search(request).hits}


# One passage


@pytest.fixture
def three(repository: Repository) -> Iterator[Searcher]:
    """Three documents of one passage: an English one with the word, an English one without, and a Thai one."""
    records = (
        document("file-word", "alpha: the market bridge"),
        document("file-other", "beta: a road"),
        document("file-thai", "แกมมา: ถนน", "th"),
    )
    vectors = {"market": (1.0,), "alpha": (0.6, 0.8), "beta": (0.5, 0.0, 0.75**0.5), "แกมมา": (0.4, 0.0, 0.0, 0.84**0.5)}
    with searching(repository, records, {"alpha": vectors["alpha"], **vectors}) as searcher:
        searcher.calibration = PLAIN
        yield searcher


def test_the_score_of_a_passage_is_its_probability_from_cosine_and_coverage(three: Searcher) -> None:
    hits = {hit.id: hit for hit in three.search(Request("market")).hits}
    legs = {key: {leg.leg: leg.score for leg in hit.legs} for key, hit in hits.items()}
    assert legs["file-word"].keys() == {"meaning", "keyword"}
    assert {key: found["meaning"] for key, found in legs.items()} == pytest.approx(
        {"file-word": 0.6, "file-other": 0.5, "file-thai": 0.4}, abs=1e-4
    )
    coverage = legs["file-word"]["keyword"]
    assert 0 < coverage < 1
    assert {key: hit.score for key, hit in hits.items()} == pytest.approx(
        {
            "file-word": logistic(PLAIN.same, 0.6, coverage),
            "file-other": logistic(PLAIN.same, 0.5, 0.0),
            "file-thai": logistic(PLAIN.cross, 0.4, 0.0),
        },
        abs=2e-4,
    )


def test_what_is_near_to_every_question_of_the_other_language_counts_for_less_there(repository: Repository) -> None:
    near, other = document("file-near", "แกมมา", "th"), document("file-own", "alpha")
    vectors = {"market": (1.0,), "alpha": (0.5, 0.75**0.5), "แกมมา": (0.5, 0.0, 0.75**0.5)}
    probes = {"en": np.eye(DIMENSION, dtype=np.float32)[[2, 7]], "th": np.eye(DIMENSION, dtype=np.float32)[[1, 7]]}
    with searching(repository, (near, other), vectors, probes) as searcher:
        searcher.calibration = PLAIN
        found = scores(searcher, Request("market"))
    hubness = fmean([0.75**0.5, 0.0])
    assert found == pytest.approx(
        {"file-own": logistic(PLAIN.same, 0.5, 0.0), "file-near": logistic(PLAIN.cross, 0.5 - HUBNESS * hubness, 0.0)}, abs=2e-4
    )


def test_both_legs_are_told_apart_for_measurements(three: Searcher) -> None:
    query, legs = three.legs("market")
    assert query.keywords == ("market",)
    assert {language: {record for record, _, _ in rows} for language, rows in legs.items()} == {
        "en": {"file-word", "file-other"},
        "th": {"file-thai"},
    }
    found = {record: (cosine, coverage) for rows in legs.values() for record, cosine, coverage in rows}
    assert found["file-other"] == pytest.approx((0.5, 0.0), abs=1e-6)
    assert found["file-thai"] == pytest.approx((0.4, 0.0), abs=1e-6)
    assert found["file-word"][1] > 0


# A counterpart in the other language

NEAR, FAR = 0.75, 0.3
"""Cosines of the question with a text in its own language, and with the text that says the same in the other."""
TURN = float(np.arccos(FAR) - np.arccos(NEAR))
SAME = float(np.cos(TURN))
"""Cosine of the two texts."""
OTHER = 0.38
"""Cosine of the question with a text in the other language that says something else."""

VECTORS = {
    "market": (1.0,),
    "ตลาด": (1.0,),
    "alpha": (NEAR, (1 - NEAR**2) ** 0.5),
    "แกมมา": (FAR, (1 - FAR**2) ** 0.5),
    "เดลตา": (OTHER, 0.0, (1 - OTHER**2) ** 0.5),
}
PIVOT, COUNTERPART, STRANGER = (
    document("file-own", "alpha"),
    document("file-same", "แกมมา", "th"),
    document("file-else", "เดลตา", "th"),
)
REACHED = logistic(PLAIN.same, NEAR, 0.0) * PLAIN.says_the_same(SAME, SAME - NEAR * OTHER)
"""What a text of the other language gets through its counterpart."""
ALONE = {"file-same": logistic(PLAIN.cross, FAR, 0.0), "file-else": logistic(PLAIN.cross, OTHER, 0.0)}
"""What the texts of the other language have by themselves."""


def test_a_text_that_says_the_same_as_a_good_one_is_raised_to_it(repository: Repository) -> None:
    assert REACHED > ALONE["file-else"] > ALONE["file-same"]
    with searching(repository, (PIVOT, COUNTERPART, STRANGER), VECTORS) as searcher:
        searcher.calibration = PLAIN
        found = scores(searcher, Request("market"))
    assert list(found) == ["file-own", "file-same", "file-else"]
    assert found == pytest.approx(
        {"file-own": logistic(PLAIN.same, NEAR, 0.0), "file-same": REACHED, "file-else": ALONE["file-else"]}, abs=2e-4
    )


def test_it_works_from_thai_to_english_as_well(repository: Repository) -> None:
    swapped = {
        "market": (1.0,),
        "ตลาด": (1.0,),
        "แกมมา": VECTORS["alpha"],
        "alpha": VECTORS["แกมมา"],
        "delta": VECTORS["เดลตา"],
    }
    records = (document("file-own", "แกมมา", "th"), document("file-same", "alpha"), document("file-else", "delta"))
    with searching(repository, records, swapped) as searcher:
        searcher.calibration = PLAIN
        found = scores(searcher, Request("ตลาด"))
    assert found["file-same"] == pytest.approx(REACHED, abs=2e-4)
    assert found["file-else"] == pytest.approx(ALONE["file-else"], abs=2e-4)


@pytest.mark.parametrize(
    ("records", "change", "request_"),
    [
        pytest.param((practice("th-own", {"en": "alpha", "th": "ไม่มี"}), COUNTERPART, STRANGER), {}, Request("market"),
                     id="a record with two faces raises nothing"),
        pytest.param((PIVOT, COUNTERPART, STRANGER), {"same": (-10.0, 8.0, 0.0)}, Request("market"),
                     id="what is hardly an answer itself raises nothing"),
        pytest.param((PIVOT, COUNTERPART, STRANGER), {"twin": (-30.0, 8.0, 8.0)}, Request("market"),
                     id="what does not say the same is not raised"),
        pytest.param((PIVOT, COUNTERPART, STRANGER), {}, Request("market", {"language": ("th",)}),
                     id="what a filter shuts out raises nothing"),
    ],
)  # fmt: skip
def test_otherwise_a_text_keeps_its_own_score(
    repository: Repository, records: Sequence[Practice | Document], change: dict[str, tuple[float, ...]], request_: Request
) -> None:
    assert logistic((-10.0, 8.0, 0.0), NEAR, 0.0) < PIVOT_MIN
    with searching(repository, records, VECTORS) as searcher:
        searcher.calibration = replace(PLAIN, **change)  # type: ignore[arg-type]
        found = scores(searcher, request_)
    assert {key: found[key] for key in ALONE} == pytest.approx(ALONE, abs=2e-4)


def test_a_counterpart_is_never_lowered(repository: Repository) -> None:
    vectors = VECTORS | {"แกมมา": (0.9, 0.19**0.5)}
    with searching(repository, (PIVOT, COUNTERPART), vectors) as searcher:
        searcher.calibration = PLAIN
        found = scores(searcher, Request("market"))
    assert found["file-same"] == pytest.approx(logistic(PLAIN.cross, 0.9, 0.0), abs=2e-4)


def test_a_practice_in_one_language_reaches_one_in_the_other(repository: Repository) -> None:
    records = (practice("th-own", {"en": "alpha"}), practice("kh-same", {"th": "แกมมา"}), STRANGER)
    with searching(repository, records, VECTORS) as searcher:
        searcher.calibration = PLAIN
        assert list(scores(searcher, Request("market"))) == ["th-own", "kh-same", "file-else"]


# Verdicts


@pytest.mark.parametrize(
    ("question", "close", "verdict"),
    [
        pytest.param("market", {("en", "en"): 0.8}, "match", id="better than the threshold"),
        pytest.param("market", {("en", "en"): 0.95}, "no-close-precedent", id="worse than the threshold"),
        pytest.param("ตลาด", {("th", "en"): 0.95}, "no-close-precedent", id="the threshold of a Thai question"),
        pytest.param("ตลาด", {("en", "en"): 0.95}, "match", id="not that of an English one"),
    ],
)
def test_a_verdict_compares_the_best_record_with_the_threshold_of_the_two_languages(
    repository: Repository, question: str, close: dict[tuple[str, str], float], verdict: str
) -> None:
    thresholds = {(asked, found): 0.0 for asked in LANGUAGES for found in LANGUAGES} | close
    assert 0.8 < logistic(PLAIN.same, NEAR, 0.0) < 0.95
    with searching(repository, (PIVOT,), VECTORS) as searcher:
        searcher.calibration = replace(PLAIN, close=thresholds)
        assert searcher.search(Request(question)).verdict == verdict
        assert searcher.rank(question, 1)[0] == verdict


def test_a_record_in_a_third_language_is_judged_like_an_english_one(repository: Repository) -> None:
    lao = document("file-lao", "ບົດລາຍງານ ກ່ຽວກັບ ຕະຫຼາດ")
    with searching(repository, (lao,), {"market": (1.0,), "ຕະ": (1.0,)}) as searcher:
        assert searcher.index.vectors.languages == ["lo"]
        for threshold, verdict in ((0.0, "match"), (1.1, "no-close-precedent")):
            searcher.calibration = replace(PLAIN, close=PLAIN.close | {("en", "en"): threshold, ("en", "th"): 0.5})
            assert searcher.search(Request("market")).verdict == verdict


def test_the_more_of_the_questions_words_a_record_has_the_closer_it_is(repository: Repository) -> None:
    records = (document("file-own", "alpha bridges"),)
    with searching(repository, records, VECTORS) as searcher:
        searcher.calibration = replace(PLAIN, precedent=(-0.5, 0.0, 1.0))
        found = {text: searcher.best(text) for text in ("market", "market bridges")}
        assert found == {
            text: Best("file-own", pytest.approx(scores(searcher, Request(text))["file-own"], abs=1e-4), "en", words)
            for text, words in (("market", 0), ("market bridges", 1))
        }
        verdicts = [searcher.search(Request(text)).verdict for text in ("market", "market bridges")]
    assert [PLAIN.close["en", "en"] <= logistic((-0.5, 0.0, 1.0), 0.0, np.log1p(words)) for words in (0, 1)] == [False, True]
    assert verdicts == ["no-close-precedent", "match"]


def test_without_a_record_there_is_no_close_precedent(repository: Repository) -> None:
    with searching(repository, (), {}) as searcher:
        result = searcher.search(Request("market"))
        assert (result.verdict, result.total, result.hits) == ("no-close-precedent", 0, ())
        assert searcher.rank("market", 5) == ("no-close-precedent", [])
        assert searcher.best("market") is None


@pytest.mark.parametrize("text", ["", "country:laos"])
def test_of_a_question_without_words_there_is_no_best_record(three: Searcher, text: str) -> None:
    assert three.best(text) is None


# Words that are missing


@pytest.fixture
def silent(repository: Repository) -> Iterator[Searcher]:
    """Seven documents, none of which is ever close."""
    records = [document(f"file-{number}", f"alpha {number}: a flood in 2018") for number in range(MISSING_SHOWN + 2)]
    with searching(repository, records, VECTORS) as searcher:
        searcher.calibration = replace(PLAIN, close=dict.fromkeys(PLAIN.close, 1.1))
        yield searcher


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        pytest.param("markets Alpha", ("markets",), id="as it was typed"),
        pytest.param("flooded market", ("market",), id="another form of a word is no missing word"),
        pytest.param("น้ำท่วม ตลาด", ("ตลาด",), id="nor is a term in the other language"),
        pytest.param("alpha 2561", (), id="nor is a year in the other era"),
        pytest.param("the market of alpha", ("market",), id="little words are not missed"),
    ],
)
def test_where_nothing_is_close_the_nearest_records_tell_which_words_they_lack(
    silent: Searcher, text: str, missing: tuple[str, ...]
) -> None:
    hits = silent.search(Request(text, undo=frozenset({"years:2018"}))).hits
    assert [hit.missing for hit in hits] == [missing] * MISSING_SHOWN + [()] * (len(hits) - MISSING_SHOWN)


def test_where_something_is_close_no_word_is_missed(silent: Searcher) -> None:
    silent.calibration = replace(PLAIN, close=dict.fromkeys(PLAIN.close, 0.0))
    assert {hit.missing for hit in silent.search(Request("market flood")).hits} == {()}


# What is named in words


def test_what_a_question_names_in_words_is_put_a_little_higher(repository: Repository) -> None:
    named = practice("th-own", {"en": "alpha"})  # its priority is crisis-and-disaster-management
    with searching(repository, (named, document("file-else", "alpha too")), VECTORS) as searcher:
        searcher.calibration = PLAIN
        text, key = "market disaster management", "priority:crisis-and-disaster-management"
        plain = scores(searcher, Request(text, undo=frozenset({key})))
        liked = scores(searcher, Request(text))
    assert liked["file-else"] == plain["file-else"]
    assert liked["th-own"] == pytest.approx(raised(plain["th-own"], PREFERENCE), abs=2e-4)
    assert list(liked) == ["th-own", "file-else"]


# Other forms of a term


def test_other_forms_of_a_term_are_found_and_count_for_less_than_the_words_themselves(repository: Repository) -> None:
    records = (document("file-words", "flood"), document("file-form", "inundation"), document("file-thai", "อุทกภัย", "th"))
    records += tuple(document(f"file-{number}", f"road {number}") for number in range(9))
    with searching(repository, records, {}) as searcher:
        hits = {hit.id: hit for hit in searcher.search(Request("flood")).hits}
        undone = searcher.search(Request("flood", undo=frozenset({"term:flood"}))).hits
    found = {key: leg.score for key, hit in hits.items() for leg in hit.legs if leg.leg == "keyword"}
    assert found.keys() == {"file-words", "file-form", "file-thai"}
    assert 0 < found["file-form"] <= EXPANSION_WEIGHT
    assert found["file-words"] > max(found["file-form"], found["file-thai"])
    assert {hit.id for hit in undone for leg in hit.legs if leg.leg == "keyword"} == {"file-words"}
