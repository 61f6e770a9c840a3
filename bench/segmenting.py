"""Thai segmenting engines with our dictionary: time on the corpus, and how often they cut as PyThaiNLP's newmm does.

    python bench/segmenting.py
    pip install nlpo3                 first, for its row

Each engine cuts the Thai runs of all passages of the corpus, with the words of PyThaiNLP and of the termbase, in turns with the
others; times are processor time, and the ratio is to newmm in the same run. The last line compares segmenting, with all that
goes with it, to encoding the same passages.
"""

from __future__ import annotations

import importlib.util
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pythainlp.tokenize import word_tokenize

from kb.corpus import practice_files, read_practice
from kb.ingest.passages import cut, embedded_text, index_passage
from kb.repository import Repository
from kb.settings import load_settings
from kb.text.normalise import normalise

ROUNDS = 3
ENCODED = 256
_THAI = re.compile(r"[\u0e01-\u0e4e]+(?: [\u0e01-\u0e4e]+)*")

Engine = Callable[[str], Sequence[str]]


def main() -> int:
    repository = Repository(load_settings())
    practices = (read_practice(path, repository.taxonomy) for path in practice_files(repository.settings.corpus))
    passages = [passage for practice in practices for passage in cut(practice) if passage.language == "th"]
    runs = [run for passage in passages for run in _THAI.findall(normalise(passage.text))]
    with tempfile.TemporaryDirectory() as folder:
        engines = engines_of(repository, Path(folder))
        print(f"{len(passages)} passages, {len(runs)} Thai runs, {sum(map(len, runs))} letters, {ROUNDS} rounds\n")
        for cutting in engines.values():
            for run in runs[:200]:
                cutting(run)
        seconds: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(ROUNDS):
            for name, cutting in engines.items():
                started = time.process_time()
                for run in runs:
                    cutting(run)
                seconds[name].append(time.process_time() - started)
        print(f"{'engine':12}{'s':>8}{'of newmm':>10}{'runs cut alike':>16}")
        alike = {
            name: sum(list(cutting(run)) == list(engines["newmm"](run)) for run in runs) for name, cutting in engines.items()
        }
        for name, times in seconds.items():
            ratio = statistics.median(one / base for one, base in zip(times, seconds["newmm"], strict=True))
            print(f"{name:12}{statistics.median(times):8.2f}{ratio:10.2f}{alike[name] / len(runs):16.1%}")
    some = passages[:ENCODED]
    started = time.process_time()
    for passage in some:
        index_passage(passage, repository.segmenter)
    indexing = time.process_time() - started
    repository.encoder.encode([embedded_text(some[0])], "document")
    started = time.process_time()
    repository.encoder.encode([embedded_text(passage) for passage in some], "document")
    encoding = time.process_time() - started
    print(
        f"\n{len(some)} passages, processor time: words and all that goes with them {indexing:.2f} s, vectors {encoding:.2f} s"
    )
    return 0


def engines_of(repository: Repository, folder: Path) -> dict[str, Engine]:
    """Engine -> what cuts a text with it, all with the same words."""
    segmenter = repository.segmenter
    segmenter.warm()
    trie, words = segmenter._whole_trie(), segmenter._words
    found: dict[str, Engine] = {
        "newmm": lambda run: word_tokenize(run, custom_dict=trie, engine="newmm", keep_whitespace=True),
        "longest": lambda run: word_tokenize(run, custom_dict=trie, engine="longest", keep_whitespace=True),
    }
    if importlib.util.find_spec("nlpo3"):
        import nlpo3

        listed = folder / "words.txt"
        listed.write_text("\n".join(sorted(words)), encoding="utf-8")
        dictionary = nlpo3.load_dict(str(listed), "kb")
        print(f"nlpo3: {dictionary}", file=sys.stderr)
        found["nlpo3"] = lambda run: nlpo3.segment(run, "kb")
    return found


if __name__ == "__main__":
    sys.exit(main())
