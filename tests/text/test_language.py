from __future__ import annotations

import pytest
from hypothesis import given, settings
from thai_text import mixed_text

from kb.text.language import detect, script_counts

LANGUAGES = [
    ("น้ำท่วมกรุงเทพมหานคร", "th", "Thai"),
    ("ระบบ Traffy Fondue รับแจ้งปัญหาจากประชาชนผ่านแอปสนทนา", "th", "Thai with an English name"),
    ("The governor (ผู้ว่าฯ) asked every district office to join and to answer.", "en", "English with a Thai word"),
    ("การประเมินผลกระทบของนโยบาย impact assessment of policies", "mixed", "half and half"),
    ("Flood", "en", "too short to tell: English"),
    ("Residents photograph a problem and send it through the chat application.", "en", "English"),
    ("Warga melaporkan banjir lewat Twitter kepada pemerintah kota Jakarta.", "id", "Indonesian"),
    ("Kerajaan menyediakan perkhidmatan awam kepada rakyat di pusat setempat.", "ms", "Malay"),
    ("Chính phủ cung cấp dịch vụ công trực tuyến cho người dân và doanh nghiệp.", "vi", "Vietnamese"),
    ("Ang pamahalaan ay nagbibigay ng tulong sa mga mahihirap na pamilya sa buong bansa.", "tl", "Filipino"),
    ("ການບໍລິການປະຕູດຽວ", "lo", "Lao"),
    ("សេវាសាធារណៈ", "km", "Khmer"),
    ("ပြည်သူ့ဝန်ဆောင်မှု", "my", "Burmese"),
    ("公共服务", "zh", "Chinese"),
    ("பொது சேவை", "ta", "Tamil"),
    ("2567 – 100%", "und", "no letters"),
    ("", "und", "nothing"),
    ("Le gouvernement fournit des services publics aux habitants de la région.", "en", "not of the region"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "reason"), LANGUAGES, ids=[row[2] for row in LANGUAGES])
def test_language(text: str, language: str, reason: str) -> None:
    assert detect(text) == language


@settings(deadline=None)
@given(mixed_text)
def test_any_text_has_a_language(text: str) -> None:
    language = detect(text)
    assert language in {"th", "en", "mixed", "und", "lo", "my", "km", "zh", "ta", "ms", "id", "vi", "tl"}
    assert (language == "und") == (not script_counts(text))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("น้ำ a", {"th": 3, "latin": 1}),
        ("Việt", {"latin": 4}),
        ("ລາວ ខ្មែរ", {"lo": 3, "km": 5}),
        ("123 !?", {}),
    ],
)
def test_letters_are_counted_by_script(text: str, counts: dict[str, int]) -> None:
    assert script_counts(text) == counts
