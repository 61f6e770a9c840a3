"""Makes any number of Thai and English passages, with questions and vectors, out of the repository's own corpus.

    python bench/generator.py --count 10000 > passages.jsonl        also: --seed 11, --questions 100, --statistics

What is kept natural, and how:

* Words follow each other as in the corpus: a chain of order one over its segmented words, with the blanks and punctuation
  between them. A chain visits words as often as the text it was learnt from, so their frequencies keep Zipf's law.
* A topic is a pair of passages, one a language, that stems from one real pair of aligned passages. Seven words in ten follow as
  in the two faces of that practice alone, and four entries of the termbase stand in both, so the pair is about one matter.
* Vocabulary grows with the count (Heaps' law). Every second word that stands once in the corpus is replaced by a blend of two
  such words (`municip` + `ration`; Thai is cut between character clusters), drawn from an endless list with Zipf's exponent
  1.5. Figures are drawn anew for each topic, the same in both languages.
* Lengths are about those of real passages, and no passage is longer than a passage may be.
* Vectors are real ones, moved by differences between other real ones (see `vectors`), so they keep to the directions in which
  real passages differ.

Everything is a function of the seed and a topic's number alone: a shorter run is the beginning of a longer one, any topic can
be made without those before it, and memory does not grow with the count.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from pythainlp.tokenize import tcc

from kb.corpus import plain, practice_files, read_practice
from kb.corpus import questions as parsed_questions
from kb.ingest.passages import LIMIT, cut, embedded_text
from kb.records import LANGUAGES, Lang, Passage, Practice
from kb.repository import Repository
from kb.settings import load_settings
from kb.termbase import TermEntry
from kb.text.normalise import normalise
from kb.text.segment import Segmenter
from kb.text.sentences import sentences

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 11
SKIPPED = ("questions", "facts")
"""Sections that are no running text."""

OWN = 0.7
"""Share of words that follow as in the topic's own practice."""

BLEND = 0.5
"""Share of the words that stand once in the corpus that become new ones."""

TERMS = 4
ASKED_TERMS, ASKED_WORDS = 3, 2
"""Words of a question: terms of the topic and, in the passage's own language, its rarest other words."""

SCALE = (0.3, 0.6)
"""How far a vector is moved, in lengths of a difference between two real ones, drawn evenly for each topic. Chosen so that as
many made passages as there are real ones have neighbours about as near as those: see `--statistics`."""

QUESTION_SCALE = 1.2
"""The same between a passage and a question that it answers. By vectors alone, the passage is then the nearest for five
questions in six at the corpus's own size and for every second one at 50,000 passages."""

BLOCK = 8192
"""Vectors of one block; even, so that no pair is parted."""


@dataclass(frozen=True)
class Made:
    """A passage. Those of a topic stand next to each other, English first: number 2 * topic, then 2 * topic + 1."""

    id: str
    topic: int
    language: Lang
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """Words that the passages of a topic answer, in one language."""

    id: str
    topic: int
    language: Lang
    text: str


@dataclass(frozen=True)
class Chain:
    """The corpus in one language as one row of words; "" ends a sentence. `gaps` stand before the words.

    `places` are where a word stands, in order; `ranges` where a practice begins and ends; `rare` and `once` are
    the words that stand once.
    """

    words: list[str]
    gaps: list[str]
    places: dict[str, list[int]]
    ranges: dict[str, tuple[int, int]]
    rare: tuple[str, ...]
    once: frozenset[str]


class Source:
    """What passages are made of. `pairs` are the real aligned passages (English, Thai) that topics stem from."""

    def __init__(self, practices: Sequence[Practice], terms: Sequence[TermEntry], segmenter: Segmenter) -> None:
        passages = [p for practice in practices for p in cut(practice) if p.section not in SKIPPED]
        by_key = {passage.key: passage for passage in passages}
        english = [passage for passage in passages if passage.language == "en" and passage.twin]
        self.pairs = [(p, by_key[p.twin]) for p in english if p.twin and by_key[p.twin].twin == p.key]
        self.terms = [(entry.en[0], entry.th[0]) for entry in terms if entry.en and entry.th]
        self.lengths = [len(passage.text) for passage, _ in self.pairs]
        self.chains = {language: _learn([p for p in passages if p.language == language], segmenter) for language in LANGUAGES}

    def texts(self) -> list[str]:
        """What to encode as the `base` of `vectors`: the real pairs in order, English before Thai."""
        return [embedded_text(passage) for pair in self.pairs for passage in pair]


@cache
def corpus() -> Source:
    """The whole corpus; read and segmented once, which takes some seconds."""
    repository = Repository(load_settings())
    return Source(practices(), repository.termbase, repository.segmenter)


def practices() -> list[Practice]:
    repository = Repository(load_settings())
    return [read_practice(path, repository.taxonomy) for path in practice_files(repository.settings.corpus)]


def _learn(passages: Sequence[Passage], segmenter: Segmenter) -> Chain:
    words, gaps = [""], [""]
    ranges: dict[str, tuple[int, int]] = {}
    for passage in passages:
        first = ranges.get(passage.record, (len(words) - 1, 0))[0]
        text = normalise(passage.text)
        for start, end in sentences(text):
            sentence, at = text[start:end], 0
            for token in segmenter.tokens(sentence):
                words.append(sentence[token.start : token.end])
                gaps.append(sentence[at : token.start])
                at = token.end
            words.append("")
            gaps.append(sentence[at:])
        ranges[passage.record] = (first, len(words) - 1)
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words[:-1]):
        places[word].append(place)
    own = re.compile("[a-z]{6,}" if passages[0].language == "en" else "[\u0e01-\u0e3a\u0e40-\u0e4e]{4,}")
    rare = [word for word, found in places.items() if len(found) == 1 and own.fullmatch(word)]
    return Chain(words, gaps, dict(places), ranges, tuple(rare), frozenset(rare))


# Text.


def passages(count: int, seed: int = SEED, source: Source | None = None) -> Iterator[Made]:
    """The first `count` passages, each topic's English one before its Thai one."""
    source = source or corpus()
    for number in range(count):
        yield passage(number, seed, source)


def passage(number: int, seed: int = SEED, source: Source | None = None) -> Made:
    """The passage of a number, made without those before it."""
    source = source or corpus()
    topic, language = number // 2, ("en", "th")[number % 2]
    terms = _terms(source, topic, language, seed)
    draw = random.Random(f"{seed}/{topic}/{language}")
    record = source.pairs[_pair(topic, seed, len(source.pairs))][0].record
    length = draw.choice(source.lengths)
    made: list[str] = []
    while sum(map(len, made)) < length:
        sentence = _sentence(source.chains[language], record, terms[len(made) % TERMS], draw, f"{seed}/{topic}", language)
        if made and sum(map(len, made)) + len(made) + len(sentence) > LIMIT:
            break
        made.append(sentence.rstrip())
    title = " ".join(terms[:2])
    return Made(f"made-{number:07}-{language}", topic, language, title, " ".join(made))


def _terms(source: Source, topic: int, language: str, seed: int) -> list[str]:
    entries = random.Random(f"{seed}/{topic}").sample(source.terms, TERMS)
    return [entry[language == "th"] for entry in entries]


def _sentence(chain: Chain, record: str, term: str, draw: random.Random, topic: str, language: str) -> str:
    """A sentence in which a longer word gave way to the term."""
    found: list[tuple[str, str]] = []
    word = ""
    while True:
        place = _step(chain, word, record, draw) + 1
        word = chain.words[place]
        if not word:
            break
        found.append((chain.gaps[place], word))
    longer = [at for at, (_, word) in enumerate(found) if len(word) >= 4] or [0]
    chosen = draw.choice(longer)
    written = [
        gap + (term if at == chosen else _renewed(word, chain, draw, topic, language)) for at, (gap, word) in enumerate(found)
    ]
    return ("".join(written) + chain.gaps[place]).replace("\n", " ")


def _step(chain: Chain, word: str, record: str, draw: random.Random) -> int:
    """One of the places where the word stands; mostly in the record's own text, if it stands there."""
    places = chain.places[word]
    if draw.random() < OWN:
        start, end = chain.ranges[record]
        low, high = bisect_left(places, start), bisect_left(places, end)
        if low < high:
            return places[draw.randrange(low, high)]
    return places[int(draw.random() * len(places))]


_YEAR = re.compile(r"(?:19|20|25)\d\d")


def _renewed(word: str, chain: Chain, draw: random.Random, topic: str, language: str) -> str:
    """Figures as the topic has them; a word that stands once, at times, as a new one."""
    if word[0].isdigit():
        fresh = random.Random(f"{topic}/{word}")
        if _YEAR.fullmatch(word):
            return str(int(word) - fresh.randrange(12))
        return "".join(str(fresh.randrange(not at, 10)) if digit.isdigit() else digit for at, digit in enumerate(word))
    if word in chain.once and draw.random() < BLEND:
        return _blend(chain, language, int((1 - draw.random()) ** -2))
    return word


def _blend(chain: Chain, language: str, rank: int) -> str:
    """The new word of a rank: the beginning of one rare word and the end of another."""
    first, second = random.Random(f"{language}/{rank}").sample(chain.rare, 2)
    return _halves(first, language)[0] + _halves(second, language)[1]


def _halves(word: str, language: str) -> tuple[str, str]:
    pieces = tcc.segment(word) if language == "th" else list(word)
    middle = (len(pieces) + 1) // 2
    return "".join(pieces[:middle]), "".join(pieces[middle:])


def questions(count: int, number: int, seed: int = SEED, source: Source | None = None) -> list[Question]:
    """Questions about `number` topics, spread evenly over those of `count` passages, each in both languages.

    A question holds terms of the topic, which its passages have in both languages, and rare words of the passage in its own.
    """
    source = source or corpus()
    topics = count // 2
    asked = []
    for topic in sorted({index * topics // number for index in range(number)}):
        for language in ("en", "th"):
            own = passage(2 * topic + (language == "th"), seed, source)
            terms = _terms(source, topic, language, seed)
            words = [*terms[:ASKED_TERMS], *_salient(own, source, " ".join(terms))]
            asked.append(Question(f"asked-{topic:07}-{language}", topic, language, " ".join(words)))
    return asked


def _salient(made: Made, source: Source, terms: str) -> list[str]:
    """The rarest words of the corpus that stand in the passage but in no term; Thai is looked through for known words."""
    places = source.chains[made.language].places
    held = set(re.findall(r"[A-Za-z]+", made.text)) if made.language == "en" else _known(made.text, places)
    words = [word for word in held if len(word) >= 4 and word in places and word not in terms and not word[0].isdigit()]
    return sorted(words, key=lambda word: (len(places[word]), word))[:ASKED_WORDS]


def _known(text: str, words: dict[str, list[int]]) -> set[str]:
    """Words at the beginnings of the stretches between blanks, longest first, one after the other."""
    found = set()
    for stretch in text.split():
        at = 0
        while at < len(stretch):
            length = next((n for n in range(min(20, len(stretch) - at), 0, -1) if stretch[at : at + n] in words), 1)
            found.add(stretch[at : at + length])
            at += length
    return found


# Vectors.


def vectors(base: NDArray[np.float32], count: int, seed: int = SEED) -> Iterator[NDArray[np.float32]]:
    """Unit vectors of the first `count` passages, in blocks of at most `BLOCK` rows.

    `base` holds unit vectors of `Source.texts()`: real pairs, English before Thai, shape (2 * pairs, dimension). With m the
    mean of a language's real vectors, the vector of a topic is m + (v - m + s (a - b + c - d) / sqrt 2) / sqrt(1 + 2 s^2),
    made a unit vector: v is that of its real pair, a to d are other real ones, s is drawn evenly from `SCALE`. The divisor
    keeps the spread around the mean what it is. Both languages take the same pairs, as a translation would move them alike.
    """
    for start in range(0, count, BLOCK):
        yield vectors_of(base, np.arange(start, min(start + BLOCK, count)), seed)


def vectors_of(base: NDArray[np.float32], numbers: NDArray[np.int64], seed: int = SEED) -> NDArray[np.float32]:
    """Unit vectors of the passages of these numbers, shape (len(numbers), dimension)."""
    topics, language = numbers // 2, numbers % 2
    low, high = SCALE
    scale = low + (high - low) * _mixed(topics, seed, 1) / 2.0**64
    start = base[2 * _pair(topics, seed, len(base) // 2) + language]
    return _moved(base, start, topics, language, scale, seed, 2)


def question_vectors(base: NDArray[np.float32], asked: Iterable[Question], seed: int = SEED) -> NDArray[np.float32]:
    """Unit vectors of questions: that of the topic's passage in the question's language, moved once more and further."""
    rows = [(question.topic, question.language == "th") for question in asked]
    topics, language = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    answers = vectors_of(base, 2 * topics + language, seed)
    return _moved(base, answers, topics, language, np.full(len(topics), QUESTION_SCALE), seed, 6)


def _moved(
    base: NDArray[np.float32],
    start: NDArray[np.float32],
    topics: NDArray[np.int64],
    language: NDArray[np.int64],
    scale: NDArray[np.float64],
    seed: int,
    salt: int,
) -> NDArray[np.float32]:
    mean = np.stack([base[::2].mean(axis=0), base[1::2].mean(axis=0)])[language]
    pairs = np.uint64(len(base) // 2)
    a, b, c, d = (base[2 * (_mixed(topics, seed, salt + n) % pairs).astype(np.int64) + language] for n in range(4))
    step = (scale / math.sqrt(2))[:, None] * (a - b + c - d)
    moved = mean + (start - mean + step) / np.sqrt(1 + 2 * scale**2)[:, None]
    return (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


def _pair(topic, seed: int, pairs: int):  # type: ignore[no-untyped-def]
    """The number of the real pair that a topic, or each of an array of topics, stems from."""
    chosen = (_mixed(np.atleast_1d(np.asarray(topic, dtype=np.int64)), seed, 0) % np.uint64(pairs)).astype(np.int64)
    return chosen if np.ndim(topic) else int(chosen[0])


def _mixed(numbers: NDArray[np.int64], seed: int, salt: int) -> NDArray[np.uint64]:
    """64 well mixed bits for each number (the finalizer of SplitMix64, Steele, Lea and Flood 2014)."""
    bits = numbers.astype(np.uint64) + np.uint64((seed * 1009 + salt) * 0x9E3779B97F4A7C15 % 2**64)
    bits *= np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


# How natural it is.


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=1000, help="passages (1000)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed ({SEED})")
    parser.add_argument("--questions", type=int, default=0, help="print questions about this many topics instead")
    parser.add_argument("--statistics", action="store_true", help="compare with the corpus instead; needs the model")
    options = parser.parse_args()
    if options.statistics:
        statistics(options.count, options.seed)
        return 0
    made = questions(options.count, options.questions, options.seed) if options.questions else None
    for row in passages(options.count, options.seed) if made is None else made:
        print(json.dumps(asdict(row), ensure_ascii=False))
    return 0


def statistics(count: int, seed: int) -> None:
    """Print how words and vectors of made passages compare with real ones."""
    source, segmenter = corpus(), Repository(load_settings()).segmenter
    for language in LANGUAGES:
        real = normalise(" ".join(pair[language == "th"].text for pair in source.pairs))
        print(f"{language} corpus:", words_in_short(Counter(token.term for token in segmenter.tokens(real))))
        terms: Counter[str] = Counter()
        rows = [number for number in range(count) if (number % 2 == 1) == (language == "th")]
        for done, number in enumerate(rows, 1):
            terms.update(token.term for token in segmenter.tokens(normalise(passage(number, seed, source).text)))
            if done in (len(rows) // 4, len(rows) // 2, len(rows)):
                print(f"{language} {done} made:", words_in_short(terms))
    encoder = Repository(load_settings()).encoder
    base = encoder.encode(source.texts(), "document")
    made = np.concatenate(list(vectors(base, len(base), seed)))
    asked = questions(len(base), 200, seed, source)
    asking = question_vectors(base, asked, seed)
    for name, rows in (("real", base), ("made", made)):
        nearest = np.sort(rows[::2] @ rows[::2].T, axis=1)
        across = (rows[::2] * rows[1::2]).sum(axis=1)
        print(f"{name}: nearest {_tenths(nearest[:, -2])}, tenth {_tenths(nearest[:, -11])}, ", end="")
        print(f"any {_tenths(nearest.ravel()[::97])}, twin {_tenths(across)}")
    answers = vectors_of(base, np.array([2 * q.topic + (q.language == "th") for q in asked]), seed)
    print(
        f"made questions: answer {_tenths((asking * answers).sum(axis=1))}, any {_tenths((asking[::2] @ made[::2].T).ravel())}"
    )
    best, any_of_all = [], []
    for practice in practices()[:60]:
        own = base[[2 * row for row, pair in enumerate(source.pairs) if pair[0].record == practice.id]]
        real = encoder.encode(parsed_questions(plain(practice.faces["en"].sections["questions"])), "query")
        best += list((real @ own.T).max(axis=1))
        any_of_all.append((real @ base[::2].T).ravel())
    print(
        f"real questions: best passage of their practice {_tenths(np.array(best))}, any {_tenths(np.concatenate(any_of_all))}"
    )


def words_in_short(counts: Counter[str]) -> str:
    """Words, different words, the share of the commonest, and the slope of log frequency over log rank."""
    ranked = np.array(sorted(counts.values(), reverse=True), dtype=float)
    total = int(ranked.sum())
    return f"{total} words, {len(ranked)} different, commonest {ranked[0] / total:.3f}, slope {zipf_slope(counts):.2f}"


def zipf_slope(counts: Counter[str]) -> float:
    """Slope of log frequency over log rank from rank 10 to 1000; natural text has about -1."""
    ranked = np.array(sorted(counts.values(), reverse=True)[9:1000], dtype=float)
    return float(np.polyfit(np.log(np.arange(10, 10 + len(ranked))), np.log(ranked), 1)[0])


def _tenths(values: NDArray[np.float32]) -> str:
    return "/".join(f"{value:.3f}" for value in np.percentile(values, (10, 50, 90)))


if __name__ == "__main__":
    sys.exit(main())
