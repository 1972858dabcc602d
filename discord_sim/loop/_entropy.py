"""Every source of chance in the process, seeded while a simulation runs.

`os.urandom` (and through it `secrets`, `uuid4`, `SystemRandom`), the functions of `random`, unseeded
`random.Random()` objects made inside, and those that libraries made at import and keep as a module global or
a default argument (aiohttp's WebSocket masks come from one of these).

The stand-ins are module-level singletons, for the reasons given in `_clock`: a module may keep one for ever, and a
thread that is not ours (a keep-alive beside a test, a notebook's kernel) must not shift the sequence of the seed.
"""

from __future__ import annotations

import os
import random
import sys
import types
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from discord_sim.loop._aliases import Aliases, Originals
from discord_sim.loop._clock import environment, inside
from discord_sim.loop._streams import Streams

__all__ = ["Entropy", "sources"]

_inst = random._inst  # the module's functions are its methods
_real = Originals(urandom=os.urandom)
_seeded = Originals((name, f) for name, f in vars(random).items() if getattr(f, "__self__", None) is _inst)


def _of_another_generator() -> Originals:
    other = random.Random()
    return Originals((name, getattr(other, f.__name__)) for name, f in _seeded.items())


_for_others = _of_another_generator()


class _Source:
    """Where `os.urandom` draws from inside."""

    stream = random.Random(0)


def urandom(size: int, /) -> bytes:
    """`os.urandom`: the seed's bytes inside a simulation, the system's outside."""
    if inside():
        return _Source.stream.randbytes(size)
    return _real["urandom"](size)  # type: ignore[no-any-return]


def _function_of_random(name: str) -> Callable[..., Any]:
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        functions = _seeded if environment.current is None or inside() else _for_others
        return functions[name](*args, **kwargs)

    stand_in.__name__ = stand_in.__qualname__ = name
    return stand_in


_functions_of_random: dict[Any, Any] = {f: _function_of_random(name) for name, f in _seeded.items()}


def sources() -> tuple[Mapping[Any, Any], Mapping[Any, Any]]:
    """(real -> stand-in, to be replaced everywhere; the same for the functions of `random`, bound in modules)."""
    return {_real["urandom"]: urandom}, _functions_of_random


class Entropy:
    """Installs seeded chance; `restore()` puts back every generator's state."""

    def __init__(self, streams: Streams, aliases: Aliases) -> None:
        self._streams = streams
        self._aliases = aliases
        self._saved: list[tuple[random.Random, Any]] = []

    def __repr__(self) -> str:
        return f"<Entropy seed={self._streams.seed} reseeded={len(self._saved)}>"

    def install(self, functions: Sequence[types.FunctionType]) -> None:
        """Seed everything that `sources()` does not replace. `functions` are all that live, for their defaults."""
        _Source.stream = self._streams.get("client/urandom")
        unseeded = self._streams.get("client/unseeded")
        seed_method = random.Random.seed

        def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
            seed_method(self, unseeded.getrandbits(256) if a is None and inside() else a, version)

        for index, generator in enumerate(_module_level_generators(functions)):
            self._saved.append((generator, generator.getstate()))
            # Identical streams would be enough for determinism; distinct ones keep ids from colliding.
            generator.seed(f"{self._streams.seed}/client/import/{min(index, 1)}")
        self._aliases.set_attribute(random.Random, "seed", seed)
        self._aliases.set_attribute(uuid, "_generate_time_safe", None)  # C code that reads clock and hardware
        self._aliases.set_attribute(uuid, "_node", 0x020000000001)
        self._aliases.set_attribute(uuid, "_last_timestamp", None)

    def restore(self) -> None:
        """Give every reseeded generator its own state back."""
        while self._saved:
            generator, state = self._saved.pop()
            generator.setstate(state)


def _module_level_generators(functions: Sequence[types.FunctionType]) -> Iterator[random.Random]:
    """`random`'s own generator first, then those held as a module global or a default argument."""
    kinds = {id(kind) for kind in _kinds_of(random.Random)}  # ids: a metaclass may forbid hashing
    seen: set[int] = set()

    def fresh(values: Collection[Any]) -> list[random.Random]:
        if kinds.isdisjoint(map(id, map(type, values))):  # so it nearly always is, and there are very many values
            return []
        found = {id(value): value for value in values if id(type(value)) in kinds and id(value) not in seen}
        seen.update(found)
        return list(found.values())

    yield from fresh([_inst])
    for _, module in sorted(sys.modules.items(), key=lambda item: item[0]):
        if isinstance(module, types.ModuleType):
            yield from fresh(vars(module).values())
    yield from fresh(list(chain.from_iterable(filter(None, map(attrgetter("__defaults__"), functions)))))
    by_keyword = filter(None, map(attrgetter("__kwdefaults__"), functions))
    yield from fresh([value for held in by_keyword for value in held.values()])


def _kinds_of(kind: type[random.Random]) -> Iterator[type[random.Random]]:
    if kind is not random.SystemRandom:
        yield kind
        for special in kind.__subclasses__():
            yield from _kinds_of(special)
