"""Lists of a practice in one cell: an entry a line, its parts between bars.

| column | parts |
|---|---|
| agencies | Thai, English, role |
| partners | Thai, English |
| awards | Thai, English, year |
| lineage | relation, id, Thai, English |
| related | id, Thai, English |
| sources | title, publisher, year, web address, `copy` |
| claims | number, sources (`1, 3`), basis, figures (`14; 79%`), note in Thai, note in English |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from kb.corpus import RELATIONS, ROLES
from kb.desk.table_cells import CellError, Form, code, entries, entry, one_of, short, split, whole, year
from kb.records import Agency, Award, Bilingual, Claim, Lineage, Related, Source
from kb.taxonomy import Taxonomy

_NUMBER = Bilingual("ลำดับ", "the number")
_COPY = "copy"


def _form(parts: Callable[[Any], Sequence[str]], least: int, most: int, made: Callable[[list[str], Taxonomy], Any]) -> Form:
    """A list of entries with `least` to `most` parts."""
    return Form(
        lambda values: "\n".join(entry(parts(value), least) for value in values),
        lambda text, taxonomy: tuple(made(line, taxonomy) for line in entries(text, most)),
    )


def _source(parts: list[str], _: Taxonomy) -> Source:
    title, publisher, when, url, copy = parts
    if url and not url.startswith(("http://", "https://")):
        raise CellError(
            f"“{short(url)}” ไม่ใช่ที่อยู่เว็บ ให้ขึ้นต้นด้วย https:// หรือเว้นว่าง",
            f"“{short(url)}” is no web address; begin it with https://, or leave it empty",
        )
    return Source(title, publisher, year(when), url or None, one_of((_COPY,), copy.lower()) == _COPY)


def _claim_parts(claim: Claim) -> Sequence[str]:
    figures = "; ".join(figure.replace("\\", "\\\\").replace(";", "\\;") for figure in claim.figures)
    note = claim.note or Bilingual("", "")
    return (str(claim.number), ", ".join(map(str, claim.sources)), claim.basis, figures, note.th, note.en)


def _claim(parts: list[str], taxonomy: Taxonomy) -> Claim:
    number, cited, basis, figures, th, en = parts
    return Claim(
        whole(number, _NUMBER),
        tuple(whole(source, _NUMBER) for source in cited.split(",") if source.strip()),
        code("bases", basis, taxonomy),
        _figures(figures),
        Bilingual(th, en) if th or en else None,
    )


def _figures(text: str) -> tuple[str, ...]:
    found = (re.sub(r"\\([\\;])", r"\1", figure.strip()) for figure in split(text, ";"))
    return tuple(figure for figure in found if figure)


AGENCIES = _form(
    lambda agency: (agency.name.th, agency.name.en, agency.role or ""),
    2, 3,
    lambda parts, _: Agency(Bilingual(parts[0], parts[1]), one_of(ROLES, parts[2]) or None),
)  # fmt: skip
PARTNERS = _form(lambda name: (name.th, name.en), 2, 2, lambda parts, _: Bilingual(parts[0], parts[1]))
AWARDS = _form(
    lambda award: (award.name.th, award.name.en, str(award.year or "")),
    2, 3,
    lambda parts, _: Award(Bilingual(parts[0], parts[1]), year(parts[2])),
)  # fmt: skip
LINEAGE = _form(
    lambda step: (step.relation, step.id or "", step.text.th, step.text.en),
    4, 4,
    lambda parts, _: Lineage(one_of(RELATIONS, parts[0]), Bilingual(parts[2], parts[3]), parts[1] or None),
)  # fmt: skip
RELATED = _form(
    lambda other: (other.id, other.reason.th, other.reason.en),
    3, 3,
    lambda parts, _: Related(parts[0], Bilingual(parts[1], parts[2])),
)  # fmt: skip
SOURCES = _form(
    lambda source: (source.title, source.publisher, str(source.year or ""), source.url or "", _COPY if source.copy else ""),
    2, 5,
    _source,
)  # fmt: skip
CLAIMS = _form(_claim_parts, 3, 6, _claim)
