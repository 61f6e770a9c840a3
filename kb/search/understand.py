"""Reads a question the way it was meant, in visible steps that the reader can take back one by one.

The order matters: expert syntax first, because quoted words are never changed; then the keyboard and the spelling, which give
the words; then years and names, which become filters; then the terms whose other forms are looked for as well, and the names
that the texts have in the other script only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from kb.lexicon import Lexicon
from kb.search.names import Mention, Names, is_acronym, kinds
from kb.search.query import MAX_CHARACTERS, Expansion, Query, Step, parse_query, query_language, words_of
from kb.search.spelling import corrections
from kb.search.transliteration import transliterations
from kb.taxonomy import Taxonomy
from kb.text.keyboard import rescue
from kb.text.normalise import normalise
from kb.text.segment import Segmenter, Token, stem
from kb.text.years import FIRST_YEAR, LAST_YEAR, YearRange, to_common_era, year_range

LITERAL = "all"
"""Taken back as a whole: the question is read word by word."""

MAX_EXPANSIONS = 6
"""Terms of a question whose other forms are looked for."""

MAX_AROUND = 4
"""Words around a quoted phrase up to which it must stand in a record; a longer question quotes a name."""

FIELDS = {
    "country": "country", "ประเทศ": "country", "region": "region", "ภูมิภาค": "region",
    "priority": "priority", "ด้าน": "priority", "principle": "principle", "หลัก": "principle",
    "level": "level", "ระดับ": "level", "status": "status", "สถานะ": "status",
    "year": "years", "ปี": "years", "title": "title", "ชื่อ": "title",
    "kind": "kind", "ชนิด": "kind", "lang": "language", "ภาษา": "language",
}  # fmt: skip
"""Field words for experts, `country:laos`, and what they narrow."""

_QUOTED = r"\"[^\"]{1,200}\""
_OPERATOR = re.compile(
    rf"(?<!\S)(?:(?P<field>{'|'.join(FIELDS)}):(?P<value>{_QUOTED}|\S{{1,60}})|-(?P<excluded>{_QUOTED}|[^\W\d_]\S*)|(?P<phrase>{_QUOTED}))(?!\S)",
    re.IGNORECASE,
)
_KINDS = {"practice": "practice", "กรณี": "practice", "document": "document", "เอกสาร": "document"}
_LANGUAGES = {"th": "th", "ไทย": "th", "thai": "th", "en": "en", "อังกฤษ": "en", "english": "en"}
_SPAN = re.compile(r"(?P<first>\d{4})?(?P<to>\.\.|-|ถึง)?(?P<last>\d{4})?")

_EVENT = re.compile(
    r"(?:น้ำท่วม(?:ใหญ่)?|อุทกภัย|แผ่นดินไหว|สึนามิ|พายุ\S*|ไซโคลน\S*|วิกฤต\S*|โควิด|เลือกตั้ง|รัฐประหาร|ไฟไหม้|ภัยแล้ง|วิสัยทัศน์|แผน\S*|ยุทธศาสตร์\S*|พ\.ร\.บ\.\S*|พระราชบัญญัติ\S*|กฎหมาย\S*"
    r"|(?<![a-z])(?:covid(?:-19)?|floods?|flooding|earthquake|tsunami|cyclone|typhoon|storm|crisis|election|coup|pandemic|outbreak|haze|drought|fire|act|law|decree"
    r"|vision|agenda|plan|strategy|budget))(?:\s+(?:in|of|for))?\s*$",
    re.IGNORECASE,
)
"""Words before a year that it belongs to: the flood of 2011 is no wish for projects that began in 2011."""

_EVENT_AFTER = re.compile(
    r"\s*(?:floods?|flooding|earthquake|tsunami|cyclone|typhoon|crisis|election|coup|pandemic|outbreak|haze|drought)(?![a-z])",
    re.IGNORECASE,
)

_LEAD_IN = re.compile(
    r"(?:(?<![a-z])(?:in|from|of|by|across|within|throughout|for)\s+(?:the\s+)?|(?:ใน|ของ|จาก|ที่|ฝั่ง|ทาง|แบบ|ประเทศ|แถบ|กลุ่ม|แดน|กรุง)+\s*)$",
    re.IGNORECASE,
)
_AUDIENCE_BEFORE = re.compile(
    r"(?:(?<![a-z])(?:for|to|can|could|should|would|will|help)\s+(?:the\s+)?|(?:สำหรับ|ให้|ต่อ|มาใช้ใน|มาใช้กับ|ใช้ใน|ใช้กับ)\s*)$",
    re.IGNORECASE,
)
_AUDIENCE_AFTER = re.compile(
    r"\s*(?:(?:can|could|should|would|must|might|to)\s|(?:ควร|จะ|น่าจะ|สามารถ|อยาก|ต้อง|เรา))",
    re.IGNORECASE,
)
"""Words around a state that wants to learn: "what could Thailand do", "สำหรับประเทศไทย"."""

_NOT_A_STATE = re.compile(r"(?:ภาษา|เงิน|นวด|อาหาร|มวย)$|(?<![a-z])(?:speak|learn|translat\w+ (?:in)?to)\s$", re.IGNORECASE)


@dataclass
class _Draft:
    """A question while it is being read."""

    text: str
    undo: AbstractSet[str]
    redo: AbstractSet[str]
    steps: list[Step] = field(default_factory=list)
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    preferred: dict[str, tuple[str, ...]] = field(default_factory=dict)
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    excluded: list[tuple[str, ...]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Texts of quoted phrases, which count as words of the question too."""
    cuts: list[tuple[int, int]] = field(default_factory=list)
    """Spans of the text that became a filter."""
    dateless: bool = False
    """Whether a field of years was taken back, so that its words are no wish for years either."""
    title: str = ""
    years: tuple[int | None, int | None] = (None, None)
    corrected: set[str] = field(default_factory=set)

    def take(self, kind: str, said: str, value: str, *, offered: bool = False) -> bool:
        """Note a step; whether it is to be applied."""
        step = Step(kind, said.strip().encode("utf-8", "replace").decode(), value)
        applied = step.key in self.redo if offered else step.key not in self.undo
        known = next((place for place, other in enumerate(self.steps) if other.key == step.key), None)
        if known is None:
            self.steps.append(replace(step, applied=applied))
        elif applied:
            self.steps[known] = replace(self.steps[known], applied=True)
        return applied


class Reader:
    """Everything that reading a question needs, ready."""

    def __init__(
        self,
        segmenter: Segmenter,
        taxonomy: Taxonomy,
        names: Names,
        lexicon: Lexicon,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.segmenter = segmenter
        self.taxonomy = taxonomy
        self.names = names
        self.lexicon = lexicon
        self.today = today

    def read(self, text: str, undo: AbstractSet[str] = frozenset(), redo: AbstractSet[str] = frozenset()) -> Query:
        """Understand a question; `undo` are keys of steps that the reader took back, `redo` of offered ones to apply."""
        literal = parse_query(text, self.segmenter)
        if literal.empty or LITERAL in undo:
            return literal
        draft = _Draft(text[: 4 * MAX_CHARACTERS], undo, redo)
        self._keyboard(draft)
        draft.text = normalise(draft.text).replace("\n", " ")[:MAX_CHARACTERS]
        self._operators(draft)
        self._spelling(draft)
        self._years(draft)
        mentions = self._find(draft.text)
        self._places(draft, mentions)
        self._preferences(draft, self._find(draft.text))
        return self._finish(draft, literal)

    def _find(self, text: str) -> list[Mention]:
        return self.names.find(text, self.segmenter.tokens(text))

    def _keyboard(self, draft: _Draft) -> None:
        found = rescue(draft.text, self.segmenter, self.lexicon.is_word)
        if found is not None and draft.take("keyboard", found.said, normalise(found.meant)[:200]):
            draft.text = found.text

    def _operators(self, draft: _Draft) -> None:
        """Take quoted phrases, exclusions and field words out of the text."""
        rest, at = "", 0
        found = list(_OPERATOR.finditer(draft.text))
        around = len(self.segmenter.tokens(_OPERATOR.sub(" ", draft.text)))
        for match in found:
            said = match.group()
            if match["field"]:
                taken = self._field(draft, said, FIELDS[match["field"].lower()], match["value"].strip('"'))
            elif match["excluded"]:
                terms = self._terms(match["excluded"].strip('"'))
                taken = bool(terms) and draft.take("exclusion", said, " ".join(terms))
                draft.excluded += [terms] if taken else []
            else:
                terms = self._terms(match["phrase"].strip('"'))
                quoting = around > MAX_AROUND
                taken = bool(terms) and draft.take("phrase", said, " ".join(terms), offered=quoting)
                draft.phrases += [terms] if taken else []
                draft.kept += [match["phrase"].strip('"')] if taken else []
            if taken:
                rest += draft.text[at : match.start()]
                at = match.end()
        draft.text = (rest + draft.text[at:]).strip()

    def _terms(self, text: str) -> tuple[str, ...]:
        return tuple(token.term for token in self.segmenter.tokens(normalise(text)))

    def _field(self, draft: _Draft, said: str, facet: str, value: str) -> bool:
        """Apply `field:value`; false where the value means nothing, so that it stays a part of the question."""
        if facet == "title":
            if draft.take("field", said, f"title={value}"):
                draft.title = value
                return True
            return False
        if facet == "years":
            span = _SPAN.fullmatch(value)
            if span is None or not (span["first"] or span["last"]):
                return False
            first, last = (to_common_era(int(year)) if year else None for year in span.group("first", "last"))
            last = last if span["to"] else first
            if any(year is not None and not FIRST_YEAR <= year <= LAST_YEAR for year in (first, last)):
                return False
            if not draft.take("field", said, f"years={_years_value(first, last)}"):
                draft.dateless = True
                return False
            draft.years = (first, last)
            return True
        known = {
            "kind": _KINDS.get(value.lower()),
            "language": _LANGUAGES.get(value.lower()),
        }.get(facet) or self.names.identify(facet, value)
        if known is None:
            return False
        if not draft.take("field", said, f"{facet}={known}"):
            if facet in ("country", "region"):  # nor is it read from the words that stay
                draft.undo = {*draft.undo, f"{facet}:{known}"}
            return False
        values = self.taxonomy["regions"][known].members if facet == "region" else (known,)
        target = "country" if facet == "region" else facet
        draft.filters[target] = (*draft.filters.get(target, ()), *values)
        return True

    def _spelling(self, draft: _Draft) -> None:
        text = draft.text
        for found in reversed(corrections(text, self.segmenter.tokens(text), self.lexicon)):
            meant = found.meant.capitalize() if found.said[:1].isupper() else found.meant
            if draft.take("spelling", found.said, meant):
                text = text[: found.start] + meant + text[found.end :]
                draft.corrected.update(self._terms(meant))
        draft.text = text
        draft.steps.sort(key=lambda step: step.kind == "spelling" and draft.text.find(step.value))

    def _years(self, draft: _Draft) -> None:
        found = year_range(draft.text, self.today())
        if found is None or draft.dateless or draft.years != (None, None):
            return
        first, last = found.first, found.last
        offered = not found.explicit and bool(_EVENT.search(draft.text[: found.start]))
        offered = offered or (not found.explicit and bool(_EVENT_AFTER.match(draft.text[found.end :])))
        offered = offered or bool(re.search(r"\d", draft.text[: found.start][-1:])) or (first or last or 0) > self.today().year
        offered = offered or _is_in_a_name(draft.text, found)
        said = draft.text[found.start : found.end]
        if (first is None and last is None) or not draft.take("years", said, _years_value(first, last), offered=offered):
            return
        draft.years = (first, min(last, LAST_YEAR) if last else None)
        draft.cuts.append((found.start, found.end))

    def _places(self, draft: _Draft, mentions: Sequence[Mention]) -> None:
        """States and regions become a filter, unless they are the asker's own state or only part of a name.

        A city stands for its state, and for the regional bodies that may have their seat there.
        """
        places = [mention for mention in mentions if mention.name.kind in ("country", "region") and mention.name.id != "ASEAN"]
        places = [p for p in places if not _NOT_A_STATE.search(draft.text[: p.start])]
        asked = [p for p in places if not _is_audience(draft.text, p)]
        chosen: dict[str, None] = {}
        cuts = []
        for place in places:
            said = draft.text[place.start : place.end]
            offered = place not in asked or "country" in draft.filters
            if draft.take(place.name.kind, said, place.name.id, offered=offered):
                members = self.taxonomy["regions"][place.name.id].members if place.name.kind == "region" else (place.name.id,)
                chosen |= dict.fromkeys((*members, "ASEAN") if place.name.city else members)
                cuts.append(place)
        if chosen:
            draft.filters["country"] = tuple(chosen)
            draft.cuts += [(place.start, place.end) for place in cuts]
        if any(mention.name.id == "ASEAN" for mention in kinds(mentions, "country")) and not chosen:
            draft.preferred["country"] = ("ASEAN",)

    def _preferences(self, draft: _Draft, mentions: Sequence[Mention]) -> None:
        """Priorities and levels of government named in words put such records a little higher."""
        for kind in ("priority", "level"):
            for mention in kinds(mentions, kind):
                said = draft.text[mention.start : mention.end]
                if draft.take(kind, said, mention.name.id):
                    draft.preferred[kind] = tuple(dict.fromkeys((*draft.preferred.get(kind, ()), mention.name.id)))

    def _finish(self, draft: _Draft, literal: Query) -> Query:
        """The question with all that was understood, and without the words that became a filter."""
        whole = self._words(draft, draft.text, literal)
        read = replace(
            whole,
            corrected=frozenset(draft.corrected),
            phrases=tuple(draft.phrases),
            excluded=tuple(draft.excluded),
            title=draft.title,
            filters=MappingProxyType(draft.filters),
            preferred=MappingProxyType(draft.preferred),
            year_from=draft.years[0],
            year_to=draft.years[1],
        )
        topic = self._words(draft, _cut(draft.text, draft.cuts), read) if draft.cuts else None
        steps = tuple(draft.steps)
        return replace(read, steps=steps, topic=replace(topic, steps=steps) if topic else None)

    def _words(self, draft: _Draft, text: str, base: Query) -> Query:
        """`base` with the words of a text."""
        text = " ".join(filter(None, (text.strip(), *draft.kept)))
        tokens = self.segmenter.tokens(text)
        mentions = kinds(self.names.find(text, tokens), "term")
        words = words_of(text, tokens, self.segmenter)
        language = query_language(text) if tokens else base.language
        meaning, expansions = self._expand(draft, text, tokens, mentions, language)
        meaning, by_sound = self._hear(draft, text, meaning, tokens, mentions)
        expansions = [*expansions, *by_sound][:MAX_EXPANSIONS]
        return replace(
            base,
            text=text,
            language=language,
            meaning=meaning,
            terms=words.terms,
            weak=words.weak,
            parts=words.parts,
            pieces=words.pieces,
            expansions=tuple(expansions),
        )

    def _expand(
        self, draft: _Draft, text: str, tokens: Sequence[Token], mentions: Sequence[Mention], language: str
    ) -> tuple[str, list[Expansion]]:
        """The text for the encoder, with acronyms written out, and the other forms of the terms."""
        meaning = text
        expansions: list[Expansion] = []
        alone = len(tokens) <= 3
        for mention in reversed(mentions):
            said = text[mention.start : mention.end]
            entry = self.names.terms[mention.name.id]
            if mention.name.cautious and not alone:
                continue
            own = tuple(token.term for token in tokens[mention.first : mention.last])
            forms = tuple(
                sequence for form, sequence in self.names.forms(entry.id) if sequence != own and form not in entry.ambiguous
            )
            if not forms or len(expansions) >= MAX_EXPANSIONS or not draft.take("term", said, entry.id):
                continue
            expansions.append(Expansion(entry.id, said, own, forms))
            if is_acronym(said):
                full = entry.th[0] if language == "th" else entry.en[0]
                if normalise(full).lower() != said.lower():
                    meaning = f"{meaning[: mention.start]}{full} ({said}){meaning[mention.end :]}"
        return meaning, expansions[::-1]

    def _hear(
        self, draft: _Draft, text: str, meaning: str, tokens: Sequence[Token], mentions: Sequence[Mention]
    ) -> tuple[str, list[Expansion]]:
        """The text for the encoder, with the Latin spelling of sure names beside the Thai one, and words that sound alike."""
        taken = {place for mention in mentions for place in range(mention.first, mention.last)}
        expansions: list[Expansion] = []
        for name in transliterations(text, tokens, self.segmenter, self.lexicon, taken):
            if not draft.take("transliteration", name.said, ", ".join(name.words)):
                continue
            own = tuple(token.term for token in tokens[name.first : name.last])
            expansions.append(Expansion("", name.said, own, tuple((stem(word),) for word in name.words)))
            if name.sure:
                meaning = meaning.replace(name.said, f"{name.said} ({name.words[0]})", 1)
        return meaning, expansions


def _is_audience(text: str, place: Mention) -> bool:
    """Whether a state is named as the one that wants to learn, not as the one to learn from."""
    before, after = text[: place.start], text[place.end :]
    return bool(_AUDIENCE_BEFORE.search(before) or _AUDIENCE_AFTER.match(after))


def _is_in_a_name(text: str, found: YearRange) -> bool:
    """Whether the years belong to a plan or an act: "Work Plan 2021-2025"."""
    return text[found.start : found.end].lstrip()[:1].isdecimal() and bool(_EVENT.search(text[: found.start]))


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without some spans and the little words that lead up to them."""
    for start, end in sorted(spans, reverse=True):
        text = f"{_LEAD_IN.sub('', text[:start])} {text[end:]}"
    return " ".join(text.split())


def _years_value(first: int | None, last: int | None) -> str:
    """A span as `2015..2020`, `2015..`, `..2020` or `2015`."""
    if first == last and first is not None:
        return str(first)
    return f"{first or ''}..{last or ''}"
