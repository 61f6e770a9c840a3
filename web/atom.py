"""The newest practices as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from kb.store import RecordDates, RecordRow
from web.links import record_url
from web.pages import Say

NEWEST = 50
"""Practices in the feed."""

_NAMES = uuid.UUID("6f0c4f0e-6c0e-5b7a-9a3e-5d1a2f5b7c11")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
EPOCH = "1970-01-01T00:00:00Z"
"""When a feed without entries last changed."""


@dataclass(frozen=True)
class Entry:
    """A practice in a feed: what a list shows of it, when it came in and changed, and the labels of what it is about."""

    row: RecordRow
    dates: RecordDates
    labels: tuple[str, ...] = ()


def stable_id(language: str, name: str) -> str:
    """An id that stays the same when the server moves to another address: RFC 4287 wants it to never change."""
    return uuid.uuid5(_NAMES, f"{language}/{name}").urn


def newest_feed(entries: Sequence[Entry], base: str, say: Say) -> str:
    """The feed of these practices, in their order, in one language."""
    language = say.language
    root = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": language})
    _put(root, "id", stable_id(language, "new"))
    _put(root, "title", say("ASEAN good practices") + ": " + say("Newest cases"))
    _put(root, "updated", max((entry.dates.changed for entry in entries), default=EPOCH))
    _link(root, "self", f"{base}/{language}/new.atom", "application/atom+xml", language)
    _link(root, "alternate", f"{base}/{language}/", "text/html", language)
    _put(root, "icon", f"{base}/static/icon.svg")
    _put(root, "rights", say("Compiled from public sources. Texts: CC BY 4.0."))
    _put(ElementTree.SubElement(root, "author"), "name", say("ASEAN good practices"))
    for entry in entries:
        _entry(root, entry, base, language)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _entry(root: ElementTree.Element, entry: Entry, base: str, language: str) -> None:
    row = entry.row
    own = row.title.th if language == "th" else row.title.en
    spoken = language if own else ("en" if language == "th" else "th")
    element = ElementTree.SubElement(root, "entry", {} if spoken == language else {"xml:lang": spoken})
    _put(element, "id", stable_id(language, row.id))
    _put(element, "title", row.title.get(language))
    _put(element, "updated", entry.dates.changed)
    _put(element, "published", entry.dates.added)
    _link(element, "alternate", base + record_url(language, row.kind, row.id), "text/html", language)
    _put(element, "summary", row.summary.get(language))
    for label in entry.labels:
        ElementTree.SubElement(element, "category", {"term": label})


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NO_XML.sub("", text)


def _link(parent: ElementTree.Element, relation: str, address: str, media_type: str, language: str) -> None:
    given = {"rel": relation, "href": address, "type": media_type, "hreflang": language}
    ElementTree.SubElement(parent, "link", given)
