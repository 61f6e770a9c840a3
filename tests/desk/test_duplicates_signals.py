"""The parts of a signature, and which facts of two practices agree, differ or cannot be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from kb.desk.marks import acronyms_in, figures_in, grams, names_in, squeezed
from kb.desk.sameness import SIGNALS, Facts, Sameness, facts, sameness
from kb.desk.signatures import HEAD, Signer, Vectors, head_of
from kb.records import Agency, Bilingual, Face, Practice
from kb.search.names import Names
from kb.taxonomy import Taxonomy
from kb.termbase import load_termbase
from kb.text.segment import Segmenter

UNIT = np.array([1.0, 0.0], dtype=np.float32)


@pytest.fixture(scope="module")
def signer(taxonomy: Taxonomy, segmenter: Segmenter, corpus: Path) -> Signer:
    return Signer(Names(taxonomy, load_termbase(corpus), segmenter), segmenter)


def draft(language: str = "en", title: str = "", summary: str = "", **known: object) -> Practice:
    face = Face(language, title, {"summary": summary} if summary else {})  # type: ignore[arg-type]
    empty = Practice("", "", Bilingual("", ""), (), (), "", "", (), "", {face.language: face})
    return replace(empty, **known)  # type: ignore[arg-type]


def english(*names: str) -> tuple[Agency, ...]:
    return tuple(Agency(Bilingual("", name)) for name in names)


def thai(*names: str) -> tuple[Agency, ...]:
    return tuple(Agency(Bilingual(name, "")) for name in names)


@pytest.mark.parametrize(
    ("text", "language", "having", "lacking"),
    [
        ("the General Administration Department of Naga", "en", {"gad", "gadn", "naga"}, {"the", "of"}),
        ("BKN, PetaJakarta and 4Ps under Decision 06/QD-TTg", "en", {"bkn", "petajakarta", "4ps", "06/qd-ttg"}, {"and"}),
        ("พอช. กับสำนักงาน ก.พ.ร. เมื่อ ก.ค. พ.ศ. 2561", "th", {"พอช", "กพร"}, {"กค", "พศ"}),
        ("ใช้แอป VNeID ตามมติ ๐๖/QD-TTg", "th", {"vneid", "06/qd-ttg"}, {"แอป"}),
    ],
)
def test_names(text: str, language: str, having: set[str], lacking: set[str]) -> None:
    found = names_in(text, language)
    assert having <= found
    assert not lacking & found


def test_acronyms_are_no_words_with_one_capital() -> None:
    assert acronyms_in("Ministry of Health (MOPH) and สปสช.") == {"moph", "สปสช"}


def test_figures_that_agree_by_chance_are_left_out() -> None:
    assert figures_in("๑.๓๗ ล้านเรื่อง 12 offices, 4.11 of 5, in 2018") == {Decimal("1370000"), Decimal("4.11")}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Da Nang!", "DANANG", "case, blanks and punctuation are left out"),
        ("น้ำ", "นํ้า", "one spelling of sara am"),
        ("ปี ๒๕๖๑", "ปี 2561", "one set of digits"),
    ],
)
def test_spellings_that_are_one(one: str, other: str, reason: str) -> None:
    assert squeezed(one) == squeezed(other), reason
    assert np.array_equal(grams(squeezed(one)), grams(squeezed(other)))


def test_vowels_and_tones_are_kept() -> None:
    assert squeezed("ปู่") != squeezed("ปู") != squeezed("ปี")


@pytest.mark.parametrize(("text", "count"), [("", 0), ("abc", 1), ("abcde", 1), ("abcdef", 2), ("aaaaaaaa", 1)])
def test_pieces_of_a_text(text: str, count: int) -> None:
    assert len(grams(text)) == count


def test_what_the_encoder_reads_of_a_draft() -> None:
    face = Face("en", "Title", {"summary": "*A* [link](https://x) " + "a" * 2 * HEAD})
    assert head_of(face).startswith("Title\nA link aaa")
    assert len(head_of(face)) == len("Title\n") + HEAD
    assert head_of(Face("en", "", {"summary": "Only"})) == "Only"
    assert head_of(Face("en", "Only", {})) == "Only"
    assert head_of(Face("en", "", {})) == ""


@pytest.mark.parametrize(
    ("mine", "theirs", "expected", "reason"),
    [
        (draft(title="A"), draft(title="B"), Facts(None, None, None, None), "nothing is known"),
        (draft(title="A", country="TH"), draft(title="B", country="LA"), Facts(False, None, None, None), "other states"),
        (draft(title="Jakarta"), draft(title="B", country="ID"), Facts(True, None, None, None), "the text names the state"),
        (draft(title="A", start=2018), draft(title="B", start=2019), Facts(None, None, None, True), "decided and opened"),
        (draft(title="A", start=2018), draft(title="B", start=2021), Facts(None, None, None, False), "years apart"),
        (
            draft(title="A", agencies=english("OPDC")),
            draft("th", "ข", agencies=thai("สำนักงานคณะกรรมการพัฒนาระบบราชการ")),
            Facts(None, True, None, None),
            "one agency in two languages, by the termbase",
        ),
        (
            draft(title="A", agencies=english("Ministry of Planning")),
            draft(title="B", agencies=english("City of Naga")),
            Facts(None, False, None, None),
            "other agencies",
        ),
        (
            draft(title="A", agencies=english("Ministry of Planning")),
            draft("th", "ข", agencies=thai("เทศบาลนคร")),
            Facts(None, None, None, None),
            "agencies in two languages cannot be told apart",
        ),
        (
            draft(title="How the People's Committee of Hue works"),
            draft(title="B", agencies=english("People's Committee of Hue")),
            Facts(None, True, None, None),
            "the text names the agency",
        ),
        (
            draft(title="A", place=Bilingual("", "Naga City")),
            draft(title="B", place=Bilingual("", "Naga City, Camarines Sur")),
            Facts(None, None, True, None),
            "a place and the same one in full",
        ),
        (
            draft(title="A", place=Bilingual("", "Songkhla province")),
            draft(title="B", place=Bilingual("", "Lampang")),
            Facts(None, None, False, None),
            "other places",
        ),
    ],
)  # fmt: skip
def test_facts(signer: Signer, mine: Practice, theirs: Practice, expected: Facts, reason: str) -> None:
    def signed(practice: Practice) -> object:
        return signer.sign(practice, {language: Vectors(UNIT, UNIT) for language in practice.faces})

    assert facts(signed(mine), signed(theirs)) == expected, reason  # type: ignore[arg-type]
    assert facts(signed(theirs), signed(mine)) == expected, f"{reason}, the other way round"  # type: ignore[arg-type]


def test_the_shipped_model_speaks_in_the_right_direction() -> None:
    """A person who is told that the state differs must not find the case the likelier for it."""
    model = sameness()
    assert 0 < model.possible < model.likely < 1
    for weights in model.weights.values():
        for name, weight in zip(SIGNALS, weights[1:], strict=True):
            assert weight <= 0 if name.startswith("other_") else weight >= 0, name


def test_probability_is_a_logistic_function() -> None:
    weights: Mapping[str, tuple[float, ...]] = {"same": (-1.0, 2.0, *[0.0] * (len(SIGNALS) - 1)), "cross": ()}
    model = Sameness(weights, 0.1, 0.5)  # type: ignore[arg-type]
    found = np.zeros(len(SIGNALS))
    found[0] = 0.5
    assert model.probability("same", found) == pytest.approx(1 / (1 + np.exp(-(-1 + 2 * 0.5))))
