"""Relevance as a test: judged topics, the real model, a floor for each kind and language.

The topics in `topics.jsonl` were judged against all practices; tuning belongs to those of `bench/topics`, not to these. A floor
lies a little below what was measured, so that it fails when a change makes search worse, not when one topic moves. On failure
the message names the topics that stand elsewhere than in `standings.json`, which `kb eval topics --save` writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kb.evaluate import Asked, ask_topics, moved, read_standings, report_topics
from kb.repository import Repository

pytestmark = pytest.mark.model

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def asked(real_repository: Repository) -> Sequence[Asked]:
    with real_repository.store(readonly=True) as store:
        return ask_topics(HERE / "topics.jsonl", real_repository.searcher(store))


def test_the_topics_are_of_every_kind_in_both_languages(asked: Sequence[Asked]) -> None:
    kinds = {(row.topic.kind, row.topic.language) for row in asked}
    wanted = "acronym country keyboard known-item misspelt no-precedent paraphrase topical years".split()
    assert kinds == {(kind, language) for kind in wanted for language in ("th", "en")}
    assert len(asked) >= 120


FLOORS_OF = [
    pytest.param(group, row, metric, floor, id=f"{row} {metric}")
    for group, row, metric, floor in (
        line.split() for line in (HERE / "floors.txt").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    )
]


@pytest.mark.parametrize(("group", "row", "metric", "floor"), FLOORS_OF)
def test_no_kind_falls_below_its_floor(asked: Sequence[Asked], group: str, row: str, metric: str, floor: str) -> None:
    measured = report_topics(asked)[group][row][metric]
    assert measured >= float(floor), _moved(asked)


def test_an_honest_nothing_is_said_often_enough_and_not_too_often(asked: Sequence[Asked]) -> None:
    figures = report_topics(asked)["no_precedent"]
    assert figures["recognised"] >= 0.75, _moved(asked)
    assert figures["false_alarm"] <= 0.05, _moved(asked)


@pytest.mark.parametrize("kind", ["misspelt", "keyboard"])
def test_slips_cost_little(asked: Sequence[Asked], kind: str) -> None:
    """nDCG@10 of the slips against that of the same questions typed right."""
    slips = [row for row in asked if row.topic.kind == kind]
    clean = {row.topic.qid: row for row in asked}
    originals = [clean[row.topic.of] for row in slips]
    assert all(row.topic.relevant == original.topic.relevant for row, original in zip(slips, originals, strict=True))
    lost = report_topics(originals)["overall"]["ndcg@10"] - report_topics(slips)["overall"]["ndcg@10"]
    assert lost <= 0.05, _moved(asked)


def _moved(asked: Sequence[Asked]) -> str:
    return "\n".join(moved(asked, read_standings(HERE / "standings.json"))) or "no topic moved since standings.json was written"
