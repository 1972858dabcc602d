"""The websocket under a shard, behind two small protocols, and its default by the library `picows`.

The fake serves with another library, on purpose: a fault of one cannot agree with itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, cast

from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

__all__ = ["Connect", "Connection", "LinkLost", "Receive", "connect"]

# Picows can log each frame, and an identify holds the token.
_frames_log = logging.getLogger(f"{__name__}.frames")
_frames_log.setLevel(logging.WARNING)
_CONNECT_TIMEOUT_S = 30.0
_CLOSE_TIMEOUT_S = 5.0
_FRAME_MAX_BYTES = 1 << 30
_BINARY = WSMsgType.BINARY

Receive = Callable[[bytes | str], None]
"""Takes one message at once; must not raise."""


class LinkLost(Exception):
    """There is no connection, or none any more."""


class Connection(Protocol):
    """One open websocket."""

    def listen(self, receive: Receive) -> None:
        """Hand every message to `receive`, in order, from the first one on."""

    def send(self, text: bytes) -> None:
        """Send a text message. Raises LinkLost."""

    def close(self, code: int) -> None:
        """Begin to close; again changes nothing."""

    async def wait_closed(self) -> int | None:
        """Until it is closed; returns the server's close code, None where there was none."""


class Connect(Protocol):
    """Opens connections."""

    async def __call__(self, url: str) -> Connection:
        """Raises LinkLost where that cannot be."""


class _Websocket(WSListener):
    def __init__(self) -> None:
        super().__init__()
        self._transport: WSTransport | None = None
        self._early: list[bytes | str] = []  # what came before anybody listened
        self._hand_on: Receive = self._early.append
        self._parts: list[bytes] = []  # of a message in several frames
        self._is_text = False
        self._code: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    # -- what picows calls ---------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind is _BINARY and frame.fin:
            self._hand_on(frame.get_payload_as_bytes())
            return
        if kind is WSMsgType.CLOSE:
            code = frame.get_close_code()
            self._code = None if code is WSCloseCode.NO_INFO else cast("int", code)
            transport.send_close(code)
            transport.disconnect()
            return
        if kind is _BINARY or kind is WSMsgType.TEXT:
            if frame.fin:
                self._hand_on(frame.get_payload_as_utf8_text())
                return
            self._is_text = kind is WSMsgType.TEXT
            self._parts = [frame.get_payload_as_bytes()]
        elif kind is WSMsgType.CONTINUATION:
            self._parts.append(frame.get_payload_as_bytes())
            if frame.fin:
                whole = b"".join(self._parts)
                self._parts = []
                self._hand_on(whole.decode(errors="replace") if self._is_text else whole)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # -- Connection ----------------------------------------------------------------------------------------

    def listen(self, receive: Receive) -> None:
        self._hand_on = receive
        early, self._early = self._early, []
        for message in early:
            receive(message)

    def send(self, text: bytes) -> None:
        if self._transport is None or self._transport.is_disconnected:
            raise LinkLost("the connection is closed")
        self._transport.send(WSMsgType.TEXT, text)

    def close(self, code: int) -> None:
        if self._transport is None or self._timer is not None or self._transport.is_disconnected:
            return
        self._transport.send_close(cast("WSCloseCode", code))  # which is any number
        self._timer = asyncio.get_running_loop().call_later(_CLOSE_TIMEOUT_S, self._transport.disconnect, False)

    async def wait_closed(self) -> int | None:
        if self._transport is not None:
            try:
                await self._transport.wait_disconnected()
            except Exception as error:  # what picows found wrong with the peer's frames
                _frames_log.warning("a connection ended: %s", error)
        return self._code


async def connect(url: str) -> Connection:
    """The default `Connect`: no compression of its own, no pings, no proxy."""
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, socket = await ws_connect(
                _Websocket, url, max_frame_size=_FRAME_MAX_BYTES, logger_name=_frames_log, max_redirects=0,
                websocket_handshake_timeout=None, use_aiofastnet=False,
            )  # fmt: skip
    except (OSError, WSError, TimeoutError) as error:
        raise LinkLost(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from error
    assert isinstance(socket, _Websocket)
    return socket
