"""A code-point normalisation table in the form that Unigram tokenizers load.

`tokenizers.normalizers.Precompiled` reads a *precompiled charsmap*: the byte length of a double-array trie (little-endian
u32), the trie (u32 units as in Darts-clone), then the replacement strings, each ended by a zero byte. A leaf's value is the
offset of its replacement.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Mapping

_LEAF_FLAG = 1 << 8
_VALUE_FLAG = 1 << 31
_MAX_OFFSET = 1 << 21
_WINDOW = 256
"""Units at the end of the trie that are searched for room; older gaps stay empty, or packing would take minutes."""


def precompiled_charsmap(table: Mapping[int, str]) -> bytes:
    """Pack `table` (code point -> replacement, which may be empty) into a precompiled charsmap.

    U+0000 cannot be a key, because zero ends a key in the trie. Raises `ValueError` where the table is too large for the
    format (more than about two million trie units; a table of some thousand code points needs about ten thousand).
    """
    strings = bytearray()
    offsets: dict[str, int] = {}
    keys: dict[bytes, int] = {}
    for code, replacement in table.items():
        if code == 0:
            continue
        if replacement not in offsets:
            offsets[replacement] = len(strings)
            strings += replacement.encode() + b"\0"
        keys[chr(code).encode()] = offsets[replacement]
    units = _double_array(keys)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(strings)


def _double_array(keys: Mapping[bytes, int]) -> array[int]:
    """Units of the trie over `keys`; the unit at 0 is the root."""
    root: dict[int, object] = {}
    for key, value in keys.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})  # type: ignore[assignment]
        node[0] = value

    units = array("I", [0])
    used = bytearray([1])
    bases = set()
    first_free = 1

    def find_base(labels: list[int]) -> int:
        nonlocal first_free
        while first_free < len(used) and used[first_free]:
            first_free += 1
        position = max(first_free, len(used) - _WINDOW)
        while True:
            base = position ^ labels[0]
            free = all(base ^ label >= len(used) or not used[base ^ label] for label in labels)
            if free and base and base not in bases:
                return base
            position += 1
            if position >= _MAX_OFFSET:
                raise ValueError("the normalisation table does not fit into a double-array trie")

    pending: list[tuple[int, dict[int, object]]] = [(0, root)] if root else []
    while pending:
        position, node = pending.pop()
        labels = sorted(node)
        base = find_base(labels)
        bases.add(base)  # two nodes with one base would each find the other's children
        top = max(base ^ label for label in labels)
        if top >= len(units):
            grow = top + 1 - len(units)
            units.extend([0] * grow)
            used.extend(bytes(grow))
        units[position] |= (position ^ base) << 10
        for label in labels:
            child = base ^ label
            used[child] = 1
            below = node[label]
            if label == 0:
                units[position] |= _LEAF_FLAG
                units[child] = _VALUE_FLAG | int(below)  # type: ignore[call-overload]
            else:
                units[child] = label
                pending.append((child, below))  # type: ignore[arg-type]
    # A reader looks up any byte from any base without asking how long the array is.
    units.extend([0] * (-len(units) % 256))
    return units
