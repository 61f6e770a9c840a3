"""PDF files of practices, really made: what they say can be read and found, in Thai as in English."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from kb.corpus import practice_files
from kb.records import Bilingual, Claim, Face, Practice
from kb.text.segment import Segmenter
from tests.conftest import CORPUS
from tests.web.papers import ADDRESS, DAY, IDS, bare, page_texts, practice, say
from web.takeaway import pdf as writer
from web.takeaway.breaks import LONGEST, pieces
from web.takeaway.fonts import UNKNOWN, covered, legible
from web.takeaway.handout import Handout, faces_shown, handout
from web.takeaway.pdf import pages, practice_pdf
from web.takeaway.textlayer import mend

SAMPLE = IDS[::25]
TRAFFY = "th-traffy-fondue"


def paper(given: Practice, view: str, language: str = "th") -> Handout:
    shown = faces_shown(given, view, language)
    return handout(given, tuple(say(face) for face in shown), ADDRESS + given.id, DAY)


def body(pdf: bytes, foot: str) -> str:
    """The text of all pages without blanks and feet."""
    texts = [bare(text) for text in page_texts(pdf)]
    assert all(bare(foot) in text for text in texts), "each page has its foot"
    return "".join(text.partition(bare(foot))[0] for text in texts)


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("record", SAMPLE)
def test_every_phrase_of_a_face_is_found_in_its_pdf(record: str, language: str, segmenter: Segmenter) -> None:
    given = paper(practice(record), language)
    face = given.faces[0]
    found = body(practice_pdf(given, "A", segmenter), f"{face.labels.repository} · {given.address}")
    texts = [face.title, *face.notices]
    texts += [value for fact in face.facts for value in (fact.name, *fact.values)]
    texts += [run.text for section in face.sections for block in section.blocks for run in block.runs]
    texts += [text for claim in given.claims for text in (claim.figures, *claim.basis, *claim.note)]
    texts += [text for source in given.sources for text in (source.title, source.publisher, source.url)]
    missing = [phrase for text in texts for phrase in text.split() if phrase not in found]
    assert missing == []


@pytest.mark.parametrize("record", SAMPLE[::3])
def test_both_faces_stand_in_one_pdf_with_both_titles_and_all_words(record: str, segmenter: Segmenter) -> None:
    given = paper(practice(record), "both")
    made = practice_pdf(given, "A", segmenter)
    found = bare("".join(page_texts(made)))
    for face in given.faces:
        assert bare(face.title) in found
        words = (word for section in face.sections for block in section.blocks for word in block.text.split())
        phrases = [word.rstrip(".,;:") for word in words]  # the number of a claim stands before the full stop
        cut = sum(phrase not in found for phrase in phrases)
        assert cut < 2 * pages(made), "only phrases that go over to the next page are in two pieces"


@pytest.mark.parametrize("record", SAMPLE)
def test_lines_break_between_words_only(record: str, segmenter: Segmenter) -> None:
    given = paper(practice(record), "both")
    text = "\n".join(page_texts(practice_pdf(given, "A", segmenter)))
    whole = {
        piece
        for section in given.faces[0].sections
        for block in section.blocks
        for piece, kept in pieces(block.text, segmenter)
        if kept and " " not in piece
    }
    assert whole
    torn = []
    for before, after in re.findall("([\u0e01-\u0e4e]+) ?\n([\u0e01-\u0e4e]+)", text):
        for word in whole:
            for cut in range(1, len(word)):
                if before.endswith(word[:cut]) and after.startswith(word[cut:]):
                    context = "".join(piece for piece, _ in pieces(before + after, segmenter))
                    starts = _starts(context, segmenter)
                    if len(before) not in starts:
                        torn.append((before, after))
    assert torn == []


def _starts(text: str, segmenter: Segmenter) -> set[int]:
    """Where the pieces of a text begin."""
    at, found = 0, set()
    for piece, _ in pieces(text, segmenter):
        found.add(at)
        at += len(piece)
    return found


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("ผู้เชี่ยวชาญ", ["ผู้เชี่ยวชาญ"], "Typst alone breaks it after ผู้"),
        ("ติดตั้งแอปใหม่", ["ติดตั้ง", "แอป", "ใหม่"], "a letter that the dictionary leaves over stays with its word"),
        ("เรื่องต่าง ๆ นั้น", ["เรื่อง", "ต่าง ๆ", "นั้น"], "the sign of repetition does not begin a line"),
        ("ใน พ.ศ. 2561 ที่", ["ใน", "พ.ศ. 2561", "ที่"], "an era stays with its year"),
        ("ระบบสารสนเทศภูมิศาสตร์", ["ระบบ", "สารสนเทศ", "ภูมิศาสตร์"], "a long term may break between its parts"),
        ("Thai only: no", [], "other scripts break as they do"),
    ],
)
def test_what_stays_whole(text: str, expected: list[str], reason: str, segmenter: Segmenter) -> None:
    cut = pieces(text, segmenter)
    assert "".join(piece for piece, _ in cut) == text
    assert [piece for piece, kept in cut if kept] == expected, reason
    assert all(len(piece) <= LONGEST for piece, kept in cut if kept)


def test_the_font_has_every_letter_of_the_corpus() -> None:
    letters = set("".join(path.read_text(encoding="utf-8") for path in practice_files(CORPUS))) - {"\n"}
    assert letters <= {chr(code) for code in covered("Regular") & covered("Bold")}
    assert legible("".join(sorted(letters))) == "".join(sorted(letters))


@pytest.mark.parametrize(
    ("text", "shown", "reason"),
    [
        ("đạươế ñ", "đạươế ñ", "Vietnamese and Filipino letters are in the font"),
        ("ລາວ", "???", "Lao is not, and no box is printed for it"),
        ("ยิ้ม😀", "ยิ้ม?", "nor are pictures"),
        ("a\u200bb\u00adc\u2060", "abc", "signs that are never seen leave nothing behind"),
        ("co\u2011op", "co-op", "a hyphen of another kind is a hyphen"),
    ],
)
def test_letters_without_a_glyph_are_replaced(text: str, shown: str, reason: str) -> None:
    assert legible(text) == shown, reason


def test_a_pdf_says_so_where_it_lacks_letters(segmenter: Segmenter) -> None:
    given = practice(TRAFFY)
    lao = replace(given, place=Bilingual("ວຽງຈັນ", "ວຽງຈັນ"))
    full, lacking = (bare("".join(page_texts(practice_pdf(paper(one, "en"), "A", segmenter)))) for one in (given, lao))
    line = bare("Letters that this file has no font for")
    assert line not in full
    assert line in lacking
    assert UNKNOWN * 3 in lacking


@pytest.mark.parametrize("view", ["th", "en", "both"])
def test_a_pdf_is_tagged_and_names_its_language_title_and_author(view: str, segmenter: Segmenter) -> None:
    given = paper(practice(TRAFFY), view)
    with pikepdf.open(io.BytesIO(practice_pdf(given, "ASEAN good-practice repository", segmenter))) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == ("en" if view == "en" else "th")
        with document.open_metadata() as metadata:
            assert metadata["dc:title"] == given.title
            assert metadata["dc:creator"] == ["ASEAN good-practice repository"]
            assert metadata["pdfuaid:part"] == "1"
        fonts = {name: font for page in document.pages for name, font in page.Resources.Font.items()}
        for font in fonts.values():
            inner = font.DescendantFonts[0].FontDescriptor
            assert "Sarabun" in str(inner.FontName)
            assert {"/FontFile2", "/FontFile3"} & set(inner.keys()), "the font is in the file"


def test_no_text_is_read_as_markup(segmenter: Segmenter) -> None:
    evil = '#panic("x") $a^2$ [b](#y) *c* `d` \\u{41} <e> @f //g #import "/etc/passwd"'
    face = Face("en", evil, {"summary": f"\\# {evil}"})
    given = replace(practice(TRAFFY), faces={"en": face}, claims=(Claim(9, (1,), "press", (evil,)),))
    found = bare("".join(page_texts(practice_pdf(paper(given, "en"), evil, segmenter))))
    assert found.count(bare(evil)) >= 2, "title and figures are shown letter by letter"


def test_marks_without_a_claim_do_no_harm(segmenter: Segmenter) -> None:
    face = Face("th", "ชื่อ", {"summary": "มี 3 แห่ง[^7]\n\n[^8]\n\n1. หนึ่ง\n2. สอง\n   - **ย่อย** [ที่นี่](https://a.example/x)"})
    given = replace(practice(TRAFFY), faces={"th": face}, claims=())
    found = bare("".join(page_texts(practice_pdf(paper(given, "th"), "A", segmenter))))
    assert "แห่ง7" in found
    assert "1.หนึ่ง2.สอง•ย่อยที่นี่" in found


@pytest.mark.parametrize(
    ("faces", "view", "language", "shown"),
    [
        (("th", "en"), "both", "en", ("en", "th")),  # the reader's own first
        (("th", "en"), "", "en", ("en",)),
        (("th",), "", "en", ("th",)),  # no choice made: the face there is
        (("th",), "both", "en", ("th",)),
        (("th",), "en", "en", ()),  # asked for a face that is missing
    ],
)
def test_which_faces_a_view_means(faces: tuple[str, ...], view: str, language: str, shown: tuple[str, ...]) -> None:
    given = practice(TRAFFY)
    some = replace(given, faces={lang: face for lang, face in given.faces.items() if lang in faces})
    assert faces_shown(some, view, language) == shown


def test_a_section_that_one_face_lacks_leaves_its_place_empty(segmenter: Segmenter) -> None:
    given = practice(TRAFFY)
    english = replace(given.faces["en"], sections={"summary": "Short.", "transfer": "Last."})
    made = paper(replace(given, faces={"th": given.faces["th"], "en": english}), "both")
    first, second = made.faces
    assert [len(section.blocks) > 0 for section in second.sections] == [
        key in ("Summary", "Transfer") for key in _names(second)
    ]
    assert len(first.sections) == len(second.sections)
    assert "Last." in "".join(page_texts(practice_pdf(made, "A", segmenter)))


def _names(face: object) -> list[str]:
    return [section.heading for section in face.sections]  # type: ignore[attr-defined]


# The text layer


def test_mending_changes_what_is_read_and_hardly_what_is_drawn(segmenter: Segmenter) -> None:
    given = paper(practice(TRAFFY), "th")
    shown = writer._Shown(segmenter)
    raw = writer._compile("practice.typ", {**shown.data(given), "title": given.title, "author": "A"}, shown)
    mended = mend(raw)
    assert "ลำดับชั้น" not in bare("".join(page_texts(raw))), "Typst reads right by itself now: the mending can go"
    assert "ลำดับชั้น" in bare("".join(page_texts(mended)))
    for before, after in zip(pypdfium2.PdfDocument(raw), pypdfium2.PdfDocument(mended), strict=True):
        images = [page.render(scale=1).to_pil().convert("L") for page in (before, after)]
        changed = ImageChops.difference(*images).point(lambda value: 255 if value > 90 else 0).histogram()[255]
        assert changed < 0.001 * images[0].width * images[0].height, "marks move by less than a twentieth of a letter"
    assert page_texts(mend(mended)) == page_texts(mended)


@pytest.mark.parametrize(
    "word",
    ["ชั้น", "สั่ง", "ขึ้น", "ครึ่ง", "ครั้ง", "ปื้น", "ญี่ปุ่น", "กตัญญู", "น้ำ", "ทำ", "ช้ำ", "ฤๅษี", "ศูนย์", "สิทธิ์", "ฎีกา", "ฐุ", "fi"],
)
@pytest.mark.parametrize("strong", [False, True])
def test_letters_with_marks_are_read_once_and_in_order(word: str, strong: bool, segmenter: Segmenter) -> None:
    text = f"ก{word}{word}ข {word} ที่{word}"
    face = Face("th", "ชื่อ", {"summary": f"**{text}**" if strong else text})
    given = replace(practice(TRAFFY), faces={"th": face}, claims=())
    assert bare(text) in bare("".join(page_texts(practice_pdf(paper(given, "th"), "A", segmenter))))
