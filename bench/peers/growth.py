"""Plots of growth, from what `bench/growth.py --json` wrote. python -m peers.growth GROWTH.json FOLDER"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from peers.plots import save

SHARE = "recall@10"

PANELS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "a question without the encoder": (
        "p50, ms",
        {
            "no filter": "no filter, p50 ms",
            "one language": "one language (half), p50 ms",
            "three years": "three years of 36 (8 %), p50 ms",
            "bare FAISS and FTS5": "both, p50 ms",
        },
    ),
    "making the index": ("s", {"building": "building the index, s", "opening": "opening, s"}),
    "memory": ("MB", {"building, peak": "peak memory while building, MB", "index open": "memory for the index, MB"}),
    "disk": ("MB", {"database": "database, MB", "index": "index, MB"}),
    "nearest vectors found": (SHARE, {"against an exact search": "recall@10 of the vectors"}),
}
"""Title of a panel -> its unit, and names of its lines with the figures that they show."""


def main() -> int:
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    counts = sorted(map(int, found))
    matplotlib.rcParams |= {"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 9}
    figure = Figure(figsize=(3.6 * len(PANELS), 3.4))
    for axis, (title, (unit, lines)) in zip(figure.subplots(1, len(PANELS)), PANELS.items(), strict=True):
        axis.set(title=title, xlabel="passages", ylabel=unit, xscale="log", yscale="linear" if unit == SHARE else "log")
        for name, figures in lines.items():
            dashed = "--" if name.startswith("bare") else "-"
            axis.plot(counts, [found[str(count)][figures] for count in counts], dashed, marker="o", markersize=4, label=name)
        if unit == SHARE:
            axis.set_ylim(0.9, 1.005)
        axis.legend(fontsize=7)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    print(save(figure, Path(sys.argv[2]) / "growth.svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
