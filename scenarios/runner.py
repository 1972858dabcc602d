"""Run one scenario with one subject and judge it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from random import Random
from typing import IO, Any

from discord_sim import Record, Simulation, SimulationError, Trace, run, start_discord
from scenarios.ledger import Ledger
from scenarios.story import BOT_HOST, Expectation, Result, Scenario, Stage
from scenarios.subjects import subject_for

__all__ = ["run_scenario"]

_READY_WITHIN_S = 900.0
_STOP_WITHIN_S = 120.0


def run_scenario(
    scenario: Scenario,
    subject: str = "framework",
    seed: int = 1,
    *,
    header: dict[str, Any] | None = None,
    file: IO[bytes] | None = None,
    expect: Iterable[bytes] | None = None,
) -> Result:
    """Play `scenario` with `subject` in a fresh simulation. Works in a notebook cell too.

    Args:
        subject: `framework`, `naive` or `path/to/bot.py:factory`.
        seed: equal seeds give equal digests.
        header, file: where to write the trace.
        expect: the lines of an earlier trace to compare with; see `Result.stage.discord.record.trace.divergence`.

    Raises:
        BadSubject: there is no such subject.
    """
    started = time.perf_counter()
    trace = Trace(header or {}, file, expect)
    subject_for(subject)  # a wrong name is reported before anything runs
    result: list[Result] = []

    async def main(sim: Simulation) -> None:
        sim.network.default_link = scenario.LINK
        discord = await start_discord(sim, scenario.world(seed), scenario.settings(), trace)
        stage = Stage(
            sim, discord, subject_for(subject), Ledger(), scenario.WATCHES, scenario.INTENTS, scenario.shard_count(),
            scenario.cache(), Random(f"{seed}/scenario/{scenario.NAME}"), keep_sessions=scenario.KEEPS_SESSIONS,
        )  # fmt: skip
        broken = await _play(scenario, stage)
        await discord.stop()
        expectations = broken or [
            *scenario.judge(stage),
            *_invariants(discord.record),
        ]
        counts = {**discord.record.counts(), "handled": len(stage.ledger.handled)}
        trace.close()
        virtual_s = stage.now_ms() / 1000
        result.append(
            Result(scenario.NAME, seed, subject, trace.digest, tuple(expectations), virtual_s, 0.0, counts, stage)
        )

    try:
        run(main, seed=seed)
    except SimulationError as error:
        failed = Expectation("the run comes to an end", False, str(error), "liveness")
        return Result(scenario.NAME, seed, subject, trace.digest, (failed,), 0.0, time.perf_counter() - started, {})
    done = result[0]
    return Result(
        done.name, done.seed, done.subject, done.digest, done.expectations, done.virtual_s,
        time.perf_counter() - started, done.counts, done.stage,
    )  # fmt: skip


async def _play(scenario: Scenario, stage: Stage) -> list[Expectation]:
    """Start, drive, stop; a list of what went wrong before the expectations could be judged."""
    subject = stage.subject

    async def start() -> None:
        await subject.start(stage)

    try:
        async with asyncio.timeout(_READY_WITHIN_S):
            await stage.sim.spawn(BOT_HOST, start)
    except TimeoutError:
        return [Expectation("the bot becomes ready", False, f"not within {_READY_WITHIN_S:.0f} s", "liveness")]
    except Exception as error:
        return [Expectation("the bot becomes ready", False, f"{type(error).__name__}: {error}", "liveness")]
    stage.started_ms = stage.now_ms()
    await scenario.drive(stage)
    try:
        async with asyncio.timeout(_STOP_WITHIN_S):
            await stage.sim.spawn(BOT_HOST, subject.stop)
    except TimeoutError:
        return [Expectation("the bot stops", False, f"not within {_STOP_WITHIN_S:.0f} s", "liveness")]
    return []


def _invariants(record: Record) -> list[Expectation]:
    """What must hold in every run, whoever the subject is: the harness judging itself and the subject's manners."""
    last: dict[int, int] = {}
    gaps = 0
    for delivery in record.deliveries:
        gaps += delivery.seq != last.get(delivery.session, 0) + 1
        last[delivery.session] = delivery.seq
    return [
        Expectation("each session's sequence has no gap", gaps == 0, f"{len(last)} sessions", "safety"),
        Expectation("no token in the trace", record.trace.leaks == 0, f"{record.trace.lines:,} lines", "safety"),
    ]
