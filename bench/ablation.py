"""What each choice is worth: one thing is changed at a time, everything else stays as it is shipped.

    python bench/ablation.py                    development topics, asked of all practices
    KB_EVAL=folder python bench/ablation.py     and every BEIR folder below it
    python bench/ablation.py "no title"         only variants whose name holds these words

nDCG@10, for Thai and English questions apart. Choices of passages are measured on an index made anew for each.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from kb import index
from kb.corpus import practice_files, read_practice
from kb.encoder import Encoder, Role
from kb.evaluate import evaluate_beir, evaluate_topics, index_records
from kb.ingest import passages
from kb.ingest.progress import Progress
from kb.records import Passage
from kb.repository import Repository
from kb.search import candidates, engine
from kb.settings import load_settings
from kb.text.sentences import pack

TOPICS = Path(__file__).parent / "topics" / "practices-dev.jsonl"
QUIET = Progress(quiet=True)

Patch = tuple[object, str, object]


@dataclass(frozen=True)
class Variant:
    """A name and what is put in the place of what."""

    name: str
    patches: tuple[Patch, ...] = ()


class Remembering:
    """An encoder that embeds each text once in a run."""

    def __init__(self, encoder: Encoder) -> None:
        self.fingerprint, self.dimension = encoder.fingerprint, encoder.dimension
        self._encoder = encoder
        self._known: dict[tuple[str, str], NDArray[np.float32]] = {}

    def warm(self) -> None:
        self._encoder.warm()

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        roles: Sequence[Role] = [role] * len(texts) if isinstance(role, str) else role  # type: ignore[list-item]
        keys = list(zip(roles, texts, strict=True))
        new = [key for key in dict.fromkeys(keys) if key not in self._known]
        if new:
            kinds = [kind for kind, _ in new]
            # Documents by their one role: texts with roles of their own are questions to the runtime, and read in 8 bits.
            vectors = self._encoder.encode([text for _, text in new], kinds[0] if len(set(kinds)) == 1 else kinds)
            self._known.update(zip(new, vectors, strict=True))
        return np.stack([self._known[key] for key in keys]) if keys else np.empty((0, self.dimension), np.float32)


def overlapping(spans: Sequence[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """Passages that begin with the last sentence of the one before."""
    packed = pack(spans, limit)
    starts = [start for start, _ in spans]
    before = [max((start for start in starts if start < first), default=first) for first, _ in packed]
    return [(start if place else first, end) for place, (start, (first, end)) in enumerate(zip(before, packed, strict=True))]


def windows(cut: Callable[..., list[Passage]]) -> Callable[..., list[Passage]]:
    """One sentence a passage; the vector is that of the sentence between its neighbours."""

    def sentences(record: object) -> list[Passage]:
        found = cut(record)
        for place, passage in enumerate(found):
            around = [
                other.text
                for other in found[max(0, place - 1) : place + 2]
                if (other.language, other.section, other.part) == (passage.language, passage.section, passage.part)
            ]
            WINDOW[passage.key] = " ".join(around)
        return found

    return sentences


WINDOW: dict[str, str] = {}


def window_text(passage: Passage) -> str:
    return f"{passage.context}\n{WINDOW.get(passage.key, passage.text)}"


def without(section: str) -> Callable[..., list[Passage]]:
    return lambda record: [passage for passage in ORIGINAL_CUT(record) if passage.section != section]


ORIGINAL_CUT = passages.cut


def embedding(change: Callable[[Passage], str]) -> tuple[Patch, ...]:
    import kb.evaluate
    import kb.ingest.batch

    return tuple((module, "embedded_text", change) for module in (passages, kb.evaluate, kb.ingest.batch))


def cutting(change: Callable[..., list[Passage]]) -> tuple[Patch, ...]:
    import kb.evaluate
    import kb.ingest.prepare

    return tuple((module, "cut", change) for module in (passages, kb.evaluate, kb.ingest.prepare) if hasattr(module, "cut"))


def variants() -> Iterator[Variant]:
    yield Variant("as shipped: 700 characters, title before the text")
    for weight in (0.0, 0.6):
        yield Variant(f"word parts weigh {weight}", ((index, "PART_WEIGHT", weight),))
    for weight in (0.0, 1.0):
        yield Variant(f"other forms of a term weigh {weight}", ((candidates, "EXPANSION_WEIGHT", weight),))
    yield Variant("meaning alone", ((engine, "keyword_scores", lambda _, index, __: np.zeros(len(index.catalogue.rows))),))
    yield Variant("no pivot", ((candidates, "PIVOT_MIN", 2.0),))
    yield Variant("no hubness", ((candidates, "HUBNESS", 0.0),))
    yield Variant("no questions that the case answers", cutting(without("questions")))
    yield Variant("no passage of agencies and places", cutting(without("facts")))
    for limit in (400, 1000):
        yield Variant(f"passages of {limit} characters", ((passages, "LIMIT", limit),))
    yield Variant("overlap of one sentence", ((passages, "pack", overlapping),))
    yield Variant("no title in the vector", embedding(lambda passage: passage.text))
    yield Variant("title and section in the vector", embedding(lambda p: f"{p.context} - {p.section}\n{p.text}"))
    yield Variant(
        "one sentence, its neighbours in the vector",
        ((passages, "LIMIT", 1), *cutting(windows(ORIGINAL_CUT)), *embedding(window_text)),
    )
    yield Variant("one sentence a passage", ((passages, "LIMIT", 1),))


@contextmanager
def applied(variant: Variant) -> Iterator[None]:
    patches = [patch.object(target, name, value) for target, name, value in variant.patches]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def main() -> int:
    settings = load_settings()
    repository = Repository(settings)
    encoder = Remembering(repository.encoder)
    place = os.environ.get("KB_EVAL", "")
    sets = sorted(path.parent for path in Path(place).glob("*/corpus.jsonl")) if place else []
    practices = [read_practice(path, repository.taxonomy) for path in practice_files(settings.corpus)]
    print(f"model {encoder.fingerprint}, {len(practices)} practices; nDCG@10")
    print("".ljust(50) + "".join(name.rjust(16) for name in ("topics th", "topics en", *(folder.name for folder in sets))))
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for variant in variants():
        if wanted not in variant.name:
            continue
        with applied(variant), tempfile.TemporaryDirectory(prefix="kb-bench-") as folder:
            own = replace(settings, home=Path(folder) / "var", index=Path(folder) / "index")
            copy = Repository(own, encoder)
            copy.space = repository.space
            with copy.store() as store:
                index_records(practices, copy, store, QUIET)
                by_language = evaluate_topics(TOPICS, copy.searcher(store))["by_language"]
            figures = [by_language[language]["ndcg@10"] for language in ("th", "en")]
            figures += [evaluate_beir(folder, copy, None, QUIET)["overall"]["ndcg@10"] for folder in sets]
        print(variant.name.ljust(50) + "".join(f"{figure:16.4f}" for figure in figures), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
