"""What a run of ingestion works with, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kb.encoder import Encoder
from kb.store import Store
from kb.taxonomy import Taxonomy
from kb.text.segment import Segmenter


@dataclass
class Report:
    """What a run did. Every list holds paths or ids; `failed` and `skipped` with the reason."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    embedded: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Parts:
    """What the pipeline works with."""

    store: Store
    encoder: Encoder
    segmenter: Segmenter
    taxonomy: Taxonomy
    text_state: str
    max_bytes: int
    is_word: Callable[[str], bool]
