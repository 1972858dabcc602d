"""What handlers saw, set against what the server sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from discord_sim import Record

__all__ = ["Balance", "Ledger"]

Key = tuple[str, int, int]  # event type, guild, the thing it is about


@dataclass(frozen=True, slots=True)
class Balance:
    """Server's record against handlers. `out_of_order` counts guild neighbours that came in the wrong order."""

    sent: int
    handled: int
    lost: int
    doubled: int
    unexpected: int
    out_of_order: int

    @property
    def exact(self) -> bool:
        """Each event once, nothing else."""
        return not (self.lost or self.doubled or self.unexpected)


@dataclass(slots=True)
class Ledger:
    """Filled by the scenario's own handlers inside the subject."""

    handled: list[tuple[int, Key]] = field(default_factory=list)  # (t_ms, key)
    without_guild: int = 0

    def note(self, t_ms: int, event: str, guild_id: int, key: int) -> None:
        """A handler ran."""
        self.handled.append((t_ms, (event, guild_id, key)))

    def balance(self, record: Record, types: frozenset[str], since_ms: int, *, everything: bool = False) -> Balance:
        """Compare with what the server sent to the bot's sessions since `since_ms`; with `everything`, with what
        happened in the world, sent or not."""
        sent_numbers = {d.event for d in record.deliveries}
        truth = [
            e for e in record.events
            if e.type in types and e.t_ms >= since_ms and (everything or e.number in sent_numbers)
        ]  # fmt: skip
        expected: Counter[Key] = Counter((e.type, e.guild_id or 0, e.key) for e in truth)
        got: Counter[Key] = Counter(key for _, key in self.handled)
        lost = sum((expected - got).values())
        over = got - expected
        doubled = sum(n for key, n in over.items() if key in expected)
        unexpected = sum(n for key, n in over.items() if key not in expected)
        place = {(e.type, e.guild_id or 0, e.key): e.number for e in truth}
        last: dict[int, int] = {}
        out_of_order = 0
        for _, key in self.handled:
            number = place.get(key)
            if number is None:
                continue
            if number < last.get(key[1], 0):
                out_of_order += 1
            last[key[1]] = max(number, last.get(key[1], 0))
        return Balance(len(truth), len(self.handled), lost, doubled, unexpected, out_of_order)
