"""What the search learnt from judged questions: probabilities for its scores, and thresholds for "no close precedent".

Fitted by `bench/calibrate.py` and stored in `kb/data/calibration.json`, with the curves that the thresholds were chosen from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

VERSION = 1


@dataclass(frozen=True)
class Curve:
    """What a threshold does: for each one, the share of unanswerable questions recognised and of false alarms."""

    thresholds: tuple[float, ...]
    recognised: tuple[float, ...]
    false_alarm: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """Weights of logistic models, each (constant, first, second), and the thresholds of "no close precedent".

    `same` and `cross` give the probability that a passage answers a question, in its own or in the other language, from cosine
    and keyword coverage; `twin` that the nearest passage of the other language says the same as this one, from their cosine
    and its lead over the next record's; `precedent` that the best record is a precedent, from its log-odds and the logarithm of
    one more than the question's words that it has. `close` maps (language of the question, language in which the record is
    judged) to the probability of a precedent below which there is none that is close.
    """

    same: tuple[float, float, float]
    cross: tuple[float, float, float]
    twin: tuple[float, float, float]
    precedent: tuple[float, float, float]
    close: Mapping[tuple[str, str], float]
    curves: Mapping[tuple[str, str], Curve]
    false_alarm: float
    """The share of false alarms that the thresholds were chosen for."""

    def answers(self, same_language: bool, cosines: NDArray[np.float64], coverages: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that each passage answers the question."""
        constant, meaning, words = self.same if same_language else self.cross
        return np.asarray(1 / (1 + np.exp(-(constant + meaning * cosines + words * coverages))))

    def says_the_same(self, cosine: float, lead: float) -> float:
        """The probability that two passages in different languages are one text."""
        return logistic(self.twin, cosine, lead)

    def is_precedent(self, probability: float, words: int) -> float:
        """The probability that a best record is a precedent, where it has this many of the question's words."""
        return logistic(self.precedent, log_odds(probability), math.log1p(words))


def logistic(weights: tuple[float, float, float], first: float, second: float) -> float:
    """The logistic function of a weighted sum."""
    return 1 / (1 + math.exp(-(weights[0] + weights[1] * first + weights[2] * second)))


def log_odds(probability: float) -> float:
    """The inverse of the logistic function, kept finite."""
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """The shipped calibration."""
    data = json.loads(files("kb").joinpath("data/calibration.json").read_text(encoding="utf-8"))
    if data["version"] != VERSION:
        raise ValueError(f"calibration.json has version {data['version']}, not {VERSION}")
    pairs = {tuple(name.split("->")): value for name, value in data["close"].items()}
    curves = {
        tuple(name.split("->")): Curve(tuple(c["thresholds"]), tuple(c["recognised"]), tuple(c["false_alarm"]))
        for name, c in data["curves"].items()
    }
    return Calibration(
        same=tuple(data["same"]),
        cross=tuple(data["cross"]),
        twin=tuple(data["twin"]),
        precedent=tuple(data["precedent"]),
        close={(asked, found): value for (asked, found), value in pairs.items()},
        curves={(asked, found): value for (asked, found), value in curves.items()},
        false_alarm=data["false_alarm"],
    )
