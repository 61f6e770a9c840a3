"""What the practice page offers to take away: the citation, the address to share, and a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from kb.records import Bilingual, Practice
from web.pages import Say
from web.takeaway.citation import apa, reference

LONGEST_LETTER = 1900
"""Characters of a mailto address that common mail programs still open."""


@dataclass(frozen=True)
class TakeAway:
    """For the macro `take_away`: the citation in `language`, the page's address, and a mailto address."""

    language: str
    apa: str
    address: str
    mail: str


def take_away(practice: Practice, address: str, day: date, say: Say) -> TakeAway:
    """What a page in the language of `say` offers; `address` is the page's absolute address, `day` the day of reading."""
    cited = reference(practice, address, day, say)
    return TakeAway(say.language, apa(cited, say.language), address, letter(practice.title, address, say.language))


def letter(title: Bilingual, address: str, language: str) -> str:
    """A mailto address without a receiver: both titles in subject and text, only the reader's own in a long subject."""
    own_first = sorted(filter(None, (title.th, title.en)), key=lambda text: text != title.get(language))
    body = "\r\n".join([*own_first, address, ""])
    for subject in (" / ".join(own_first), own_first[0]):
        made = f"mailto:?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
        if len(made) <= LONGEST_LETTER:
            break
    return made
