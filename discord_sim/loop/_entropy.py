"""Every source of chance in the process, seeded while a simulation runs.

`os.urandom` (and through it `secrets`, `uuid4`, `SystemRandom`), the functions of `random`, unseeded
`random.Random()` objects made inside, and those that libraries made at import and keep as a module global or
a default argument (aiohttp's WebSocket masks come from one of these).

The stand-ins are module-level singletons, for the reasons given in `_clock`: a module may keep one for ever, and a
thread that is not ours (a keep-alive beside a test, a notebook's kernel) must not shift the sequence of the seed.
"""

from __future__ import annotations

import gc
import os
import random
import sys
import types
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from discord_sim.loop._aliases import Aliases, Originals
from discord_sim.loop._clock import environment, inside
from discord_sim.loop._streams import Streams

__all__ = ["Entropy"]

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


class Entropy:
    """Installs seeded chance; `restore()` puts back every generator's state."""

    def __init__(self, streams: Streams, aliases: Aliases) -> None:
        self._streams = streams
        self._aliases = aliases
        self._saved: list[tuple[random.Random, Any]] = []

    def __repr__(self) -> str:
        return f"<Entropy seed={self._streams.seed} reseeded={len(self._saved)}>"

    def install(self) -> None:
        """Seed everything. Call once the `Aliases` may still be changed."""
        _Source.stream = self._streams.get("client/urandom")
        unseeded = self._streams.get("client/unseeded")
        seed_method = random.Random.seed

        def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
            seed_method(self, unseeded.getrandbits(256) if a is None and inside() else a, version)

        for index, generator in enumerate(_module_level_generators()):
            self._saved.append((generator, generator.getstate()))
            # Identical streams would be enough for determinism; distinct ones keep ids from colliding.
            generator.seed(f"{self._streams.seed}/client/import/{min(index, 1)}")
        self._aliases.replace_everywhere({_real["urandom"]: urandom})
        self._aliases.replace_in_modules(_functions_of_random)
        self._aliases.set_attribute(random.Random, "seed", seed)
        self._aliases.set_attribute(uuid, "_generate_time_safe", None)  # C code that reads clock and hardware
        self._aliases.set_attribute(uuid, "_node", 0x020000000001)
        self._aliases.set_attribute(uuid, "_last_timestamp", None)

    def restore(self) -> None:
        """Give every reseeded generator its own state back."""
        while self._saved:
            generator, state = self._saved.pop()
            generator.setstate(state)


def _module_level_generators() -> Iterator[random.Random]:
    """`random`'s own generator first, then those held as a module global or a default argument."""
    seen: set[int] = set()

    def fresh(value: object) -> bool:
        if isinstance(value, random.Random) and not isinstance(value, random.SystemRandom) and id(value) not in seen:
            seen.add(id(value))
            return True
        return False

    if fresh(_inst):
        yield _inst
    for _, module in sorted(sys.modules.items(), key=lambda item: item[0]):
        if isinstance(module, types.ModuleType):
            yield from [value for value in list(vars(module).values()) if fresh(value)]
    for obj in gc.get_objects():
        if type(obj) is types.FunctionType:  # not isinstance: a dead weakref proxy would raise
            held = (*(obj.__defaults__ or ()), *(obj.__kwdefaults__ or {}).values())
            yield from [value for value in held if fresh(value)]
