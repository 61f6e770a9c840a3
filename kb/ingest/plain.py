"""Plain text and Markdown: encodings, titles, dates, and lines of a saved web page that are menus and not content."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kb.errors import ReadError
from kb.records import Document, Part
from kb.text.language import detect
from kb.text.years import parse_date

if TYPE_CHECKING:
    from kb.ingest.readers import Source

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]|[\u0e31-\u0e4e]")
_SENTENCE = re.compile(r"[^\W\d_]{3,}[.!?…][\"')]*(?:\s|$)")
_SEPARATORS = re.compile(r"\s*(?:\||»|>>|•|·|/|\s{3,}|\t)\s*")

_MENU_WORDS = frozenset(
    word
    for line in (
        "หน้าแรก หน้าหลัก ติดต่อ ติดต่อเรา ผังเว็บไซต์ แผนผังเว็บไซต์ เมนู ค้นหา เข้าสู่ระบบ สมัครสมาชิก ภาษาไทย แชร์ พิมพ์หน้านี้",
        "เกี่ยวกับ เกี่ยวกับเรา ลิงค์ สมาชิกเครือข่าย คำถามที่พบบ่อย ข่าวประชาสัมพันธ์ ประชาสัมพันธ์ อ่านต่อ ย้อนกลับ ถัดไป ก่อนหน้า",
        "นโยบายเว็บไซต์ การปฏิเสธความรับผิดชอบ ยอมรับ ปฏิเสธ ตั้งค่า ดาวน์โหลด ปิด ข่าวสาร กิจกรรม ข่าวเด่น ยอมรับทั้งหมด",
        "เปิดใช้งานตลอด บันทึกการตั้งค่า",
        "home menu search login register share tweet print contact sitemap help english mobile faq news about rss",
        "back next previous close download subscribe facebook twitter line youtube webmail intranet thai th en",
    )
    for word in line.split()
)

_FURNITURE = re.compile(
    r"สงวนลิขสิทธิ์|©|copyright\s*(?:\(c\)|by\b|[12]\d{3})|all rights reserved|print this page|send this page|"
    r"export to pdf|"
    r"จำนวนคนอ่าน|RSS feed|privacy policy\s*(?:\||$)|(?:นโยบาย|ตั้งค่า|จัดการ)ความเป็นส่วนตัว\s*(?:\||$)|"
    r"(?:accept|manage|necessary|performance|targeting|all) cookies|cookie (?:policy|settings|preferences|notice)|"
    r"(?:นโยบาย|ตั้งค่า|ยอมรับ|เปิด/ปิด)\s*คุก+้?กี้|คุก+้?กี้(?:ที่จำเป็น|เพื่อการ)|skip to (?:main )?content|ข้ามไปยังเนื้อหา",
    re.IGNORECASE,
)
"""Words that only the frame of a web page says: one of them in a short line tells that the file is a saved page."""

_COOKIE_NOTICE = re.compile(
    r"(?:เรา|เว็บไซต์นี้|เว็บไซต์ของเรา)(?:มีการ)?ใช้(?:งาน)?คุก+้?กี้|คุก+้?กี้ประเภทนี้|"
    r"(?:we|this (?:web)?site|our (?:web)?site) uses? cookies",
    re.IGNORECASE,
)
"""How a consent banner begins its sentences, however long they are."""

_PAGE_ONLY = re.compile(
    r"^(?:จำนวน)?ผู้(?:เข้า|เยี่ยม)ชม(?:เว็บไซต์|ทั้งหมด|วันนี้|เดือนนี้|ขณะนี้|ออนไลน์)*\s*:?\s*[\d,]*\s*(?:คน|ครั้ง)?$|"
    r"(?:โทรสาร|fax)\.?:?\s*[\d(+]|(?:e-?mail|อีเมล)\s*:|"
    r"^download\b.{0,40}https?://\S+$",
    re.IGNORECASE,
)
"""Counters, addresses and links that are a footer's on a saved page, and may be content elsewhere."""

_IMAGE_NAME = re.compile(r"(?:logo|img|image|banner|icon|dsc|pic)\w*[_-]?\d+|[\w-]+\.(?:jpe?g|png|gif|webp|svg)", re.IGNORECASE)
_LEADERS = re.compile(r"^[.…]{2,}[.…\s]*(?=[^\s.…])")
_MISPLACED = re.compile("(?<![\u0e01-\u0e2e\u0e31-\u0e4e])[\u0e30-\u0e3a\u0e47-\u0e4e]|[\u0e40-\u0e44](?![\u0e01-\u0e2e])")
_LIST_MARK = re.compile(r"(?:[-–—*•>]|\(?[\d๐-๙]{1,2}(?:\.[\d๐-๙]{1,2})*[.)]|[\d๐-๙]{1,2}(?:\.[\d๐-๙]{1,2})+)\s*\S")
_SHORT = 60
_SENTENCE_LENGTH = 90
_RUN = 5
"""Short lines in a row that make a menu, where the file is a saved page."""


def decode(data: bytes) -> str:
    """Text from UTF-8, UTF-16 (with or without a mark), TIS-620/windows-874 or windows-1252; raises `ReadError`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, "utf-16")
    if encoding := unmarked_utf16(data):  # before UTF-8, which takes such bytes for control characters
        return _strict(data, encoding)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        thai = data.decode("cp874")
        if _is_thai(thai):
            return thai
    except UnicodeDecodeError:
        pass
    if not re.search(rb"[\x80-\xff]{4}", data):  # in Western text accents and quotes stand among plain letters
        return _strict(data, "cp1252")
    raise ReadError("the encoding is not known; save it as UTF-8")


def _is_thai(text: str) -> bool:
    """Whether letters beyond ASCII make Thai words, in which marks and vowels have their consonant."""
    foreign = sum(character >= "\x80" for character in text)
    runs = sum(map(len, re.findall("[\u0e01-\u0e4e]{3,}", text)))
    return runs >= foreign / 2 and len(_MISPLACED.findall(text)) <= runs / 50


def unmarked_utf16(data: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` where every other byte is the page of Latin or Thai letters, else `None`."""
    head = data[:8192]
    pages = [half.count(0x00) + half.count(0x0E) for half in (head[0::2], head[1::2])]
    if max(pages) < 0.4 * len(head) or min(pages) > 0.1 * len(head):
        return None
    return "utf-16-be" if pages[0] > pages[1] else "utf-16-le"


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as exc:
        raise ReadError(f"damaged {encoding.upper()} text at byte {exc.start}; save it as UTF-8") from exc


def read_plain(source: Source, text: str) -> Document:
    """A plain-text file as one section, without the lines of a saved web page that are menus, counters or footers."""
    lines = clean_lines(text)
    if not lines:
        raise ReadError("there is no running text in it; nothing could be found by searching")
    title = _title(lines, source)
    body = lines[1:] if lines[0] == title and len(lines) > 1 else lines
    return Document(
        id=source.id,
        title=title,
        language=_language("\n".join(lines)),
        format="text",
        parts=(Part(1, "section", "", "\n".join(body)),),
        date=_date(text),
        source=source.path.name,
    )


def read_markdown(source: Source, text: str) -> Document:
    """A Markdown file by its headings."""
    text = _FRONT_MATTER.sub("", text.replace("\r\n", "\n"))
    parts = split_headings(text)
    if not parts:
        raise ReadError("there is no text in it; nothing could be found by searching")
    first = next((part.heading for part in parts if part.heading), "")
    return Document(
        id=source.id,
        title=first or _title(parts[0].text.splitlines(), source),
        language=_language(text),
        format="markdown",
        parts=tuple(parts),
        date=_date(text),
        source=source.path.name,
    )


def split_headings(text: str) -> list[Part]:
    """Markdown text as sections; a heading without text goes with the section after it."""
    parts: list[Part] = []
    heading = ""
    lines: list[str] = []
    fenced = False

    def close() -> None:
        body = "\n".join(lines).strip()
        if body:
            parts.append(Part(len(parts) + 1, "section", heading, body))
        lines.clear()

    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        match = None if fenced else _HEADING.match(line)
        if match:
            close()
            heading = match[2]
        else:
            lines.append(line)
    close()
    if not parts and heading:
        parts.append(Part(1, "section", heading, heading))
    return parts


def clean_lines(text: str) -> list[str]:
    """Lines of running text in order, without what is surely not content.

    Only a file that shows itself to be a saved web page loses lines: those that are the frame of a page by their words,
    rows and runs of menu entries, counters, split dates, and what says again, word for word, what an earlier line said.
    Where nothing would be left, every line stays.
    """
    full = [line for line in map(_clean, re.split(r"\r\n|\r|\n", text)) if line and not _IMAGE_NAME.fullmatch(line)]
    if not _is_saved_page(full):
        return full
    furniture = [_is_furniture(line) or _is_page_only(line) for line in full]
    menus = _menu_runs(full, furniture)
    keep: list[str] = []
    seen: set[str] = set()
    for at, line in enumerate(full):
        if line in seen or furniture[at] or at in menus:
            continue
        seen.add(line)
        keep.append(line)
    return _without_stamps(keep) or full


def _clean(line: str) -> str:
    """A line without control and invisible characters, doubled blanks and leading dots."""
    for character in set(line):  # most lines have none
        if unicodedata.category(character) in ("Cc", "Cf") and character not in "\t\u200b":
            line = line.replace(character, "")
    return _LEADERS.sub("", re.sub(r"[ \t\u00a0]+", " ", line).strip())


def _is_saved_page(lines: list[str]) -> bool:
    """Whether the lines come from a web page: one surely says so, or several look like it."""
    if any(_is_furniture(line) for line in lines if not _only_menu_words(line)):
        return True
    stamps = sum(1 for at in range(len(lines) - 2) if _is_stamp(lines[at : at + 3]))
    return 2 * stamps + sum(map(_only_menu_words, lines)) >= 3


def _is_furniture(line: str) -> bool:
    """Whether a line is the frame of a page by its own words."""
    if _COOKIE_NOTICE.match(line) or (len(line) < 2 * _SENTENCE_LENGTH and _FURNITURE.search(line)):
        return True
    entries = [entry.lower() for entry in _SEPARATORS.split(line) if entry]
    if len(entries) >= 3 and len(line) < 4 * _SENTENCE_LENGTH:
        named = sum(any(word in _MENU_WORDS for word in (entry, *entry.split())) for entry in entries)
        if 3 * named >= len(entries) and statistics.median(map(len, entries)) < 2 * _SHORT // 3:
            return True
    return (len(entries) == 2 and bool(re.search("»|>>", line)) and len(line) < _SHORT) or _only_menu_words(line)


def _only_menu_words(line: str) -> bool:
    """Whether at least half of a short line's words are those of menus; once in a text, that may be chance."""
    words = [word.strip("[](){}:,.").lower() for entry in _SEPARATORS.split(line) for word in entry.split()]
    return bool(words) and len(line) < _SHORT and 2 * sum(word in _MENU_WORDS for word in words) >= len(words)


def _is_page_only(line: str) -> bool:
    if not _LETTER.search(line):
        return not re.search(r"\d{4}", line) or len(line) < 4
    return len(line) < 2 * _SENTENCE_LENGTH and bool(_PAGE_ONLY.search(line))


def _menu_runs(lines: list[str], furniture: list[bool]) -> set[int]:
    """Places of short lines in a row, no sentences and no list, among lines which are furniture by their words.

    Before the first sentence a menu reaches down to its last such line, after the last sentence up from its first one,
    and between sentences it counts only where most lines are furniture.
    """
    found: set[int] = set()
    sentences = [at for at, line in enumerate(lines) if not furniture[at] and _is_sentence(line)]
    first, last = (sentences[0], sentences[-1]) if sentences else (len(lines), -1)
    for start, end in _short_runs(lines, furniture):
        named = [at for at in range(start, end) if furniture[at]]
        if end - start < _RUN or not named:
            continue
        head, tail = bool(sentences) and end <= first, bool(sentences) and start > last
        if head or tail or 2 * len(named) >= end - start:
            low, high = start if head else named[0], end if tail else named[-1] + 1
            heading = _heading(start, end, named) if head and high == end else None
            found.update(at for at in range(low, high) if at != heading)
    return found


def _short_runs(lines: list[str], furniture: list[bool]) -> Iterator[tuple[int, int]]:
    """Half-open spans of lines that are short or furniture, and neither sentences nor list items."""
    start = 0
    for at in range(len(lines) + 1):
        line = lines[at] if at < len(lines) else ""
        within = line and (furniture[at] or (len(line) < _SHORT and not _is_sentence(line) and not _LIST_MARK.match(line)))
        if not within:
            if at > start:
                yield start, at
            start = at + 1


def _heading(start: int, end: int, named: list[int]) -> int | None:
    """The last line of a run that is no furniture: the title of the text below."""
    return max((at for at in range(start, end) if at not in named), default=None)


def _is_sentence(line: str) -> bool:
    return len(line) >= _SENTENCE_LENGTH or bool(_SENTENCE.search(line) and len(line.split()) > 4)


def _is_stamp(lines: list[str]) -> bool:
    """Whether three lines are a date's day, month and year."""
    return all(len(line) < 15 for line in lines) and lines[0].isdigit() and parse_date(" ".join(lines)) is not None


def _without_stamps(lines: list[str]) -> list[str]:
    """Without the month and year that a date over three lines leaves behind when its day goes as a lone number."""
    stamps = {at for at in range(len(lines) - 1) if _is_stamp(["1", *lines[at : at + 2]])}
    return [line for at, line in enumerate(lines) if at not in stamps and at - 1 not in stamps]


def _title(lines: list[str], source: Source) -> str:
    """The first line that could be a title, or the file's name."""
    for line in lines[:8]:
        text = line.lstrip("#-*• ").strip()
        if len(_LETTER.findall(text)) >= 8 and not parse_date(text[:30]):
            return text if len(text) <= 200 else text[:199].rsplit(" ", 1)[0] + "…"
    return source.path.stem


def _date(text: str) -> str:
    """The first full date near the beginning, ISO 8601, or empty. Day, month and year may stand on three lines."""
    found = parse_date(" ".join(text[:1500].split()))
    return found.isoformat() if found else ""


def _language(text: str) -> str:
    return detect(text[:20_000])
