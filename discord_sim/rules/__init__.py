"""What Discord enforces, as plain state machines: (state, event, now_ms) -> (state, verdict).

Knows `wire`. Must not know clocks, sockets, asyncio or chance: `now_ms` and drawn numbers are arguments.
"""
