"""JSON-LD of a practice: what harvesters read, and that it cannot break out of its element."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from markupsafe import Markup

from kb.records import Practice
from tests.web.papers import ADDRESS, IDS, practice
from web.schema import json_ld


def graph(given: Practice, address: str = ADDRESS + "x") -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(json_ld(given, address))["@graph"]
    return made


@pytest.mark.parametrize("record", IDS[::20])
def test_each_face_is_a_report_with_its_language_place_sources_and_licence(record: str) -> None:
    given = practice(record)
    reports = graph(given)
    assert [report["inLanguage"] for report in reports] == ["th", "en"]
    for report, face in zip(reports, given.faces.values(), strict=True):
        assert report["@type"] == "Report"
        assert report["name"] == face.title
        assert report["url"] == f"{ADDRESS}x?view={face.language}"
        assert report["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert [source.get("url") for source in report["isBasedOn"]] == [source.url for source in given.sources]
        assert report["spatialCoverage"]["name"] == given.place.get(face.language)
        assert report["publisher"]["url"] == "https://practice.example.org/"


def test_a_translation_names_its_original() -> None:
    given = practice("th-traffy-fondue")
    english = replace(given.faces["en"], made_from=1)
    thai_report, english_report = graph(replace(given, faces={**given.faces, "en": english}))
    assert english_report["translationOfWork"] == {"@id": thai_report["@id"]}
    assert thai_report["workTranslation"] == {"@id": english_report["@id"]}
    assert all("translationOfWork" not in report for report in graph(given)), "two originals are no translations"


def test_one_face_is_enough() -> None:
    given = practice("th-traffy-fondue")
    (report,) = graph(replace(given, faces={"en": given.faces["en"]}))
    assert report["inLanguage"] == "en"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(2018, None, "2018/.."), (2018, 2020, "2018/2020"), (2018, 2018, "2018"), (None, None, None)],
)
def test_years_are_iso_intervals(start: int | None, end: int | None, expected: str | None) -> None:
    assert graph(replace(practice("th-traffy-fondue"), start=start, end=end))[0].get("temporalCoverage") == expected


def test_no_text_ends_the_element() -> None:
    given = practice("th-traffy-fondue")
    evil = replace(given.faces["th"], title="</script><script>alert(1)</script><!-- & \u2028")
    made = json_ld(replace(given, faces={"th": evil}), ADDRESS + "x?view=both#results")
    assert isinstance(made, Markup), "templates must not escape it again"
    assert not set("<>&\u2028") & set(made)
    (report,) = json.loads(made)["@graph"]
    assert report["name"] == evil.title
    assert report["@id"] == f"{ADDRESS}x?view=th"
