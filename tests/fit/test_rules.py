"""The data of `corpus/fit`: what is shipped is sound, and what is broken is refused with a line and a remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb.errors import CorpusError
from kb.fit.book import NeedsBook
from kb.fit.needs import Finder
from kb.fit.rules import OUTCOMES, Rules, load_rules
from kb.lint.entry import Surroundings
from kb.lint.fit import fit_rules
from kb.repository import Repository
from kb.taxonomy import Taxonomy

KNOWN = Surroundings(frozenset(), (), frozenset())


def test_shipped_rules_speak_both_languages_and_every_question_is_used(rules: Rules) -> None:
    for rule in rules.preconditions:
        assert set(rule.wording) == set(OUTCOMES)
        if not rule.fact:
            assert all(rule.conditions[lang] or rule.anywhere[lang] for lang in ("th", "en")), rule.id
    used = {rule.question for rule in rules.preconditions}
    assert set(rules.questions) - used == {"country"}, "the country only decides among equals"
    assert rules.bands[0] == "under-100k"


def test_the_shipped_rules_pass_the_lint(corpus: Path, taxonomy: Taxonomy) -> None:
    assert list(fit_rules(corpus, taxonomy, KNOWN)) == []
    assert list(fit_rules(corpus / "practices", taxonomy, KNOWN)) == [], "a corpus without rules has nothing to check"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("preconditions.yaml", "- id: cost\n", "- id: level\n", "stands twice"),
        ("preconditions.yaml", "question: law\n", "question: lawful\n", "'lawful' is unknown"),
        ("preconditions.yaml", "fact: cost\n", "fact: price\n", "'price' is unknown"),
        ("preconditions.yaml", "missing: [small]", "missing: [tiny]", "no option"),
        ("preconditions.yaml", "  en: Total cost\n", "", "lacks 'en'"),
        ("preconditions.yaml", "  th: ค่าใช้จ่ายรวม\n", '  th: ""\n', "empty in one language"),
        ("preconditions.yaml", "founding law,", '"...",', "has no words"),
        ("preconditions.yaml", "founding law,", "กฎหมาย,", "not in the language"),
        ("preconditions.yaml", "founding law,", "legal basis,", "stands twice"),
        ("questions.yaml", "- {id: law,", "- {name: law,", "lacks 'id'"),
        ("cues.yaml", "- id: unstated\n", "- id: untold\n", "missing or unknown"),
    ],
)
def test_broken_rules_are_found(
    corpus: Path, taxonomy: Taxonomy, tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    shutil.copytree(corpus / "fit", tmp_path / "fit")
    path = tmp_path / "fit" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = list(fit_rules(tmp_path, taxonomy, KNOWN))
    assert [said in finding.message for finding in found] == [True]
    assert found[0].path == path


def test_a_missing_file_says_what_to_do(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(CorpusError, match="restore it"):
        load_rules(tmp_path, taxonomy)


class CountingFinder(Finder):
    """Counts how many practices it reads."""

    read = 0

    def needs(self, practice):  # type: ignore[no-untyped-def]
        self.read += 1
        return super().needs(practice)


def test_needs_are_found_once_and_kept_until_the_text_or_the_rules_change(
    fake_corpus_repository: Repository, tmp_path: Path
) -> None:
    given = fake_corpus_repository
    names = ["th-traffy-fondue", "id-petabencana", "no-such"]
    path = tmp_path / "needs.json"
    finder = CountingFinder(given.fit.rules, given.segmenter)
    with given.store() as store:
        book = NeedsBook(finder, "1", path)
        first = book.needs(names, store)
        assert book.needs(names, store) == first
        assert (set(first), finder.read) == (set(names[:2]), 2)
        assert NeedsBook(finder, "1", path).needs(names, store) == first, "what was kept is the same as what was found"
        assert finder.read == 2
        NeedsBook(finder, "2", path).needs(names, store)
        assert finder.read == 4, "other text rules: everything is found again"
