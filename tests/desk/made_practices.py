"""Made practices: any that the records allow, for round trips."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from kb.corpus import CONFIDENCES, RELATIONS, ROLES, STATES, VERIFICATIONS
from kb.records import (
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

SPITEFUL = (
    "=1+1",
    "'=1",
    "''",
    "@SUM(A1)",
    "-5 %",
    "\\n",
    "a | b",
    "\\|",
    "a;b",
    "_x000D_",
    "ก\nข",
    "\x07",
    "๒๕๖๑",
    "1.0",
    "yes",
    "|",
)


def texts(least: int = 0) -> st.SearchStrategy[str]:
    """Trimmed texts in any script, with what a spreadsheet or the form of a list might take for something else."""
    plain = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"), max_size=12).map(str.strip)
    spiteful = st.lists(st.sampled_from(SPITEFUL), min_size=1, max_size=3).map(" ".join)
    return st.one_of(plain, spiteful).filter(lambda text: len(text) >= least and text == text.strip())


def bilingual(least: int = 0) -> st.SearchStrategy[Bilingual]:
    return st.builds(Bilingual, texts(least), texts(least))


def tuples(values: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:  # type: ignore[type-arg]
    return st.lists(values, max_size=most, unique=True).map(tuple)


YEARS = st.none() | st.integers(1900, 2100)
IDS = st.from_regex(r"[a-z]{2,5}(-[a-z0-9]{1,6}){1,3}", fullmatch=True)
URLS = st.none() | st.from_regex(r"https?://[a-z]{1,8}\.example/[a-z|\\]{0,4}", fullmatch=True)


def faces() -> st.SearchStrategy[dict[Lang, Face]]:
    sections = st.dictionaries(st.sampled_from(SECTIONS), texts(1), max_size=3)
    numbers = st.integers(1, 99)

    def face(lang: Lang) -> st.SearchStrategy[Face]:
        return st.builds(
            Face,
            language=st.just(lang),
            title=texts(),
            sections=sections,
            state=st.sampled_from(STATES),
            revision=numbers,
            made_from=st.none() | numbers,
            checked=st.booleans(),
            unchecked_names=tuples(texts(1)),
        )

    return st.fixed_dictionaries({}, optional={lang: face(lang) for lang in LANGUAGES})


def practices(taxonomy: Taxonomy) -> st.SearchStrategy[Practice]:
    """Practices with any codes of the taxonomy, also empty drafts."""

    def code(name: str) -> st.SearchStrategy[str]:
        return st.sampled_from(["", *taxonomy[name]])

    def codes(name: str) -> st.SearchStrategy[tuple[str, ...]]:
        return tuples(st.sampled_from(list(taxonomy[name])))

    visited = st.none() | bilingual().filter(lambda text: bool(text.th or text.en))
    days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
    return st.builds(
        Practice,
        id=IDS,
        country=code("countries"),
        place=bilingual(),
        levels=codes("levels"),
        agencies=tuples(st.builds(Agency, bilingual(), st.none() | st.sampled_from(ROLES))),
        status=code("status"),
        priority=code("priorities"),
        principles=codes("principles"),
        evidence=code("evidence"),
        faces=faces(),
        start=YEARS,
        end=YEARS,
        secondary_priorities=codes("priorities"),
        beneficiaries=codes("beneficiaries"),
        sdgs=tuples(st.sampled_from([int(goal) for goal in taxonomy["sdgs"]])),
        cost=st.builds(Cost, st.sampled_from(list(taxonomy["cost_bands"])), bilingual()),
        partners=tuples(bilingual()),
        awards=tuples(st.builds(Award, bilingual(), YEARS)),
        study_visit=visited,
        lineage=tuples(st.builds(Lineage, st.sampled_from(RELATIONS), bilingual(), st.none() | IDS)),
        related=tuples(st.builds(Related, IDS, bilingual())),
        verification=st.sampled_from(VERIFICATIONS),
        confidence=st.sampled_from(CONFIDENCES),
        sources=tuples(st.builds(Source, texts(), texts(), YEARS, URLS, st.booleans())),
        claims=tuples(
            st.builds(Claim, st.integers(1, 99), tuples(st.integers(1, 30)), code("bases"), tuples(texts(1)), visited)
        ),
        verified=st.none() | st.builds(Verified, bilingual(), days, st.none() | days),
    )
