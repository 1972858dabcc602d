"""Each simulation finds every alias there is when it opens: also those that came since the last one."""

import asyncio
import collections
import functools
import gc
import importlib
import random
import sys
import time
import types
import typing
import weakref

import pytest

from discord_sim.loop import Simulation

REAL = functools.partial(time.monotonic)  # the one holder that is not reached


def passed(read):
    """How many seconds a clock shows to pass while 1,000 do."""

    async def main():
        before = read()
        await asyncio.sleep(1_000)
        return read() - before

    with Simulation(1) as sim:
        return sim.run(main())


def an_empty_simulation():
    with Simulation():
        pass


class Plain:
    """An instance with a `__dict__`."""


class Slotted:
    __slots__ = ("clock",)


class Outer:
    class Inner:
        pass


def reader(clock=None):
    return clock()


def by_keyword(*, clock=None):
    return clock()


def sharing(clock=None):
    return clock()


def cell():
    clock = None

    def set_to(value):
        nonlocal clock
        clock = value

    return set_to, lambda: clock()


DICT, LIST, MODULE, PLAIN, SLOTTED, CELL = (
    {},
    [None],
    types.ModuleType("not_in_sys_modules"),
    Plain(),
    Slotted(),
    cell(),
)


def in_defaults(value):
    reader.__defaults__ = value and (value,)


def in_shared_defaults(value):
    in_defaults(value)
    sharing.__defaults__ = reader.__defaults__


SEEN_BEFORE = {
    "dict": (lambda value: DICT.update(clock=value), lambda: DICT["clock"]()),
    "list": (lambda value: LIST.__setitem__(0, value), lambda: LIST[0]()),
    "module": (lambda value: setattr(MODULE, "clock", value), lambda: MODULE.clock()),
    "instance": (lambda value: setattr(PLAIN, "clock", value), lambda: PLAIN.clock()),
    "slot": (lambda value: setattr(SLOTTED, "clock", value), lambda: SLOTTED.clock()),
    "closure": CELL,
    "class": (lambda value: setattr(Plain, "clock", value), lambda: Plain.clock()),
    "inner class": (lambda value: setattr(Outer.Inner, "clock", value), lambda: Outer.Inner.clock()),
    "defaults": (in_defaults, reader),
    "shared defaults": (in_shared_defaults, sharing),
    "keyword defaults": (lambda value: by_keyword.__kwdefaults__.update(clock=value), by_keyword),
    "attribute of a function": (lambda value: setattr(reader, "clock", value), lambda: reader.clock()),
}


@pytest.mark.parametrize("where", SEEN_BEFORE)
def test_a_holder_that_an_earlier_simulation_saw_without_an_alias_may_have_one_now(where):
    put, read = SEEN_BEFORE[where]
    an_empty_simulation()
    real = time.monotonic
    put(real)
    try:
        assert passed(read) == 1_000
        assert passed(read) == 1_000
        assert abs(read() - REAL()) < 60
    finally:
        put(None)


def holders_made_now():
    namespace = {"__builtins__": {}, "__name__": "own", "clock": time.monotonic}
    kept = {"clock": time.monotonic}
    made = type("Made", (Slotted,), {"clock": time.monotonic, "__slots__": ()})
    named = collections.namedtuple("named", ["clock"], defaults=[time.monotonic])
    own_builtins = eval("lambda clock=clock: clock()", namespace)
    del namespace["clock"]
    return {
        "dict": lambda: kept["clock"](),
        "class": lambda: made.clock(),
        "defaults": lambda clock=time.monotonic: clock(),
        "keyword defaults": lambda *, clock=time.monotonic: clock(),
        "defaults of a named tuple": lambda: named().clock(),
        "defaults of a function with builtins of its own": own_builtins,
    }


@pytest.mark.parametrize("where", list(holders_made_now()))
def test_a_holder_made_between_two_simulations_is_found(where):
    an_empty_simulation()
    read = holders_made_now()[where]
    assert passed(read) == 1_000
    assert passed(read) == 1_000
    assert abs(read() - REAL()) < 60


def test_what_was_replaced_is_the_same_object_again():
    real = time.monotonic
    defaults, made = (real,), type("Made", (), {"clock": real})
    held, listed = {"clock": real}, [real]
    sharing.__defaults__ = defaults
    an_empty_simulation()
    assert sharing.__defaults__ is defaults
    assert made.__dict__["clock"] is held["clock"] is listed[0] is real


def test_the_memory_of_a_class_ends_with_the_class():
    """A namespace at the address of an earlier one belongs to another class."""

    def one_class():
        made = type("Made", (), {"clock": time.monotonic})
        assert passed(lambda: made.clock()) == 1_000
        assert made.__dict__["clock"] is time.monotonic
        return weakref.ref(made)

    for _ in range(5):
        ended = one_class()
        gc.collect()
        assert ended() is None


MODULE_TEXT = """
import time
from random import Random
from time import monotonic

class Holder:
    clock = monotonic

def read(clock=time.monotonic):
    return clock()

def draw(generator=Random()):
    return generator.random()
"""


def test_a_module_imported_inside_reads_this_clock_then_the_real_one_then_the_next(tmp_path, monkeypatch):
    name = "imported_inside_a_simulation"
    (tmp_path / f"{name}.py").write_text(MODULE_TEXT)
    monkeypatch.syspath_prepend(tmp_path)

    def readings():
        module = importlib.import_module(name)
        return [module.monotonic(), module.Holder.clock(), module.read(), module.time.monotonic()]

    try:
        for _ in range(3):
            assert passed(lambda: readings()[0]) == 1_000
            with Simulation(5) as sim:
                assert set(readings()) == {time.monotonic()}
                assert sim.clock.now_ns == 0
            assert all(abs(reading - REAL()) < 60 for reading in readings())
    finally:
        del sys.modules[name]


def test_a_generator_that_became_a_default_between_two_simulations_is_seeded():
    generators = [random.Random() for _ in range(3)]

    class Named(typing.NamedTuple):
        generator: random.Random = generators[2]

    def draws():
        with Simulation(1):
            return [by_position(), by_keyword(), Named().generator.random()]

    def by_position(generator=None):
        return generator and generator.random()

    def by_keyword(*, generator=None):
        return generator and generator.random()

    assert draws()[:2] == [None, None]
    before = [generator.getstate() for generator in generators]
    by_position.__defaults__ = (generators[0],)
    by_keyword.__kwdefaults__ = {"generator": generators[1]}
    assert draws() == draws()
    assert None not in draws()
    assert [generator.getstate() for generator in generators] == before


def test_a_generator_that_is_neither_global_nor_a_default_is_left_alone():
    kept = {"generator": random.Random(3)}
    with Simulation(1):
        assert kept["generator"].random() == random.Random(3).random()


class Ring(dict):
    """Refers to itself in the end, and can be watched."""


def test_large_worlds_do_not_pile_up_as_garbage():
    """What is dropped while a simulation is open lies in the oldest generation afterwards."""
    rings = []
    for _ in range(4):
        size = len(gc.get_objects()) // 2
        with Simulation():
            ring = first = Ring()
            for _ in range(size):
                ring["next"] = ring = Ring()
            ring["next"] = first
            rings.append(weakref.ref(first))
    assert [ring() is None for ring in rings] == [True, True, True, False]
