"""Numbers that depend on a seed and a name only: the same guild is the same guild in every process, whichever
other guild was looked at before."""

import hashlib
from collections.abc import Iterable
from typing import TypeVar

__all__ = ["Draws"]

T = TypeVar("T")

_NAMES = [
    "amber",
    "ash",
    "birch",
    "brook",
    "cedar",
    "cliff",
    "cloud",
    "coral",
    "dawn",
    "dune",
    "ember",
    "fern",
    "flint",
    "frost",
    "grove",
    "harbor",
    "hazel",
    "iris",
    "ivory",
    "jade",
    "juniper",
    "lake",
    "larch",
    "lily",
    "lunar",
    "maple",
    "marsh",
    "mist",
    "moss",
    "north",
    "oak",
    "ocean",
    "olive",
    "onyx",
    "opal",
    "orchid",
    "pebble",
    "pine",
    "quartz",
    "rain",
    "raven",
    "reed",
    "ridge",
    "river",
    "robin",
    "rose",
    "rowan",
    "sage",
    "shale",
    "shore",
    "sky",
    "slate",
    "snow",
    "solar",
    "spruce",
    "stone",
    "summit",
    "swift",
    "thistle",
    "thorn",
    "tide",
    "vale",
    "willow",
    "wren",
]


class Draws:
    """Derived numbers and words."""

    __slots__ = ("_prefix",)

    def __init__(self, seed: int) -> None:
        self._prefix = f"{seed}/world/"

    def below(self, name: str, bound: int) -> int:
        """A number in [0, bound) for `name`."""
        digest = hashlib.blake2b((self._prefix + name).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % bound

    def between(self, name: str, low: int, high: int) -> int:
        """A number in [low, high] for `name`."""
        return low + self.below(name, high - low + 1)

    def shuffled(self, name: str, items: Iterable[T]) -> list[T]:
        """The items in an order drawn for `name`."""
        drawn = [(self.below(f"{name}/{n}", 1 << 32), n, item) for n, item in enumerate(items)]
        return [item for _, _, item in sorted(drawn, key=lambda d: d[:2])]

    def word(self, name: str) -> str:
        """A pleasant word for `name`."""
        return _NAMES[self.below(name, len(_NAMES))]
