"""Makes the file of a briefing: as full as its pages allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kb.text.segment import Segmenter
from web.pages import Say
from web.takeaway.briefing import PAGES, Ask, briefing
from web.takeaway.pdf import briefing_draft, pages
from web.takeaway.telling import DETAILS
from web.takeaway.textlayer import mend
from web.takeaway.word_papers import briefing_docx


@dataclass(frozen=True)
class Bench:
    """What a briefing is made with: its author, the segmenter, how Thai and English pages speak, and the day."""

    author: str
    segmenter: Segmenter
    speakers: tuple[Say, ...]
    day: date


def briefing_file(ask: Ask, kind: str, bench: Bench) -> bytes:
    """The briefing as `pdf` or `docx`, with the fullest detail that stays within `PAGES`, or the shortest there is.

    The pages are those of the PDF file; a Word file gets the same detail, since its pages depend on the reader's program.
    """
    for detail in DETAILS:
        paper = briefing(ask, bench.speakers, bench.day, detail)
        draft = briefing_draft(paper, bench.author, bench.segmenter)
        if pages(draft) <= PAGES:
            break
    return mend(draft) if kind == "pdf" else briefing_docx(paper, bench.author)
