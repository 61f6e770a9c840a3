"""One space for both languages: its formulas, when it is learnt anew, and that it brings translations together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.encoder import Encoder, FakeEncoder, Role
from kb.errors import ModelError
from kb.space import (
    HUB_NEIGHBOURS,
    PASSAGE_SHARE,
    QUESTION_ROLES,
    SMOOTHING,
    SPACE_VERSION,
    LanguageSpace,
    Pairs,
    fit_space,
    open_space,
    parallel_pairs,
)
from kb.text.language import detect

PAIRS = parallel_pairs()


class Prompted(FakeEncoder):
    """The fake encoder with a prompt for each role, so that a role taken for another one shows; it embeds a text once."""

    fingerprint = "fake-prompted-1"

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        roles = [role] * len(texts) if isinstance(role, str) else role
        return np.stack([_vector(f"{kind}: {text}") for kind, text in zip(roles, texts, strict=True)])


@cache
def _vector(text: str) -> NDArray[np.float32]:
    return FakeEncoder().encode([text], "document")[0]


class OtherEncoder(Prompted):
    """The same vectors under another name, as another revision of a model would be."""

    fingerprint = "fake-prompted-2"


ENCODER = Prompted()


@pytest.fixture(scope="module")
def space() -> LanguageSpace:
    return fit_space(ENCODER, PAIRS)


def sides(pairs: Sequence[tuple[str, str]], role: Role) -> list[NDArray[np.float32]]:
    """The vectors of the Thai and of the English side."""
    return [ENCODER.encode([pair[side] for pair in pairs], role) for side in (0, 1)]


def test_the_shipped_pairs_are_thai_and_english() -> None:
    assert (len(PAIRS.sentences), len(PAIRS.passages)) == (160, 150)
    pairs = [*PAIRS.sentences, *PAIRS.passages]
    assert len(pairs) == len(set(pairs))
    for thai, english in pairs:
        assert detect(thai) == "th"
        assert not any("\u0e01" <= character <= "\u0e5b" for character in english)


def test_means_are_those_of_each_role_and_language(space: LanguageSpace) -> None:
    questions, statements, passages = (
        sides(PAIRS.sentences, "query"), sides(PAIRS.sentences, "document"), sides(PAIRS.passages, "document"),
    )  # fmt: skip
    for side, language in enumerate(("th", "en")):
        statement = statements[side].mean(axis=0)
        expected = {
            "query": questions[side].mean(axis=0),
            "statement": statement,
            "document": PASSAGE_SHARE * passages[side].mean(axis=0) + (1 - PASSAGE_SHARE) * statement,
        }
        for name, mean in expected.items():
            np.testing.assert_allclose(space.means[name, language], mean, atol=1e-6)
    assert space.means.keys() == {(name, language) for name in ("query", "statement", "document") for language in ("th", "en")}


def test_the_whitening_is_the_inverse_root_of_the_covariance_within_pairs(space: LanguageSpace) -> None:
    gaps = []
    for pairs, role in ((PAIRS.sentences, "query"), (PAIRS.sentences, "document"), (PAIRS.passages, "document")):
        thai, english = sides(pairs, role)  # type: ignore[arg-type]
        gaps.append((thai - thai.mean(axis=0) - (english - english.mean(axis=0))).astype(np.float64))
    within = np.concatenate(gaps)
    covariance = within.T @ within / len(within)
    covariance *= ENCODER.dimension / np.trace(covariance)
    smoothed = covariance + SMOOTHING * np.eye(ENCODER.dimension)
    np.testing.assert_allclose(space.whitening @ smoothed @ space.whitening, np.eye(ENCODER.dimension), atol=1e-4)
    np.testing.assert_allclose(space.whitening, space.whitening.T, atol=1e-6)


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_question_is_the_sum_of_itself_as_a_question_and_as_a_statement(space: LanguageSpace, language: str) -> None:
    both = ENCODER.encode(["น้ำท่วม flood"] * 2, QUESTION_ROLES)
    moved = [(both[at] - space.means[name, language]) @ space.whitening for at, name in enumerate(("query", "statement"))]
    total = sum(part / np.linalg.norm(part) for part in moved)
    np.testing.assert_allclose(space.question(both, language), [total / np.linalg.norm(total)], atol=1e-6)


def test_probes_are_the_shipped_sentences_as_questions(space: LanguageSpace) -> None:
    for side, language in enumerate(("th", "en")):
        expected = [space.question(ENCODER.encode([pair[side]] * 2, QUESTION_ROLES), language)[0] for pair in PAIRS.sentences]
        np.testing.assert_allclose(space.probes[language], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        pytest.param("th", "en", id="a Thai passage: English questions"),
        pytest.param("en", "th", id="an English passage: Thai questions"),
        pytest.param("vi", "th", id="any other passage: Thai questions"),
        pytest.param("mixed", "th", id="both at once: Thai questions"),
    ],
)
def test_hubness_is_the_mean_cosine_to_the_nearest_questions_of_the_other_language(
    space: LanguageSpace, language: str, asked: str
) -> None:
    vectors = space.project(ENCODER.encode(["น้ำท่วม", "flood"], "document"), [language] * 2, "document")
    expected = [np.sort(space.probes[asked] @ vector)[-HUB_NEIGHBOURS:].mean() for vector in vectors]
    np.testing.assert_allclose(space.hubness(vectors, language), expected, atol=1e-6)


def test_hubness_with_fewer_questions_than_neighbours_is_the_mean_of_all(space: LanguageSpace) -> None:
    few = replace(space, probes={code: probes[:3] for code, probes in space.probes.items()})
    vectors = space.project(ENCODER.encode(["flood"], "document"), ["en"], "document")
    np.testing.assert_allclose(few.hubness(vectors, "en"), [(space.probes["th"][:3] @ vectors[0]).mean()], atol=1e-6)


@pytest.mark.parametrize("role", ["query", "document"])
@pytest.mark.parametrize(
    ("language", "mean"),
    [
        pytest.param("th", lambda means, role: means[role, "th"], id="Thai"),
        pytest.param("en", lambda means, role: means[role, "en"], id="English"),
        pytest.param("vi", lambda means, role: means[role, "en"], id="Vietnamese: Latin script"),
        pytest.param("mixed", lambda means, role: (means[role, "th"] + means[role, "en"]) / 2, id="both at once"),
        pytest.param("und", lambda means, role: (means[role, "th"] + means[role, "en"]) / 2, id="no letters"),
    ],
)
def test_projecting_subtracts_the_mean_whitens_and_normalises(
    space: LanguageSpace, language: str, mean: object, role: Role
) -> None:
    assert callable(mean)
    vectors = ENCODER.encode(["น้ำท่วม", "flood"], role)
    moved = (vectors - mean(space.means, role)) @ space.whitening
    expected = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    np.testing.assert_allclose(space.project(vectors, [language] * 2, role), expected, atol=1e-6)


def test_each_vector_is_moved_by_its_own_language(space: LanguageSpace) -> None:
    vectors = ENCODER.encode(["น้ำท่วม", "flood"], "document")
    both = space.project(vectors, ["th", "en"], "document")
    alone = [space.project(vectors[at : at + 1], [code], "document")[0] for at, code in enumerate(("th", "en"))]
    np.testing.assert_allclose(both, alone, atol=1e-6)


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=6), st.sampled_from(["th", "en", "mixed", "lo"]))
def test_projected_vectors_have_unit_length(space: LanguageSpace, texts: list[str], language: str) -> None:
    projected = space.project(ENCODER.encode(texts, "query"), [language] * len(texts), "query")
    assert projected.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(projected, axis=1), 1, atol=1e-5)


def test_nothing_projects_to_nothing(space: LanguageSpace) -> None:
    nothing = np.empty((0, ENCODER.dimension), dtype=np.float32)
    assert space.project(nothing, [], "query").shape == nothing.shape


# The stored space. A stored file is marked by a whitening of zeros, which no fit gives.


def _store(folder: Path, encoder: Encoder, pairs: Pairs) -> Path:
    """Learns and stores a space, then marks the file under the fingerprint of `encoder` and `pairs`."""
    open_space(encoder, folder)
    path = folder / f"space-{SPACE_VERSION}.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["whitening"] = np.zeros_like(arrays["whitening"])
    arrays["fingerprint"] = np.array(fit_space(encoder, pairs).fingerprint)
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def _learnt(space: LanguageSpace) -> bool:
    return bool(space.whitening.any())


def test_a_stored_space_is_reused(tmp_path: Path) -> None:
    first = open_space(ENCODER, tmp_path)
    _store(tmp_path, ENCODER, PAIRS)
    again = open_space(ENCODER, tmp_path)
    assert not _learnt(again)
    assert again.fingerprint == first.fingerprint
    assert again.means.keys() == first.means.keys()
    for name, mean in first.means.items():
        np.testing.assert_array_equal(again.means[name], mean)
    for language, probes in first.probes.items():
        np.testing.assert_array_equal(again.probes[language], probes)


def test_a_space_of_another_encoder_is_learnt_anew(tmp_path: Path) -> None:
    _store(tmp_path, ENCODER, PAIRS)
    again = open_space(OtherEncoder(), tmp_path)
    assert _learnt(again)
    assert again.fingerprint.startswith("fake-prompted-2/")


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param(replace(PAIRS, sentences=PAIRS.sentences[:-1]), id="sentences"),
        pytest.param(replace(PAIRS, passages=PAIRS.passages[:-1]), id="passages"),
        pytest.param(Pairs(PAIRS.passages, PAIRS.sentences), id="each taken for the other"),
    ],
)
def test_a_space_of_other_pairs_is_learnt_anew(tmp_path: Path, pairs: Pairs) -> None:
    _store(tmp_path, ENCODER, pairs)
    assert _learnt(open_space(ENCODER, tmp_path))


def test_a_stored_space_that_lacks_a_part_is_learnt_anew(tmp_path: Path) -> None:
    path = _store(tmp_path, ENCODER, PAIRS)
    with np.load(path) as stored:
        arrays = dict(stored)
    for name in arrays:
        np.savez(path, **{key: value for key, value in arrays.items() if key != name})
        assert _learnt(open_space(ENCODER, tmp_path))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in half"),
        pytest.param(lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 + 1 :], id="a byte changed"),
        pytest.param(lambda data: b"no archive", id="another kind of file"),
    ],
)
def test_a_damaged_space_is_learnt_anew_and_stored(tmp_path: Path, space: LanguageSpace, damage: object) -> None:
    assert callable(damage)
    open_space(ENCODER, tmp_path)
    path = tmp_path / f"space-{SPACE_VERSION}.npz"
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(open_space(ENCODER, tmp_path).whitening, space.whitening)
    assert os.listdir(tmp_path) == [path.name]
    with np.load(path) as stored:
        np.testing.assert_array_equal(stored["whitening"], space.whitening)


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="check the rights of KB_HOME"):
        open_space(ENCODER, tmp_path / "file" / "spaces")


# Meaning


class Remembering:
    """An encoder that embeds each text once; two spaces can then be learnt from overlapping texts."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self.fingerprint, self.dimension = encoder.fingerprint, encoder.dimension
        roles: tuple[Role, Role] = ("query", "document")
        self._known = {role: dict(zip(texts, encoder.encode(texts, role), strict=True)) for role in roles}

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        roles = [role] * len(texts) if isinstance(role, str) else role
        return np.stack([self._known[kind][text] for kind, text in zip(roles, texts, strict=True)])


@pytest.mark.model
def test_a_sentence_finds_its_translation_more_often_in_the_space(encoder: Encoder) -> None:
    """Each half of the sentences is judged in the space that the other half teaches, among all sentences of the language."""
    pairs, passages = PAIRS.sentences, PAIRS.passages[:40]
    numbers = np.arange(len(pairs))
    known = Remembering(encoder, [text for pair in (*pairs, *passages) for text in pair])
    spaces = [fit_space(known, Pairs(pairs[1 - half :: 2], passages)) for half in (0, 1)]
    for asked, found in ((0, 1), (1, 0)):  # Thai to English, English to Thai
        plain = known.encode([pair[asked] for pair in pairs], "query")
        documents = known.encode([pair[found] for pair in pairs], "document")
        before = np.mean(np.argmax(plain @ documents.T, axis=1) == numbers)
        right = []
        for half, space in enumerate(spaces):
            others = space.project(documents, [("th", "en")[found]] * len(pairs), "document")
            for number in range(half, len(pairs), 2):
                both = known.encode([pairs[number][asked]] * 2, QUESTION_ROLES)
                right.append(int(np.argmax(others @ space.question(both, ("th", "en")[asked])[0])) == number)
        assert np.mean(right) >= before
        assert np.mean(right) >= 0.975  # MEASURED
