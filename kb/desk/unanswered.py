"""Questions without a close precedent, grouped by meaning across languages, and a call for the cases that they ask for.

The two groups whose texts are nearest to each other on average are joined until no average cosine reaches `THRESHOLD`, which
was chosen by `bench/grouping.py`. Joining each text to the nearest group found so far was tried too: it was worse, and its
groups depended on the order of the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import yaml

from kb.desk.asked import DAYS_SHOWN, Asked
from kb.desk.radar import Radar
from kb.encoder import Encoder
from kb.records import LANGUAGES, Bilingual, Practice
from kb.search.engine import Searcher
from kb.space import QUESTION_ROLES, LanguageSpace
from kb.taxonomy import Taxonomy
from kb.text.years import format_date

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLD = 0.37
"""Mean cosine of the questions of two groups from which on they are one."""

MAX_TEXTS = 2000
"""Texts that are grouped; of more, those asked on most days and last."""
QUOTED = 8

_BATCH = 64


@dataclass(frozen=True)
class Text:
    """A text that was asked, its language, and on how many days."""

    text: str
    language: str
    days: int


@dataclass(frozen=True)
class Nearest:
    """The record nearest to a group, though not close: its id and the probability that it answers."""

    id: str
    score: float


@dataclass(frozen=True)
class Group:
    """Texts of one meaning. `count` adds up the days of each text, `days` are different days on which any was asked.

    `gaps` are countries and priorities without or with one case: of countries that the texts name, in the
    nearest case's priority.
    """

    representative: Text
    texts: tuple[Text, ...]
    count: int
    days: int
    languages: tuple[str, ...]
    first: date
    last: date
    nearest: Nearest | None = None
    gaps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Call:
    """A call for submissions in both languages, to be read over before it is sent."""

    title: Bilingual
    body: Bilingual


def groups(asked: Sequence[Asked], encoder: Encoder, space: LanguageSpace, threshold: float = THRESHOLD) -> tuple[Group, ...]:
    """Questions by meaning, the most asked first; only groups that were asked on `DAYS_SHOWN` different days."""
    days: dict[str, list[Asked]] = {}
    for one in asked:
        days.setdefault(one.text.casefold(), []).append(one)
    order = sorted(days, key=lambda key: (-len(days[key]), -max(one.day for one in days[key]).toordinal(), key))[:MAX_TEXTS]
    kept = [days[key] for key in order]
    vectors = question_vectors([some[0].text for some in kept], [some[0].language for some in kept], encoder, space)
    found = [_group([kept[n] for n in members], vectors[members]) for members in clusters(vectors, threshold)]
    shown = [group for group in found if group.days >= DAYS_SHOWN]
    return tuple(sorted(shown, key=lambda group: (-group.count, -group.last.toordinal(), group.representative.text)))


def question_vectors(
    texts: Sequence[str], languages: Sequence[str], encoder: Encoder, space: LanguageSpace
) -> NDArray[np.float32]:
    """Vectors of questions in the common space, shape (n, dimension); embedded as a search embeds them."""
    rows: list[NDArray[np.float32]] = []
    for start in range(0, len(texts), _BATCH):
        some = texts[start : start + _BATCH]
        both = [encoder.encode(some, role) for role in QUESTION_ROLES]
        for place in range(len(some)):
            pair = np.stack([vectors[place] for vectors in both])
            rows.append(space.question(pair, languages[start + place]))
    return np.concatenate(rows) if rows else np.zeros((0, encoder.dimension), dtype=np.float32)


def clusters(vectors: NDArray[np.float32], threshold: float) -> list[list[int]]:
    """Places of unit vectors of shape (n, dimension), by cluster: average linkage (Sokal and Michener, 1958) of cosines.

    The two clusters whose members are nearest to each other on average are joined until no average reaches the threshold. The
    order of the vectors has no part in it.
    """
    count = len(vectors)
    if not count:
        return []
    cosines = np.asarray(vectors @ vectors.T, dtype=np.float64)
    np.fill_diagonal(cosines, -np.inf)
    members = {place: [place] for place in range(count)}
    while True:
        one, other = sorted(divmod(int(np.argmax(cosines)), count))
        if cosines[one, other] < threshold:
            return [sorted(places) for places in members.values()]
        sizes = len(members[one]), len(members[other])
        joined = (cosines[one] * sizes[0] + cosines[other] * sizes[1]) / sum(sizes)
        cosines[one], cosines[:, one] = joined, joined
        cosines[other], cosines[:, other] = -np.inf, -np.inf
        members[one] += members.pop(other)


def _group(held: Sequence[Sequence[Asked]], vectors: NDArray[np.float32]) -> Group:
    """The representative is the text nearest to the mean, among those asked on most days."""
    texts = [Text(some[0].text, some[0].language, len(some)) for some in held]
    cosines = vectors @ vectors.mean(axis=0)
    best = max(range(len(texts)), key=lambda n: (texts[n].days, float(cosines[n]), texts[n].text))
    days = sorted({one.day for some in held for one in some})
    return Group(
        representative=texts[best],
        texts=tuple(texts),
        count=sum(text.days for text in texts),
        days=len(days),
        languages=tuple(sorted({text.language for text in texts})),
        first=days[0],
        last=days[-1],
    )


def placed(group: Group, searcher: Searcher, seen: Radar, practice: Callable[[str], Practice | None]) -> Group:
    """The group with the nearest record, and the gaps of the countries that its texts name."""
    _, best = searcher.rank(group.representative.text, 1)
    nearest = Nearest(*best[0]) if best else None
    held = practice(nearest.id) if nearest else None
    named = {code for text in group.texts for code in _countries(searcher, text.text)}
    gaps = tuple(
        (square.country, square.priority)
        for square in seen.squares
        if held and square.thin and square.country in named and square.priority == held.priority
    )
    return Group(**{**group.__dict__, "nearest": nearest, "gaps": gaps})


def _countries(searcher: Searcher, text: str) -> tuple[str, ...]:
    query = searcher.read(text)
    return (*query.filters.get("country", ()), *query.preferred.get("country", ()))


def draft_call(group: Group, taxonomy: Taxonomy) -> Call:
    """A call for submissions from the template `kb/data/call.yaml`."""
    filled = {language: _filled(group, language, taxonomy) for language in LANGUAGES}
    return Call(*(Bilingual(*(filled[language][part] for language in LANGUAGES)) for part in ("title", "body")))


def _filled(group: Group, language: str, taxonomy: Taxonomy) -> Mapping[str, str]:
    template = _template()[language]
    own = [text for text in group.texts if text.language == language]
    topic = max(own, key=lambda text: text.days, default=group.representative).text
    countries = template["and"].join(dict.fromkeys(taxonomy.label("countries", country, language) for country, _ in group.gaps))
    values = {
        "topic": topic,
        "first": format_date(group.first, language),
        "last": format_date(group.last, language),
        "questions": "\n".join(f"- {text.text}" for text in (*own, *(t for t in group.texts if t not in own))[:QUOTED]),
        "gaps": template["gaps"].replace("{countries}", countries) if countries else "",
    }
    return {part: _fill(template[part], values) for part in ("title", "body")}


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into places, once: what a reader asked may itself look like a place. A line of an empty place goes."""
    lines = [
        line for line in text.split("\n") if not any(line == f"{{{name}}}" and not value for name, value in values.items())
    ]
    pieces = "\n".join(lines).split("{")
    filled = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}")
        filled.append(values[name] + rest)
    return "".join(filled).strip()


@lru_cache(maxsize=1)
def _template() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(files("kb").joinpath("data/call.yaml").read_text(encoding="utf-8"))
    return found
