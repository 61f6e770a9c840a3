"""The columns of a table of practices: one row a case, shared facts and both faces, each column with a key that never changes.

`values_of` takes a practice apart into one value a column, `practice_of` puts it together again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from kb.corpus import CONFIDENCES, RELATIONS, ROLES, STATES, VERIFICATIONS
from kb.desk import table_lists as lists
from kb.desk.table_cells import NO, YES, CellError, Form, code, codes, day, entries, entry, one_of, short, truth, whole, year
from kb.records import HEADINGS, LANGUAGES, SECTIONS, Bilingual, Cost, Face, Lang, Practice, Verified
from kb.taxonomy import Taxonomy

ID, BASE = "id", "exported"
"""Keys of the columns that hold the id, and the state from which a row was exported."""

_ID = re.compile(r"[a-z]{2,5}(?:-[a-z0-9]+)+")
_LANGUAGE = {"th": Bilingual("ไทย", "Thai"), "en": Bilingual("อังกฤษ", "English")}


@dataclass(frozen=True)
class Column:
    """`key` is what programs go by, `heading` what people read, `of` the value in a practice (for a face: in its language)."""

    key: str
    heading: Bilingual
    form: Form
    of: Callable[[Practice], Any]
    width: int = 20
    """In characters, in a spreadsheet."""


def _identifier(text: str, _: Taxonomy) -> str:
    if not _ID.fullmatch(text):
        raise CellError(
            f"รหัสกรณี “{short(text)}” ไม่ถูกรูปแบบ ให้ใช้ a-z 0-9 และขีดสั้น ขึ้นต้นด้วยรหัสประเทศ เช่น th-traffy-fondue",
            f"the id “{short(text)}” is not well formed; use a-z, 0-9 and hyphens after the country, such as th-traffy-fondue",
        )
    return text


def _number(name: Bilingual, text: str, _: Taxonomy) -> int | None:
    return whole(text, name) if text else None


def _written(value: object) -> str:
    return "" if value is None else str(value).strip()


def _listed(values: tuple[object, ...]) -> str:
    return "; ".join(map(str, values))


def _fixed(known: tuple[str, ...]) -> Form:
    return Form(_written, lambda text, _: one_of(known, text))


def _code(name: str) -> Form:
    return Form(_written, lambda text, taxonomy: code(name, text, taxonomy), codes=name)


def _codes(name: str) -> Form:
    return Form(_listed, lambda text, taxonomy: codes(name, text, taxonomy), codes=name, several=True)


TEXT = Form(_written, lambda text, _: text)
_YEAR = Form(_written, lambda text, _: year(text))
_DAY = Form(lambda value: value.isoformat() if value else "", lambda text, _: day(text))
_TRUTH = Form(lambda value: "" if value is None else YES if value else NO, lambda text, _: truth(text) if text else None)
_NAMES = Form(
    lambda names: "\n".join(entry([name]) for name in names), lambda text, _: tuple(name for (name,) in entries(text, 1))
)
_SDGS = Form(
    _listed, lambda text, taxonomy: tuple(int(goal) for goal in codes("sdgs", text, taxonomy)), codes="sdgs", several=True
)


def _face_number(name: Bilingual) -> Form:
    return Form(_written, partial(_number, name))


def _two(key: str, th: str, en: str, of: Callable[[Practice], Bilingual | None], width: int = 30) -> list[Column]:
    """Two columns for a text in both languages."""
    return [
        Column(f"{key}.{lang}", _tagged(th, en, lang), TEXT, lambda p, lang=lang: getattr(of(p), lang, ""), width)  # type: ignore[misc]
        for lang in LANGUAGES
    ]


def _tagged(th: str, en: str, lang: str) -> Bilingual:
    return Bilingual(f"{th} ({_LANGUAGE[lang].th})", f"{en} ({_LANGUAGE[lang].en})")


def _of_face(key: str, th: str, en: str, form: Form, of: Callable[[Face], Any], width: int = 12) -> list[Column]:
    return [
        Column(f"{key}.{lang}", _tagged(th, en, lang), form, lambda p, lang=lang: _in_face(p, lang, of), width)  # type: ignore[misc]
        for lang in LANGUAGES
    ]


def _in_face(practice: Practice, lang: Lang, of: Callable[[Face], Any]) -> Any:
    return of(practice.faces[lang]) if lang in practice.faces else None


def _sections() -> list[Column]:
    found = _of_face("title", "ชื่อเรื่อง", "Title", TEXT, lambda face: face.title, 40)
    for key in SECTIONS:
        headings = HEADINGS["th"][key], HEADINGS["en"][key]
        found += _of_face(key, *headings, TEXT, lambda face, key=key: face.sections.get(key, ""), 60)  # type: ignore[misc]
    return found


def _columns() -> list[Column]:
    simple: list[tuple[str, str, str, Form]] = [
        ("country", "ประเทศ", "Country", _code("countries")),
        ("levels", "ระดับการปกครอง", "Levels of government", _codes("levels")),
        ("start", "ปีที่เริ่ม", "Start year", _YEAR),
        ("end", "ปีที่สิ้นสุด", "End year", _YEAR),
        ("status", "สถานะ", "Status", _code("status")),
        ("priority", "ประเด็นสำคัญหลัก", "Main priority", _code("priorities")),
        ("secondary_priorities", "ประเด็นสำคัญรอง", "Secondary priorities", _codes("priorities")),
        ("principles", "หลักธรรมาภิบาล", "Principles", _codes("principles")),
        ("beneficiaries", "ผู้รับประโยชน์", "Beneficiaries", _codes("beneficiaries")),
        ("sdgs", "เป้าหมายการพัฒนาที่ยั่งยืน", "SDGs", _SDGS),
        ("evidence", "ระดับหลักฐาน", "Evidence", _code("evidence")),
        ("agencies", "หน่วยงาน", "Agencies", lists.AGENCIES),
        ("partners", "ภาคี", "Partners", lists.PARTNERS),
        ("awards", "รางวัล", "Awards", lists.AWARDS),
        ("lineage", "ที่มาและการต่อยอด", "Lineage", lists.LINEAGE),
        ("related", "กรณีที่เกี่ยวข้อง", "Related cases", lists.RELATED),
        ("sources", "แหล่งอ้างอิง", "Sources", lists.SOURCES),
        ("claims", "ข้อความที่มีตัวเลข", "Claims", lists.CLAIMS),
        ("verification", "การยืนยัน", "Verification", _fixed(VERIFICATIONS)),
        ("confidence", "ความเชื่อมั่น", "Confidence", _fixed(CONFIDENCES)),
    ]  # fmt: skip
    facts = [
        Column(key, Bilingual(th, en), form, lambda p, key=key: getattr(p, key), 30)  # type: ignore[misc]
        for key, th, en, form in simple
    ]
    revision, origin = Bilingual("ฉบับที่", "Revision"), Bilingual("จัดทำจากฉบับที่", "Made from revision")
    return [
        Column(ID, Bilingual("รหัสกรณี", "Case id"), Form(_written, _identifier), lambda p: p.id, 28),
        Column(BASE, Bilingual("สถานะเมื่อส่งออก (ห้ามแก้)", "State when exported (do not change)"), TEXT, lambda _: "", 12),
        *_sections()[:4],
        *_two("place", "พื้นที่", "Place", lambda p: p.place),
        *facts,
        Column("cost.band", Bilingual("ช่วงค่าใช้จ่าย", "Cost band"), _code("cost_bands"), lambda p: p.cost.band),
        *_two("cost", "คำอธิบายค่าใช้จ่าย", "Cost in words", lambda p: p.cost.text),
        *_two("study_visit", "การศึกษาดูงาน", "Study visit", lambda p: p.study_visit),
        *_two("verified_by", "ผู้ยืนยัน", "Verified by", lambda p: p.verified.by if p.verified else None),
        Column("verified_day", Bilingual("วันที่ยืนยัน", "Verified on"), _DAY, lambda p: p.verified.day if p.verified else None),
        Column(
            "verified_until", Bilingual("ใช้ได้ถึง", "Verified until"), _DAY, lambda p: p.verified.until if p.verified else None
        ),
        *_sections()[4:],
        *_of_face("state", "สถานะของฉบับ", "State of the face", _fixed(STATES), lambda face: face.state),
        *_of_face("revision", revision.th, revision.en, _face_number(revision), lambda face: face.revision),
        *_of_face("made_from", origin.th, origin.en, _face_number(origin), lambda face: face.made_from),
        *_of_face("checked", "ผู้ตรวจแล้ว", "Checked", _TRUTH, lambda face: face.checked),
        *_of_face("unchecked_names", "ชื่อที่ยังไม่ได้ตรวจ", "Unchecked names", _NAMES, lambda face: face.unchecked_names, 30),
    ]


COLUMNS: Mapping[str, Column] = {column.key: column for column in _columns()}
FIXED: Mapping[str, tuple[str, ...]] = {
    "verification": VERIFICATIONS,
    "confidence": CONFIDENCES,
    **{f"state.{lang}": STATES for lang in LANGUAGES},
    "agencies": ROLES,
    "lineage": RELATIONS,
}
"""Values of the columns that take them from a fixed list, not from the taxonomy."""


def values_of(practice: Practice) -> dict[str, Any]:
    """The value of every column but that of the state exported; `None` where a face is missing."""
    return {key: column.of(practice) for key, column in COLUMNS.items() if key != BASE}


def written(values: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the cells, without the guard against formulas."""
    return {key: "" if value is None else COLUMNS[key].form.write(value) for key, value in values.items()}


def practice_of(values: Mapping[str, Any]) -> Practice:
    """The practice that has these values; a column that is not there is empty. Raises `CellError` where they do not fit."""
    get = values.get
    names = (
        "country", "levels", "agencies", "status", "priority", "principles", "evidence", "start", "end", "secondary_priorities",
        "beneficiaries", "sdgs", "partners", "awards", "lineage", "related", "sources", "claims",
    )  # fmt: skip
    singles = {"country", "status", "priority", "evidence"}
    facts = {name: get(name, "" if name in singles else None if name in ("start", "end") else ()) for name in names}
    visit = _bilingual(values, "study_visit")
    return Practice(
        id=get(ID) or "",
        place=_bilingual(values, "place"),
        faces={lang: face for lang in LANGUAGES if (face := _face(values, lang)) is not None},
        cost=Cost(get("cost.band") or "unknown", _bilingual(values, "cost")),
        study_visit=visit if visit.th or visit.en else None,
        verification=get("verification") or "compiled",
        confidence=get("confidence") or "medium",
        verified=_verified(values),
        **facts,
    )


def _bilingual(values: Mapping[str, Any], key: str) -> Bilingual:
    return Bilingual(*(values.get(f"{key}.{lang}") or "" for lang in LANGUAGES))


def _verified(values: Mapping[str, Any]) -> Verified | None:
    by, on, until = _bilingual(values, "verified_by"), values.get("verified_day"), values.get("verified_until")
    if on is not None:
        return Verified(by, on, until)
    if by.th or by.en or until:
        raise CellError("มีผู้ยืนยันแต่ไม่มีวันที่ยืนยัน ให้ใส่วันที่ยืนยัน", "a confirmation has no day; fill in “Verified on”")
    return None


def _face(values: Mapping[str, Any], lang: str) -> Face | None:
    """The face in a language, or `None` where neither a state nor a text is given."""
    sections = {key: text for key in SECTIONS if (text := values.get(f"{key}.{lang}"))}
    title, state = values.get(f"title.{lang}") or "", values.get(f"state.{lang}") or ""
    if not (sections or title or state):
        return None
    return Face(
        cast(Lang, lang),
        title,
        sections,
        state=state or "original",
        revision=values.get(f"revision.{lang}") or 1,
        made_from=values.get(f"made_from.{lang}"),
        checked=bool(values.get(f"checked.{lang}")),
        unchecked_names=values.get(f"unchecked_names.{lang}") or (),
    )
