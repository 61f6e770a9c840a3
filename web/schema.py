"""A practice as schema.org JSON-LD, so that search engines and harvesters read what people read."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from markupsafe import Markup

from kb.records import LANGUAGES, Face, Lang, Practice, Source

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
REPOSITORY: dict[Lang, str] = {"th": "คลังแนวปฏิบัติที่ดีภาครัฐอาเซียน", "en": "ASEAN good-practice repository"}

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_ld(practice: Practice, address: str) -> str:
    """JSON-LD of a practice for a script element of type `application/ld+json`: one report for each face.

    `address` is the absolute address of the practice's page. The result is `Markup`: no character in it ends the element.
    """
    place = urlunsplit(urlsplit(address)._replace(query="", fragment=""))
    languages = [lang for lang in LANGUAGES if lang in practice.faces]
    graph = [_report(practice, practice.faces[lang], place) for lang in languages]
    if len(graph) == 2:
        _join(practice, graph)
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    for letter, escape in _ESCAPES.items():
        text = text.replace(letter, escape)
    return Markup(text)  # noqa: S704  # every character that HTML could read is escaped above


def _report(practice: Practice, face: Face, place: str) -> dict[str, Any]:
    lang = face.language
    site = "{0.scheme}://{0.netloc}/".format(urlsplit(place))
    report: dict[str, Any] = {
        "@type": "Report",
        "@id": f"{place}?view={lang}",
        "url": f"{place}?view={lang}",
        "identifier": practice.id,
        "name": face.title,
        "headline": face.title,
        "description": face.sections.get("summary", ""),
        "inLanguage": lang,
        "spatialCoverage": _coverage(practice, lang),
        "temporalCoverage": _time(practice),
        "about": [{"@type": "GovernmentOrganization", "name": agency.name.get(lang)} for agency in practice.agencies],
        "award": [award.name.get(lang) for award in practice.awards],
        "isBasedOn": [_source(source) for source in practice.sources],
        "publisher": {"@type": "Organization", "name": REPOSITORY[lang], "url": site},
        "isPartOf": {"@type": "WebSite", "name": REPOSITORY[lang], "url": site},
        "license": LICENCE,
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in report.items() if value not in ("", [], None)}


def _join(practice: Practice, graph: list[dict[str, Any]]) -> None:
    """Say which face is a translation of which; where both are originals, that they are two forms of one work."""
    made = [face.made_from is not None or face.state != "original" for face in (practice.faces[lang] for lang in LANGUAGES)]
    if made[0] == made[1]:
        for report in graph:
            report["exampleOfWork"] = {"@type": "CreativeWork", "@id": graph[0]["@id"].partition("?")[0]}
        return
    translation, original = graph if made[0] else reversed(graph)
    translation["translationOfWork"] = {"@id": original["@id"]}
    original["workTranslation"] = {"@id": translation["@id"]}


def _coverage(practice: Practice, lang: Lang) -> dict[str, Any]:
    place: dict[str, Any] = {"@type": "Place", "name": practice.place.get(lang)}
    if len(practice.country) == 2:
        place["address"] = {"@type": "PostalAddress", "addressCountry": practice.country}
    return place


def _time(practice: Practice) -> str | None:
    """Years as ISO 8601: an interval, open at the end where the practice still runs."""
    if practice.start is None:
        return None
    return f"{practice.start}/{practice.end or '..'}" if practice.end != practice.start else str(practice.start)


def _source(source: Source) -> dict[str, Any]:
    work: dict[str, Any] = {
        "@type": "CreativeWork",
        "name": source.title,
        "publisher": {"@type": "Organization", "name": source.publisher},
    }
    if source.year:
        work["datePublished"] = str(source.year)
    if source.url:
        work["url"] = source.url
    return work
