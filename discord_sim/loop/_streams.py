"""Named random streams: one seed, one independent generator per concern.

A draw in one stream never shifts another, so adding a draw does not reshuffle the rest of a run.
"""

import hashlib
import random

__all__ = ["Streams"]


class Streams:
    """Generators derived from `seed` and a name, such as `shard/3/jitter`.

    The same (seed, name) gives the same sequence in every process: the derivation is SHA-256, not `hash()`.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def __repr__(self) -> str:
        return f"<Streams seed={self.seed} open={len(self._streams)}>"

    def get(self, name: str) -> random.Random:
        """The generator called `name`; created at its first use."""
        stream = self._streams.get(name)
        if stream is None:
            digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
            stream = self._streams[name] = random.Random(int.from_bytes(digest, "big"))
        return stream
