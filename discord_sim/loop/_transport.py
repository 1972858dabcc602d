"""One end of a simulated byte stream, as an asyncio transport."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import socket
from collections import deque
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_sim.loop._loop import SimLoop
    from discord_sim.loop._network import Listener, Network

__all__ = ["SimSocket", "SimTransport"]

_HIGH_WATER = 256 * 1024  # about a kernel's socket buffers plus asyncio's own 64 KiB
_LOW_WATER = _HIGH_WATER // 4
_MAX_READ = 256 * 1024  # what asyncio's selector transports read at a time
_EOF: bytes = b""
_numbers = itertools.count()

Address = tuple[str, int]


class SimSocket:
    """What `get_extra_info("socket")` gives: answers questions, ignores options, carries no bytes."""

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = socket.IPPROTO_TCP

    def __init__(self, own: Address, peer: Address | None) -> None:
        self._own = own
        self._peer = peer

    def __repr__(self) -> str:
        return f"<SimSocket {self._own} -> {self._peer}>"

    def fileno(self) -> int:
        return -1

    def getsockname(self) -> Address:
        return self._own

    def getpeername(self) -> Address:
        if self._peer is None:
            raise OSError(107, "a listening socket has no peer")
        return self._peer

    def setsockopt(self, *_: Any) -> None:
        """Accepted and ignored: there is no kernel to tune."""

    def getsockopt(self, *_: Any) -> int:
        return 0

    def close(self) -> None:
        """The transport owns the stream."""


class SimTransport(asyncio.Transport):
    """Bytes written here arrive at `peer` after the link's delay, in order, each write at most once."""

    peer: SimTransport

    def __init__(
        self,
        loop: SimLoop,
        network: Network,
        host: str,
        peer_host: str,
        own: Address,
        remote: Address,
        *,
        secure: bool = False,
        listener: Listener | None = None,
    ) -> None:
        super().__init__()
        self.number = next(_numbers)
        self._loop = loop
        self._network = network
        self._host, self._peer_host = host, peer_host
        self._own, self._remote = own, remote
        self._secure = secure
        self._listener = listener
        self._protocol: asyncio.BaseProtocol | None = None
        self._context: contextvars.Context | None = None
        self._inbox: deque[tuple[int, bytes | None]] = deque()  # None is a reset
        self._inbox_bytes = 0
        self._delivery: asyncio.Handle | None = None
        self._last_arrival_ns = 0
        self._reading = True
        self._closing = False
        self._lost = False
        self._eof_sent = False
        self._writer_paused = False
        self.keep_alive: object | None = None  # a real socket the caller made and handed over
        network.open_ends[self] = host

    def __repr__(self) -> str:
        state = "lost" if self._lost else "closing" if self._closing else "open"
        return f"<SimTransport {self._host}:{self._own[1]} -> {self._peer_host}:{self._remote[1]} {state}>"

    # -- life --------------------------------------------------------------------------------------------

    def bind(
        self,
        protocol: asyncio.BaseProtocol,
        context: contextvars.Context | None = None,
        *,
        secure: bool = False,
    ) -> None:
        """Give the stream its protocol: `connection_made` now, then whatever has already arrived."""
        self._secure = self._secure or secure
        self._protocol = protocol
        self._context = context or contextvars.copy_context()
        if self._listener is not None:
            self._listener.transports.add(self)
        if context is not None:
            self._context.run(protocol.connection_made, self)
        else:
            protocol.connection_made(self)
        self._schedule_delivery()

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self._protocol is not None
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        match name:
            case "peername":
                return self._remote
            case "sockname":
                return self._own
            case "socket":
                return SimSocket(self._own, self._remote)
            case "sslcontext" | "ssl_object" if self._secure:
                return default
            case _:
                return default

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """Everything written still arrives, then the peer reads the end of the stream."""
        if self._closing:
            return
        self._closing = True
        if not self._eof_sent:
            self._eof_sent = True
            self._send(_EOF)
        self._loop.call_soon(self._connection_lost, None, context=self._context)

    def abort(self) -> None:
        """Reset: the peer's protocol loses the connection with ConnectionResetError."""
        if self._lost:
            return
        already_closed = self._closing
        self._closing = True
        if not already_closed:
            self._send(None)
            self._loop.call_soon(self._connection_lost, None, context=self._context)

    def vanish(self) -> None:
        """Its machine dies: a reset for the peer, and nobody left here to be told."""
        if not self._closing:
            self._send(None)
        self._protocol = None
        self._connection_lost(None)

    def _connection_lost(self, error: Exception | None) -> None:
        if self._lost:
            return
        self._lost = self._closing = True
        self._network.open_ends.pop(self, None)
        self._inbox.clear()
        self._inbox_bytes = 0
        if self._delivery is not None:
            self._delivery.cancel()
            self._delivery = None
        if self._listener is not None:
            self._listener.transports.discard(self)
        if (real := cast("socket.socket | None", self.keep_alive)) is not None:
            real.close()
            self.keep_alive = None
        if self._protocol is not None:
            self._protocol.connection_lost(error)

    # -- writing -----------------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._eof_sent or self._closing or not data:
            return
        self._send(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        if not self._eof_sent:
            self._eof_sent = True
            self._send(_EOF)

    def can_write_eof(self) -> bool:
        return not self._secure

    def get_write_buffer_size(self) -> int:
        return self.peer._inbox_bytes

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return _LOW_WATER, _HIGH_WATER

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Ignored: the limit stands for the kernel's buffers too."""

    def _send(self, item: bytes | None) -> None:
        peer = self.peer
        if peer._lost:
            return
        now = self._loop.clock.now_ns
        arrival = max(peer._last_arrival_ns, now + self._network.delay_ns(self._host, self._peer_host))
        peer._last_arrival_ns = arrival
        peer._inbox.append((arrival, item))
        peer._schedule_delivery()
        if item:
            peer._inbox_bytes += len(item)
            if peer._inbox_bytes > _HIGH_WATER and not self._writer_paused and self._protocol is not None:
                self._writer_paused = True
                self._protocol.pause_writing()

    # -- reading -----------------------------------------------------------------------------------------

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._schedule_delivery()

    def _schedule_delivery(self) -> None:
        if self._delivery is not None or not self._inbox or not self._reading or self._context is None:
            return
        arrival = self._inbox[0][0]
        if arrival <= self._loop.clock.now_ns:
            self._delivery = self._loop.call_soon(self._deliver, context=self._context)
        else:
            self._delivery = self._loop.call_at_ns(arrival, self._deliver, context=self._context)

    def _deliver(self) -> None:
        self._delivery = None
        if self._lost or not self._reading:
            return
        now = self._loop.clock.now_ns
        chunks: list[bytes] = []
        size = 0
        end: bytes | None = b"more"
        while self._inbox and self._inbox[0][0] <= now and size < _MAX_READ:
            item = self._inbox[0][1]
            if not item:
                if not chunks:
                    self._inbox.popleft()
                    end = item
                break
            self._inbox.popleft()
            chunks.append(item)
            size += len(item)
        if chunks:
            self._inbox_bytes -= size
            self._give(b"".join(chunks) if len(chunks) > 1 else chunks[0])
            self._resume_writer()
        elif end is None:
            self._connection_lost(ConnectionResetError(104, "connection reset by simulated peer"))
        elif end == _EOF and not self._closing and not self.get_protocol().eof_received():  # type: ignore[attr-defined]
            self.close()
        if not self._lost:
            self._schedule_delivery()

    def _give(self, data: bytes) -> None:
        if self._closing:
            return  # a closed socket reads nothing more
        protocol = self._protocol
        try:
            if isinstance(protocol, asyncio.BufferedProtocol):
                view = memoryview(data)
                while view and not self._lost:
                    buffer = memoryview(protocol.get_buffer(len(view))).cast("B")
                    count = min(len(view), len(buffer))
                    buffer[:count] = view[:count]
                    protocol.buffer_updated(count)
                    view = view[count:]
            else:
                cast("asyncio.Protocol", protocol).data_received(data)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            self._loop.call_exception_handler(
                {"message": "Fatal error: protocol.data_received() call failed.", "exception": error,
                 "transport": self, "protocol": protocol}
            )  # fmt: skip
            self.abort()

    def _resume_writer(self) -> None:
        peer = self.peer
        if peer._writer_paused and self._inbox_bytes <= _LOW_WATER and peer._protocol is not None:
            peer._writer_paused = False
            self._loop.call_soon(peer._protocol.resume_writing, context=peer._context)
