from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.corpus import (
    CONFIDENCES,
    MAX_FILE_BYTES,
    RELATIONS,
    ROLES,
    STATES,
    VERIFICATIONS,
    dump_practice,
    is_practice,
    parse_practice,
    plain,
    practice_files,
    questions,
    read_practice,
    read_text,
)
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
    Lineage,
    Practice,
    Related,
    Source,
    Verified,
)
from kb.taxonomy import Taxonomy, load_taxonomy

CORPUS = Path(__file__).parent.parent / "corpus"
FILES = practice_files(CORPUS)
NAME = Path("th-village-bank.md")


def body(language: str, title: str, text: str) -> str:
    sections = dict.fromkeys(SECTIONS, text) | {"questions": f"- {text}?\n- {text}!"}
    headings = HEADINGS[language]  # type: ignore[index]
    return f"# {title} {{lang={language}}}\n" + "".join(
        f"\n## {headings[key]}\n\n{section}\n" for key, section in sections.items()
    )


FRONT = """\
---
id: th-village-bank
country: TH
place: {th: ลำปาง, en: Lampang}
levels: [local]
agencies:
  - {th: ธนาคารหมู่บ้าน, en: Village bank, role: lead}
start: 2015
end: 2018
status: stopped
priority: service-delivery
principles: [participation]
sdgs: [1]
evidence: agency
related:
  - {id: th-traffy-fondue, th: เหตุผล, en: A reason}
sources:
  - {title: Report, publisher: Agency, year: 2019, url: "https://example.org/report"}
claims:
  1: {sources: [1], basis: agency, figures: ["79%"]}
faces:
  th: {state: original, revision: 1, checked: false}
  en: {state: machine, revision: 2, made_from: 1, checked: true}
---
"""

TEXT = f"{FRONT}\n{body('th', 'ธนาคารหมู่บ้าน', 'ร้อยละ 79[^1]')}\n{body('en', 'Village bank', 'It was 79%[^1]')}"


def test_a_file_is_read_whole(taxonomy: Taxonomy) -> None:
    practice = parse_practice(TEXT, NAME, taxonomy)
    assert practice.title == Bilingual("ธนาคารหมู่บ้าน", "Village bank")
    assert practice.summary == Bilingual("ร้อยละ 79[^1]", "It was 79%[^1]")
    assert (practice.country, practice.start, practice.end, practice.status) == ("TH", 2015, 2018, "stopped")
    assert practice.agencies == (Agency(Bilingual("ธนาคารหมู่บ้าน", "Village bank"), "lead"),)
    assert practice.sources == (Source("Report", "Agency", 2019, "https://example.org/report"),)
    assert practice.claims == (Claim(1, (1,), "agency", ("79%",)),)
    assert practice.related == (Related("th-traffy-fondue", Bilingual("เหตุผล", "A reason")),)
    assert practice.cost == Cost("unknown", Bilingual("", ""))
    assert (practice.verification, practice.confidence) == ("compiled", "medium")
    english = practice.faces["en"]
    assert (english.state, english.revision, english.made_from, english.checked) == ("machine", 2, 1, True)
    assert tuple(english.sections) == SECTIONS


def test_a_practice_may_have_one_face(taxonomy: Taxonomy) -> None:
    one = TEXT[: TEXT.index("# Village bank")].replace("  en: {state: machine, revision: 2, made_from: 1, checked: true}\n", "")
    practice = parse_practice(one, NAME, taxonomy)
    assert set(practice.faces) == {"th"}
    assert practice.title == Bilingual("ธนาคารหมู่บ้าน", "")
    assert practice.title.get("en") == "ธนาคารหมู่บ้าน"
    assert parse_practice(dump_practice(practice), NAME, taxonomy) == practice


BROKEN = [
    # front matter as a whole
    ("---\nid", "id", "id", "does not begin with front matter", "three hyphens", "no opening line"),
    ("checked: true}\n---\n", "checked: true}\n", "---", "front matter has no end", "three hyphens", "no closing line"),
    ("sdgs: [1]", "sdgs: [1", "evidence:", "not YAML", "check quotes", "an open bracket"),
    ("sdgs: [1]", "sdgs: 2024-02-31", "id: th", "not YAML", "check quotes", "a date that does not exist"),
    ("sdgs: [1]", "sdgs: &x [*x]", "sdgs:", "alias", "write the value out", "a list in itself"),
    ("sdgs: [1]", "sdgs: " + "[" * 100_000, "sdgs:", "nested too deeply", "check brackets", "brackets without end"),
    ("sdgs: [1]", "sdgs: !!python/name:os.system x", "sdgs:", "not YAML", "check quotes", "a tag that would run code"),
    ("sdgs: [1]", "sdgs: [1]\nsdg: [1]", "sdg: ", "unknown field 'sdg'", "format.md", "a misspelt field"),
    ("sdgs: [1]", "sdgs: [1]\nstatus: pilot", "status: pilot", "status stands twice", "keep one", "a field twice"),
    ("priority: service-delivery\n", "", "id: th", "'priority' is missing", "add it", "a missing field"),
    # values
    ("country: TH", "country: XX", "country:", "country 'XX' is unknown", "BN, KH", "an unknown country"),
    ("[local]", "[]", "levels:", "levels is empty", "use one or more of", "an empty list"),
    ("[local]", "local", "levels:", "levels is not a list", "hyphens", "a text for a list"),
    ("[local]", "[local, local]", "levels:", "levels names one value twice", "keep it once", "a value twice"),
    ("[participation]", "[openness]", "principles:", "principles 1 'openness' is unknown", "use one of", "an unknown value"),
    ("status: stopped", "status: ended", "status:", "status 'ended' is unknown", "stopped, failed", "an unknown status"),
    ("sdgs: [1]", "sdgs: [18]", "sdgs:", "sdgs 1 '18' is unknown", "use one of", "an eighteenth goal"),
    ("start: 2015", "start: 2558", "start:", "start 2558 is not a year CE", "B.E. less 543", "a Buddhist-era year"),
    ("start: 2015", "start: '2015'", "start:", "start '2015' is not a year CE", "four digits", "a year in quotes"),
    ("start: 2015", "start: true", "start:", "start True is not a year CE", "four digits", "a truth for a year"),
    ("end: 2018", "end: 2014", "end:", "end 2014 is before start 2015", "check the two", "an end before the start"),
    ("{th: ลำปาง, en: Lampang}", "Lampang", "place:", "place lacks th and en", "{th: ..., en: ...}", "one language only"),
    ("{th: ลำปาง, en: Lampang}", "{th: ลำปาง}", "place:", "place en is not a text", "write a text", "no English"),
    ("{th: ลำปาง, en: Lampang}", "{th: ลำปาง, en: 5}", "place:", "place en is not a text", "in quotes", "a number"),
    ("id: th-village-bank", "id: Village", "id: V", "id 'Village' is not well formed", "begin with th-", "a bad id"),
    ("id: th-village-bank", "id: la-village-bank", "id: la", "is not well formed", "begin with th-", "another country's id"),
    ("id: th-village-bank", "id: th-bank", "id: th-bank", "is not the file's name", "th-bank.md", "another file's id"),
    ("  - {th: ธนาคารหมู่บ้าน, en: Village bank, role: lead}\n", "", "agencies:", "there is no agency", "name the lead", "nobody"),
    ("id: th-traffy-fondue, ", "id: Traffy, ", "{id: Traffy", "'Traffy' is not a practice id", "id of", "a bad reference"),
    # sources and claims
    ('url: "https://example.org/report"', "url: example.org", "- {title", "no web address", "http", "no scheme"),
    ("title: Report, ", "", "- {publisher", "sources 1 title is not a text", "write a text", "a source without title"),
    ("sources: [1]", "sources: [2]", "  1: {", "claim 1 cites [2]", "cite sources 1 to 1", "a source that is not there"),
    ("sources: [1]", "sources: []", "  1: {", "claim 1 cites []", "cite sources", "a claim of nobody"),
    ("basis: agency", "basis: rumour", "  1: {", "'rumour' is unknown", "use one of", "an unknown basis"),
    ('["79%"]', "[79]", "  1: {", "figures of claim 1 are not texts", "in quotes", "a figure without quotes"),
    ("  1: {sources", "  one: {sources", "  one:", "claim 'one' is not a number", "number claims", "a claim with a name"),
    ("  1: {sources", "  ²: {sources", "  ²:", "claim '²' is not a number", "number claims", "a digit that is no number"),
    ("79%[^1]\n\n## Problem", "79%[^2]\n\n## Problem", "# Village bank", "en face cites claim 2", "add it", "no such claim"),
    # faces
    ("  th: {state: original, revision: 1, checked: false}\n", "", "faces:", "faces names ['en']", "make", "a face too many"),
    ("  th: {state", "  1: {}\n  th: {state", "faces:", "faces names ['1', 'en', 'th']", "make the", "a number for a face"),
    ("revision: 2", "revision: two", "  en: {", "faces.en has no revision number", "revision: 1", "a revision in words"),
    ("revision: 2", "revision: true", "  en: {", "faces.en has no revision number", "revision: 1", "a truth for a revision"),
    ("state: machine", "state: draft", "  en: {", "'draft' is unknown", "original, machine", "an unknown state"),
    ("{lang=en}", "{lang=fr}", "# Village", "the face has no language", "{lang=th} or {lang=en}", "another language"),
    ("{lang=en}", "", "# Village", "the face has no language", "{lang=th} or {lang=en}", "no language"),
    ("{lang=en}", "{lang=th}", "# Village", "there are two th faces", "keep one", "one language twice"),
    ("---\n\n# ธ", "---\n\nHello\n\n# ธ", "Hello", "text stands before the first face", "move it", "text before the faces"),
    # what no entry can hold: without quotes a text in braces ends at its first comma
    ("A reason}", "A reason, and more}", "id: th-traffy", "related 1 cannot hold 'and more'", "in quotes", "a comma"),
    ("title: Report", "title: Over 2,000", "title: Over", "sources 1 cannot hold '0'", "in quotes", "a comma in a figure"),
    ("en: Lampang", "en: Lampang, North", "place:", "place cannot hold 'North'", "use en, th", "a stray in a single field"),
    ('["79%"]}', '["79%"], note: x}', "  1: {", "claims 1 cannot hold 'note'", "use basis", "an unknown part of a claim"),
    ("checked: true}", "checked: true, by: me}", "  en: {", "faces en cannot hold 'by'", "use checked", "of a face"),
    ("role: lead", "role: boss", "role: boss", "agencies 1 role 'boss' is unknown", "lead, developer", "an unknown role"),
    # sections
    ("## Problem", "## Problems", "## Problems", "unknown section 'Problems'", "Summary, Problem", "a misspelt heading"),
    ("## Action", "## Problem", "## Problem", "the section 'Problem' stands twice", "join the two", "a section twice"),
    ("## Action", "## Summary", "## Summary", "stands twice", "join the two", "the first section twice"),
    ("## Problem\n\nIt was 79%[^1]\n", "", "# Village", "the en face lacks Problem", "nothing is known", "a missing section"),
    ("## Problem\n\nIt was 79%[^1]\n", "## Problem\n", "## Problem", "'Problem' is empty", "write it", "an empty section"),
    ("## Problem\n\nIt", "## Problem\n\n<b>It</b>", "<b>", "HTML is not accepted", "plain Markdown", "HTML"),
    ("{lang=en}\n", "{lang=en}\n\nHello\n", "Hello", "text stands outside a section", "## Summary", "text before a section"),
    ("- It was 79%[^1]?\n", "", "# Village", "the en face asks 1 questions", "two to five", "one question"),
    ("- It was 79%[^1]?\n", "- Why?\n" * 5, "# Village", "the en face asks 6 questions", "two to five", "six questions"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "problem", "remedy", "reason"), BROKEN, ids=[row[5] for row in BROKEN])
def test_a_broken_file_is_refused_with_file_line_and_remedy(
    taxonomy: Taxonomy, old: str, new: str, at: str, problem: str, remedy: str, reason: str
) -> None:
    assert old in TEXT
    place = TEXT.rindex(old)
    text = TEXT[:place] + new + TEXT[place + len(old) :]
    with pytest.raises(CorpusError) as error:
        parse_practice(text, NAME, taxonomy)
    found = error.value
    lines = [number for number, line in enumerate(text.split("\n"), 1) if at in line]
    assert found.path == NAME
    assert found.line in lines
    assert problem in found.problem
    assert remedy in found.remedy
    assert str(found) == f"{NAME}:{found.line}: {found.problem}; {found.remedy}"
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "does not begin with front matter"),
        ("---", "front matter has no end"),
        ("---\n---\n", "not a list of fields"),
        ("---\n- a\n---\n", "not a list of fields"),
        (FRONT, "there is no face"),
    ],
)
def test_what_is_no_practice_at_all_is_refused(taxonomy: Taxonomy, text: str, problem: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(problem)):
        parse_practice(text, NAME, taxonomy)


def test_sections_out_of_order_are_refused(taxonomy: Taxonomy) -> None:
    swapped = TEXT.replace("## Problem", "## X").replace("## Action", "## Problem").replace("## X", "## Action")
    with pytest.raises(CorpusError) as error:
        parse_practice(swapped, NAME, taxonomy)
    assert error.value.problem == "the section 'Problem' is out of order"
    assert error.value.line == swapped.split("\n").index("## Problem") + 1


@settings(deadline=None)
@given(st.text(max_size=80), st.integers(0, len(TEXT)))
def test_whatever_is_typed_into_a_file_is_read_or_refused(noise: str, at: int) -> None:
    text = TEXT[:at] + noise + TEXT[at:]
    try:
        practice = parse_practice(text, NAME, load_once())
    except CorpusError as error:
        refused = error
    else:
        assert practice.id == NAME.stem
        return
    assert 1 <= refused.line <= len(re.split(r"\r\n|\r|\n", text))
    assert "\n" not in str(refused)


class TestFiles:
    """What may be wrong with a file before its text is looked at."""

    def test_windows_line_ends_and_a_byte_order_mark_are_accepted(self, tmp_path: Path, taxonomy: Taxonomy) -> None:
        path = tmp_path / NAME
        path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
        assert read_practice(path, taxonomy) == parse_practice(TEXT, NAME, taxonomy)

    def test_another_encoding_is_refused_with_the_line(self, tmp_path: Path, taxonomy: Taxonomy) -> None:
        path = tmp_path / NAME
        path.write_bytes(FRONT.encode() + "# ธนาคาร".encode("cp874"))
        with pytest.raises(CorpusError, match="not UTF-8; save it as UTF-8") as error:
            read_practice(path, taxonomy)
        assert error.value.line == FRONT.count("\n") + 1

    def test_a_missing_file_and_a_folder_are_refused(self, tmp_path: Path) -> None:
        for path in (tmp_path / "nothing.md", tmp_path):
            with pytest.raises(CorpusError, match="cannot be read"):
                read_text(path)

    def test_a_file_of_more_than_a_megabyte_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / NAME
        path.write_bytes(b"x" * MAX_FILE_BYTES)
        assert len(read_text(path)) == MAX_FILE_BYTES
        path.write_bytes(b"x" * (MAX_FILE_BYTES + 1))
        with pytest.raises(CorpusError, match="larger than 1 MB; split"):
            read_text(path)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_practice_of_the_corpus_survives_a_round_trip(path: Path, taxonomy: Taxonomy) -> None:
    practice = read_practice(path, taxonomy)
    text = dump_practice(practice)
    assert parse_practice(text, path, taxonomy) == practice
    assert dump_practice(parse_practice(text, path, taxonomy)) == text


_TAXONOMY: list[Taxonomy] = []


def load_once() -> Taxonomy:
    """For strategies, which cannot ask for a fixture."""
    if not _TAXONOMY:
        _TAXONOMY.append(load_taxonomy(CORPUS))
    return _TAXONOMY[0]


thai_or_any = st.one_of(
    st.text(st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.sampled_from(("a: b", "# no", "- x", "[1]", "'", '"', "yes", "null", "2567", "2024-01-01", "{th: x}", "*a", "---")),
)  # fmt: skip
words = thai_or_any.map(str.strip).filter(bool)
both = st.builds(Bilingual, words, words)
year = st.none() | st.integers(1900, 2100)
identifier = st.from_regex(r"[a-z]{2,5}(-[a-z0-9]{1,5}){1,2}", fullmatch=True)
forbidden = re.compile(r"^##? |\[\^|<[A-Za-z!/]|\r", re.MULTILINE)
section = (
    st.lists(words | st.sampled_from(["- item", "### deeper", "[a](https://example.org)", "```", "1,234"]), max_size=5)
    .map("\n".join)
    .map(str.strip)
    .filter(lambda text: text and not forbidden.search(text))
)
line = words.filter(lambda text: not re.search(r"[\r\n]", text) and not forbidden.search(text))
question = line.map(lambda text: f"- {text}")


def codes(name: str, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(sorted(load_once()[name])), min_size=least, max_size=3, unique=True).map(tuple)


def tuples_of(strategy: st.SearchStrategy, least: int = 0) -> st.SearchStrategy:  # type: ignore[type-arg]
    return st.lists(strategy, min_size=least, max_size=2).map(tuple)


@st.composite
def faces(draw: st.DrawFn) -> dict:  # type: ignore[type-arg]
    made = {}
    for language in draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=2, unique=True)):
        sections = {key: draw(section) for key in SECTIONS}
        sections["questions"] = "\n".join(draw(st.lists(question, min_size=2, max_size=5)))
        made[language] = Face(
            language, draw(line), sections, draw(st.sampled_from(STATES)), draw(st.integers(1, 9)),
            draw(st.none() | st.integers(1, 9)), draw(st.booleans()), draw(tuples_of(words)),
        )  # fmt: skip
    return made


@st.composite
def practices(draw: st.DrawFn) -> Practice:
    country = draw(st.sampled_from(sorted(load_once()["countries"])))
    start, end = sorted(draw(st.tuples(st.integers(1900, 2100), st.integers(1900, 2100))))
    sources = draw(
        tuples_of(st.builds(Source, words, words, year, st.none() | st.just("https://example.org/ไทย"), st.booleans()), 1)
    )
    cited = st.lists(st.integers(1, len(sources)), min_size=1, max_size=2).map(tuple)
    numbers = sorted(draw(st.sets(st.integers(1, 99), max_size=2)))
    bases = st.sampled_from(sorted(load_once()["bases"]))
    one = {name: st.sampled_from(sorted(load_once()[name])) for name in ("status", "priorities", "evidence", "cost_bands")}
    verification = draw(st.sampled_from(VERIFICATIONS))
    days = st.dates(date(2000, 1, 1), date(2020, 1, 1))
    confirmed = st.none() | st.builds(Verified, both, days, st.none() | st.dates(date(2020, 1, 2), date(2050, 1, 1)))
    return Practice(
        id=f"{country.lower()}-{draw(st.from_regex(r'[a-z0-9]{1,6}(-[a-z0-9]{1,4})?', fullmatch=True))}",
        country=country,
        place=draw(both),
        levels=draw(codes("levels", 1)),
        agencies=draw(tuples_of(st.builds(Agency, both, st.none() | st.sampled_from(ROLES)), 1)),
        status=draw(one["status"]),
        priority=draw(one["priorities"]),
        principles=draw(codes("principles", 1)),
        evidence=draw(one["evidence"]),
        faces=draw(faces()),
        start=draw(st.none() | st.just(start)),
        end=draw(st.none() | st.just(end)),
        secondary_priorities=draw(codes("priorities")),
        beneficiaries=draw(codes("beneficiaries")),
        sdgs=tuple(int(goal) for goal in draw(codes("sdgs"))),
        cost=Cost(draw(one["cost_bands"]), draw(st.just(Bilingual("", "")) | both)),
        partners=draw(tuples_of(both)),
        awards=draw(tuples_of(st.builds(Award, both, year))),
        study_visit=draw(st.none() | both),
        lineage=draw(tuples_of(st.builds(Lineage, st.sampled_from(RELATIONS), both, st.none() | identifier))),
        related=draw(tuples_of(st.builds(Related, identifier, both))),
        verification=verification,
        verified=draw(confirmed) if verification == "confirmed" else None,
        confidence=draw(st.sampled_from(CONFIDENCES)),
        sources=sources,
        claims=tuple(
            Claim(n, draw(cited), draw(bases), draw(tuples_of(words)), draw(st.none() | both)) for n in numbers
        ),
    )  # fmt: skip


@settings(deadline=None)
@given(practices())
def test_any_practice_survives_a_round_trip(practice: Practice) -> None:
    path = Path(f"{practice.id}.md")
    text = dump_practice(practice)
    assert parse_practice(text, path, load_once()) == practice
    assert is_practice(text)


CONFIRMED = "verification: confirmed\nverified: {th: กรม, en: The department, day: 2026-05-31, until: 2028-05-31}\nfaces:\n"


def test_who_confirmed_a_case_and_until_when(taxonomy: Taxonomy) -> None:
    practice = parse_practice(TEXT.replace("faces:\n", CONFIRMED, 1), NAME, taxonomy)
    assert practice.verified == Verified(Bilingual("กรม", "The department"), date(2026, 5, 31), date(2028, 5, 31))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("verification: confirmed", "verification: compiled", "beside no confirmation"),
        ("day: 2026-05-31, ", "", "has no day"),
        ("day: 2026-05-31", 'day: "31 May"', "is not a date"),
        ("until: 2028-05-31", "until: 2025-05-31", "is before 2026-05-31"),
        ("th: กรม, ", "", "th"),
        ("until:", "till:", "cannot hold 'till'"),
    ],
)
def test_a_confirmation_is_whole(taxonomy: Taxonomy, before: str, after: str, says: str) -> None:
    with pytest.raises(CorpusError, match=says):
        parse_practice(TEXT.replace("faces:\n", CONFIRMED.replace(before, after), 1), NAME, taxonomy)


def test_marks_of_claims_are_blanked_without_moving_the_text() -> None:
    assert plain("ร้อยละ 79[^1] ใน") == "ร้อยละ 79" + " " * len("[^1]") + " ใน"


def test_questions_are_the_items_of_the_list() -> None:
    assert questions("- ทำอย่างไร\n* How? \n\ntext\n  - nested") == ["ทำอย่างไร", "How?"]


@pytest.mark.parametrize(
    ("text", "claimed"),
    [(TEXT, True), ("---\ntitle: x\n---\n# A", False), ("# faces:\n", False), ("---\na: 1\n---\nfaces:\n", False)],
)
def test_only_front_matter_with_faces_claims_to_be_a_practice(text: str, claimed: bool) -> None:
    assert is_practice(text) is claimed
