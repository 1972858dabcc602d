"""The simulated network: hosts, names, listeners and byte streams with latency.

A stream is one FIFO queue per direction with one timer at most: two timers for two writes of one connection
would be two entries of a heap, and a heap does not keep the order of equal deadlines.
"""

from __future__ import annotations

import asyncio
import contextvars
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_sim.loop._errors import SimulationMisuse
from discord_sim.loop._transport import SimSocket, SimTransport

if TYPE_CHECKING:
    from discord_sim.loop._loop import SimLoop

__all__ = ["Link", "Listener", "Network", "SimServer", "current_host"]

current_host: contextvars.ContextVar[str] = contextvars.ContextVar("discord_sim_host", default="localhost")
"""The simulated machine whose code is running; tasks and connections inherit it."""

ProtocolFactory = Callable[[], asyncio.BaseProtocol]


@dataclass(frozen=True, slots=True)
class Link:
    """One direction between two hosts. `latency_ms` ± uniform `jitter_ms`; bytes are never lost or reordered."""

    latency_ms: float = 0.0
    jitter_ms: float = 0.0

    def __post_init__(self) -> None:
        if self.latency_ms < 0 or self.jitter_ms < 0:
            raise SimulationMisuse(f"a link cannot deliver before it was sent: {self}")


@dataclass(slots=True)
class Listener:
    """One open port of one host."""

    host: str
    port: int
    factory: ProtocolFactory
    context: contextvars.Context
    secure: bool
    transports: set[SimTransport]


class Network:
    """Who can reach whom, under which name, how fast."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop
        self._ips: dict[str, str] = {}
        self.open_ends: dict[SimTransport, str] = {}  # each with its host
        self.dead: set[str] = set()
        self._hosts_by_ip: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._listeners: dict[tuple[str, int], Listener] = {}
        self._next_port = 49_152
        # Not zero: hikari takes an ACK that is as old as its heartbeat for none, and the connection for a zombie.
        self.default_link = Link(latency_ms=1)

    def __repr__(self) -> str:
        return f"<Network hosts={len(self._ips)} listeners={len(self._listeners)}>"

    def ip_of(self, host: str) -> str:
        """The IPv4 address of `host`; a host exists from its first mention."""
        ip = self._ips.get(host)
        if ip is None:
            number = len(self._ips) + 1
            ip = self._ips[host] = str(ipaddress.IPv4Address((10 << 24) + number))
            self._hosts_by_ip[ip] = host
        return ip

    def add_name(self, name: str, host: str) -> None:
        """Let DNS answer `name` (`discord.com`) with `host`'s address. `*.example.org` matches any label."""
        self.ip_of(host)
        self._names[name.lower()] = host

    def set_link(self, a: str, b: str, link: Link) -> None:
        """Use `link` in both directions between hosts `a` and `b`."""
        self._links[(a, b)] = self._links[(b, a)] = link

    def resolve(self, name: str) -> str:
        """The address DNS gives for `name`, as seen by the current host.

        Raises `socket.gaierror` for a name nobody registered: nothing leaves the simulated world.
        """
        lowered = name.lower().rstrip(".")
        if lowered in ("", "localhost", "0.0.0.0", "::", "::1"):
            return "127.0.0.1"
        try:
            return str(ipaddress.IPv4Address(lowered))
        except ValueError:
            pass
        host = self._names.get(lowered) or self._names.get("*." + lowered.partition(".")[2])
        if host is None and lowered in self._ips:
            host = lowered
        if host is None:
            raise socket.gaierror(
                socket.EAI_NONAME,
                f"the simulated network has no host called {name!r}; "
                f"known: {', '.join(sorted({*self._names, *self._ips})) or 'none'}",
            )
        return self._ips[host]

    def delay_ns(self, source: str, target: str) -> int:
        """Nanoseconds a segment sent now from `source` needs to reach `target`."""
        link = self._links.get((source, target), self.default_link)
        if source == target:
            return 0
        delay_ms = link.latency_ms
        if link.jitter_ms:
            stream = self._loop.streams.get(f"network/{source}/{target}")
            delay_ms += stream.uniform(-link.jitter_ms, link.jitter_ms)
        return max(0, int(delay_ms * 1_000_000))

    def listen(self, factory: ProtocolFactory, port: int, *, secure: bool) -> Listener:
        """Open `port` on the current host; 0 picks a free one. Raises OSError when it is taken."""
        host = current_host.get()
        self.ip_of(host)
        if port == 0:
            port = self._free_port()
        if (host, port) in self._listeners:
            raise OSError(98, f"port {port} of simulated host {host!r} is already in use")
        listener = Listener(host, port, factory, contextvars.copy_context(), secure, set())
        self._listeners[(host, port)] = listener
        return listener

    def stop_listening(self, listener: Listener) -> None:
        """Close the port; connections already made live on."""
        self._listeners.pop((listener.host, listener.port), None)

    async def connect(self, address: str, port: int) -> SimTransport:
        """Open a stream from the current host; returns the client's end, not yet bound to a protocol.

        Takes one round trip. Raises ConnectionRefusedError when nobody listens there.
        """
        source = current_host.get()
        if source in self.dead:
            raise OSError(100, f"simulated host {source!r} was killed")
        own_ip = self.ip_of(source)
        target = source if address.startswith("127.") else self._hosts_by_ip.get(address)
        if target is None:
            raise OSError(113, f"no route to simulated host {address}:{port}")
        loop = self._loop
        there = self.delay_ns(source, target)
        back = self.delay_ns(target, source)
        done: asyncio.Future[SimTransport] = loop.create_future()
        local = ("127.0.0.1" if address.startswith("127.") else own_ip, self._free_port())

        def arrive() -> None:
            listener = self._listeners.get((target, port))
            if listener is None:
                loop.call_at_ns(loop.clock.now_ns + back, refuse)
                return
            client = SimTransport(loop, self, source, target, local, (address, port))
            server = SimTransport(
                loop, self, target, source, (address, port), local, secure=listener.secure, listener=listener
            )
            client.peer, server.peer = server, client
            server.bind(listener.context.run(listener.factory), listener.context.copy())
            loop.call_at_ns(loop.clock.now_ns + back, established, client)

        def refuse() -> None:
            if not done.done():
                done.set_exception(
                    ConnectionRefusedError(111, f"nobody listens on port {port} of simulated host {target!r}")
                )

        def established(client: SimTransport) -> None:
            if done.done():
                client.abort()
            else:
                done.set_result(client)

        loop.call_at_ns(loop.clock.now_ns + there, arrive)
        return await done

    def kill(self, host: str) -> None:
        """Cut a machine off: its listeners and streams are gone, and it opens no others while it is `dead`."""
        self.dead.add(host)
        for listener in [each for each in self._listeners.values() if each.host == host]:
            self.stop_listening(listener)
        for end in [end for end, own in self.open_ends.items() if own == host]:
            end.vanish()

    def _free_port(self) -> int:
        self._next_port = 49_152 if self._next_port >= 65_535 else self._next_port + 1
        return self._next_port


class SimServer(asyncio.AbstractServer):
    """What `loop.create_server` returns inside."""

    def __init__(self, loop: SimLoop, network: Network, listeners: list[Listener]) -> None:
        self._loop = loop
        self._network = network
        self._listeners = listeners
        self._serving = True
        self._forever: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        ports = ", ".join(f"{entry.host}:{entry.port}" for entry in self._listeners)
        return f"<SimServer {ports}{'' if self._serving else ' closed'}>"

    @property
    def sockets(self) -> tuple[SimSocket, ...]:
        """One descriptor per open port, with `getsockname()`."""
        if not self._serving:
            return ()
        return tuple(SimSocket((self._network.ip_of(entry.host), entry.port), None) for entry in self._listeners)

    def close(self) -> None:
        for listener in self._listeners:
            self._network.stop_listening(listener)
        self._serving = False
        if self._forever is not None and not self._forever.done():
            self._forever.cancel()

    def close_clients(self) -> None:
        """Close every connection this server accepted (Python 3.13's name)."""
        for transport in self._accepted():
            transport.close()

    def abort_clients(self) -> None:
        """Reset every connection this server accepted (Python 3.13's name)."""
        for transport in self._accepted():
            transport.abort()

    def get_loop(self) -> SimLoop:
        return self._loop

    def is_serving(self) -> bool:
        return self._serving

    async def start_serving(self) -> None:
        """Ports are open from creation; nothing to do."""

    async def serve_forever(self) -> None:
        self._forever = self._loop.create_future()
        try:
            await self._forever
        finally:
            self.close()

    async def wait_closed(self) -> None:
        """Returns at once, as CPython before 3.12 does: a server that waits for idle clients never ends."""

    def _accepted(self) -> list[SimTransport]:
        return [t for entry in self._listeners for t in sorted(entry.transports, key=lambda t: t.number)]
