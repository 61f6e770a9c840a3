"""PDF files: Typst draws them from data, so that no text of a record or a reader is read as markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import pypdfium2
import typst

from kb.text.segment import Segmenter
from web.takeaway.breaks import Piece, pieces
from web.takeaway.briefing import Briefing
from web.takeaway.fonts import FONTS, UNKNOWN, legible
from web.takeaway.handout import Handout
from web.takeaway.textlayer import mend

_TEMPLATES = Path(str(files("web").joinpath("takeaway/typst")))
_VERBATIM = {"language", "url", "address", "page"}
"""Fields that are not shown as running text."""


def practice_pdf(handout: Handout, author: str, segmenter: Segmenter) -> bytes:
    """The paper of one practice, tagged (PDF/UA-1)."""
    claims = frozenset(claim.number for claim in handout.claims)
    shown = _Shown(segmenter, claims)
    return mend(_compile("practice.typ", {**shown.data(handout), "title": legible(handout.title), "author": author}, shown))


def briefing_draft(briefing: Briefing, author: str, segmenter: Segmenter) -> bytes:
    """The briefing, tagged (PDF/UA-1), before its text layer is mended: good for counting its pages."""
    shown = _Shown(segmenter)
    return _compile("briefing.typ", {**shown.data(briefing), "title": legible(briefing.title), "author": author}, shown)


def pages(pdf: bytes) -> int:
    """How many pages a file has."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def _compile(template: str, data: dict[str, Any], shown: _Shown) -> bytes:
    made: bytes = typst.compile(
        str(_TEMPLATES / template),
        root=str(_TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps({**data, "lost": shown.lost}, ensure_ascii=False)},
        pdf_standards=["ua-1"],
    )
    return made


class _Shown:
    """A paper as data for its template: Thai cut into stretches; letters that no font has left out, which sets `lost`."""

    def __init__(self, segmenter: Segmenter, claims: frozenset[int] = frozenset()) -> None:
        self._segmenter = segmenter
        self._claims = claims
        self.lost = False

    def data(self, paper: Handout | Briefing) -> dict[str, Any]:
        made: dict[str, Any] = self._value(asdict(paper))
        return made

    def _value(self, value: Any, field: str = "") -> Any:
        if isinstance(value, str):
            return value if field in _VERBATIM else self._text(value)
        if isinstance(value, dict):
            return {name: self._runs(inner) if name == "runs" else self._value(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item, field) for item in value]
        return value

    def _text(self, text: str) -> str | list[dict[str, Any]]:
        cut = self._cut(text)
        if not any(whole for _, whole in cut):
            return "".join(piece for piece, _ in cut)
        return [{"t": piece, "b": whole} for piece, whole in cut]

    def _cut(self, text: str) -> tuple[Piece, ...]:
        shown = legible(text)
        self.lost = self.lost or shown.count(UNKNOWN) > text.count(UNKNOWN)
        return pieces(shown, self._segmenter)

    def _runs(self, runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The stretches of a block. The mark of a claim stays on the line of the word before it."""
        made: list[dict[str, Any]] = []
        for run in runs:
            if run["claim"]:
                mark = {"c": run["claim"], "linked": run["claim"] in self._claims}
                made.append({"g": [made.pop(), mark]} if made and ("g" in made[-1] or made[-1].get("b")) else mark)
                continue
            look = {"s": run["strong"], "e": run["emphasis"], "u": run["url"]}
            made += [{"t": piece, "b": whole, **look} for piece, whole in self._cut(run["text"])]
        return made
