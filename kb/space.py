"""One vector space for both languages: where a question finds its answer whatever language that is written in.

A multilingual encoder keeps the language of a text in its vector, so a mixed index answers a Thai question with Thai
passages. Two corrections, both learnt from the translated pairs of `kb/data` (160 sentences, 150 passages) and from nothing
else, so that they hold for 20 records as for two million and do not move when a document is added:

* the mean vector of each language is subtracted, for questions and for passages apart;
* within-class covariance normalisation (Hatch, Kajarekar and Stolcke, 2006): directions in which the two sides of a pair
  still differ, though they mean the same, are weighted down.

What is left is hubness: some passages are near to everything. Cross-domain similarity local scaling (Conneau and others, 2018)
takes a passage's mean cosine to its nearest questions away from its cosine with a question in the other language; here those
questions are the shipped sentences, so that this too does not move with the corpus.

A question is embedded twice, as a question and as a statement, and the two are added: the model's two prompts make different
mistakes. Vectors are normalised to unit length before and after.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.encoder import Encoder, Role
from kb.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPACE_VERSION = 3
SMOOTHING = 3.0
"""Weight of the identity against the within-pair covariance, both at mean variance 1; chosen on public sets."""

PASSAGE_SHARE = 0.5
"""Share of passages, against sentences, in the mean of documents: the mean of a language moves with the length of its texts."""

HUB_NEIGHBOURS = 10
"""Nearest shipped questions that a passage's hubness is the mean cosine to."""

QUESTION_ROLES: tuple[Role, Role] = ("query", "document")
"""The prompts with which a question is embedded."""

_MEANS = ("query", "document", "statement")
"""Means that are kept for each language; `statement` is that of a question embedded with the prompt of documents."""


@dataclass(frozen=True)
class LanguageSpace:
    """Means of shape (dimension,) per (role, language), the symmetric whitening of shape (dimension, dimension), and for each
    language the shipped sentences as questions, of shape (sentences, dimension)."""

    means: Mapping[tuple[str, str], NDArray[np.float32]]
    whitening: NDArray[np.float32]
    probes: Mapping[str, NDArray[np.float32]]
    fingerprint: str

    def question(self, vectors: NDArray[np.float32], language: str) -> NDArray[np.float32]:
        """A question's vector of shape (1, dimension), from its embeddings with `QUESTION_ROLES`, of shape (2, dimension)."""
        both = self._moved(vectors, np.stack([self._mean(role, language) for role in ("query", "statement")]))
        return _unit(both.sum(axis=0, keepdims=True))

    def project(self, vectors: NDArray[np.float32], languages: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Move unit vectors of shape (n, dimension) into the common space; `languages` has one code for each.

        A language other than Thai has the English mean if it is in Latin script by its code, and the mean of both if the
        text was mixed or unknown.
        """
        if not len(vectors):
            return vectors
        return self._moved(vectors, np.stack([self._mean(role, language) for language in languages]))

    def hubness(self, vectors: NDArray[np.float32], language: str) -> NDArray[np.float32]:
        """How near passages of a language are to any question in the other one.

        Shape (n,), from vectors in the common space.
        """
        probes = self.probes["en" if language == "th" else "th"]
        nearest = min(HUB_NEIGHBOURS, len(probes))
        cosines = vectors @ probes.T
        return np.asarray(np.partition(cosines, -nearest, axis=1)[:, -nearest:].mean(axis=1), dtype=np.float32)

    def _moved(self, vectors: NDArray[np.float32], means: NDArray[np.float32]) -> NDArray[np.float32]:
        return _unit((vectors - means) @ self.whitening)

    def _mean(self, role: str, language: str) -> NDArray[np.float32]:
        if (role, language) in self.means:
            return self.means[role, language]
        if language in ("mixed", "und"):
            both = (self.means[role, "th"] + self.means[role, "en"]) / 2
            return np.asarray(both, dtype=np.float32)
        return self.means[role, "en"]


def _unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class Pairs:
    """Translated texts, (Thai, English)."""

    sentences: Sequence[tuple[str, str]]
    passages: Sequence[tuple[str, str]]


def parallel_pairs() -> Pairs:
    """The shipped Thai-English pairs."""
    return Pairs(_read_pairs("parallel.tsv"), _read_pairs("parallel-passages.tsv"))


def _read_pairs(name: str) -> list[tuple[str, str]]:
    rows = files("kb").joinpath(f"data/{name}").read_text(encoding="utf-8").splitlines()
    return [(thai, english) for _domain, thai, english in (row.split("\t") for row in rows)]


def fit_space(encoder: Encoder, pairs: Pairs) -> LanguageSpace:
    """Learn the common space of `encoder` from translated pairs."""
    chosen: tuple[tuple[Sequence[tuple[str, str]], Role], ...] = (
        (pairs.sentences, "query"),
        (pairs.sentences, "document"),
        (pairs.passages, "document"),
    )
    as_questions, as_statements, long = (
        [encoder.encode([pair[side] for pair in some], role) for side in (0, 1)] for some, role in chosen
    )
    means: dict[tuple[str, str], NDArray[np.float32]] = {}
    for side, language in enumerate(("th", "en")):
        statement = as_statements[side].mean(axis=0)
        document = PASSAGE_SHARE * long[side].mean(axis=0) + (1 - PASSAGE_SHARE) * statement
        for name, mean in zip(_MEANS, (as_questions[side].mean(axis=0), document, statement), strict=True):
            means[name, language] = np.asarray(mean, dtype=np.float32)
    gaps = np.concatenate([_gaps(thai, english) for thai, english in (as_questions, as_statements, long)])
    covariance = gaps.T @ gaps / len(gaps)
    covariance /= max(float(np.trace(covariance)) / encoder.dimension, 1e-12)
    values, basis = np.linalg.eigh(covariance + SMOOTHING * np.eye(encoder.dimension))
    whitening = (basis * values**-0.5) @ basis.T
    space = LanguageSpace(means, whitening.astype(np.float32), {}, _fingerprint(encoder, pairs))
    probes = {
        language: np.concatenate(
            [space.question(np.stack(both), language) for both in zip(as_questions[side], as_statements[side], strict=True)]
        )
        for side, language in enumerate(("th", "en"))
    }
    return replace(space, probes=probes)


def _gaps(thai: NDArray[np.float32], english: NDArray[np.float32]) -> NDArray[np.float64]:
    """How the two sides of each pair differ once each side's mean is taken away."""
    gaps = (thai - thai.mean(axis=0)) - (english - english.mean(axis=0))
    return np.asarray(gaps, dtype=np.float64)


def open_space(encoder: Encoder, folder: Path) -> LanguageSpace:
    """The space of `encoder`, from `folder` where it was learnt before, learnt and stored there otherwise."""
    path = folder / f"space-{SPACE_VERSION}.npz"
    pairs = parallel_pairs()
    stored = _read(path, _fingerprint(encoder, pairs))
    if stored is not None:
        return stored
    space = fit_space(encoder, pairs)
    arrays = {f"mean_{role}_{language}": mean for (role, language), mean in space.means.items()}
    arrays |= {f"probes_{language}": probes for language, probes in space.probes.items()}
    temporary = path.with_suffix(".tmp.npz")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(temporary, whitening=space.whitening, fingerprint=np.array(space.fingerprint), **arrays)  # type: ignore[arg-type]
        temporary.replace(path)
    except OSError as exc:
        raise ModelError(f"{path} cannot be written ({exc.strerror}); check the rights of KB_HOME") from exc
    return space


def _fingerprint(encoder: Encoder, pairs: Pairs) -> str:
    """Names everything that a space depends on."""
    parts = (SPACE_VERSION, SMOOTHING, PASSAGE_SHARE, HUB_NEIGHBOURS, list(pairs.sentences), list(pairs.passages))
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return f"{encoder.fingerprint}/space-{digest[:12]}"


def _read(path: Path, fingerprint: str) -> LanguageSpace | None:
    """A stored space with this fingerprint, or `None`."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            if str(arrays["fingerprint"]) != fingerprint:
                return None
            means: dict[tuple[str, str], NDArray[np.float32]] = {
                (role, language): arrays[f"mean_{role}_{language}"] for role in _MEANS for language in ("th", "en")
            }
            probes = {language: arrays[f"probes_{language}"] for language in ("th", "en")}
            return LanguageSpace(means, arrays["whitening"], probes, fingerprint)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
