"""The corpus format: one Markdown file a practice, read with line numbers and written back without loss.

`docs/editors/format.md` describes the format for editors. `parse(dump(practice)) == practice` for every practice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, cast

import yaml

from kb.errors import CorpusError
from kb.records import (
    HEADINGS,
    LANGUAGES,
    SECTIONS,
    Agency,
    Award,
    Bilingual,
    Claim,
    Cost,
    Face,
    Lang,
    Lineage,
    Practice,
    Related,
    Source,
    Verified,
)
from kb.taxonomy import Taxonomy
from kb.yaml_lists import load_yaml

ROLES = ("lead", "developer", "partner", "funder")
RELATIONS = ("adapted-from", "inspired-by", "replaced", "replaced-by", "spread-to")
VERIFICATIONS = ("compiled", "confirmed")
CONFIDENCES = ("high", "medium", "low")
STATES = ("original", "machine", "human-checked")
MAX_FILE_BYTES = 1_000_000
QUESTIONS = (2, 5)

_ID = re.compile(r"^[a-z]{2,5}(?:-[a-z0-9]+)+$")
_FACE = re.compile(r"^# (?P<title>.+?)\s*\{lang=(?P<lang>[a-z]+)\}\s*$")
_CITATION = re.compile(r"\[\^(?P<number>[^\]\s]+)\]")
_ITEM = re.compile(r"^[-*] +(?P<text>.*\S)\s*$", re.MULTILINE)
_HTML = re.compile(r"<[A-Za-z!/][^>]*>")

_FIELDS = {
    "id", "country", "place", "levels", "agencies", "start", "end", "status", "priority", "secondary_priorities",
    "principles", "beneficiaries", "sdgs", "cost", "partners", "awards", "study_visit", "lineage", "related", "evidence",
    "verification", "verified", "confidence", "sources", "claims", "faces",
}  # fmt: skip
_PARTS = {
    "place": {"th", "en"}, "agencies": {"th", "en", "role"}, "cost": {"band", "th", "en"}, "partners": {"th", "en"},
    "awards": {"th", "en", "year"}, "study_visit": {"th", "en"}, "lineage": {"id", "relation", "th", "en"},
    "related": {"id", "th", "en"}, "sources": {"title", "publisher", "year", "url", "copy"},
    "claims": {"sources", "basis", "figures", "th", "en"}, "verified": {"th", "en", "day", "until"},
    "faces": {"state", "revision", "made_from", "checked", "unchecked_names"},
}  # fmt: skip
"""What the entries of a field may hold."""
_SINGLE = {"place", "cost", "study_visit", "verified"}
_REQUIRED = {"id", "country", "place", "levels", "agencies", "status", "priority", "principles", "evidence", "sources", "faces"}


def read_practice(path: Path, taxonomy: Taxonomy) -> Practice:
    """Read one practice file; raises `CorpusError` with file, line and remedy."""
    return parse_practice(read_text(path), path, taxonomy)


def read_text(path: Path) -> str:
    """The text of a corpus file; raises `CorpusError` where it is no readable UTF-8 of a sane size."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise CorpusError(path, 1, f"the file is larger than {MAX_FILE_BYTES // 1_000_000} MB", "split or shorten it")
        return path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise CorpusError(path, 1, f"the file cannot be read ({exc.strerror})", "check that it exists and its rights") from exc
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        raise CorpusError(path, line, "the file is not UTF-8", "save it as UTF-8 in your editor") from exc


def is_practice(text: str) -> bool:
    """Whether a Markdown text claims to be a practice: front matter that names faces."""
    return text.startswith("---\n") and re.search(r"^faces:", text.split("\n---", 1)[0], re.MULTILINE) is not None


def parse_practice(text: str, path: Path, taxonomy: Taxonomy) -> Practice:
    """Parse the text of a practice file. `path` is used in messages and must be named after the id."""
    lines = _lines(text)
    if lines[0] != "---":
        raise CorpusError(path, 1, "the file does not begin with front matter", "begin it with a line of three hyphens")
    try:
        close = lines.index("---", 1)
    except ValueError:
        raise CorpusError(path, 1, "the front matter has no end", "close it with a line of three hyphens") from None
    front = _FrontMatter("\n".join(lines[1:close]), path, taxonomy)
    faces = _Body(lines, close + 1, path).faces()
    return front.practice(faces)


class _FrontMatter:
    """Reads the YAML of one file; every complaint carries the line of the field it is about."""

    def __init__(self, text: str, path: Path, taxonomy: Taxonomy) -> None:
        self.path = path
        self.taxonomy = taxonomy
        node, data = load_yaml(text, path, above=1)
        if not isinstance(data, dict):
            raise CorpusError(path, 2, "the front matter is not a list of fields", "write `field: value` lines")
        self.data: dict[str, Any] = data
        self.lines: dict[tuple[Any, ...], int] = {}
        self._number(node, ())

    def _number(self, node: Any, where: tuple[Any, ...]) -> None:
        self.lines[where] = node.start_mark.line + 2
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = int(key.value) if key.value.isdecimal() else key.value
                line = key.start_mark.line + 2
                if (*where, name) in self.lines:  # YAML would silently take the last
                    raise CorpusError(self.path, line, f"{_name((*where, name))} stands twice", "keep one of the two")
                self._number(value, (*where, name))
                self.lines[(*where, name)] = line
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._number(value, (*where, index))

    def fail(self, where: tuple[Any, ...], problem: str, remedy: str) -> NoReturn:
        line = next((self.lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in self.lines), 1)
        raise CorpusError(self.path, line, problem, remedy)

    def practice(self, faces: dict[Lang, tuple[str, dict[str, str], int]]) -> Practice:
        data = self.data
        for name in data:
            if name not in _FIELDS:
                self.fail((name,), f"unknown field {name!r}", "see docs/editors/format.md for the fields")
        for name in sorted(_REQUIRED - set(data)):
            self.fail((), f"the field {name!r} is missing", "add it to the front matter")
        self.refuse_strays()
        country = self.code(("country",), "countries")
        start, end = self.year(("start",)), self.year(("end",))
        if start and end and end < start:
            self.fail(("end",), f"end {end} is before start {start}", "check the two years")
        sources = tuple(self.source(("sources", i)) for i in range(len(self.items(("sources",)))))
        if not sources:
            self.fail(("sources",), "there is no source", "name at least one source with title and publisher")
        claims = self.claims(len(sources))
        return Practice(
            id=self.identifier(country),
            country=country,
            place=self.bilingual(("place",)),
            levels=self.codes(("levels",), "levels", required=True),
            agencies=self.agencies(),
            status=self.code(("status",), "status"),
            priority=self.code(("priority",), "priorities"),
            principles=self.codes(("principles",), "principles", required=True),
            evidence=self.code(("evidence",), "evidence"),
            faces=self.faces(faces, claims),
            start=start,
            end=end,
            secondary_priorities=self.codes(("secondary_priorities",), "priorities"),
            beneficiaries=self.codes(("beneficiaries",), "beneficiaries"),
            sdgs=tuple(int(goal) for goal in self.codes(("sdgs",), "sdgs")),
            cost=self.cost(),
            partners=tuple(self.bilingual(("partners", i)) for i in range(len(self.items(("partners",))))),
            awards=tuple(
                Award(self.bilingual(("awards", i)), self.year(("awards", i, "year")))
                for i in range(len(self.items(("awards",))))
            ),
            study_visit=self.bilingual(("study_visit",)) if data.get("study_visit") is not None else None,
            lineage=tuple(self.lineage(("lineage", i)) for i in range(len(self.items(("lineage",))))),
            related=tuple(
                Related(self.reference(("related", i, "id")), self.bilingual(("related", i)))
                for i in range(len(self.items(("related",))))
            ),
            verification=self.one_of(("verification",), VERIFICATIONS, "compiled"),
            confidence=self.one_of(("confidence",), CONFIDENCES, "medium"),
            sources=sources,
            claims=claims,
            verified=self.verified(),
        )

    def refuse_strays(self) -> None:
        """Refuse what an entry cannot hold. Without quotes a text in braces ends at its first comma; the rest would be lost."""
        for where in self.lines:
            known = _PARTS.get(where[0]) if where else None
            if known and len(where) == (2 if where[0] in _SINGLE else 3) and where[-1] not in known:
                self.fail(
                    where,
                    f"{_name(where[:-1])} cannot hold {str(where[-1])!r}",
                    f"use {', '.join(sorted(known))}, and put a text with a comma or colon in quotes",
                )

    def get(self, where: tuple[Any, ...]) -> Any:
        value: Any = self.data
        for key in where:
            if isinstance(value, Mapping):
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                return None
        return value

    def text(self, where: tuple[Any, ...]) -> str:
        value = self.get(where)
        if not isinstance(value, str) or not value.strip():
            self.fail(where, f"{_name(where)} is not a text", "write a text, in quotes if it holds `: ` or `#`")
        return value.strip()

    def items(self, where: tuple[Any, ...]) -> list[Any]:
        value = self.get(where)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(where, f"{_name(where)} is not a list", "write `[]` or entries with hyphens")
        return value

    def code(self, where: tuple[Any, ...], taxonomy: str) -> str:
        value = str(self.get(where))
        if value not in self.taxonomy[taxonomy]:
            known = ", ".join(self.taxonomy[taxonomy])
            self.fail(where, f"{_name(where)} {value!r} is unknown", f"use one of: {known}")
        return value

    def codes(self, where: tuple[Any, ...], taxonomy: str, required: bool = False) -> tuple[str, ...]:
        values = tuple(self.code((*where, i), taxonomy) for i in range(len(self.items(where))))
        if required and not values:
            self.fail(where, f"{_name(where)} is empty", f"use one or more of: {', '.join(self.taxonomy[taxonomy])}")
        if len(set(values)) < len(values):
            self.fail(where, f"{_name(where)} names one value twice", "keep it once")
        return values

    def one_of(self, where: tuple[Any, ...], known: tuple[str, ...], default: str) -> str:
        value = self.get(where)
        if value is None:
            return default
        if value not in known:
            self.fail(where, f"{_name(where)} {value!r} is unknown", f"use one of: {', '.join(known)}")
        return str(value)

    def year(self, where: tuple[Any, ...]) -> int | None:
        value = self.get(where)
        if value is None:
            return None
        if not _is_number(value) or not 1900 <= value <= 2100:
            self.fail(where, f"{_name(where)} {value!r} is not a year CE", "write four digits, Common Era (B.E. less 543)")
        return int(value)

    def bilingual(self, where: tuple[Any, ...]) -> Bilingual:
        if not isinstance(self.get(where), Mapping):
            self.fail(where, f"{_name(where)} lacks th and en", "write {th: ..., en: ...}")
        return Bilingual(*(self.text((*where, lang)) for lang in LANGUAGES))

    def identifier(self, country: str) -> str:
        value = self.text(("id",))
        if not _ID.match(value) or not value.startswith(country.lower() + "-"):
            self.fail(("id",), f"id {value!r} is not well formed", f"begin with {country.lower()}-, then a-z, 0-9 and hyphens")
        if value != self.path.stem:
            self.fail(("id",), f"id {value!r} is not the file's name", f"rename the file to {value}.md, or mend the id")
        return value

    def reference(self, where: tuple[Any, ...]) -> str:
        value = self.text(where)
        if not _ID.match(value):
            self.fail(where, f"{value!r} is not a practice id", "write the id of a practice of this repository")
        return value

    def agencies(self) -> tuple[Agency, ...]:
        found = []
        for i in range(len(self.items(("agencies",)))):
            role = self.one_of(("agencies", i, "role"), ROLES, "") or None
            found.append(Agency(self.bilingual(("agencies", i)), role))
        if not found:
            self.fail(("agencies",), "there is no agency", "name the lead agency as {th: ..., en: ...}")
        return tuple(found)

    def cost(self) -> Cost:
        if self.get(("cost",)) is None:
            return Cost("unknown", Bilingual("", ""))
        text = Bilingual("", "")
        if self.get(("cost", "th")) is not None or self.get(("cost", "en")) is not None:
            text = self.bilingual(("cost",))
        return Cost(self.code(("cost", "band"), "cost_bands"), text)

    def verified(self) -> Verified | None:
        if self.get(("verified",)) is None:
            return None
        if self.get(("verification",)) != "confirmed":
            self.fail(("verified",), "verified stands beside no confirmation", "write verification: confirmed, or leave it out")
        day, until = self.day(("verified", "day")), self.day(("verified", "until"))
        if day is None:
            self.fail(("verified",), "verified has no day", "write day: and a date such as 2026-05-31")
        if until is not None and until < day:
            self.fail(("verified", "until"), f"{until} is before {day}", "check the two dates")
        return Verified(self.bilingual(("verified",)), day, until)

    def day(self, where: tuple[Any, ...]) -> date | None:
        value = self.get(where)
        if value is not None and type(value) is not date:
            self.fail(where, f"{_name(where)} {value!r} is not a date", "write it as 2026-05-31, Common Era and without quotes")
        return value

    def lineage(self, where: tuple[Any, ...]) -> Lineage:
        other = self.get((*where, "id"))
        return Lineage(
            self.one_of((*where, "relation"), RELATIONS, RELATIONS[0]),
            self.bilingual(where),
            self.reference((*where, "id")) if other is not None else None,
        )

    def source(self, where: tuple[Any, ...]) -> Source:
        url = self.get((*where, "url"))
        if url is not None and not re.match(r"https?://\S+$", str(url)):
            self.fail((*where, "url"), f"url {url!r} is no web address", "write http:// or https://, or leave url out")
        return Source(
            title=self.text((*where, "title")),
            publisher=self.text((*where, "publisher")),
            year=self.year((*where, "year")),
            url=str(url) if url is not None else None,
            copy=self.get((*where, "copy")) is True,
        )

    def claims(self, sources: int) -> tuple[Claim, ...]:
        table = self.get(("claims",)) or {}
        if not isinstance(table, Mapping):
            self.fail(("claims",), "claims is not a table", "write `1: {sources: [1], basis: agency, figures: [...]}`")
        found = []
        for number in table:
            where = ("claims", number)
            if not _is_number(number):
                self.fail(where, f"claim {number!r} is not a number", "number claims 1, 2, 3")
            cited = self.items((*where, "sources"))
            if not cited or not all(_is_number(n) and 1 <= n <= sources for n in cited):
                self.fail((*where, "sources"), f"claim {number} cites {cited}", f"cite sources 1 to {sources}")
            figures = self.items((*where, "figures"))
            if not all(isinstance(figure, str) for figure in figures):
                self.fail((*where, "figures"), f"figures of claim {number} are not texts", 'put each in quotes: ["79%"]')
            noted = self.get((*where, "th")) is not None or self.get((*where, "en")) is not None
            found.append(
                Claim(
                    number,
                    tuple(cited),
                    self.code((*where, "basis"), "bases"),
                    tuple(figures),
                    self.bilingual(where) if noted else None,
                )
            )
        return tuple(sorted(found, key=lambda claim: claim.number))

    def faces(self, bodies: dict[Lang, tuple[str, dict[str, str], int]], claims: tuple[Claim, ...]) -> dict[Lang, Face]:
        if not isinstance(self.get(("faces",)), Mapping):
            self.fail(("faces",), "faces is not a table", "write `th:` and `en:` with state and revision")
        named = sorted(map(str, self.data["faces"]))
        if named != sorted(bodies):
            self.fail(("faces",), f"faces names {named}, the body has {sorted(bodies)}", "make the two agree")
        known = {str(claim.number) for claim in claims}
        faces: dict[Lang, Face] = {}
        for lang in LANGUAGES:
            if lang not in bodies:
                continue
            title, sections, line = bodies[lang]
            for number in dict.fromkeys(_CITATION.findall("\n".join(sections.values()))):
                if number not in known:
                    raise CorpusError(
                        self.path, line, f"the {lang} face cites claim {number}", "add it under claims, or mend it"
                    )
            where = ("faces", lang)
            revision = self.get((*where, "revision"))
            made_from = self.get((*where, "made_from"))
            if not _is_number(revision) or not (made_from is None or _is_number(made_from)):
                self.fail(where, f"faces.{lang} has no revision number", "write revision: 1")
            faces[lang] = Face(
                lang,
                title,
                sections,
                state=self.one_of((*where, "state"), STATES, "original"),
                revision=revision,
                made_from=made_from,
                checked=self.get((*where, "checked")) is True,
                unchecked_names=tuple(str(name) for name in self.items((*where, "unchecked_names"))),
            )
        return faces


class _Body:
    """Reads the Markdown under the front matter: faces, then sections in their fixed order."""

    def __init__(self, lines: list[str], first: int, path: Path) -> None:
        self.lines = lines
        self.first = first
        self.path = path

    def faces(self) -> dict[Lang, tuple[str, dict[str, str], int]]:
        """Language -> title, sections, line of the title."""
        found: dict[Lang, tuple[str, dict[str, str], int]] = {}
        starts = [n for n in range(self.first, len(self.lines)) if self.lines[n].startswith("# ")]
        if not starts:
            self.fail(self.first, "there is no face", "begin one with `# Title {lang=en}`")
        for n in range(self.first, starts[0]):
            if self.lines[n].strip():
                self.fail(n, "text stands before the first face", "move it into a section")
        for start, end in zip(starts, [*starts[1:], len(self.lines)], strict=True):
            heading = _FACE.match(self.lines[start])
            if heading is None or heading["lang"] not in LANGUAGES:
                self.fail(start, "the face has no language", "end its heading with {lang=th} or {lang=en}")
            lang = cast(Lang, heading["lang"])
            if lang in found:
                self.fail(start, f"there are two {lang} faces", "keep one")
            found[lang] = (heading["title"].strip(), self.sections(lang, start + 1, end), start + 1)
        return found

    def sections(self, lang: Lang, first: int, last: int) -> dict[str, str]:
        keys = {heading: key for key, heading in HEADINGS[lang].items()}
        starts = [n for n in range(first, last) if self.lines[n].startswith("## ")]
        found: dict[str, str] = {}
        for n in range(first, starts[0] if starts else last):
            if self.lines[n].strip():
                self.fail(n, "text stands outside a section", f"put it under `## {HEADINGS[lang]['summary']}`")
        for start, end in zip(starts, [*starts[1:], last], strict=False):  # of no sections at all, `last` is left over
            heading = self.lines[start][3:].strip()
            if heading not in keys:
                self.fail(start, f"unknown section {heading!r}", f"use one of: {', '.join(keys)}")
            key = keys[heading]
            if key in found:
                self.fail(start, f"the section {heading!r} stands twice", "join the two")
            if found and SECTIONS.index(key) < SECTIONS.index(list(found)[-1]):
                self.fail(start, f"the section {heading!r} is out of order", f"the order is: {', '.join(keys)}")
            text = "\n".join(self.lines[start + 1 : end]).strip()
            if not text:
                self.fail(start, f"the section {heading!r} is empty", "write it, or say that nothing is known")
            for n in range(start + 1, end):
                if _HTML.search(self.lines[n]):
                    self.fail(n, "HTML is not accepted", "write plain Markdown")
            found[key] = text
        missing = [HEADINGS[lang][key] for key in SECTIONS if key not in found]
        if missing:
            self.fail(first - 1, f"the {lang} face lacks {', '.join(missing)}", "add the section, or say that nothing is known")
        count = len(questions(found["questions"]))
        if not QUESTIONS[0] <= count <= QUESTIONS[1]:
            self.fail(first - 1, f"the {lang} face asks {count} questions", "list two to five, each on a line with a hyphen")
        return found

    def fail(self, index: int, problem: str, remedy: str) -> NoReturn:
        raise CorpusError(self.path, index + 1, problem, remedy)


def questions(section: str) -> list[str]:
    """The questions of a `questions` section, one for each list item."""
    return [match["text"] for match in _ITEM.finditer(section)]


def plain(markdown: str) -> str:
    """A section's text without citation marks, for searching and for figures; characters are blanked, so offsets hold."""
    return _CITATION.sub(lambda match: " " * len(match[0]), markdown)


def dump_practice(practice: Practice) -> str:
    """The file text of a practice, in the canonical order of fields."""
    front = yaml.dump(_front_matter(practice), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000)
    parts = ["---", front.rstrip("\n"), "---"]
    for lang, face in practice.faces.items():
        parts += ["", f"# {face.title} {{lang={lang}}}"]
        for key in SECTIONS:
            if key in face.sections:
                parts += ["", f"## {HEADINGS[lang][key]}", "", face.sections[key]]
    return "\n".join(parts) + "\n"


def _front_matter(practice: Practice) -> dict[str, Any]:
    return {
        "id": practice.id,
        "country": practice.country,
        "place": _both(practice.place),
        "levels": list(practice.levels),
        "agencies": [_both(agency.name) | ({"role": agency.role} if agency.role else {}) for agency in practice.agencies],
        "start": practice.start,
        "end": practice.end,
        "status": practice.status,
        "priority": practice.priority,
        "secondary_priorities": list(practice.secondary_priorities),
        "principles": list(practice.principles),
        "beneficiaries": list(practice.beneficiaries),
        "sdgs": list(practice.sdgs),
        "cost": {"band": practice.cost.band} | (_both(practice.cost.text) if practice.cost.text.th else {}),
        "partners": [_both(partner) for partner in practice.partners],
        "awards": [_both(award.name) | ({"year": award.year} if award.year else {}) for award in practice.awards],
        "study_visit": _both(practice.study_visit) if practice.study_visit else None,
        "lineage": [{"id": item.id, "relation": item.relation} | _both(item.text) for item in practice.lineage],
        "related": [{"id": item.id} | _both(item.reason) for item in practice.related],
        "evidence": practice.evidence,
        "verification": practice.verification,
        **({"verified": _verified(practice.verified)} if practice.verified else {}),
        "confidence": practice.confidence,
        "sources": [
            {
                key: value
                for key, value in (
                    ("title", source.title),
                    ("publisher", source.publisher),
                    ("year", source.year),
                    ("url", source.url),
                    ("copy", source.copy or None),
                )
                if value is not None
            }
            for source in practice.sources
        ],
        "claims": {
            claim.number: {
                "sources": list(claim.sources),
                "basis": claim.basis,
                "figures": list(claim.figures),
                **(_both(claim.note) if claim.note else {}),
            }
            for claim in practice.claims
        },
        "faces": {
            lang: {
                "state": face.state,
                "revision": face.revision,
                **({"made_from": face.made_from} if face.made_from is not None else {}),
                "checked": face.checked,
                **({"unchecked_names": list(face.unchecked_names)} if face.unchecked_names else {}),
            }
            for lang, face in practice.faces.items()
        },
    }


def _verified(verified: Verified) -> dict[str, Any]:
    return _both(verified.by) | {"day": verified.day} | ({"until": verified.until} if verified.until else {})


def _both(text: Bilingual) -> dict[str, str]:
    return {"th": text.th, "en": text.en}


def _lines(text: str) -> list[str]:
    """Lines as editors count them; `splitlines` would also cut at U+2028 and other characters inside a line."""
    return re.split(r"\r\n|\r|\n", text)


def _is_number(value: object) -> bool:
    """Whether a YAML value is a whole number; `true` is an `int` to Python."""
    return isinstance(value, int) and not isinstance(value, bool)


def _name(where: tuple[Any, ...]) -> str:
    """A path into the front matter as an editor would say it: `sources 3, title`."""
    counted = where[:1] != ("claims",)  # claims are numbered by the editor, lists from 0
    return " ".join(f"{part + 1}" if counted and isinstance(part, int) else str(part) for part in where)


def practice_files(corpus: Path) -> list[Path]:
    """Practice files of a corpus folder, in order."""
    return sorted((corpus / "practices").glob("*/*.md"))
