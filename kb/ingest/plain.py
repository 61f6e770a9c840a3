"""Plain text and Markdown: encodings, titles, dates, and lines of a saved web page that are menus and not content."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from kb.errors import ReadError
from kb.records import Document, Part
from kb.text.language import detect
from kb.text.years import parse_date

if TYPE_CHECKING:
    from kb.ingest.readers import Source

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_THAI_LETTER = re.compile("[\u0e01-\u0e2e]")
_LETTER = re.compile(r"[^\W\d_]|[\u0e31-\u0e4e]")
_SENTENCE = re.compile(r"[^\W\d_]{3,}[.!?…][\"')]*(?:\s|$)")
_SEPARATORS = re.compile(r"\s*(?:\||»|>>|•|·|/|\s{3,}|\t)\s*")

_MENU_WORDS = frozenset(
    """หน้าแรก หน้าหลัก ติดต่อ ติดต่อเรา ผังเว็บไซต์ แผนผังเว็บไซต์ เมนู ค้นหา เข้าสู่ระบบ สมัครสมาชิก ภาษาไทย แชร์ พิมพ์หน้านี้
    เกี่ยวกับ เกี่ยวกับเรา ลิงค์ สมาชิกเครือข่าย คำถามที่พบบ่อย ข่าวประชาสัมพันธ์ ประชาสัมพันธ์ อ่านต่อ ย้อนกลับ ถัดไป ก่อนหน้า
    นโยบายเว็บไซต์ การปฏิเสธความรับผิดชอบ สงวนลิขสิทธิ์ ยอมรับ ปฏิเสธ ตั้งค่า ดาวน์โหลด ปิด ข่าวสาร กิจกรรม ข่าวเด่น ยอมรับทั้งหมด เปิดใช้งานตลอด บันทึกการตั้งค่า
    home menu search login register share tweet print contact sitemap help english mobile faq rss back next previous close
    download subscribe facebook twitter line youtube webmail intranet english thai th en""".split()
)
_BOILERPLATE = re.compile(
    r"คุกกี้|คุ้กกี้|cookie|สงวนลิขสิทธิ์|copyright|©|all rights reserved|print this page|send this page|export to pdf|"
    r"จำนวนคนอ่าน|ผู้เข้าชม|ผู้เยี่ยมชม|RSS feed|privacy policy|นโยบายความเป็นส่วนตัว|ความเป็นส่วนตัว|"
    r"โทรสาร\s*[\d(]|(?:e-?mail|อีเมล)\s*:|skip to (?:main )?content|ข้ามไปยังเนื้อหา",
    re.IGNORECASE,
)
_SHORT = 60
_SENTENCE_LENGTH = 90


def decode(data: bytes) -> str:
    """Text from UTF-8, UTF-16 (with or without a mark), TIS-620/windows-874 or windows-1252; raises `ReadError`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if data.count(0) > len(data) // 10:
        return _strict(data, "utf-16-be" if data[0::2].count(0) > data[1::2].count(0) else "utf-16-le")
    high = sum(byte >= 0x80 for byte in data)
    try:
        thai = data.decode("cp874")
        if len(re.findall("[\u0e01-\u0e4e]{3,}", thai)) * 3 >= high / 8 and high >= 3:
            return thai
    except UnicodeDecodeError:
        pass
    if high <= len(data) // 10:
        return _strict(data, "cp1252")
    raise ReadError("the encoding is not known; save it as UTF-8")


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

    A line goes if it is boilerplate by its words, a row or a run of menu entries, stands alone as a page number or a
    counter, or says again, word for word, what an earlier line said. Where nothing would be left, every line stays.
    """
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = ["".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf") or c == "\u200b") for line in lines]
    full = [line for line in lines if line]
    repeated = {line for line, count in Counter(full).items() if count > 1 and len(line) < _SHORT}
    keep: list[str] = []
    seen: set[str] = set()
    for at, line in enumerate(full):
        if line in seen or _is_menu_line(line) or (line in repeated and not _is_sentence(line)):
            continue
        if _in_menu_run(full, at):
            continue
        seen.add(line)
        keep.append(line)
    return keep or full


def _is_menu_line(line: str) -> bool:
    if not _LETTER.search(line):
        return not re.search(r"\d{4}", line) or len(line) < 4
    if len(line) < 2 * _SENTENCE_LENGTH and _BOILERPLATE.search(line):
        return True
    entries = [entry for entry in _SEPARATORS.split(line) if entry]
    if len(entries) >= 3 and statistics.median(map(len, entries)) < _SHORT // 3 and not _SENTENCE.search(line):
        return True
    if len(entries) == 2 and re.search("»|>>", line) and len(line) < _SHORT:
        return True
    words = [word.strip("[](){}:,.").lower() for entry in entries for word in entry.split()]
    return bool(words) and sum(word in _MENU_WORDS for word in words) >= max(1, (len(words) + 1) // 2) and len(line) < _SHORT


def _in_menu_run(lines: list[str], at: int) -> bool:
    """Whether a short line stands among at least four others that are all short and no sentences."""
    if _is_sentence(lines[at]) or len(lines[at]) >= _SHORT:
        return False
    run = 1
    for step in (-1, 1):
        place = at + step
        while 0 <= place < len(lines) and len(lines[place]) < _SHORT and not _is_sentence(lines[place]):
            run += 1
            place += step
    return run >= 5


def _is_sentence(line: str) -> bool:
    return len(line) >= _SENTENCE_LENGTH or bool(_SENTENCE.search(line) and len(line.split()) > 4)


def _title(lines: list[str], source: Source) -> str:
    """The first line that could be a title, or the file's name."""
    for line in lines[:8]:
        text = line.lstrip("#-*• ").strip()
        if len(_LETTER.findall(text)) >= 8 and not parse_date(text[:30]):
            return text if len(text) <= 200 else text[:199].rsplit(" ", 1)[0] + "…"
    return source.path.stem


def _date(text: str) -> str:
    """The first full date near the beginning, ISO 8601, or empty. Day, month and year may stand on lines of their own."""
    found = parse_date(" ".join(text[:1500].split()))
    return found.isoformat() if found else ""


def _language(text: str) -> str:
    return detect(text[:20_000])
