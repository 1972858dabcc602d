"""A Hypothesis state machine: calls and hiccups one after the other, decided as they happen, against the real server in
virtual time. The oracles that can be asked early are asked after every step, all of them at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from discord_sim.loop import Simulation
from discord_sim.rules.buckets import Law
from discord_sim.testing.oracles import check
from discord_sim.testing.stage import Client, Stage
from discord_sim.testing.story import Call, Hiccup, Network, Story
from discord_sim.testing.strategies import COMMON, bans, faults, layouts, networks, refusals, rotations
from discord_sim.testing.verdict import Bounds

__all__ = ["limiter_machine"]

_PLACES = 3


def limiter_machine(
    make: Callable[[], Client], *, but: Collection[str] = (), strict: bool = False, bounds: Bounds | None = None
) -> type[RuleBasedStateMachine]:
    """The machine for the client that `make()` returns. `Machine.TestCase` is a test for pytest and unittest.

    Args:
        but, strict, bounds: as for `check`.
    """
    numbers = bounds or Bounds()

    class LimiterMachine(RuleBasedStateMachine):
        """Rules: send, burst, an impatient caller, time passing, each kind of hiccup."""

        def __init__(self) -> None:
            super().__init__()
            self._sim = Simulation()
            self._sim.__enter__()
            self._stage: Stage | None = None
            self._number = 0

        @initialize(laws=layouts(), network=networks(), seed=st.integers(0, 1_000))
        def open(self, laws: dict[str, Law], network: Network, seed: int) -> None:
            self._stage = Stage(self._sim, Story(laws=laws, network=network, seed=seed), make)
            self._run(self._stage.open())

        @rule(operation=st.sampled_from(COMMON), place=st.integers(0, _PLACES - 1))
        def send(self, operation: str, place: int) -> None:
            self._begin(operation, place)

        @rule(operation=st.sampled_from(COMMON), place=st.integers(0, _PLACES - 1), times=st.integers(2, 20))
        def burst(self, operation: str, place: int, times: int) -> None:
            for _ in range(times):
                self._begin(operation, place)

        @rule(
            operation=st.sampled_from(COMMON), place=st.integers(0, _PLACES - 1), cancel_after_ms=st.integers(0, 1_000)
        )
        def lose_patience(self, operation: str, place: int, cancel_after_ms: int) -> None:
            self._begin(operation, place, cancel_after_ms)

        @rule(seconds=st.sampled_from([0.01, 0.1, 0.5, 1.0, 5.0, 30.0]))
        def wait(self, seconds: float) -> None:
            self._run(asyncio.sleep(seconds))

        @rule(hiccup=st.one_of(rotations(0), refusals(0), faults(0)))
        def strike(self, hiccup: Hiccup) -> None:
            self._happen(hiccup)

        @precondition(lambda self: self._number > 5)  # what ends a client's work comes late, or nothing else is seen
        @rule(hiccup=bans(0))
        def ban(self, hiccup: Hiccup) -> None:
            self._happen(hiccup)

        @invariant()
        def nothing_is_wrong_so_far(self) -> None:
            if self._stage is not None:
                check(self._stage.outcome(), but=but, strict=strict, bounds=numbers, early=True)

        def teardown(self) -> None:
            """Wait for every call, close the client, ask all oracles."""
            try:
                if self._stage is not None:
                    self._run(self._stage.settle())
                    self._run(self._stage.close())
                    check(self._stage.outcome(), but=but, strict=strict, bounds=numbers)
            finally:
                self._sim.__exit__(None, None, None)

        def _run(self, steps: Any) -> None:
            self._sim.run(steps)

        def _begin(self, operation: str, place: int, cancel_after_ms: int | None = None) -> None:
            stage = self._stage
            assert stage is not None
            stage.begin(Call(self._number, operation, place, stage.now_ms, cancel_after_ms))
            self._number += 1
            self._run(asyncio.sleep(0))

        def _happen(self, hiccup: Hiccup) -> None:
            stage = self._stage
            assert stage is not None
            stage.strike(replace(hiccup, at_ms=stage.now_ms))
            self._run(asyncio.sleep(0))

    return LimiterMachine
