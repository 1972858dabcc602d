"""A gateway that costs next to nothing: what it sends is encoded before anybody connects.

`python -m benchmarks.stream` prints its port, then serves one client after another: the REST routes a library asks at
login, one websocket (zlib-stream or zstd-stream), and `GET /go/mixed`, `/go/bans`, `/go/guilds`, once each in this
order: each sends its load at once. `GET /loads` tells their sizes. Heartbeats are acknowledged after READY and after
each load only, since a compressed stream cannot be changed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
import sys
import zlib
from collections.abc import Callable
from typing import Any

import zstandard

from benchmarks.loads import LOADS, connection, user

__all__: list[str] = []


def _frame(payload: bytes) -> bytes:
    if len(payload) < 126:
        return b"\x82" + bytes([len(payload)]) + payload
    if len(payload) < 65_536:
        return b"\x82\x7e" + struct.pack(">H", len(payload)) + payload
    return b"\x82\x7f" + struct.pack(">Q", len(payload)) + payload


def _zlib() -> Callable[[bytes], bytes]:
    deflate = zlib.compressobj()
    return lambda text: deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _zstd() -> Callable[[bytes], bytes]:
    deflate = zstandard.ZstdCompressor(level=6).compressobj()
    return lambda text: deflate.compress(text) + deflate.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


def _encode(port: int) -> tuple[dict[str, dict[str, bytes]], dict[str, dict[str, float]]]:
    """(frames by compression and part, sizes by load)."""
    parts: dict[str, list[bytes]] = {}
    for name, text in connection(port):
        parts.setdefault(name, []).append(text)
    frames = {}
    for kind, compress in (("zlib-stream", _zlib()), ("zstd-stream", _zstd())):
        frames[kind] = {name: b"".join(_frame(compress(text)) for text in texts) for name, texts in parts.items()}
    sizes = {
        name: {"events": len(texts) - 1, "messages": sum(b'"t":"MESSAGE_CREATE"' in text[:30] for text in texts),
               "bytes_per_event": sum(map(len, texts)) / len(texts)}
        for name, texts in parts.items() if name in LOADS
    }  # fmt: skip
    return frames, sizes


class _Connection(asyncio.Protocol):
    """HTTP with keep-alive, or the websocket after an upgrade."""

    client: _Connection | None = None  # the one on the gateway

    def __init__(self, frames: dict[str, dict[str, bytes]], sizes: dict[str, Any], port: int) -> None:
        self._frames, self._sizes, self._port = frames, sizes, port
        self._buffer = b""
        self._parts: dict[str, bytes] | None = None  # what the gateway sends; None before the upgrade

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._read_frame() if self._parts is not None else self._read_request():
            pass

    # -- HTTP --------------------------------------------------------------------------------------------

    def _read_request(self) -> bool:
        head, end, self._buffer = self._buffer.partition(b"\r\n\r\n")
        if not end:
            self._buffer = head
            return False
        lines = head.decode().split("\r\n")
        path, _, query = lines[0].split()[1].removeprefix("/api/v10").partition("?")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        if "sec-websocket-key" in headers:
            self._upgrade(headers["sec-websocket-key"], "zstd-stream" if "zstd-stream" in query else "zlib-stream")
        elif path.startswith("/go/"):
            self._answer({})
            assert _Connection.client is not None
            _Connection.client.send(path.removeprefix("/go/"))
        else:
            self._answer(self._route(path))
        return True

    def _route(self, path: str) -> dict[str, Any]:
        me = {**user(0, 0), "bot": True}
        application = {
            "id": me["id"], "name": "bench", "icon": None, "description": "", "bot_public": True, "flags": 0,
            "bot_require_code_grant": False, "verify_key": "0" * 64, "owner": me, "team": None, "summary": "",
        }  # fmt: skip
        limit = {"total": 1_000, "remaining": 999, "reset_after": 3_600_000, "max_concurrency": 1}
        gateway = {"url": f"ws://127.0.0.1:{self._port}", "shards": 1, "session_start_limit": limit}
        known = {"/users/@me": me, "/gateway/bot": gateway, "/gateway": gateway, "/loads": self._sizes}
        return known.get(path, application)

    def _answer(self, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text)
        self._transport.write(head + text)

    # -- the gateway -------------------------------------------------------------------------------------

    def _upgrade(self, key: str, compression: str) -> None:
        accept = base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self._transport.write(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        self._parts = self._frames[compression]
        _Connection.client = self
        self.send("hello")

    def send(self, part: str) -> None:
        """Send a part of the stream; all of them, in order, are what the decompressor needs."""
        assert self._parts is not None
        self._transport.write(self._parts[part])

    def _read_frame(self) -> bool:
        if len(self._buffer) < 2:
            return False
        opcode, size, at = self._buffer[0] & 15, self._buffer[1] & 127, 2
        if size == 126:
            if len(self._buffer) < 4:
                return False
            (size,), at = struct.unpack_from(">H", self._buffer, 2), 4
        if len(self._buffer) < at + 4 + size:
            return False
        mask, body = self._buffer[at : at + 4], self._buffer[at + 4 : at + 4 + size]
        self._buffer = self._buffer[at + 4 + size :]
        if opcode == 8:
            self._transport.write(b"\x88\x02\x03\xe8")
            self._transport.close()
        elif opcode in (1, 2):
            message = json.loads(bytes(b ^ mask[n % 4] for n, b in enumerate(body)))
            if message["op"] == 2:
                self.send("ready")
        return True


async def main() -> None:
    """Serve until killed."""
    frames: dict[str, dict[str, bytes]] = {}
    sizes: dict[str, Any] = {}
    port = 0
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(frames, sizes, port), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    frames, sizes = _encode(port)
    print(json.dumps({"port": port, **sizes}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
