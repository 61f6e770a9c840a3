"""Results as Markdown: what was measured, three tables, and where they stand in the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from peers.protocol import PEERS

BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"

Cell = Callable[[Mapping[str, Any]], str]
NONE = "–"

OWN_COLUMNS = (
    ("th→th", "practices-th", "th->th"),
    ("en→en", "practices-en", "en->en"),
    ("th→en", "practices-en", "th->en"),
    ("en→th", "practices-th", "en->th"),
    ("mixed", "practices", "mixed"),
)
"""Column, set, and pair of languages."""


def write_report(results: Mapping[str, Any], target: Path | None) -> str:
    """The tables; where a target is given, they replace what stands between the two marks in it."""
    text = "\n".join(_report(results)).strip()
    if target is not None:
        before, _, rest = target.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        target.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    return text


def _report(results: Mapping[str, Any]) -> Iterator[str]:
    sets = results["sets"]
    tools = [peer for peer in PEERS if any(peer in measured["tools"] for measured in sets.values())]
    yield f"{results['machine']}; {results['date']}; `{results['command']}`; model {results['model']}."
    told = results.get("encoding", {}).get("document")
    if told:
        rate = told["texts"] / told["seconds"]
        yield f"Passages were embedded once for all other tools, by sentence-transformers: {rate:.0f} a second."
    for name, measured in sets.items():
        yield f"`{name}`: {measured['passages']} passages of {measured['records']} records, {measured['questions']} questions."
    yield ""
    yield from _settings(results, tools)
    if "practices" in sets:
        yield from _whole(sets["practices"]["tools"])
    yield from _relevance(sets, tools)
    for name in sets:
        if name.startswith("made:"):
            yield from _made(name, sets[name]["tools"])
    yield from _failures(sets)


def _settings(results: Mapping[str, Any], tools: list[str]) -> Iterator[str]:
    rows = [[tool, results["versions"].get(tool, ""), PEERS[tool].settings] for tool in tools]
    yield from _table(["tool", "version", "set up as"], rows)


def _whole(tools: Mapping[str, Any]) -> Iterator[str]:
    yield "The repository's own set, a question from text to ranked records, the encoder in the same process:\n"
    columns: list[tuple[str, Cell]] = [
        ("cold, s", lambda tool: f"{tool['whole']['cold']:.1f}"),
        ("p50, ms", lambda tool: _short(tool["whole"]["p50"])),
        ("p95, ms", lambda tool: _short(tool["whole"]["p95"])),
        ("search alone p50, ms", lambda tool: _short(tool["ask"]["p50"])),
        ("peak MB", lambda tool: str(tool["whole"]["peak_mb"])),
        ("index, s", lambda tool: _short(tool["index"]["seconds"] - (tool["index"]["encoding"] or 0))),
        ("disk, MB", lambda tool: _short(tool["index"]["disk_mb"])),
        ("nDCG@10", lambda tool: f"{tool['relevance']['mixed']['ndcg@10']:.3f}"),
        ("Recall@10", lambda tool: f"{tool['relevance']['mixed']['recall@10']:.3f}"),
    ]
    yield from _measured(tools, columns)


def _relevance(sets: Mapping[str, Any], tools: list[str]) -> Iterator[str]:
    public = [
        (f"{name} {pair.replace('->', '→')}", name, pair)
        for name, measured in sets.items()
        if not name.startswith(("practices", "made:"))
        for pair in _main_pair(measured["tools"])
    ]
    columns = [column for column in (*OWN_COLUMNS, *public) if column[1] in sets]
    if not columns:
        return
    yield "Relevance, nDCG@10 / Recall@10:\n"
    rows = [[tool, *(_pair(sets[name]["tools"].get(tool, {}), pair) for _, name, pair in columns)] for tool in tools]
    yield from _table(["tool", *(label for label, _, _ in columns)], rows)


def _main_pair(tools: Mapping[str, Any]) -> list[str]:
    """The pair of languages with most questions; a public set has strays."""
    found = next((tool["relevance"] for tool in tools.values() if "relevance" in tool), {})
    return sorted(found, key=lambda pair: (pair == "mixed", -found[pair]["questions"]))[:1]


def _made(name: str, tools: Mapping[str, Any]) -> Iterator[str]:
    yield f"{int(name.partition(':')[2]):,} made passages, vectors given, Recall@10 of the passage in each language:\n"
    columns: list[tuple[str, Cell]] = [
        ("index, s", lambda tool: _short(tool["index"]["seconds"])),
        ("indexing, peak MB", lambda tool: f"{tool['index']['peak_mb']:.0f}"),
        ("disk, MB", lambda tool: _short(tool["index"]["disk_mb"])),
        ("p50, ms", lambda tool: _short(tool["ask"]["p50"])),
        ("p95, ms", lambda tool: _short(tool["ask"]["p95"])),
        ("peak MB", lambda tool: str(tool["ask"]["peak_mb"])),
        *((pair.replace("->", "→"), _recall(pair)) for pair in ("th->th", "en->en", "th->en", "en->th")),
    ]
    yield from _measured(tools, columns)


def _recall(pair: str) -> Cell:
    return lambda tool: f"{tool['relevance'][pair]['recall@10']:.3f}"


def _measured(tools: Mapping[str, Any], columns: list[tuple[str, Cell]]) -> Iterator[str]:
    rows = [[name, *(_cell(cell, tool) for _, cell in columns)] for name, tool in tools.items()]
    yield from _table(["tool", *(label for label, _ in columns)], rows)


def _cell(cell: Cell, tool: Mapping[str, Any]) -> str:
    try:
        return cell(tool)
    except KeyError:
        return "failed" if "error" in tool else NONE


def _pair(tool: Mapping[str, Any], pair: str) -> str:
    if pair not in tool.get("relevance", {}):
        return "failed" if "error" in tool else NONE
    means = tool["relevance"][pair]
    return f"{means['ndcg@10']:.3f} / {means['recall@10']:.3f}"


def _failures(sets: Mapping[str, Any]) -> Iterator[str]:
    for name, measured in sets.items():
        for tool, figures in measured["tools"].items():
            if "error" in figures:
                yield f"- {tool} failed on `{name}`: `{figures['error']}`"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rows)
    yield ""
