"""Windows of the index: the vectors of a passage's sentences, by which passages are compared a second time.

A passage of 700 characters says several things, and its one vector is their mean; a question asks for one of them. So each run
of sentences of about 150 characters of a document has a vector of its own beside the passage's. They are kept apart from the
vectors that are searched, in eight bits a number with one scale a window, and only read for passages that are candidates
already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CODES, SCALES, BOUNDS = "windows.codes.npy", "windows.scales.npy", "windows.bounds.npy"
"""The files beside the vectors."""


@dataclass(frozen=True)
class Windows:
    """The windows of all passages, in order of position: those of one from `bounds[position]` to `bounds[position + 1]` in
    `codes`, of shape (windows, dimension), each to be multiplied with its number in `scales`."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    bounds: NDArray[np.int64]

    def nearest(self, vector: NDArray[np.float32], positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """The cosine of a question, a vector of shape (1, dimension), with the nearest window of each passage.

        Shape (positions,); not a number where a passage has no windows.
        """
        first, last = self.bounds[positions], self.bounds[positions + 1]
        counts = last - first
        found = np.full(len(positions), np.nan)
        starts = np.cumsum(counts) - counts
        rows = np.arange(int(counts.sum())) + np.repeat(first - starts, counts)
        if len(rows):
            cosines = (self.codes[rows].astype(np.float32) @ vector[0]) * self.scales[rows]
            found[counts > 0] = np.maximum.reduceat(cosines, starts[counts > 0])
        return found


def write_windows(folder: Path, total: int, dimension: int, blocks: Iterable[tuple[list[int], NDArray[np.float32]]]) -> None:
    """Write the windows of an index: `total` of them, block by block in order of position.

    A block says how many windows each of its passages has, and gives their unit vectors, of shape (windows, dimension).
    """
    codes = np.lib.format.open_memmap(folder / CODES, mode="w+", dtype=np.int8, shape=(total, dimension)) if total else None
    scales = np.empty(total, dtype=np.float32)
    counts = [0]
    done = 0
    for numbers, vectors in blocks:
        counts += numbers
        if codes is not None and len(vectors):
            largest = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
            scales[done : done + len(vectors)] = largest
            codes[done : done + len(vectors)] = np.round(vectors / largest[:, None]).astype(np.int8)
            done += len(vectors)
    if codes is None:
        np.save(folder / CODES, np.empty((0, dimension), dtype=np.int8), allow_pickle=False)
    else:
        codes.flush()
    np.save(folder / SCALES, scales, allow_pickle=False)
    np.save(folder / BOUNDS, np.cumsum(counts, dtype=np.int64), allow_pickle=False)


def read_windows(folder: Path) -> Windows:
    """The windows in an index folder, mapped and not read; raises `OSError` or `ValueError`."""
    bounds, scales = (np.load(folder / name, allow_pickle=False) for name in (BOUNDS, SCALES))
    mapped: Any = "r" if len(scales) else None  # nothing cannot be mapped
    return Windows(np.asarray(np.load(folder / CODES, mapped, allow_pickle=False)), scales, bounds)
