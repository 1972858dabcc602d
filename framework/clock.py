"""The framework's clocks, in whole milliseconds. Shells read them once per decision; cores never do.

All waiting is by asyncio's loop. The wall clock is for what carries a date, and may be wrong.
"""

import asyncio
from datetime import UTC, datetime

__all__ = ["epoch_ms", "loop_ms"]


def loop_ms() -> int:
    """Milliseconds of the running loop's clock."""
    return int(asyncio.get_running_loop().time() * 1000 + 1e-6)


def epoch_ms() -> int:
    """Milliseconds of Unix time by this machine's wall clock."""
    return int(datetime.now(UTC).timestamp() * 1000)
