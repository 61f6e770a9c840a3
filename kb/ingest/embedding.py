"""What the encoder is given of passages: their texts, and those of their windows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kb.encoder import Encoder
from kb.ingest.passages import embedded_text, window_texts
from kb.store import IndexedPassage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def embed(passages: Iterable[IndexedPassage], encoder: Encoder) -> dict[str, NDArray[np.float32]]:
    """Hash of a passage's text -> its vector and those of its windows below, shape (1 + windows, dimension).

    Equal texts are embedded once, and all together sorted by length, so that the encoder pads little.
    """
    items: dict[str, IndexedPassage] = {}
    for item in passages:
        if item.vector not in items or item.windows:
            items[item.vector] = item
    texts = {
        key: [embedded_text(item.passage), *(window_texts(item.passage) if item.windows else ())] for key, item in items.items()
    }
    order = sorted((len(text), key, place) for key, some in texts.items() for place, text in enumerate(some))
    if not order:
        return {}
    encoded = encoder.encode([texts[key][place] for _, key, place in order], "document")
    rows: dict[str, list[int]] = {key: [0] * len(some) for key, some in texts.items()}
    for row, (_, key, place) in enumerate(order):
        rows[key][place] = row
    return {key: encoded[places] for key, places in rows.items()}
