"""One address of each type of page, with a reason; `{}` is the language. What is checked on every page is checked on these."""

from __future__ import annotations

from urllib.parse import quote

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
    "error": "/{}/practices/no-such",
}
