"""The map of the member states: counts of a search as steps of colour, each state a link; drawn by `bench/map_geometry.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kb.search.engine import FacetValue
from web.pages import Say

STEPS = 4
"""Steps of colour for states with a case; step 0 is for none."""


@dataclass(frozen=True)
class StateView:
    """A state on the map and in the table beside it."""

    code: str
    label: str
    count: int
    step: int
    selected: bool
    url: str
    path: str
    number: tuple[int, int]
    marker: tuple[int, int] | None
    """The middle of the circle that stands for a small state."""


@dataclass(frozen=True)
class LegendStep:
    step: int
    text: str


@dataclass(frozen=True)
class MapView:
    """The map: the states by name, the legend, and what stands for the whole region."""

    width: int
    height: int
    states: tuple[StateView, ...]
    legend: tuple[LegendStep, ...]
    region: StateView


def map_view(values: Sequence[FacetValue], address: Callable[[str], str], say: Say) -> MapView:
    """The map of a search: `values` are its counts by country, `address` gives the search with a country put in or out."""
    drawing = _drawing()
    counts: Mapping[str, FacetValue] = {value.value: value for value in values}
    bounds = _bounds(max((counts[code].count for code in drawing["states"] if code in counts), default=0))

    def state(code: str, shape: Mapping[str, Any]) -> StateView:
        value = counts.get(code, FacetValue(code, 0, False))
        step = sum(value.count >= low for low, _ in bounds)
        marker = tuple(shape["marker"]) if shape["marker"] else None
        label = say.label("countries", code)
        return StateView(
            code, label, value.count, step, value.selected, address(code), shape["path"], tuple(shape["number"]), marker
        )

    nowhere = {"path": "", "number": (0, 0), "marker": None}
    return MapView(
        drawing["width"],
        drawing["height"],
        tuple(sorted((state(code, shape) for code, shape in drawing["states"].items()), key=lambda view: view.label)),
        (LegendStep(0, "0"), *(LegendStep(step, _span(low, high)) for step, (low, high) in enumerate(bounds, 1))),
        state("ASEAN", nowhere),
    )


def _bounds(most: int) -> list[tuple[int, int]]:
    """Whole-number steps from 1 to the largest count, of about equal width; fewer where there are few cases."""
    edges = sorted({max(1, round(most * step / STEPS)) for step in range(1, STEPS + 1)}) if most else []
    return list(zip([1, *(edge + 1 for edge in edges)], edges, strict=False))


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


@lru_cache(maxsize=1)
def _drawing() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(files("web").joinpath("data/map.json").read_text(encoding="utf-8"))
    return data
