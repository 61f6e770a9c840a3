"""The shipped rules over the project's own words, and practices that hold one section each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_records import practice

from kb.fit.needs import Finder
from kb.fit.rules import Rules, load_rules
from kb.records import Face, Lang, Practice
from kb.taxonomy import Taxonomy
from kb.text.segment import Segmenter

Made = Callable[..., Practice]


@pytest.fixture(scope="session")
def rules(corpus: Path, taxonomy: Taxonomy) -> Rules:
    return load_rules(corpus, taxonomy)


@pytest.fixture(scope="session")
def finder(rules: Rules, segmenter: Segmenter) -> Finder:
    return Finder(rules, segmenter)


@pytest.fixture(scope="session")
def made() -> Made:
    """A practice with the given texts in one section of each face."""

    def build(section: str, key: str = "th-made", /, **texts: str) -> Practice:
        faces: dict[Lang, Face] = {
            lang: Face(lang, f"{key} {lang}", {section: text}) for lang, text in texts.items() if lang in ("th", "en")
        }
        return Practice(**{**vars(practice(key, {})), "faces": faces})

    return build
