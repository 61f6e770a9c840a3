"""Checks hold while a claim says the same, refuted claims keep a case from readers, and verifications end and come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from kb.desk.checks import Finding, Tally, Verdict, claimed, tally
from kb.desk.entries import EntryError, StaleError
from kb.desk.evidence import ChangedError, Verification
from kb.desk.publishing import NotReadyError
from kb.desk.renewals import RenewalNotices, renewals
from kb.desk.rights import RightsError, State
from kb.desk.source_passages import Attachment, source_passage
from kb.records import Bilingual, Document, Part
from kb.repository import Repository
from kb.store import document_to_json
from tests.desk.review_world import World, made_world, opinion

BY = Bilingual("สำนักเลขานุการ", "The secretariat")


@pytest.fixture
def world(repository: Repository) -> Iterator[World]:
    with repository.store() as store:
        yield made_world(repository, store)


def check(world: World, claim: int, verdict: Verdict, note: str = "", who: str = "reviewer") -> None:
    key = next(item.claimed.key for item in world.desk.evidence.of(world.now()) if item.claimed.claim.number == claim)
    world.desk.evidence.record(world.entry, claim, key, Finding(verdict, note), world.who(who))


def check_all(world: World) -> None:
    for item in world.desk.evidence.of(world.now()):
        check(world, item.claimed.claim.number, Verdict.CONFIRMED)


def verify(world: World, days: int = 365, who: str = "reviewer") -> None:
    until = world.clock().date() + timedelta(days=days)
    world.desk.evidence.verify(world.entry, world.now().revision, Verification(BY, until), world.who(who))


def publish(world: World) -> None:
    world.to_review()
    world.desk.review(world.entry, world.now().revision, opinion(), world.who("reviewer"), step=True)
    world.desk.publisher.publish(world.entry, world.who("editor"))


def test_claims_with_their_words_in_both_faces(world: World) -> None:
    second = claimed(world.desk.entries.newest(world.now()))[1]
    said = dict(second.said)
    assert len(said["th"]) == len(said["en"]) == 2  # cited in two places of each face
    assert "17,811" in said["th"][1]
    assert "17,811" in said["en"][1]


def test_a_check_is_void_when_the_claim_changes_and_only_then(world: World) -> None:
    check(world, 2, Verdict.CONFIRMED)
    check(world, 3, Verdict.PLAUSIBLE)
    world.change("588,842", "588,843")
    second, third = world.desk.evidence.of(world.now())[1:3]
    assert second.check is not None
    assert (third.check, third.void.finding.verdict if third.void else None) == (None, Verdict.PLAUSIBLE)
    world.change("588,843", "588,842")
    assert world.desk.evidence.of(world.now())[2].check is not None  # it says again what was checked


def test_a_check_of_what_was_not_read_is_refused(world: World) -> None:
    key = world.desk.evidence.of(world.now())[2].claimed.key
    world.change("588,842", "588,843")
    with pytest.raises(ChangedError):
        world.desk.evidence.record(world.entry, 3, key, Finding(Verdict.CONFIRMED), world.who("reviewer"))


@pytest.mark.parametrize(
    ("finding", "message"),
    [
        (Finding(Verdict.WRONG), "what is wrong"),
        (Finding(Verdict.UNSUPPORTED, " "), "what is wrong"),
        (Finding(Verdict.CONFIRMED, "x" * 2001), "too long"),
        (Finding(Verdict.CONFIRMED, quote="x" * 4001), "too long"),
        (Finding(Verdict.CONFIRMED, attachment=99), "Choose a file"),
    ],
)
def test_findings_that_are_refused(world: World, finding: Finding, message: str) -> None:
    key = world.desk.evidence.of(world.now())[0].claimed.key
    with pytest.raises(EntryError, match=message):
        world.desk.evidence.record(world.entry, 1, key, finding, world.who("reviewer"))


def test_who_wrote_may_not_check_or_verify(world: World) -> None:
    world.change("588,842", "588,843", "editor")
    for who in ("contributor", "editor"):
        with pytest.raises(RightsError):
            check(world, 1, Verdict.CONFIRMED, who=who)
    check_all(world)
    with pytest.raises(RightsError):
        verify(world, who="editor")


def test_refuted_claims_keep_a_case_from_readers_until_they_change(world: World) -> None:
    world.to_review()
    check(world, 3, Verdict.WRONG, "The source says 588,843.")
    world.desk.review(world.entry, 1, opinion(), world.who("reviewer"), step=True)
    with pytest.raises(NotReadyError) as refused:
        world.desk.publisher.publish(world.entry, world.who("editor"))
    assert [(gap.kind, gap.text) for gap in refused.value.gaps] == [("refuted", "3")]
    world.change("588,842", "588,843", "editor")
    world.desk.review(world.entry, 2, opinion(), world.who("reviewer"), step=True)
    world.desk.publisher.publish(world.entry, world.who("administrator"))
    assert world.now().public


def test_verifying_needs_every_claim_sound(world: World) -> None:
    with pytest.raises(EntryError, match="Check every claim"):
        verify(world)
    check_all(world)
    check(world, 4, Verdict.UNSUPPORTED, "not in the source")
    assert tally(world.desk.evidence.of(world.now())) == Tally(7, confirmed=6, unsupported=1)
    with pytest.raises(EntryError, match="Check every claim"):
        verify(world)
    check(world, 4, Verdict.PLAUSIBLE)
    for days in (0, 6 * 365):
        with pytest.raises(EntryError, match="five years"):
            verify(world, days)
    verification = Verification(BY, date(2027, 1, 1))
    with pytest.raises(StaleError):
        world.desk.evidence.verify(world.entry, world.now().revision + 1, verification, world.who("reviewer"))
    verify(world)
    practice = world.desk.entries.newest(world.now())
    assert practice.verification == "confirmed"
    assert practice.verified is not None
    assert (practice.verified.by, practice.verified.day) == (BY, date(2026, 11, 22))
    assert practice.verified.until == date(2027, 11, 22)


def test_a_stamp_makes_nobody_an_author_and_keeps_the_review(world: World) -> None:
    world.to_review()
    reviewer = world.who("reviewer")
    world.desk.reviews.add(world.entry, 1, opinion(), reviewer)
    check_all(world)
    verify(world)
    assert reviewer.id not in world.now().authors
    world.desk.workflow.move(world.entry, State.APPROVED, reviewer)
    verify(world, days=30)
    assert (world.now().state, world.now().approved) == (State.APPROVED, 3)
    world.desk.publisher.publish(world.entry, world.who("editor"))
    verify(world, days=60)  # renewed: an editor publishes it again
    assert world.now().state is State.APPROVED
    world.desk.publisher.publish(world.entry, world.who("editor"))
    stored = world.store.practice(world.now().practice or "")
    assert stored is not None
    assert stored.verified is not None
    assert stored.verified.until == date(2027, 1, 21)
    assert world.desk.evidence.tally_for_readers(stored) == Tally(7, confirmed=7)


def test_verifications_that_end_are_told_once_a_stage(world: World) -> None:
    check_all(world)
    verify(world, days=40)
    publish(world)
    notices = RenewalNotices(world.store, world.desk.accounts, world.desk.notices, world.clock)

    def told(role: str = "editor") -> int:
        notices.tell()
        return sum(message.kind == "renewals" for message in world.desk.notices.inbox(world.who(role)))

    assert told() == 0
    assert renewals(world.store, world.clock().date()) == []
    world.clock.move(days=10)
    assert told() == 1  # 30 days ahead
    world.clock.move(days=1)
    assert told() == 1
    world.clock.move(days=29)
    (item,) = renewals(world.store, world.clock().date())
    assert not item.ended(world.clock().date())  # it holds on its last day
    assert told() == 1
    world.clock.move(days=1)
    assert told() == 2  # over
    assert "ended on 1 January 2027" in world.desk.notices.inbox(world.who("editor"))[0].body
    assert told() == 2
    assert told("reviewer") == 0
    verify(world, days=365)
    world.desk.publisher.publish(world.entry, world.who("editor"))
    assert renewals(world.store, world.clock().date()) == []


def attached(*pages: str) -> Attachment:
    parts = tuple(Part(number, "page", "", text) for number, text in enumerate(pages, 1))
    return Attachment(7, "report.pdf", document_to_json(Document("d", "Report", "th", "pdf", parts)))


@pytest.mark.parametrize(
    ("figures", "text", "marked"),
    [
        (("588,842",), "มีเรื่องแจ้ง ๕๘๘,๘๔๒ เรื่อง", ["๕๘๘,๘๔๒"]),  # Thai digits
        (("1.37 million",), "รวม 1.37 ล้านบาท", ["1.37 ล้าน"]),  # another unit word
        (("1.37 million",), "in all 1,370,000 baht", ["1,370,000"]),
        (("2022",), "เมื่อ พ.ศ. ๒๕๖๕ เริ่มใช้", ["๒๕๖๕"]),  # another era
        (("79%", "465,291"), "Of these 465,291 or 79% were closed.", ["465,291", "79"]),
        (("2,565",), "ในปี 2022 เริ่มใช้", []),  # an amount is no year
        (("17,811",), "17,812 complaints", []),
    ],
)
def test_figures_are_found_in_either_script_unit_and_era(figures: tuple[str, ...], text: str, marked: list[str]) -> None:
    found = source_passage(figures, [attached("Nothing here.", text)])
    if marked:
        assert found is not None
        assert [found.text[start:end] for start, end in found.marks] == marked
        assert (found.number, found.name) == (2, "report.pdf")
    else:
        assert found is None


def test_the_passage_with_most_of_the_figures_is_taken() -> None:
    pages = ("Page 2 of 5.", "There were 17,811 complaints. They came from 50 districts in 11 days.", "In 11 days.")
    found = source_passage(("50", "17,811", "11"), [attached(*pages)])
    assert found is not None
    assert (found.number, found.found, found.wanted) == (2, 3, 3)


def test_without_figures_or_text_there_is_no_passage() -> None:
    assert source_passage((), [attached("17,811 complaints")]) is None
    assert source_passage(("17,811",), [Attachment(1, "scan.pdf", "")]) is None
