"""The controlled lists: complete in both languages, consistent with one another, refused with a remedy where broken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb.errors import CorpusError
from kb.records import Bilingual
from kb.taxonomy import LISTS, Taxonomy, load_taxonomy
from kb.yaml_lists import load_numbered_rows

COUNTS = [
    ("countries", 11 + 1, "member states and the region"),
    ("regions", None, ""),
    ("priorities", 6, "the priorities agreed in 2013"),
    ("principles", 7, "the principles of governance agreed in 2013"),
    ("sdgs", 17, "the goals of the United Nations"),
    ("evidence", None, ""),
    ("levels", None, ""),
    ("status", None, ""),
    ("bases", None, ""),
    ("beneficiaries", None, ""),
    ("cost_bands", None, ""),
    ("face_states", 3, "original, machine, human-checked"),
]


@pytest.mark.parametrize(("name", "count", "reason"), COUNTS, ids=[row[0] for row in COUNTS])
def test_every_list_is_complete_in_both_languages(taxonomy: Taxonomy, name: str, count: int | None, reason: str) -> None:
    terms = taxonomy[name]
    assert count is None or len(terms) == count
    assert len(terms) > 1
    for key, term in terms.items():
        assert term.id == key
        assert term.label.th.strip()
        assert term.label.en.strip()
        assert bool(term.definition.th) == bool(term.definition.en)


def test_counts_name_every_list() -> None:
    assert {row[0] for row in COUNTS} == set(LISTS)


def test_failures_are_content(taxonomy: Taxonomy) -> None:
    assert {"stopped", "failed"} <= set(taxonomy["status"])


@pytest.mark.parametrize(
    ("name", "term", "language", "label"),
    [
        ("countries", "TH", "th", "ไทย"),
        ("countries", "TH", "en", "Thailand"),
        ("sdgs", "10", "th", "ลดความเหลื่อมล้ำ"),
        ("principles", "rule-of-law", "en", "Rule of law"),
        ("countries", "XX", "th", "XX"),  # an unknown id is shown as it is
    ],
)
def test_labels(taxonomy: Taxonomy, name: str, term: str, language: str, label: str) -> None:
    assert taxonomy.label(name, term, language) == label


def test_other_names_of_a_country_are_known(taxonomy: Taxonomy) -> None:
    assert {"พม่า", "Burma"} <= set(taxonomy["countries"]["MM"].names)
    assert {"เวียตนาม", "Vietnam"} <= set(taxonomy["countries"]["VN"].names)


MEMBERS = [
    ("clmv", {"KH", "LA", "MM", "VN"}, "the four that its name is made of"),
    ("clmvt", {"KH", "LA", "MM", "VN"} | {"TH"}, "and the T"),
    ("mekong", {"KH", "LA", "MM", "TH", "VN"}, "the five member states along the river"),
    ("mainland", {"KH", "LA", "MM", "TH", "VN"}, "Malaysia counts as maritime"),
    ("thai-neighbours", {"KH", "LA", "MM", "MY"}, "those with a land border, so not Viet Nam"),
    ("imt-gt", {"ID", "MY", "TH"}, "Indonesia, Malaysia, Thailand"),
]


@pytest.mark.parametrize(("region", "members", "reason"), MEMBERS, ids=[row[0] for row in MEMBERS])
def test_states_of_a_region(taxonomy: Taxonomy, region: str, members: set[str], reason: str) -> None:
    assert set(taxonomy["regions"][region].members) == members


def test_every_region_has_several_member_states_each_once(taxonomy: Taxonomy) -> None:
    states = set(taxonomy["countries"]) - {"ASEAN"}
    for region in taxonomy["regions"].values():
        assert len(region.members) > 1, region.id
        assert len(set(region.members)) == len(region.members), region.id
        assert set(region.members) <= states, region.id


def test_mainland_and_maritime_are_all_member_states_and_share_none(taxonomy: Taxonomy) -> None:
    mainland, maritime = (set(taxonomy["regions"][name].members) for name in ("mainland", "maritime"))
    assert mainland | maritime == set(taxonomy["countries"]) - {"ASEAN"}
    assert mainland & maritime == set()


def test_no_name_of_a_list_stands_for_two_of_its_entries(taxonomy: Taxonomy) -> None:
    for name in LISTS:
        owners: dict[str, set[str]] = {}
        for term in taxonomy[name].values():
            for form in {term.label.th, term.label.en, *term.names, *term.cities}:
                owners.setdefault(form.lower(), set()).add(term.id)
        assert {form: ids for form, ids in owners.items() if len(ids) > 1} == {}, name


def test_members_are_read_and_other_lists_have_none(taxonomy: Taxonomy) -> None:
    assert taxonomy["regions"]["indochina"].members == ("KH", "LA", "VN")
    assert all(term.members == () for name in LISTS if name != "regions" for term in taxonomy[name].values())


def test_lists_cannot_be_changed(taxonomy: Taxonomy) -> None:
    with pytest.raises(TypeError):
        taxonomy["countries"]["XX"] = taxonomy["countries"]["TH"]  # type: ignore[index]


GOOD = "- {id: a, th: ก, en: A}\n"

BROKEN = [
    ("- {id: a, th: ก}\n", 1, "entry 1 is incomplete", "give it id, th and en", "no English label"),
    (GOOD + "- {th: ก, en: A}\n", 1, "entry 2 is incomplete", "give it id, th and en", "no id"),
    (GOOD + GOOD, 1, "id 'a' stands twice", "keep one", "one id twice"),
    ("- {id: a, th: ก, en: A, definition: {th: ข}}\n", 1, "incomplete", "give it", "half a definition"),
    ("- {id: a, th: ก, en: A, definition: ข}\n", 1, "incomplete", "give it", "a definition in no language"),
    ("- {id: a, th: ก, en: A, names: {th: ข}}\n", 1, "incomplete", "give it", "names that are no list"),
    ("- {id: a, th: ก, en: A, names: [ข]}\n", 1, "incomplete", "give it", "names in no language"),
    ("- {id: a, th: ก, en: A, members: TH}\n", 1, "incomplete", "give it", "members that are no list"),
    ("- {id: a, th: ก, en: A, members: [1]}\n", 1, "incomplete", "give it", "a member that is a number"),
    ("id: a\n", 1, "not a list of entries", "hyphen", "no list"),
    ("- a\n", 1, "not a list of entries", "hyphen", "texts instead of entries"),
    ("", 1, "not a list of entries", "hyphen", "an empty file"),
    (GOOD + "- {id: b, th: [}\n", 2, "not YAML", "check quotes", "an open bracket"),
    (GOOD + "\n- &x {id: b, th: ก, en: A}\n- *x\n", 4, "alias", "write the value out", "an alias"),
    ("- " + "[" * 100_000, 1, "nested too deeply", "check brackets", "brackets that would end the process"),
]


@pytest.mark.parametrize(("text", "line", "problem", "remedy", "reason"), BROKEN, ids=[row[4] for row in BROKEN])
def test_a_broken_list_is_refused_with_file_line_and_remedy(
    tmp_path: Path, corpus: Path, text: str, line: int, problem: str, remedy: str, reason: str
) -> None:
    folder = tmp_path / "taxonomy"
    folder.mkdir()
    for name in LISTS:
        (folder / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    path = folder / "status.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError) as error:
        load_taxonomy(tmp_path)
    assert (error.value.path, error.value.line) == (path, line)
    assert problem in error.value.problem
    assert remedy in error.value.remedy
    assert str(error.value) == f"{path}:{line}: {error.value.problem}; {error.value.remedy}"
    assert "\n" not in str(error.value)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"countries\.yaml:1: the file is missing; restore it"):
        load_taxonomy(tmp_path)


def test_a_list_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "status.yaml"
    path.write_bytes("- {id: a, th: ก, en: A}\n".encode("cp874"))
    with pytest.raises(CorpusError, match="UTF-8"):
        load_numbered_rows(path)


def test_texts_of_both_languages_stand_in_for_each_other() -> None:
    assert Bilingual("ไทย", "Thai").get("th") == "ไทย"
    assert Bilingual("ไทย", "Thai").get("en") == "Thai"
    assert Bilingual("", "Thai").get("th") == "Thai"
    assert Bilingual("ไทย", "").get("en") == "ไทย"


def _with_principles(corpus: Path, place: Path, principles: str, term: str) -> Path:
    """A copy of the corpus' lists with these principles, and one term in the termbase."""
    copy = place / "corpus"
    shutil.copytree(corpus / "taxonomy", copy / "taxonomy")
    (copy / "taxonomy" / "principles.yaml").write_text(principles, "utf-8")
    (copy / "termbase").mkdir()
    (copy / "termbase" / "terms.yaml").write_text(f"- {{id: transparency, domain: governance, {term}}}\n", "utf-8")
    return copy


@pytest.mark.parametrize(
    ("term", "label", "reason"),
    [
        ("th: [ความโปร่งใส, โปร่งใส], en: [transparency]", Bilingual("ความโปร่งใส", "Transparency"), "the preferred forms"),
        (
            "th: [ความโปร่งใส], en: [transparency], heading: {th: หลักความโปร่งใส, en: Openness}",
            Bilingual("หลักความโปร่งใส", "Openness"),
            "the term's own heading",
        ),
    ],
)
def test_a_facet_takes_its_label_from_the_termbase(
    tmp_path: Path, corpus: Path, term: str, label: Bilingual, reason: str
) -> None:
    copy = _with_principles(corpus, tmp_path, "- {id: openness, term: transparency}\n", term)
    assert load_taxonomy(copy)["principles"]["openness"].label == label


@pytest.mark.parametrize(
    ("principles", "problem"),
    [
        ("- {id: openness, term: no-such}\n", "term 'no-such' is not in the termbase"),
        ("- {id: openness, term: transparency, th: ก, en: a}\n", "th and en stand beside the term"),
        ("- {id: openness, th: ก}\n", "'en'"),
    ],
)
def test_a_label_is_the_entry_s_own_or_its_term_s(tmp_path: Path, corpus: Path, principles: str, problem: str) -> None:
    copy = _with_principles(corpus, tmp_path, principles, "th: [ก], en: [a]")
    with pytest.raises(CorpusError, match=problem):
        load_taxonomy(copy)


def test_the_principles_are_named_by_the_termbase(taxonomy: Taxonomy) -> None:
    """The wording of the agreed list is kept: the termbase holds it as headings."""
    assert [term.label.th for term in taxonomy["principles"].values()] == [
        "หลักประสิทธิผล",
        "หลักประสิทธิภาพ",
        "หลักการตอบสนอง",
        "หลักภาระรับผิดชอบ/สามารถตรวจสอบได้",
        "หลักการมีส่วนร่วม",
        "หลักนิติธรรม",
        "วิสัยทัศน์เชิงยุทธศาสตร์",
    ]
