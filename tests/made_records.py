"""Small records for tests, and how they come into a store with the production steps."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from kb.encoder import FakeEncoder
from kb.evaluate import index_records
from kb.ingest.progress import Progress
from kb.records import Agency, Bilingual, Document, Face, Lang, Part, Practice
from kb.repository import Repository
from kb.search.names import Names
from kb.space import LanguageSpace, fit_space, parallel_pairs
from kb.store import Store
from kb.taxonomy import Taxonomy, load_taxonomy
from kb.termbase import TermEntry, load_termbase, thai_words
from kb.text.segment import Segmenter

FLOOD_TH = "เทศบาลแจ้งเตือนน้ำท่วมด้วยธงสี ประชาชนย้ายของขึ้นที่สูงได้ทัน"
FLOOD_EN = "The city warns of floods with coloured flags, so that people move their belongings in time."
WATER_TH = "การประปาติดมาตรวัดน้ำทุกหลังและลดน้ำสูญเสีย"
WATER_EN = "The water authority put a meter on every connection and cut its losses."


def document(key: str, text: str, language: Lang = "en", date: str = "") -> Document:
    """A document of one part, titled by its id."""
    return Document(key, key, language, "text", (Part(1, "section", "", text),), date)


def practice(key: str, faces: dict[Lang, str], country: str = "TH", start: int | None = 2018, **facts: object) -> Practice:
    """A practice whose faces have a title and a summary only."""
    return Practice(
        id=key,
        country=country,
        place=Bilingual("เมือง", "City"),
        levels=("local",),
        agencies=(Agency(Bilingual("เทศบาล", "City"), "lead"),),
        status="active",
        priority="crisis-and-disaster-management",
        principles=("participation",),
        evidence="press",
        faces={lang: Face(lang, f"{key} {lang}", {"summary": text}) for lang, text in faces.items()},
        start=start,
        **facts,  # type: ignore[arg-type]
    )


RECORDS = (
    practice("th-flood", {"th": FLOOD_TH, "en": FLOOD_EN}),
    practice("kh-water", {"th": WATER_TH, "en": WATER_EN}, country="KH", start=1993),
    document("file-report", "An annual report about flags, meters and municipal budgets.", date="2011-06-06"),
)


def put(repository: Repository, store: Store, records: Sequence[Practice | Document] = RECORDS) -> None:
    """Cut, segment, embed and write records; the slow parts of a repository are made once for all tests."""
    share(repository)
    index_records(records, repository, store, Progress(quiet=True))


def in_order(store: Store) -> list[str]:
    """Ids of all records in the order of an empty question: practices first, the newest first, and then by id."""
    rows = sorted(store.listing(), key=lambda row: (row[1] == "document", row[2] is None, -(row[2] or 0), row[0]))
    return [record for record, _, _ in rows]


def passage_ids(store: Store, *records: str) -> list[int]:
    """Row ids of the passages of these records."""
    return [row for row, record, _, _ in store.passage_rows() if record in records]


def share(repository: Repository) -> Repository:
    """Give a repository with the fake encoder its lists, dictionary and space ready made."""
    words = repository.vocabulary
    words.taxonomy, words.termbase, words.segmenter, words.names = _parts(repository.settings.corpus)
    repository.space = _space()
    return repository


@lru_cache(maxsize=2)
def _parts(corpus: Path) -> tuple[Taxonomy, tuple[TermEntry, ...], Segmenter, Names]:
    taxonomy, termbase = load_taxonomy(corpus), load_termbase(corpus)
    segmenter = Segmenter(thai_words(termbase))
    return taxonomy, termbase, segmenter, Names(taxonomy, termbase, segmenter)


@lru_cache(maxsize=1)
def _space() -> LanguageSpace:
    return fit_space(FakeEncoder(), parallel_pairs())


CASES = ("id-petabencana", "ph-project-noah", "th-hat-yai-flood-warning", "th-traffy-fondue")
"""Practices that refer to each other only, so that they make a corpus without errors."""


def small_corpus(source: Path, target: Path) -> Path:
    """A corpus folder with the project's lists and four of its practices."""
    for name in ("taxonomy", "termbase"):
        shutil.copytree(source / name, target / name)
    for case in CASES:
        path = Path("practices") / case.split("-")[0] / f"{case}.md"
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target / path)
    return target
