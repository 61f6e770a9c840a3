"""How to cite a practice: APA 7 in the page's language, BibTeX, RIS and CSL-JSON.

A practice has no author but the repository and no date but that of reading: its text may change, so the day is given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date

from kb.records import Practice
from kb.text.years import format_date
from web.pages import Say

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_TEX_LANGUAGE = {"th": "thai", "en": "english"}


@dataclass(frozen=True)
class Reference:
    """What a citation names; `other_title` is the title in the other language, or nothing."""

    id: str
    title: str
    language: str
    other_title: str
    repository: str
    case: str
    """The word for a case, before its id."""
    address: str
    read: date


def reference(practice: Practice, address: str, read: date, say: Say) -> Reference:
    """What is cited of a practice, in the language of `say` as far as it has a text in it."""
    title = practice.title.get(say.language)
    language, other = ("th", practice.title.en) if title == practice.title.th else ("en", practice.title.th)
    return Reference(practice.id, title, language, other, say("ASEAN good-practice repository"), say("Case"), address, read)


def apa(cited: Reference, language: str) -> str:
    """One line in the APA style of `language`; the Thai form has the Thai words and the year of the Buddhist era."""
    case = f"{cited.case} {cited.id}"
    if language == "th":
        read = f"สืบค้นเมื่อ {format_date(cited.read, 'th')}, จาก {cited.address}"
        return f"{cited.repository}. (ม.ป.ป.). {cited.title} ({case}). {read}"
    day, month, year = format_date(cited.read, "en").split()
    return f"{cited.repository}. (n.d.). {cited.title} ({case}). Retrieved {month} {day}, {year}, from {cited.address}"


def bibtex(cited: Reference) -> str:
    """An entry for BibTeX or biblatex, in UTF-8."""
    also = f"; {cited.other_title}" if cited.other_title else ""
    fields = {
        "author": f"{{{_tex(cited.repository)}}}",
        "title": f"{{{_tex(cited.title)}}}",
        "note": _tex(f"{cited.case} {cited.id}{also}"),
        "language": _TEX_LANGUAGE[cited.language],
        "url": re.sub(r"[{}\\\s]", "", cited.address),
        "urldate": cited.read.isoformat(),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{re.sub(r'[^A-Za-z0-9:.-]', '-', cited.id)},\n{lines}\n}}\n"


def ris(cited: Reference) -> str:
    """A record for reference managers: one tag a line, in UTF-8."""
    tags = [
        ("TY", "ELEC"),
        ("ID", cited.id),
        ("AU", f"{cited.repository},"),  # a comma at the end: a body, not a person with a family name
        ("TI", cited.title),
        ("TT", cited.other_title),
        ("T2", cited.repository),
        ("LA", cited.language),
        ("UR", cited.address),
        ("Y2", cited.read.strftime("%Y/%m/%d/")),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in tags if value or tag == "ER")


def csl_json(cited: Reference) -> str:
    """An item of CSL-JSON, as Zotero and pandoc read it."""
    item = {
        "id": cited.id,
        "type": "webpage",
        "title": cited.title,
        "author": [{"literal": cited.repository}],
        "container-title": cited.repository,
        "number": cited.id,
        "language": cited.language,
        "URL": cited.address,
        "accessed": {"date-parts": [[cited.read.year, cited.read.month, cited.read.day]]},
    }
    if cited.other_title:
        item["note"] = cited.other_title
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in _line(text))


def _line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
