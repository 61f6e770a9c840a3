"""One space for both languages: its formulas, when it is learnt anew, and that it brings translations together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.encoder import Encoder, FakeEncoder, Role, SentenceTransformerEncoder
from kb.errors import ModelError
from kb.space import SMOOTHING, SPACE_VERSION, LanguageSpace, fit_space, open_space, parallel_pairs

ENCODER = FakeEncoder()


@pytest.fixture(scope="module")
def space() -> LanguageSpace:
    return fit_space(ENCODER, parallel_pairs())


class OtherEncoder(FakeEncoder):
    """The same vectors under another name, as another revision of a model would be."""

    fingerprint = "fake-ngrams-2"


def test_the_shipped_pairs_are_thai_and_english() -> None:
    pairs = parallel_pairs()
    assert len(pairs) == len(set(pairs)) == 160
    assert all(any("\u0e01" <= character <= "\u0e5b" for character in thai) for thai, _ in pairs)
    assert all(english.isascii() or max(english.replace("–", "").replace("’", "")) < "\u0e01" for _, english in pairs)


def test_means_are_those_of_each_role_and_language(space: LanguageSpace) -> None:
    for side, language in enumerate(("th", "en")):
        expected = ENCODER.encode([pair[side] for pair in parallel_pairs()], "query").mean(axis=0)
        np.testing.assert_allclose(space.means["query", language], expected, atol=1e-6)
        np.testing.assert_allclose(space.means["document", language], expected, atol=1e-6)


def test_the_whitening_is_the_inverse_root_of_the_covariance_within_pairs(space: LanguageSpace) -> None:
    thai, english = (ENCODER.encode([pair[side] for pair in parallel_pairs()], "query") for side in (0, 1))
    gaps = (thai - thai.mean(axis=0) - (english - english.mean(axis=0))).astype(np.float64)
    covariance = gaps.T @ gaps / len(gaps)
    covariance *= ENCODER.dimension / np.trace(covariance)
    smoothed = covariance + SMOOTHING * np.eye(ENCODER.dimension)
    np.testing.assert_allclose(space.whitening @ smoothed @ space.whitening, np.eye(ENCODER.dimension), atol=1e-4)
    np.testing.assert_allclose(space.whitening, space.whitening.T, atol=1e-6)


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


def _store(folder: Path, encoder: Encoder, pairs: Sequence[tuple[str, str]]) -> Path:
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
    _store(tmp_path, ENCODER, parallel_pairs())
    again = open_space(ENCODER, tmp_path)
    assert not _learnt(again)
    assert again.fingerprint == first.fingerprint
    np.testing.assert_array_equal(again.means["query", "th"], first.means["query", "th"])


def test_a_space_of_another_encoder_is_learnt_anew(tmp_path: Path) -> None:
    _store(tmp_path, ENCODER, parallel_pairs())
    again = open_space(OtherEncoder(), tmp_path)
    assert _learnt(again)
    assert again.fingerprint.startswith("fake-ngrams-2/")


def test_a_space_of_other_pairs_is_learnt_anew(tmp_path: Path) -> None:
    _store(tmp_path, ENCODER, parallel_pairs()[:-1])
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

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        return np.stack([self._known[role][text] for text in texts])


@pytest.mark.model
def test_a_sentence_finds_its_translation_more_often_in_the_space(encoder: SentenceTransformerEncoder) -> None:
    """Each half of the pairs is judged in the space that the other half teaches, among all sentences of the language."""
    pairs = parallel_pairs()
    numbers = np.arange(len(pairs))
    known = Remembering(encoder, [text for pair in pairs for text in pair])
    spaces = [fit_space(known, pairs[1 - half :: 2]) for half in (0, 1)]
    for asked, found in ((0, 1), (1, 0)):  # Thai to English, English to Thai
        queries = known.encode([pair[asked] for pair in pairs], "query")
        documents = known.encode([pair[found] for pair in pairs], "document")
        plain = np.mean(np.argmax(queries @ documents.T, axis=1) == numbers)
        right = []
        for half, space in enumerate(spaces):
            own = space.project(queries[half::2], [("th", "en")[asked]] * len(numbers[half::2]), "query")
            others = space.project(documents, [("th", "en")[found]] * len(pairs), "document")
            right += list(np.argmax(own @ others.T, axis=1) == numbers[half::2])
        assert np.mean(right) >= plain
        assert np.mean(right) >= 0.975  # measured 0.994 from Thai and 1.0 from English; without the space 0.988 both
