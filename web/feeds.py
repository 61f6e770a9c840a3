"""An answer as a feed (Atom, RFC 4287) and as a table (CSV)."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from kb.cells import guarded
from kb.search.engine import Hit
from web.atom import EPOCH
from web.hits import hit_view
from web.links import record_url
from web.pages import Say

ATOM = "http://www.w3.org/2005/Atom"
COLUMNS = (
    "place",
    "id",
    "kind",
    "title_th",
    "title_en",
    "country",
    "begun",
    "probability",
    "summary_th",
    "summary_en",
    "address",
)


@dataclass(frozen=True)
class Feed:
    """What stands above the entries of a feed; addresses are absolute."""

    title: str
    page: str
    itself: str
    site: str
    changed: Mapping[str, str]
    """When each record in the feed last changed what it says, by id; UTC in ISO 8601."""


def atom(feed: Feed, hits: Sequence[Hit], say: Say) -> bytes:
    """A feed of records. Ids depend on the record alone, not on the host, so that no reader shows a record twice."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": say.language})
    _add(root, "title", feed.title)
    _add(root, "id", _urn(feed.page.removeprefix(feed.site)))
    _add(root, "updated", max((feed.changed[hit.id] for hit in hits), default=EPOCH))
    _add(ET.SubElement(root, f"{{{ATOM}}}author"), "name", say("ASEAN good practices"))
    _add(root, "rights", "CC BY 4.0")
    ET.SubElement(root, f"{{{ATOM}}}link", {"rel": "self", "type": "application/atom+xml", "href": feed.itself})
    ET.SubElement(root, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": feed.page})
    for hit in hits:
        view = hit_view(hit, say)
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        _add(entry, "title", view.title)
        _add(entry, "id", _urn(f"{hit.kind}/{hit.id}"))
        _add(entry, "updated", feed.changed[hit.id])
        ET.SubElement(entry, f"{{{ATOM}}}link", {"rel": "alternate", "type": "text/html", "href": feed.site + view.url})
        if hit.country:
            label = say.label("countries", hit.country)
            ET.SubElement(entry, f"{{{ATOM}}}category", {"term": hit.country, "label": label})
        _add(entry, "summary", " · ".join((*view.facts, view.summary)))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def table(hits: Sequence[Hit], site: str, say: Say) -> bytes:
    """The records as CSV with a byte order mark, so that a spreadsheet program reads the Thai."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for place, hit in enumerate(hits, 1):
        address = site + record_url(say.language, hit.kind, hit.id)
        country = say.label("countries", hit.country) if hit.country else ""
        row = (hit.id, hit.kind, hit.title.th, hit.title.en, country, str(hit.start or ""), f"{hit.score:.4f}")
        writer.writerow([str(place), *map(guarded, (*row, hit.summary.th, hit.summary.en, address))])
    return out.getvalue().encode("utf-8-sig")


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"asean-good-practice:{name}").urn


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = "".join(c for c in text if c >= " " or c in "\t\n")
