"""One address of each type of page, with a reason; `{}` is the language. What is checked on every page is checked on these."""

from __future__ import annotations

from urllib.parse import quote

import pytest

PAGE_TYPES = {
    "home": "/{}/",
    "results": "/{}/?q=" + quote("น้ำท่วม เตือนภัย"),
    "results with facets": "/{}/?q=flood&country=TH",
    "results with a correction": "/{}/?q=" + quote("floood in Laos since 2015"),
    "no close precedent": "/{}/?q=zebra+xylophone+quantum",
    "nothing within the limits": "/{}/?country=TH&from=1900&to=1901",
    "practice": "/{}/practices/th-hat-yai-flood-warning",
    "practice, both faces": "/{}/practices/th-hat-yai-flood-warning?view=both",
    "document": "/{}/documents/doc-proceedings-1",
    "similar": "/{}/similar",
    "how": "/{}/how",
    "help": "/{}/help",
    "questions and answers": "/{}/faq",
    "about": "/{}/about",
    "accessibility": "/{}/accessibility",
    "privacy": "/{}/privacy",
    "site map": "/{}/site-map",
    "my list": "/{}/list",
    "a list that was shared": "/{}/list?id=th-traffy-fondue&id=id-petabencana",
    "context": "/{}/context?fit=country:LA,law:no",
    "fit of a case": "/{}/practices/id-mal-pelayanan-publik/fit?fit=level:local,law:no,sponsor:yes",
    "cases by fit": "/{}/fit?fit=level:local,law:no,sponsor:yes",
    "comparison": "/{}/compare?id=th-traffy-fondue&id=id-petabencana&id=id-oss-licensing&fit=law:no",
    "results, compact": "/{}/?q=flood&sort=evidence&show=compact",
    "error": "/{}/practices/no-such",
}

KNOWN: dict[tuple[str, ...], str] = {}
"""(check, page) or (check, page, language) -> what is wrong and not yet put right. One that passes is an error: take it out."""


def every_page(check: str) -> list[object]:
    """Each type of page in each language, as parameters of a test."""
    rows: list[object] = []
    for name in PAGE_TYPES:
        for language in ("th", "en"):
            reason = KNOWN.get((check, name)) or KNOWN.get((check, name, language))
            marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
            rows.append(pytest.param(name, language, marks=marks, id=f"{name}, {language}"))
    return rows
