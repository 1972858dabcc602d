"""Gateway rules as plain state machines: heartbeat, send budget, identify pacing, what follows a close, one
shard's life. Integer milliseconds; no clock, no network, no chance."""
