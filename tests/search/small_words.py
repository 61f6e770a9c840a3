"""Words of a small repository, with the number of passages that hold each, and the day on which its questions are asked."""

from __future__ import annotations

from datetime import date

TODAY = date(2026, 11, 22)

COUNTS = {
    "government": 40, "flood": 12, "flooding": 3, "warning": 11, "budget": 8, "complaint": 9, "complaints": 9, "disaster": 12,
    "management": 15, "transparency": 9, "corruption": 9, "participation": 8, "licensing": 5, "hospital": 6, "village": 9,
    "volunteers": 7, "procurement": 7, "certificate": 4, "policy": 20, "water": 14, "tax": 3, "causal": 2, "malaysia": 9,
    "kesehatan": 2, "musrenbang": 2, "service": 30, "services": 30,
    "น้ำท่วม": 12, "ประชาชน": 30, "งบประมาณ": 9, "ร้องเรียน": 9, "เทศบาล": 12, "ข้าราชการ": 8, "สาธารณสุข": 7, "ท้องถิ่น": 8,
    "รัฐบาล": 10, "ทุจริต": 9, "โปร่งใส": 7, "เตือนภัย": 6, "ภัยพิบัติ": 8, "สุขภาพ": 12, "ผู้สูงอายุ": 6, "อิเล็กทรอนิกส์": 5,
    "ใบอนุญาต": 6, "อนุญาต": 6, "โครงการ": 25, "บริการ": 30, "กฎหมาย": 8, "นวัตกรรม": 6, "ขั้นตอน": 5, "ความเหลื่อมล้ำ": 5,
    "การศึกษา": 9, "ศึกษา": 12, "แผ่นดินไหว": 4, "น้ำขึ้น": 3, "ปรับปรุง": 6, "การบริหาร": 9, "จัดการ": 9,
}  # fmt: skip
