"""The framework's clock: asyncio's loop, in whole milliseconds. Shells read it once per decision; cores never do."""

import asyncio

__all__ = ["loop_ms"]


def loop_ms() -> int:
    """Milliseconds of the running loop's clock."""
    return int(asyncio.get_running_loop().time() * 1000 + 1e-6)
