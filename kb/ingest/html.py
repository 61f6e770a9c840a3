"""HTML: the main content with its headings, without menus, banners and footers; title, date and language."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from kb.errors import ReadError
from kb.ingest.plain import decode, split_headings
from kb.records import Document
from kb.text.language import detect
from kb.text.years import parse_date, to_common_era

if TYPE_CHECKING:
    from kb.ingest.readers import Source

_THAI_CHARSET = re.compile(rb"charset\s*=\s*[\"']?(?:tis-?620|windows-874|cp874|iso-8859-11)", re.IGNORECASE)

_BUDDHIST_DATE = re.compile(r"(?:content|datetime)\s*=\s*[\"'](2[45]\d\d-\d\d-\d\d)", re.IGNORECASE)


def read_html(source: Source) -> Document:
    """The main content of a page, by its headings."""
    import trafilatura
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")
    page = _decode(source.data)
    try:
        text = trafilatura.extract(
            page,
            output_format="markdown",
            include_formatting=True,
            include_tables=True,
            include_links=False,
            include_images=False,
            include_comments=False,
            favor_recall=True,
            deduplicate=False,
            config=config,
        )
        metadata = trafilatura.extract_metadata(page)
    except (ValueError, TypeError, AttributeError, RecursionError) as exc:
        raise ReadError(f"the page cannot be parsed ({type(exc).__name__}); save it again from a browser") from exc
    if not text or not text.strip():
        raise ReadError("no main text was found in the page; save the article itself")
    parts = split_headings(text)
    title = (metadata.title if metadata else None) or next((part.heading for part in parts if part.heading), "")
    return Document(
        id=source.id,
        title=title.strip() or source.path.stem,
        language=detect(text[:20_000]),
        format="html",
        parts=tuple(parts),
        date=_date((metadata.date if metadata else None) or _buddhist_date(page), text),
        source=source.path.name,
    )


def _decode(data: bytes) -> str:
    """The page as text; a declared TIS-620 or windows-874 is believed, else the encoding is found out."""
    if _THAI_CHARSET.search(data[:2048]):
        for encoding in ("utf-8-sig", "cp874"):  # UTF-8 first: it is what a converted page with an old declaration is
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    return decode(data)


def _buddhist_date(page: str) -> str | None:
    """A date in the page's metadata whose year is of the Buddhist era, which libraries take for the far future."""
    match = _BUDDHIST_DATE.search(page)
    return match[1] if match else None


def _date(found: str | None, text: str) -> str:
    """The page's date in CE: a Buddhist-era year in the metadata is converted, a date in the text comes second."""
    if found:
        try:
            year, month, day = (int(number) for number in found[:10].split("-"))
            return date(to_common_era(year), month, day).isoformat()
        except ValueError:
            pass
    written = parse_date(text[:1500])
    return written.isoformat() if written else ""
