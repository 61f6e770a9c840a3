"""Plots of the results: relevance over latency. python -m peers.plots RESULTS.json FOLDER"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from peers.protocol import OURS

CROSS, PAIR = "practices-en", "th->en"


def main() -> int:
    results = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    panels = list(_panels(results["sets"]))
    if not panels:
        print("nothing to plot: the results hold no set `practices`", file=sys.stderr)
        return 1
    matplotlib.rcParams |= {"svg.hashsalt": "peers", "svg.fonttype": "none", "font.size": 9}
    figure = Figure(figsize=(4.6 * len(panels), 3.8))
    axes = figure.subplots(1, len(panels), squeeze=False)
    for axis, (title, horizontal, vertical, points) in zip(axes[0], panels, strict=True):
        axis.set(title=title, xlabel=horizontal, ylabel=vertical, xscale="log", ylim=(-0.15, 1.25))
        for number, (name, x, y) in enumerate(sorted(points, key=lambda point: point[1])):
            axis.scatter(x, y, s=46 if name == OURS else 22, color="#b3261e" if name == OURS else "#3b5b78")
            above = number % 2 == 0  # neighbours in turn above and below, aslant, so that names do not lie on each other
            axis.annotate(
                name, (x, y), xytext=(3, 4 if above else -4), textcoords="offset points", fontsize=7,
                rotation=40 if above else -40, rotation_mode="anchor", va="bottom" if above else "top",
            )  # fmt: skip
        axis.margins(x=0.25)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    print(save(figure, folder / "peers.svg"))
    return 0


def save(figure: Figure, target: Path) -> Path:
    """Write a figure as SVG, the same bytes for the same figures; gives `target`."""
    figure.savefig(target, metadata={"Date": None})
    lines = target.read_text(encoding="utf-8").splitlines()
    target.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")
    return target


def _panels(sets: Mapping[str, Any]) -> Iterator[tuple[str, str, str, list[tuple[str, float, float]]]]:
    if "practices" in sets:
        tools = sets["practices"]["tools"]
        points = [(name, t["whole"]["p50"], t["relevance"]["mixed"]["ndcg@10"]) for name, t in tools.items() if "whole" in t]
        yield "own set, Thai and English", "a question with its encoding, p50, ms", "nDCG@10", points
    if CROSS in sets and any(PAIR in tool.get("relevance", {}) for tool in sets[CROSS]["tools"].values()):
        tools = sets[CROSS]["tools"]
        points = [(name, t["ask"]["p50"], t["relevance"][PAIR]["ndcg@10"]) for name, t in tools.items() if "ask" in t]
        yield "Thai questions, English texts", "search alone, p50, ms", "nDCG@10", points
    for name in sets:
        if name.startswith("made:"):
            tools = sets[name]["tools"]
            points = [(tool, t["ask"]["p50"], t["relevance"]["mixed"]["recall@10"]) for tool, t in tools.items() if "ask" in t]
            yield f"{int(name.partition(':')[2]):,} made passages", "search alone, p50, ms", "Recall@10, both languages", points


if __name__ == "__main__":
    sys.exit(main())
