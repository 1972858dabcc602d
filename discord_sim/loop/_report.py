"""Who waits on what, in words."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["describe_tasks"]


def describe_tasks(loop: asyncio.AbstractEventLoop, threads: list[str]) -> str:
    """One line per unfinished task: its name, where it stands, what it awaits; then the parked threads."""
    lines = []
    for task in sorted(asyncio.all_tasks(loop), key=lambda t: t.get_name()):
        where, what = _innermost(task.get_coro())
        waiter = getattr(task, "_fut_waiter", None)
        lines.append(
            f"  task {task.get_name()!r} at {where} awaits {_describe(waiter if waiter is not None else what)}"
        )
    lines += [f"  {line}" for line in threads]
    return "\n".join(lines) or "  (no task is left)"


def _innermost(awaitable: Any) -> tuple[str, Any]:
    where = "its start"
    while True:
        frame = (
            getattr(awaitable, "cr_frame", None)
            or getattr(awaitable, "gi_frame", None)
            or getattr(awaitable, "ag_frame", None)
        )
        if frame is not None:
            code = frame.f_code
            where = f"{code.co_filename.rpartition('/')[2]}:{frame.f_lineno} in {code.co_qualname}"
        inner = getattr(awaitable, "cr_await", None) or getattr(awaitable, "gi_yieldfrom", None)
        if inner is None:
            return where, None
        if not hasattr(inner, "cr_await") and not hasattr(inner, "gi_yieldfrom"):
            return where, inner
        awaitable = inner


def _describe(waiter: Any) -> str:
    if waiter is None:
        return "nothing known"
    if isinstance(waiter, asyncio.Task):
        return f"task {waiter.get_name()!r}"
    if isinstance(waiter, asyncio.Future) or type(waiter).__name__ == "FutureIter":
        return "a future nobody has resolved"
    return type(waiter).__name__
