"""The virtual clock, and the functions that stand in for every clock of the process.

The stand-ins are module-level singletons that look up the running simulation at each call, for two reasons.
A module imported *during* a simulation may keep one as an alias for ever; afterwards it must tell real time.
And threads that do not belong to the simulation (a notebook's kernel, a test runner's watchdog) must go on
reading the real clock while ours jumps.
"""

from __future__ import annotations

import datetime as _datetime
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from discord_sim.loop._aliases import Originals

__all__ = [
    "EPOCH_S",
    "MONOTONIC_START_S",
    "Environment",
    "VirtualClock",
    "environment",
    "inside",
    "stand_ins",
]

EPOCH_S = 1_767_225_600
"""The wall clock at the start of every simulation: 2026-01-01T00:00:00Z."""

MONOTONIC_START_S = 1_000
"""Not zero: programs use 0 as "never", and a machine is never booted at the instant a program starts."""

_NS = 1_000_000_000


class VirtualClock:
    """Nanoseconds since the simulation began, as an integer: no drift, no rounding, exact ties."""

    __slots__ = ("now_ns",)

    def __init__(self) -> None:
        self.now_ns = 0

    def __repr__(self) -> str:
        return f"<VirtualClock {self.now_ns / _NS:.9f} s>"

    @property
    def now_ms(self) -> int:
        """Whole milliseconds since the start."""
        return self.now_ns // 1_000_000

    def monotonic_ns(self) -> int:
        """What `time.monotonic_ns()` tells inside."""
        return self.now_ns + MONOTONIC_START_S * _NS

    def wall_ns(self) -> int:
        """What `time.time_ns()` tells inside."""
        return self.now_ns + EPOCH_S * _NS


class Environment(Protocol):
    """What the stand-ins need to know of the running simulation."""

    clock: VirtualClock
    thread_ids: set[int]

    def sleep(self, seconds: float) -> None:
        """Block the calling simulated thread for virtual `seconds`."""


class _Holder:
    """The one simulation of this process, if any."""

    current: Environment | None = None


environment = _Holder()
_get_ident = threading.get_ident
_real = Originals(
    (name, getattr(time, name))
    for name in (
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns",
        "process_time", "process_time_ns", "thread_time", "thread_time_ns", "sleep",
        "gmtime", "localtime", "ctime", "clock_gettime", "clock_gettime_ns",
    )
    if hasattr(time, name)
)  # fmt: skip


def inside() -> bool:
    """Whether the calling thread belongs to a running simulation."""
    env = environment.current
    return env is not None and _get_ident() in env.thread_ids


def _virtual() -> VirtualClock | None:
    env = environment.current
    if env is not None and _get_ident() in env.thread_ids:
        return env.clock
    return None


def _reader(name: str, read_ns: Callable[[VirtualClock], int]) -> Callable[[], float | int]:
    unit = 1 if name.endswith("_ns") else _NS

    def stand_in() -> float | int:
        clock = _virtual()
        if clock is None:
            return _real[name]()  # type: ignore[no-any-return]
        return read_ns(clock) if unit == 1 else read_ns(clock) / _NS

    stand_in.__name__ = stand_in.__qualname__ = name
    return stand_in


def sleep(seconds: float) -> None:
    """Block this thread: virtually inside a simulation, really outside."""
    env = environment.current
    if env is not None and _get_ident() in env.thread_ids:
        env.sleep(seconds)
    else:
        _real["sleep"](seconds)


def _with_default_now(name: str) -> Callable[..., Any]:
    def stand_in(seconds: float | None = None) -> Any:
        if seconds is None:
            clock = _virtual()
            seconds = _real["time"]() if clock is None else clock.wall_ns() / _NS
        return _real[name](seconds)

    stand_in.__name__ = stand_in.__qualname__ = name
    return stand_in


def _clock_gettime_ns(clock_id: int) -> int:
    clock = _virtual()
    if clock is None:
        return _real["clock_gettime_ns"](clock_id)  # type: ignore[no-any-return]
    return clock.wall_ns() if clock_id == time.CLOCK_REALTIME else clock.monotonic_ns()


def _clock_gettime(clock_id: int) -> float:
    return _clock_gettime_ns(clock_id) / _NS


class _LikeReal(type):
    """Makes the stand-in class pass for the real one in `isinstance` and `issubclass`."""

    _real_class: Any

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._real_class)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls._real_class)


class SimDatetime(_datetime.datetime, metaclass=_LikeReal):
    """`datetime.datetime` whose `now`, `utcnow` and `today` read the virtual wall clock."""

    _real_class: Any = _datetime.datetime

    @classmethod
    def now(cls, tz: _datetime.tzinfo | None = None) -> Any:
        clock = _virtual()
        if clock is None:
            return cls._real_class.now(tz)
        utc = _datetime.timezone.utc  # noqa: UP017 - the alias datetime.UTC is the same object
        moment = _real_datetime(1970, 1, 1, tzinfo=utc) + _datetime.timedelta(microseconds=clock.wall_ns() // 1_000)
        return moment.astimezone(tz) if tz is not None else moment.replace(tzinfo=None)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.now(_datetime.timezone.utc).replace(tzinfo=None)  # noqa: UP017

    @classmethod
    def today(cls) -> Any:
        return cls.now()


class SimDate(_datetime.date, metaclass=_LikeReal):
    """`datetime.date` whose `today` reads the virtual wall clock."""

    _real_class: Any = _datetime.date

    @classmethod
    def today(cls) -> Any:
        return SimDatetime.now().date() if _virtual() is not None else cls._real_class.today()


_real_datetime = _datetime.datetime


def stand_ins() -> tuple[dict[Callable[..., Any], Callable[..., Any]], dict[type, type]]:
    """(real function -> stand-in, real class -> stand-in)."""
    functions: dict[Callable[..., Any], Callable[..., Any]] = {_real["sleep"]: sleep}
    for name in ("time", "time_ns"):
        functions[_real[name]] = _reader(name, VirtualClock.wall_ns)
    for name in (
        "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns",
        "process_time", "process_time_ns", "thread_time", "thread_time_ns",
    ):  # fmt: skip
        if name in _real:
            functions[_real[name]] = _reader(name, VirtualClock.monotonic_ns)
    for name in ("gmtime", "localtime", "ctime"):
        functions[_real[name]] = _with_default_now(name)
    if "clock_gettime" in _real:
        functions[_real["clock_gettime"]] = _clock_gettime
        functions[_real["clock_gettime_ns"]] = _clock_gettime_ns
    return functions, {_real_datetime: SimDatetime, _datetime.date: SimDate}
