"""Proposals from a file, fitted and measured on the practices; writes `kb/data/proposals.json`.

    python bench/proposals.py            fit, print the tables, write the file
    python bench/proposals.py --check    measure and print only

Each face of each practice becomes plain documents without its facts (see `proposal_documents.py`). Practices are left out in
elevenths: what is proposed for one comes from models that know neither of its faces, nor those of the others in its eleventh,
and the terms of the termbase that it is the source of are hidden. For the tables, weights and floors are fitted on half of the
practices (by a hash of the id) and measured on the other half; those that are written are fitted in the same way on all.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from proposal_documents import VARIANTS, Made, make, origin
from proposal_fitting import Group, f1, fit, proposals, quality
from proposal_judging import JUDGES, baseline, figures_found, gold_count
from proposal_neighbours import Neighbours

from kb.desk.proposals.context import Context, ProposalParts
from kb.desk.proposals.learnt import Corpus
from kb.desk.proposals.records import Candidate
from kb.desk.proposals.sections import sections
from kb.desk.proposals.weighing import VERSION, Kind, Weighing
from kb.desk.propose import FIELDS, SECTION_FIELD, TITLE_FIELD
from kb.repository import Repository
from kb.search.engine import Searcher
from kb.settings import load_settings

TARGET = Path(__file__).parent.parent / "kb" / "data" / "proposals.json"
FOLDS = 11

BINS = ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 1.01))


def main() -> int:
    repository = Repository(load_settings())
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store)
        groups = gather(searcher)
    kinds: dict[str, Kind] = {field.name: field.kind for field in FIELDS} | {SECTION_FIELD: "one", TITLE_FIELD: "each"}
    half = {field: [group for group in own if is_development(group.made)] for field, own in groups.items()}
    report(groups, {field: fit(own, kinds[field]) for field, own in half.items()}, kinds)
    if "--check" not in sys.argv:
        fields = {
            field: {"weights": [round(one, 4) for one in weighing.weights], "floor": weighing.floor}
            for field, weighing in ((field, fit(own, kinds[field])) for field, own in groups.items())
        }
        TARGET.write_text(json.dumps({"version": VERSION, "fields": fields}, indent=1) + "\n", encoding="utf-8")
    return 0


def is_development(made: Made) -> bool:
    """Half of the practices, by a hash of their ids."""
    return int(hashlib.sha256(made.practice.id.encode()).hexdigest(), 16) % 2 == 0


def gather(searcher: Searcher) -> dict[str, list[Group]]:
    """All candidates of all fields, from documents of every variant; facts from those without headings only."""
    corpus = Corpus.read(searcher)
    embed = remembered(searcher)
    ids = sorted(corpus.practices, key=lambda key: hashlib.sha256(f"fold/{key}".encode()).hexdigest())
    groups: dict[str, list[Group]] = {field.name: [] for field in FIELDS} | {SECTION_FIELD: [], TITLE_FIELD: []}
    for fold in range(FOLDS):
        out = ids[fold::FOLDS]
        parts = replace(ProposalParts.of(searcher, corpus, frozenset(out)), embed=embed)
        neighbours = Neighbours(corpus, frozenset(out))
        print(f"fold {fold + 1} of {FOLDS}", file=sys.stderr, flush=True)
        for record in out:
            hidden = frozenset(term.id for term in parts.names.terms.values() if term.source == record)
            for face in corpus.practices[record].faces.values():
                for variant in VARIANTS:
                    made = make(corpus.practices[record], face, variant)
                    add(groups, made, variant, Context.of(made.document, replace(parts, hidden_terms=hidden)), neighbours)
    return groups


def add(groups: Mapping[str, list[Group]], made: Made, variant: str, context: Context, neighbours: Neighbours) -> None:
    for candidates in sections(context):
        truth = origin(made, context.units[candidates[0].unit].text)
        groups[SECTION_FIELD].append(Group(candidates, [one.value == truth for one in candidates], made, variant, 1))
    if variant != "no headings":
        return
    title = Candidate(made.document.title, (), -1, 0, 0, "title")
    right = made.document.title == made.practice.faces[made.language].title
    groups[TITLE_FIELD].append(Group([title], [right], made, variant, 1))
    nearest = neighbours.nearest(context)
    for field in FIELDS:
        candidates = field.candidates(context)
        judged = [JUDGES[field.name](one.value, made.practice) for one in candidates]
        groups[field.name].append(Group(candidates, judged, made, variant, gold_count(field.name, made.practice), nearest))


def remembered(searcher: Searcher) -> Callable[[Sequence[str], Sequence[str]], Any]:
    """Embedding that does each text once: the variants share their paragraphs."""
    known: dict[str, Any] = {}

    def embed(texts: Sequence[str], languages: Sequence[str], /) -> Any:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, searcher.encoder.encode(new, "document"), strict=True))
        return searcher.space.project(np.stack([known[text] for text in texts]), languages, "document")

    return embed


def report(groups: Mapping[str, Sequence[Group]], fitted: Mapping[str, Weighing], kinds: Mapping[str, Kind]) -> None:
    for name, chosen in (("development half", True), ("other half", False)):
        print(f"\n{name}")
        print("field                 values  proposed  precision  recall     F1  | baselines' F1 | mean confidence")
        for field, own in groups.items():
            half = [group for group in own if is_development(group.made) == chosen]
            for variant in sorted({group.variant for group in half}):
                some = [group for group in half if group.variant == variant]
                line = f"{field} ({variant})" if field == SECTION_FIELD else field
                show(line, field, some, fitted[field], kinds[field], [group for group in own if is_development(group.made)])
    unseen = [group for group in groups["claims"] if not is_development(group.made)]
    print("\nfigures of claims, other half: precision {:.3f}, recall {:.3f}".format(*figures_found(unseen)))
    print("\nF1 by language of the document, other half: Thai, English")
    for field, own in groups.items():
        half = [group for group in own if not is_development(group.made) and group.variant != "headings"]
        sides = ([group for group in half if group.made.language == language] for language in ("th", "en"))
        print(f"{field:22}", "  ".join(f"{quality(side, fitted[field], kinds[field]):.3f}" for side in sides))
    print("\ncalibration, other half: confidence, proposals, share that is right")
    total: list[tuple[float, bool]] = []
    for field, own in groups.items():
        pairs = [
            pair for group in own if not is_development(group.made) for pair in proposals(group, fitted[field], kinds[field])
        ]
        if field not in (SECTION_FIELD, TITLE_FIELD, "claims"):
            total += pairs
        print(f"{field:22}", "  ".join(binned(pairs)))
    print(f"{'all facts':22}", "  ".join(binned(total)), f"ECE {expected_error(total):.3f}")


def show(line: str, field: str, groups: Sequence[Group], weighing: Weighing, kind: Kind, learnt_from: Sequence[Group]) -> None:
    pairs = [pair for group in groups for pair in proposals(group, weighing, kind)]
    hits = sum(right for _, right in pairs)
    wanted = sum(group.wanted for group in groups)
    precision, recall = hits / max(len(pairs), 1), hits / max(wanted, 1)
    other = baseline(field, groups, learnt_from)
    mean = sum(sure for sure, _ in pairs) / max(len(pairs), 1)
    print(
        f"{line:22}{wanted:6}{len(pairs):10}{precision:11.3f}{recall:8.3f}{f1(precision, recall):7.3f}  | {other}  | {mean:.3f}"
    )


def binned(pairs: Sequence[tuple[float, bool]]) -> list[str]:
    shown = []
    for low, high in BINS:
        inside = [right for sure, right in pairs if low <= sure < high]
        shown.append(f"{low:.1f}: {len(inside):4} {sum(inside) / len(inside):.2f}" if inside else f"{low:.1f}:    -    -")
    return shown


def expected_error(pairs: Sequence[tuple[float, bool]]) -> float:
    """The expected calibration error over the bins."""
    error = 0.0
    for low, high in BINS:
        inside = [(sure, right) for sure, right in pairs if low <= sure < high]
        if inside:
            error += abs(sum(sure for sure, _ in inside) - sum(right for _, right in inside)) / len(pairs)
    return error


if __name__ == "__main__":
    raise SystemExit(main())
