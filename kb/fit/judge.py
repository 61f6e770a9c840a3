"""The reader's context against a case's needs: met, missing or unknown, and a score to order cases by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.errors import QueryError
from kb.fit.needs import Need
from kb.fit.rules import Precondition, Rules

Outcome = Literal["met", "missing", "unknown"]

MAX_CONTEXT = 600
"""Characters of a context in an address."""


@dataclass(frozen=True)
class Judged:
    """A need with its outcome. Unknown: the reader did not say."""

    need: Need
    outcome: Outcome


@dataclass(frozen=True)
class Fit:
    """A case beside a context: what it needs in the order of the rules, and the preconditions that it does not speak of."""

    judged: tuple[Judged, ...]
    unstated: tuple[str, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(judged.outcome == outcome for judged in self.judged)

    @property
    def score(self) -> float:
        """Between -1 and 1, higher is better: needs met less needs missing, over the needs judged and one.

        The one in the divisor lets four of four met stand above one of one; unknown needs count neither way.
        """
        met, missing = self.count("met"), self.count("missing")
        return (met - missing) / (met + missing + 1)


def judge(needs: Sequence[Need], context: Mapping[str, str], rules: Rules) -> Fit:
    """Compare what a case needs with what the reader said; an answer that was not given is unknown, never guessed."""
    by_id = {rule.id: rule for rule in rules.preconditions}
    judged = tuple(Judged(need, _outcome(need, by_id[need.rule], context, rules)) for need in needs)
    stated = {need.rule for need in needs}
    return Fit(judged, tuple(rule.id for rule in rules.preconditions if rule.id not in stated))


def _outcome(need: Need, rule: Precondition, context: Mapping[str, str], rules: Rules) -> Outcome:
    answer = context.get(rule.question)
    if answer is None:
        return "unknown"
    if rule.fact == "level":
        return "met" if answer in need.values else "missing"
    if rule.fact == "cost":
        return "met" if rules.bands.index(answer) >= rules.bands.index(need.values[0]) else "missing"
    if answer in rule.met:
        return "met"
    return "missing" if answer in rule.missing else "unknown"


def read_context(text: str, rules: Rules) -> dict[str, str]:
    """A context from its compact form, `country:LA,level:local`; empty is no context.

    Raises `QueryError` where it is too long or holds an answer that no question has.
    """
    if len(text) > MAX_CONTEXT:
        raise QueryError("The context in the address is too long.")
    context: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition(":")
        if name not in rules.questions or value not in rules.questions[name].options:
            raise QueryError("The context in the address has an answer that no question has.")
        context[name] = value
    return context


def write_context(context: Mapping[str, str], rules: Rules) -> str:
    """The compact form, in the order of the questions."""
    return ",".join(f"{name}:{context[name]}" for name in rules.questions if name in context)


def best_first(fits: Iterable[tuple[str, Fit]], near: Iterable[str] = ()) -> list[str]:
    """Ids by score, best first; then those in `near`, for example cases of the reader's own country; then by id."""
    favoured = set(near)
    return [name for name, fit in sorted(fits, key=lambda pair: (-pair[1].score, pair[0] not in favoured, pair[0]))]
