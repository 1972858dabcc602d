"""One shard's life as a table: what follows from each input in each phase.

`TABLE` is the machine; `docs/shard-lifecycle.md` shows it and is generated from it. A dispatch other than READY and
RESUMED changes nothing but `seq` and does not pass here. What the table does not list is a fault of the server, which
is left and resumed. Sources: "Gateway" (connection lifecycle) and the table of close codes in the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from framework.gateway.core.backoff import backoff_ms, spread_ms
from framework.gateway.core.heartbeat import Heartbeat
from framework.gateway.core.session import Session
from framework.wire import FATAL_CLOSES, FRESH_SESSION_CLOSES, GatewayOp

__all__ = ["TABLE", "Effect", "Input", "Phase", "ShardMachine", "Step"]


class Phase(Enum):
    """Where a shard stands."""

    OFFLINE = "offline"  # before the first connection, and between two
    CONNECTING = "connecting"
    GREETING = "waiting for hello"
    IDENTIFYING = "identifying"
    RESUMING = "resuming"
    READY = "ready"
    LEAVING = "leaving"  # we close; what still comes is of no interest
    ENDED = "ended"


class Input(Enum):
    """What can happen to a shard."""

    CONNECT = "connect"
    OPENED = "opened"
    REFUSED = "refused"
    HELLO_NEW = "hello, no session"
    HELLO_KNOWN = "hello, a session"
    READY = "READY"
    RESUMED = "RESUMED"
    BEAT_ASKED = "op 1"
    BEAT_DUE = "beat due"
    BEAT_MISSED = "no ACK"
    ACK = "op 11"
    RECONNECT = "op 7"
    INVALID_KEPT = "op 9 true"
    INVALID = "op 9 false"
    GARBAGE = "garbage"
    CLOSED_KEPT = "closed"
    CLOSED_FRESH = "closed: session void"
    CLOSED_FATAL = "closed: fatal"
    STOP = "stop"


class Effect(Enum):
    """What the shell must do."""

    OPEN = "open"
    IDENTIFY = "identify"
    RESUME = "resume"
    BEAT = "beat"
    ONLINE = "online"  # READY or RESUMED: who waits is told, failures are forgotten
    FORGET = "forget"  # the session is void
    CLOSE = "close"  # with a code that keeps the session, if there is one
    WAIT = "wait"  # a moment drawn from the fleet's size; after failures in a row a back-off
    WAIT_INVALID = "wait 1-5 s"
    FAIL = "fail"  # going on is forbidden


@dataclass(frozen=True, slots=True)
class Step:
    """One cell of the table."""

    to: Phase
    effects: tuple[Effect, ...] = ()


def _table() -> dict[tuple[Phase, Input], Step]:
    p, i, e = Phase, Input, Effect
    table = {
        (p.OFFLINE, i.CONNECT): Step(p.CONNECTING, (e.OPEN,)),
        (p.CONNECTING, i.OPENED): Step(p.GREETING),
        (p.CONNECTING, i.REFUSED): Step(p.OFFLINE, (e.WAIT,)),
        (p.GREETING, i.HELLO_NEW): Step(p.IDENTIFYING, (e.IDENTIFY,)),
        (p.GREETING, i.HELLO_KNOWN): Step(p.RESUMING, (e.RESUME,)),
        (p.IDENTIFYING, i.READY): Step(p.READY, (e.ONLINE,)),
        (p.RESUMING, i.RESUMED): Step(p.READY, (e.ONLINE,)),
        (p.LEAVING, i.CLOSED_KEPT): Step(p.OFFLINE, (e.WAIT,)),
        (p.LEAVING, i.CLOSED_FRESH): Step(p.OFFLINE, (e.FORGET, e.WAIT)),
        (p.LEAVING, i.CLOSED_FATAL): Step(p.ENDED, (e.FORGET, e.FAIL)),
    }
    for phase in (p.GREETING, p.IDENTIFYING, p.RESUMING, p.READY):
        table |= {
            (phase, i.BEAT_ASKED): Step(phase, (e.BEAT,)),
            (phase, i.BEAT_DUE): Step(phase, (e.BEAT,)),
            (phase, i.ACK): Step(phase),
            (phase, i.BEAT_MISSED): Step(p.LEAVING, (e.CLOSE,)),
            (phase, i.RECONNECT): Step(p.LEAVING, (e.CLOSE,)),
            (phase, i.GARBAGE): Step(p.LEAVING, (e.CLOSE,)),
            (phase, i.INVALID_KEPT): Step(p.LEAVING, (e.CLOSE,)),
            (phase, i.INVALID): Step(p.LEAVING, (e.FORGET, e.CLOSE, e.WAIT_INVALID)),
            (phase, i.CLOSED_KEPT): Step(p.OFFLINE, (e.WAIT,)),
            (phase, i.CLOSED_FRESH): Step(p.OFFLINE, (e.FORGET, e.WAIT)),
            (phase, i.CLOSED_FATAL): Step(p.ENDED, (e.FORGET, e.FAIL)),
        }
    for phase in (p.OFFLINE, p.CONNECTING, p.GREETING, p.IDENTIFYING, p.RESUMING, p.READY, p.LEAVING):
        table[phase, i.STOP] = Step(p.ENDED, (e.CLOSE,))
    return table


TABLE: Mapping[tuple[Phase, Input], Step] = _table()

_LEFT = (Phase.LEAVING, Phase.ENDED)


@dataclass(slots=True)
class ShardMachine:
    """One shard. `seq` is the last sequence number received; the shell sets it with each dispatch.

    `fleet` is how many shards share this process's fate: the more, the wider they spread when all lose their link.
    """

    shard_id: int
    shard_count: int
    fleet: int = 1
    session_id: str = ""
    resume_url: str = ""
    seq: int = 0
    phase: Phase = Phase.OFFLINE
    heartbeat: Heartbeat | None = None
    failures: int = 0  # connections in a row that never came online
    fatal_code: int | None = None
    _is_invalid: bool = field(default=False, repr=False)

    @property
    def session(self) -> Session | None:
        """What a resume needs; None where there is nothing to resume."""
        if not self.session_id:
            return None
        return Session(self.session_id, self.seq, self.resume_url, self.shard_id, self.shard_count)

    def restore(self, session: Session) -> None:
        """Begin where an earlier process stopped."""
        self.session_id, self.seq, self.resume_url = session.session_id, session.seq, session.resume_url

    def take(self, given: Input) -> tuple[Effect, ...]:
        """One input; returns what to do, in order. An input the table does not know is garbage of the server's."""
        step = TABLE.get((self.phase, given))
        if step is None:
            if self.phase in _LEFT or given is Input.GARBAGE:
                return ()
            return self.take(Input.GARBAGE)
        self.phase = step.to
        for effect in step.effects:
            match effect:
                case Effect.FORGET:
                    self.session_id, self.resume_url, self.seq = "", "", 0
                case Effect.ONLINE:
                    self.failures = 0
                case Effect.WAIT_INVALID:
                    self._is_invalid = True
        if step.to in (Phase.OFFLINE, *_LEFT):
            self.heartbeat = None
        return step.effects

    # -- inputs that carry data ----------------------------------------------------------------------------

    def on_hello(self, interval_ms: int, now_ms: int, draw: float) -> tuple[Effect, ...]:
        """HELLO: hearts beat from here on. `draw` in [0, 1) places the first beat."""
        if self.phase is Phase.GREETING:
            self.heartbeat = Heartbeat.start(interval_ms, now_ms, draw)
        return self.take(Input.HELLO_KNOWN if self.session_id else Input.HELLO_NEW)

    def on_ready(self, session_id: str, resume_url: str) -> tuple[Effect, ...]:
        """READY: a session to resume."""
        if self.phase is Phase.IDENTIFYING:
            self.session_id, self.resume_url = session_id, resume_url
        return self.take(Input.READY)

    def on_op(self, op: int, resumable: bool, now_ms: int) -> tuple[Effect, ...]:
        """Anything but HELLO and a dispatch. `resumable` is op 9's `d`. An opcode of tomorrow changes nothing."""
        heart = self.heartbeat
        match op:
            case GatewayOp.HEARTBEAT_ACK if heart is not None:
                self.heartbeat = heart.ack(now_ms)
                return self.take(Input.ACK)
            case GatewayOp.HEARTBEAT if heart is not None:
                self.heartbeat = heart.beat(now_ms)
                return self.take(Input.BEAT_ASKED)
            case GatewayOp.RECONNECT:
                return self.take(Input.RECONNECT)
            case GatewayOp.INVALID_SESSION:
                return self.take(Input.INVALID_KEPT if resumable and self.session_id else Input.INVALID)
            case _:
                return ()

    def on_timer(self, now_ms: int) -> tuple[Effect, ...]:
        """The deadline passed: beat, or give a connection up that acknowledges nothing."""
        heart = self.heartbeat
        if heart is None or now_ms < heart.due_ms:
            return ()
        if heart.is_zombie(now_ms):
            return self.take(Input.BEAT_MISSED)
        self.heartbeat = heart.beat(now_ms)
        return self.take(Input.BEAT_DUE)

    def on_close(self, code: int | None) -> tuple[Effect, ...]:
        """The connection is gone, with the server's `code` or without any."""
        self.failures += 1
        if code in FATAL_CLOSES:
            self.fatal_code = code
            return self.take(Input.CLOSED_FATAL)
        return self.take(Input.CLOSED_FRESH if code in FRESH_SESSION_CLOSES else Input.CLOSED_KEPT)

    def on_refused(self) -> tuple[Effect, ...]:
        """No connection came about."""
        self.failures += 1
        return self.take(Input.REFUSED)

    def deadline_ms(self) -> int | None:
        """When `on_timer` wants to be called."""
        return None if self.heartbeat is None else self.heartbeat.due_ms

    def pause_ms(self, draw: float) -> int:
        """How long to stay offline before the next connection; `draw` in [0, 1)."""
        if self._is_invalid:
            self._is_invalid = False
            return max(1_000 + int(4_000 * draw), backoff_ms(self.failures - 1, draw) if self.failures > 2 else 0)
        if self.failures > 1 or not self.session_id:
            return backoff_ms(max(0, self.failures - 1), draw)
        return int(spread_ms(self.fleet) * draw)
