"""Writes a weights image in the layout that `kb.model` reads: a tiny BERT over characters, with random weights."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.model import convert

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS, TYPES = 32, 1, 2, 64, 128, 2
EPSILON = 1e-5
BLOCK = 32
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
CHARACTERS = (
    "▁"
    + "".join(map(chr, range(0x21, 0x7F)))
    + "".join(map(chr, (*range(0x0E01, 0x0E33), *range(0x0E34, 0x0E3B), *range(0x0E40, 0x0E4F))))
)
"""Thai without sara am: the normalisation table takes it apart, as the real one does."""

NORMALISATION = {0x0E33: "\u0e4d\u0e32", 0xFF21: "A", 0x200B: ""}
IDS = {piece: number for number, piece in enumerate((*SPECIALS, *CHARACTERS))}


@dataclass(frozen=True)
class Image:
    """The bytes, and the weights that they stand for, by the package's names."""

    data: bytes
    tensors: dict[str, NDArray[np.float32]]


def weights_image(magic: bytes = b"E5S1", block: int = BLOCK, seed: int = 5, hidden: int = HIDDEN, mean: float = 1.0) -> Image:
    """With positions and biases around a `mean` of zero the vectors of different texts lie far apart."""
    random = np.random.default_rng(seed)
    inner = hidden * FEED_FORWARD // HIDDEN
    shapes = {"emb.word": (len(IDS), hidden), "emb.pos": (POSITIONS, hidden), "emb.type": (1, hidden)}
    shapes |= {"emb.ln.w": (hidden,), "emb.ln.b": (hidden,)}
    for name in ("q", "k", "v", "ao"):
        shapes |= {f"l0.{name}.w": (hidden, hidden), f"l0.{name}.b": (hidden,)}
    shapes |= {"l0.fi.w": (inner, hidden), "l0.fi.b": (inner,)}
    shapes |= {"l0.fo.w": (hidden, inner), "l0.fo.b": (hidden,)}
    shapes |= {f"l0.{norm}.{part}": (hidden,) for norm in ("aln", "oln") for part in "wb"}
    tensors, blobs = {}, {}
    for name, shape in shapes.items():
        if name == "emb.word" or (len(shape) == 2 and name.startswith("l0")):
            tensors[name], blobs[name] = _four_bit(random, shape)
        else:
            tensors[name], blobs[name] = _plain(random, shape, 1.0 if name.endswith("ln.w") else mean)
    header = magic + bytes(4)
    header += struct.pack("<7i", hidden, LAYERS, HEADS, inner, len(IDS), POSITIONS, TYPES)
    header += struct.pack("<fi", EPSILON, block) + _vocabulary()
    return Image(header + _tensors(blobs, len(header)), tensors)


def _plain(random: Any, shape: tuple[int, ...], mean: float) -> tuple[NDArray[np.float32], bytes]:
    values = random.normal(mean, 0.3, shape).astype("<f4")
    return values, values.tobytes()


def _four_bit(random: Any, shape: tuple[int, ...]) -> tuple[NDArray[np.float32], bytes]:
    """Each block: a half-precision scale, then 16 bytes; byte i holds weight i below and weight i + 16 above."""
    count = int(np.prod(shape)) // BLOCK
    nibbles = random.integers(0, 16, (count, BLOCK))
    scales = 2.0 ** -random.integers(4, 8, count).astype(float)
    blocks = [
        struct.pack("<e", scale) + bytes(int(row[i] | row[i + 16] << 4) for i in range(16))
        for row, scale in zip(nibbles, scales, strict=True)
    ]
    return ((nibbles - 8) * scales[:, None]).astype(np.float32).reshape(shape), b"".join(blocks)


def _vocabulary() -> bytes:
    pieces = [piece.encode() for piece in IDS]
    offsets = np.cumsum([0, *map(len, pieces)])
    bos, pad, eos, unk = range(4)
    table = b"".join(
        struct.pack("<IB", code, len(text)) + struct.pack(f"<{len(text)}I", *map(ord, text))
        for code, text in NORMALISATION.items()
    )
    return (
        struct.pack("<5i", len(pieces), bos, eos, pad, unk)
        + struct.pack("<Q", int(offsets[-1]))
        + offsets.astype("<u4").tobytes()
        + np.full(len(pieces), -1.0, dtype="<f4").tobytes()
        + b"".join(pieces)
        + struct.pack("<iI", len(NORMALISATION), len(table))
        + table
    )


def _tensors(blobs: dict[str, bytes], start: int) -> bytes:
    entry = struct.calcsize("<BI") + struct.calcsize("<QQ")
    at = start + 4 + sum(2 + len(name) + entry for name in blobs)
    directory = struct.pack("<i", len(blobs))
    for name, blob in blobs.items():
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BI", 0, 0)
        directory += struct.pack("<QQ", at, len(blob))
        at += len(blob)
    return directory + b"".join(blobs.values())


def write_tiny_model(folder: Path, image: Image | None = None) -> Path:
    """A sentence-transformers folder that loads in a moment and knows no meaning."""
    folder.mkdir(parents=True)
    source = folder.parent / f"{folder.name}.bin"
    source.write_bytes((image or weights_image()).data)
    convert(source, folder)
    return folder
