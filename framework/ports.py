"""What the framework asks of the outside, as protocols: chance, and the global limit's policy."""

from typing import Protocol

__all__ = ["Chance", "GlobalLimit"]


class Chance(Protocol):
    """A source of uniform numbers in [0, 1)."""

    def __call__(self) -> float: ...


class GlobalLimit(Protocol):
    """Decides when a request may leave, over all routes. `reserve` is followed by `left` or `give_back`."""

    def ready_at(self, now_ms: int) -> int | None:
        """When the next request may have its turn; `now_ms` is now, None is not before `left` or `give_back`."""

    def reserve(self) -> None:
        """One request has its turn; `ready_at` said so."""

    def left(self, now_ms: int) -> None:
        """It leaves now."""

    def give_back(self) -> None:
        """It will never leave."""

    def pause(self, until_ms: int) -> None:
        """Discord said it was too much: nothing leaves before `until_ms`."""
