"""One vector space for both languages: where a question finds its answer whatever language that is written in.

A multilingual encoder keeps the language of a text in its vector, so a mixed index answers a Thai question with Thai
passages. Two corrections, both learnt from the translated pairs of `kb/data/parallel.tsv` and from nothing else, so that they
hold for 20 records as for two million and do not move when a document is added:

* the mean vector of each language (for queries and for passages apart) is subtracted;
* within-class covariance normalisation (Hatch, Kajarekar and Stolcke, 2006): directions in which the two sides of a pair
  still differ, though they mean the same, are weighted down.

Vectors are normalised to unit length before and after.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.encoder import Encoder, Role
from kb.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPACE_VERSION = 1
SMOOTHING = 3.0
"""Weight of the identity against the within-pair covariance, both at mean variance 1; chosen on public sets."""

_ROLES: tuple[Role, Role] = ("query", "document")


@dataclass(frozen=True)
class LanguageSpace:
    """Means of shape (dimension,) per (role, language), and the symmetric whitening of shape (dimension, dimension)."""

    means: Mapping[tuple[str, str], NDArray[np.float32]]
    whitening: NDArray[np.float32]
    fingerprint: str

    def project(self, vectors: NDArray[np.float32], languages: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Move unit vectors of shape (n, dimension) into the common space; `languages` has one code for each.

        A language other than Thai has the English mean if it is in Latin script by its code, and the mean of both if the
        text was mixed or unknown.
        """
        if not len(vectors):
            return vectors
        means = np.stack([self._mean(role, language) for language in languages])
        moved = (vectors - means) @ self.whitening
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(norms, 1e-9), dtype=np.float32)

    def _mean(self, role: str, language: str) -> NDArray[np.float32]:
        if (role, language) in self.means:
            return self.means[role, language]
        if language in ("mixed", "und"):
            both = (self.means[role, "th"] + self.means[role, "en"]) / 2
            return np.asarray(both, dtype=np.float32)
        return self.means[role, "en"]


def parallel_pairs() -> list[tuple[str, str]]:
    """The shipped Thai-English sentence pairs."""
    rows = files("kb").joinpath("data/parallel.tsv").read_text(encoding="utf-8").splitlines()
    return [(thai, english) for _domain, thai, english in (row.split("\t") for row in rows)]


def fit_space(encoder: Encoder, pairs: Sequence[tuple[str, str]]) -> LanguageSpace:
    """Learn the common space of `encoder` from translated pairs."""
    vectors = {
        (role, language): encoder.encode([pair[side] for pair in pairs], role)
        for role in _ROLES
        for side, language in enumerate(("th", "en"))
    }
    means: dict[tuple[str, str], NDArray[np.float32]] = {
        key: np.asarray(rows.mean(axis=0), dtype=np.float32) for key, rows in vectors.items()
    }
    gaps = np.concatenate(
        [(vectors[role, "th"] - means[role, "th"]) - (vectors[role, "en"] - means[role, "en"]) for role in _ROLES]
    ).astype(np.float64)
    covariance = gaps.T @ gaps / len(gaps)
    covariance /= max(float(np.trace(covariance)) / encoder.dimension, 1e-12)
    values, basis = np.linalg.eigh(covariance + SMOOTHING * np.eye(encoder.dimension))
    whitening = (basis * values**-0.5) @ basis.T
    return LanguageSpace(means, whitening.astype(np.float32), _fingerprint(encoder, pairs))


def open_space(encoder: Encoder, folder: Path) -> LanguageSpace:
    """The space of `encoder`, from `folder` where it was learnt before, learnt and stored there otherwise."""
    path = folder / f"space-{SPACE_VERSION}.npz"
    pairs = parallel_pairs()
    stored = _read(path, _fingerprint(encoder, pairs))
    if stored is not None:
        return stored
    space = fit_space(encoder, pairs)
    arrays = {f"mean_{role}_{language}": mean for (role, language), mean in space.means.items()}
    temporary = path.with_suffix(".tmp.npz")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(temporary, whitening=space.whitening, fingerprint=np.array(space.fingerprint), **arrays)  # type: ignore[arg-type]
        temporary.replace(path)
    except OSError as exc:
        raise ModelError(f"{path} cannot be written ({exc.strerror}); check the rights of KB_HOME") from exc
    return space


def _fingerprint(encoder: Encoder, pairs: Sequence[tuple[str, str]]) -> str:
    """Names everything that a space depends on."""
    digest = hashlib.sha256(repr((SPACE_VERSION, SMOOTHING, list(pairs))).encode()).hexdigest()
    return f"{encoder.fingerprint}/space-{digest[:12]}"


def _read(path: Path, fingerprint: str) -> LanguageSpace | None:
    """A stored space with this fingerprint, or `None`."""
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            if str(arrays["fingerprint"]) != fingerprint:
                return None
            means: dict[tuple[str, str], NDArray[np.float32]] = {
                (role, language): arrays[f"mean_{role}_{language}"] for role in _ROLES for language in ("th", "en")
            }
            return LanguageSpace(means, arrays["whitening"], fingerprint)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
