"""How alike a Thai and a Latin spelling sound, so that a name written in one script is found in the other.

Romanisation of Thai follows no single rule (Phongyoo, Pongyu), and loan words are written by ear (บิสมาร์ก for Bismarck), so
nothing is converted. Both spellings are read as sounds and aligned at the least cost. Consonants weigh most, since vowels are
spelt freely on both sides; letters under a thanthakhat may be silent.

To find candidates among many words, both sides have a skeleton: their consonants in classes. A Latin word has one; a Thai
spelling has one for each way of reading it. The idea of a skeleton common to both scripts is from Suwanvisat and
Prasitjutrakul, "Thai-English Cross-Language Transliterated Word Retrieval using Soundex Technique" (1998).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_SKELETONS = 96
"""Ways of reading one Thai spelling that are looked up."""

_LEADING = frozenset("เแโใไ")
_VOWELS = {
    "ะ": "a", "า": "a", "ั": "a", "ิ": "i", "ี": "i", "ึ": "u", "ื": "u", "ุ": "u", "ู": "u", "เ": "e", "แ": "e", "โ": "o",
    "ใ": "ai", "ไ": "ai",
}  # fmt: skip
_CONSONANTS = {
    letter: sound
    for sound, letters in {
        "K": "กขฃคฅฆ", "G": "ง", "C": "จฉชฌ", "S": "ซศษส", "T": "ดฎตฏถฐทฑธฒ", "P": "บปผพภ", "F": "ฟฝ", "M": "ม", "N": "นณ",
        "J": "ญ", "Y": "ย", "L": "รลฬ", "W": "ว", "H": "หฮ", "O": "อ",
    }.items()
    for letter in letters
}  # fmt: skip
"""Consonants by sound: G is ng, C is ch, J the letter ญ (y, at an end n), O a letter that only carries a vowel. X is ทร."""

_SILENT = re.compile("[ิุ]?์")
_STOPS = frozenset("ตทธดศษสก")
_CLUSTER_FIRST = frozenset("กขคตปผพฟทบดส")


class _Thai(NamedTuple):
    """A sound of a Thai spelling: `silent` under a thanthakhat, `final` where it may end a syllable."""

    sound: str
    letter: str = ""
    silent: bool = False
    final: bool = False


class _Latin(NamedTuple):
    """A sound of a Latin spelling: `sounds` are all that it may be."""

    sounds: str
    letters: str
    last: bool = False


def likeness(thai: str, latin: str) -> float:
    """How alike two spellings sound, from 0 to 1."""
    first, second = _thai_sounds(thai), _latin_sounds(latin)
    weight = sum(_SILENT_WEIGHT if sound.silent else _WEIGHTS[sound.sound] for sound in first)
    weight += sum(max(_WEIGHTS[one] for one in sound.sounds) for sound in second)
    return max(0.0, 1 - 2 * _distance(first, second) / weight) if weight else 0.0


def consonants(thai: str) -> int:
    """How many consonants of a Thai spelling are certainly heard: the fewer, the more words sound like it by chance."""
    return sum(sound.sound in _STRONG and not sound.silent for sound in _thai_sounds(thai))


def thai_skeletons(text: str) -> frozenset[str]:
    """The skeletons of a Thai spelling, one for each way of reading it."""
    found = {""}
    for options in _skeleton_options(_thai_sounds(text)):
        found = {_added(start, option) for start in found for option in options}
        if len(found) > MAX_SKELETONS:
            found = set(sorted(found)[:MAX_SKELETONS])
    return frozenset(found)


def latin_skeletons(words: Iterable[str]) -> list[str]:
    """The skeleton of each Latin word, all at once: the words are one text for a handful of replacements."""
    text = "\n".join(words)
    folded = _folded(text) if not text.isascii() else text.lower()
    for pattern, replacement in _SKELETON_RULES:
        folded = pattern.sub(replacement, folded)
    return folded.split("\n")


def _folded(text: str) -> str:
    """Lower case without marks: Nguyễn becomes nguyen."""
    plain = unicodedata.normalize("NFD", text.lower().translate(_FOLDED))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


_FOLDED = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})

_SKELETON_RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[^a-z\n]", ""),
        (r"ph|bh", "p"),
        (r"t?ch|sch", "X"),
        (r"sh", "S"),
        (r"[td]h", "t"),
        (r"[kg]h|ck|qu?", "k"),
        (r"ng", "G"),
        (r"t(?=i[oau])", "S"),
        (r"c(?=[eiy])", "S"),
        (r"g(?=[eiy])|j", "J"),
        (r"(?<=[a-zA-Z])x", "KS"),
        (r"[gck]", "K"),
        (r"[sxz]", "S"),
        (r"X", "S"),
        (r"[td]", "T"),
        (r"[bpf]", "P"),
        (r"m", "M"),
        (r"n", "N"),
        (r"[rl]", "L"),
        (r"v", "V"),
        (r"[a-z]", ""),
        (r"([A-Z])\1+", r"\1"),
    )
]


def _added(start: str, option: str) -> str:
    """A skeleton with one more consonant; the same one twice counts once."""
    return start if option and start.endswith(option) else start + option


def _skeleton_options(sounds: Sequence[_Thai]) -> Iterable[Sequence[str]]:
    """What each sound of a Thai spelling may be in a skeleton."""
    for place, sound in enumerate(sounds):
        around = sounds[place - 1].sound if place else "", sounds[place + 1].sound if place + 1 < len(sounds) else ""
        options = _options(sound, *around)
        if options:
            yield (*options, "") if sound.silent and "" not in options else options


def _options(sound: _Thai, before: str, after: str) -> tuple[str, ...]:
    match sound.sound:
        case "K":
            soft = ("J",) if after in ("e", "i") else ()
            return ("K", *soft, "") if before == "G" else ("K", *soft)
        case "C" | "S":
            other = ("J",) if sound.sound == "C" else ()
            return ("S", *other, "T") if sound.final else ("S", *other)
        case "L":
            return ("L", "N", "") if sound.final and not sound.silent else ("L",)
        case "P" | "F":
            return ("P", "V") if sound.letter in "บฟฝ" and not sound.final else ("P",)
        case other:
            return _PLAIN_OPTIONS.get(other, ())


_PLAIN_OPTIONS = {
    "G": ("G", "N"), "T": ("T",), "X": ("T", "S"), "M": ("M",), "N": ("N",),
    "J": ("", "N", "J"), "Y": ("", "J"), "W": ("", "V"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def _thai_sounds(text: str) -> tuple[_Thai, ...]:
    """The sounds of a Thai spelling, vowels after the consonant that they follow in speech."""
    text = text.replace("รร", "\N{THAI CHARACTER PHINTHU}")
    found: list[_Thai] = []
    at = 0
    while at < len(text):
        letter = text[at]
        if letter in _LEADING and at + 1 < len(text) and text[at + 1] in _CONSONANTS:
            end = _cluster_end(text, at + 1)
            found += [_Thai(_CONSONANTS[one], one) for one in text[at + 1 : end]]
            found += [_Thai(vowel) for vowel in _VOWELS[letter]]
            at = end
            continue
        silent = _SILENT.match(text, at + 1) if letter in _CONSONANTS else None
        if silent is not None:
            _silence(text, at, found)
            at = silent.end()
            continue
        if letter in _CONSONANTS:
            _consonant(text, at, found)
        elif letter in _SPELT_OUT:
            found += _SPELT_OUT[letter]
        found += [_Thai(vowel) for vowel in _VOWELS.get(letter, "")]
        at += 1
    return tuple(found)


_SPELT_OUT = {
    "ำ": (_Thai("a"), _Thai("M", "ม", final=True)),
    "ฤ": (_Thai("L", "ร"), _Thai("u")),
    "\N{THAI CHARACTER PHINTHU}": (_Thai("a"), _Thai("N", "น", silent=True, final=True)),
}
"""Signs that stand for several sounds. รร, replaced by a phinthu, is a vowel with or without n: ธรรม, บรรจง."""


def _cluster_end(text: str, start: int) -> int:
    """Where the consonants end that a leading vowel is written before: two in เพลง and โปร, one in เลน."""
    second = text[start + 1 : start + 2]
    after = text[start + 2 : start + 3]
    joined = second and second in "รลว" and text[start] in _CLUSTER_FIRST
    return start + 2 if joined and (after in _CONSONANTS or (after and after in "่้๊๋็")) else start + 1


def _silence(text: str, at: int, found: list[_Thai]) -> None:
    """Add a consonant that bears a thanthakhat; one right before it may be silent with it (ศาสตร์, จันทร์)."""
    if found and found[-1].letter and text[at - 1] in _STOPS:
        found[-1] = found[-1]._replace(silent=True, final=True)
    found.append(_Thai(_CONSONANTS[text[at]], text[at], silent=True, final=True))


def _consonant(text: str, at: int, found: list[_Thai]) -> None:
    letter, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if letter == "ร" and found and before and before in "ศสทซ":  # ทราย is said with s, ศรี without r; ทราฟฟี่ keeps both
        if before == "ท":
            found[-1] = _Thai("X", "ท")
        found.append(_Thai("L", "ร", silent=True))
        return
    final = not after or after in _CONSONANTS or after in _LEADING
    if letter == "อ" and final and found and found[-1].letter:  # ขอน, ร็อก: the vowel, not its carrier
        found.append(_Thai("o"))
        return
    found.append(_Thai(_CONSONANTS[letter], letter, final=final))


_LATIN = re.compile(r"tch|sch|ch|sh|ph|th|kh|ck|qu|gh|ng|bh|dh|[a-z]")
_LATIN_SOUNDS = {
    "tch": "C", "sch": "CSK", "ch": "CSK", "sh": "SC", "ph": "PF", "th": "T", "dh": "T", "bh": "P", "kh": "K", "ck": "K",
    "gh": "K", "ng": "G", "j": "CY", "s": "S", "z": "S", "d": "T", "b": "P", "p": "P", "f": "FP", "v": "WFP", "w": "W",
    "h": "H", "y": "Yi", "r": "L", "l": "L", "n": "N", "m": "M", "k": "K", "q": "K",
}  # fmt: skip
"""Letters whose sound does not depend on what follows."""


@lru_cache(maxsize=16384)
def _latin_sounds(word: str) -> tuple[_Latin, ...]:
    folded = _folded(word)
    found: list[_Latin] = []
    before = ""
    for match in _LATIN.finditer(folded):
        letters, after = match.group(), folded[match.end() : match.end() + 2]
        last = match.end() == len(folded)
        if letters == before and letters not in "aeiou":
            continue
        sounds = _latin_at(letters, after, bool(found))
        doubled = found and found[-1].sounds == sounds[0] and sounds[0] in ("T", "PF", "K", "G")
        found += [_Latin(one, letters, last) for one in (sounds[1:] if doubled else sounds)]
        before = letters
    return tuple(found)


def _latin_at(letters: str, after: str, inside: bool) -> tuple[str, ...]:
    """What some letters sound like before others; each string is one sound, and all that it may be."""
    soft = after[:1] in ("e", "i", "y")
    match letters:
        case "x":
            return ("K", "S") if inside else ("S",)
        case "qu":
            return ("K", "W")
        case "c":
            return ("SC",) if soft else ("K",)
        case "g":
            return ("KC",) if soft else ("K",)
        case "t":
            return ("TCS",) if after in ("io", "ia", "iu") else ("T",)
        case _:
            return (_LATIN_SOUNDS.get(letters, letters),)


_STRONG = frozenset("KGCSTXPFMNL")
_WEIGHTS = dict.fromkeys(_STRONG, 1.0) | dict.fromkeys("aeiou", 0.4) | {"J": 0.6, "Y": 0.4, "W": 0.6, "H": 0.2, "O": 0.1}
_SILENT_WEIGHT = 0.2


def _both_ways(costs: dict[str, float]) -> dict[str, float]:
    return costs | {pair[::-1]: cost for pair, cost in costs.items()}


_OTHER_SOUND = 1.6
_OTHER_VOWEL = 0.4
_COSTS = _both_ways(
    {first + second: _OTHER_VOWEL for first in "aeiou" for second in "aeiou" if first != second}
    | {"O" + vowel: 0.05 for vowel in "aeiou"}
    | {"Y" + vowel: 0.1 if vowel in "ie" else 0.3 for vowel in "aeiou"}
    | {"W" + vowel: 0.1 if vowel in "uo" else 0.4 for vowel in "aeiou"}
    | {"J" + vowel: 0.3 for vowel in "aeiou"}
    | {"H" + vowel: 0.4 for vowel in "aeiou"}
    | {"CS": 0.2, "ST": 0.5, "CT": 0.5, "FP": 0.3, "WF": 0.2, "WP": 0.4, "GN": 0.25, "GK": 0.6, "LN": 0.6}
    | {"JY": 0.0, "JN": 0.1, "JC": 0.3, "YC": 0.5, "XT": 0.0, "XS": 0.0, "XC": 0.1}
) | _both_ways({"ae": 0.2, "ue": 0.2, "oa": 0.2, "uo": 0.15, "ie": 0.15, "ua": 0.25})
"""What it costs to take one sound for another; nothing for the same, `_OTHER_SOUND` for pairs that are not named."""

_UNWRITTEN = 0.05
"""What an a or o costs between two Thai consonants that have no vowel written between them: สม is som, ถนน thanon."""

_AT_AN_END = {"ST": 0.15, "CT": 0.15, "LN": 0.15, "TS": 0.3}
"""The same where the Thai letter may end a syllable: ส and จ are then said as t, ร and ล as n."""

_SPELT_OTHERWISE = {
    (thai, latin): cost
    for thais, latins, cost in (
        ("ต", "d", 0.25), ("ด", "t th", 0.3), ("ทธถฐฑฒ", "d", 0.35), ("ก", "kh", 0.2), ("ขคฆ", "g", 0.15), ("ค", "ch", 0.1),
        ("บ", "p ph", 0.3), ("ป", "b bh", 0.3), ("ป", "ph", 0.15), ("พผ", "b", 0.25), ("ร", "l", 0.15), ("ล", "r", 0.3),
        ("ซศษส", "sh ch", 0.15), ("ช", "s z", 0.2), ("ช", "j", 0.15), ("จ", "s z sh", 0.25),
    )
    for thai in thais
    for latin in latins.split()
}  # fmt: skip
"""What Latin letters cost for a Thai one of the same class, which is mostly written with others; not at an end."""


def _distance(first: Sequence[_Thai], second: Sequence[_Latin]) -> float:
    """The cost of the cheapest alignment (Wagner and Fischer, 1974)."""
    plain = [_addition(sound) for sound in second]
    unwritten = [_UNWRITTEN if sound.sounds in ("a", "o") else cost for sound, cost in zip(second, plain, strict=True)]
    row = [0.0]
    for cost in plain:
        row.append(row[-1] + cost)
    for number, thai in enumerate(first):
        left_out = _omission(thai)
        bare = thai.letter and not thai.silent and any(after.letter for after in first[number + 1 : number + 2])
        added = unwritten if bare else plain
        below = [row[0] + left_out]
        for place, latin in enumerate(second):
            taken = row[place] + _substitution(thai, latin)
            below.append(min(taken, row[place + 1] + left_out, below[place] + added[place]))
        row = below
    return row[-1]


@lru_cache(maxsize=8192)
def _substitution(thai: _Thai, latin: _Latin) -> float:
    cost = _OTHER_SOUND
    for sound in latin.sounds:
        pair = thai.sound + sound
        known = 0.0 if sound == thai.sound else _COSTS.get(pair, _OTHER_SOUND)
        cost = min(cost, known, _AT_AN_END.get(pair, known) if thai.final else known)
    if not thai.final and cost < 0.5:
        cost += _SPELT_OTHERWISE.get((thai.letter, latin.letters), 0.0)
    return cost


def _omission(thai: _Thai) -> float:
    """What it costs that a Thai letter has nothing in Latin."""
    if thai.silent:
        return 0.12
    if thai.sound == "L" and thai.final:
        return 0.8
    return {"H": 0.1, "O": 0.05, "W": 0.4, "Y": 0.3}.get(thai.sound, 0.2 if thai.sound in "aeiou" else 1.0)


def _addition(latin: _Latin) -> float:
    """What it costs that a Latin letter has nothing in Thai: little for vowels, which Thai often leaves unwritten."""
    if latin.letters == "e" and latin.last:
        return 0.12
    if latin.sounds in ("a", "e", "i", "o", "u", "Yi"):
        return 0.22
    if latin.sounds == "L":
        return 0.5
    return 0.1 if latin.sounds == "H" else min(_WEIGHTS[sound] for sound in latin.sounds)
