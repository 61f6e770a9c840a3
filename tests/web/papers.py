"""What tests of files need: cases of the corpus, how pages speak, and the text of a PDF."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import pypdfium2

from kb.corpus import practice_files, read_practice
from kb.records import Practice
from kb.taxonomy import load_taxonomy
from tests.conftest import CORPUS
from web.i18n import translations
from web.pages import Say

DAY = date(2026, 11, 22)
ADDRESS = "https://practice.example.org/th/practices/"
IDS = [path.stem for path in practice_files(CORPUS)]


@lru_cache(maxsize=4)
def say(language: str) -> Say:
    return Say(language, translations(language), load_taxonomy(CORPUS))


@lru_cache(maxsize=64)
def practice(record: str) -> Practice:
    return read_practice(next(path for path in practice_files(CORPUS) if path.stem == record), load_taxonomy(CORPUS))


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page as a viewer reads it; a hyphen at the end of a line as a hyphen."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range().replace("\ufffe", "-").replace("\r\n", "\n") for page in document]
    document.close()
    return texts


def bare(text: str) -> str:
    """The text without blanks, which a line break may have replaced."""
    return re.sub(r"\s", "", text)
