"""The oracles: pure judgements of an outcome, each with its evidence.

Most give two verdicts. Fair: what the client could know from answers that had already reached it. Strict: the server's
truth, which nobody can know beforehand, such as how much the next request will be delayed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from discord_sim.testing.calls import l3, r10, r12, r13, r14, r15
from discord_sim.testing.idle import idle
from discord_sim.testing.limits import r1, r3, r7, r11
from discord_sim.testing.outcome import Outcome
from discord_sim.testing.refusals import r2, r4, r5, r6, r8
from discord_sim.testing.verdict import Bounds, Violation

__all__ = ["ORACLES", "Bounds", "Oracle", "Violation", "check", "compare", "judge"]

_SHOWN = 3  # violations of one oracle in a report
_DEFAULT = Bounds()


@dataclass(frozen=True, slots=True)
class Oracle:
    """One question to an outcome. `early`: it can be asked before the end."""

    name: str
    asks: str
    judge: Callable[[Outcome, Bounds], Iterator[Violation]]
    early: bool = True


ORACLES = (
    Oracle("R1", "no bucket gets more than its limit", r1),
    Oracle("R2", "a global 429 is waited out", r2),
    Oracle("R3", "never more than 50 a second", r3),
    Oracle("R4", "a bucket's 429 is waited out, and not for longer", r4),
    Oracle("R5", "a shared 429 holds up its own call only", r5),
    Oracle("R6", "nothing is sent during a Cloudflare ban", r6),
    Oracle("R7", "the budget of invalid requests holds", r7),
    Oracle("R8", "a refused token and a dead webhook are left alone", r8),
    Oracle("R9", "nobody waits for nothing", idle),
    Oracle("R10", "first come first served, in bounded time", r10),
    Oracle("R11", "a new hash spends and strands nothing", r11),
    Oracle("R13", "no effect twice", r13, early=False),
    Oracle("R14", "every call ends, with the right result", r14),
    Oracle("R15", "failures are retried with patience", r15),
    Oracle("L3", "closing leaves nothing", l3, early=False),
)
"""All but R12, which takes two outcomes: `compare`."""


def judge(outcome: Outcome, bounds: Bounds = _DEFAULT, *, early: bool = False) -> list[Violation]:
    """Everything that is wrong with an outcome, in the order of the oracles; `early` asks what can be asked so far."""
    return [found for oracle in ORACLES if oracle.early or not early for found in oracle.judge(outcome, bounds)]


def compare(outcome: Outcome, other: Outcome) -> list[Violation]:
    """R12: what differs between two outcomes of stories that differ in `skew_ms` only."""
    return list(r12(outcome, other))


def check(
    outcome: Outcome, *, but: Collection[str] = (), strict: bool = False, bounds: Bounds = _DEFAULT, early: bool = False
) -> None:
    """Raise AssertionError with a report of everything that is wrong.

    Args:
        but: oracles that may fail: `R9` in both verdicts, `R9 strict` in the strict one.
        strict: ask for the strict verdicts too.
        bounds: the numbers.
        early: before the end of the story.

    Raises ValueError for a name in `but` that no oracle has.
    """
    names = {name for oracle in ORACLES for name in (oracle.name, f"{oracle.name} strict")}
    if unknown := sorted(set(but) - names):
        raise ValueError(f"no oracle is called {unknown[0]!r}; there are {', '.join(o.name for o in ORACLES)}")
    found = [
        v
        for v in judge(outcome, bounds, early=early)
        if (strict or not v.strict) and v.name not in but and v.oracle not in but
    ]
    if found:
        raise AssertionError(report(outcome, found))


def report(outcome: Outcome, found: list[Violation]) -> str:
    """What is wrong, by oracle, with the evidence, what was in flight, and the story to repeat it."""
    failing = list(dict.fromkeys(v.name for v in found))
    lines = [f"{len(failing)} of {len(ORACLES)} oracles fail: {', '.join(failing)}"]
    for name in failing:
        mine = [v for v in found if v.name == name]
        lines += ["", *map(str, mine[:_SHOWN])]
        if len(mine) > _SHOWN:
            lines.append(f"    … and {len(mine) - _SHOWN} more")
    if outcome.in_flight:
        lines += ["", "Never answered:", *(f"    {e}" for e in outcome.in_flight)]
    return "\n".join([*lines, "", "Repeat:", f"    {outcome.story!r}"])
