"""One shard's life on one connection, as a function of what it receives.

HELLO ──► IDENTIFYING ──READY──► READY
     └──► RESUMING ──RESUMED──►
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from framework.gateway.core.heartbeat import Heartbeat
from framework.gateway.core.session import Session
from framework.wire import DISPATCH_KEPT_CLOSE, FATAL_CLOSES, FRESH_SESSION_CLOSES, GatewayOp

__all__ = [
    "After",
    "Effect",
    "Phase",
    "ShardState",
    "after_close",
    "backoff_ms",
    "on_dispatch",
    "on_op",
    "on_timer",
]

_BACKOFF_FIRST_MS = 1_000
_BACKOFF_MAX_MS = 60_000


class Phase(Enum):
    """Where the connection stands."""

    WAITING_HELLO = "waiting for hello"
    IDENTIFYING = "identifying"
    RESUMING = "resuming"
    READY = "ready"


class Effect(Enum):
    """What the shell must do."""

    IDENTIFY = "identify"  # once the identify pace permits
    RESUME = "resume"
    BEAT = "beat"
    RECONNECT = "reconnect"  # close so that the session lives, connect again
    START_OVER = "start over"  # the session is void: close, wait 1 to 5 s, identify


@dataclass(frozen=True, slots=True)
class ShardState:
    """Everything the rule remembers."""

    shard_id: int
    shard_count: int
    phase: Phase = Phase.WAITING_HELLO
    session: Session | None = None
    heartbeat: Heartbeat | None = None

    def connecting(self) -> ShardState:
        """A new connection: the session stays, the rest begins anew."""
        return replace(self, phase=Phase.WAITING_HELLO, heartbeat=None)

    def deadline_ms(self) -> int | None:
        """When `on_timer` wants to be called."""
        return None if self.heartbeat is None else self.heartbeat.due_ms


@dataclass(frozen=True, slots=True)
class After:
    """What follows the end of a connection. `fatal_code` forbids going on."""

    state: ShardState
    wait_ms: int = 0
    fatal_code: int | None = None


def on_op(
    state: ShardState, op: int, resumable: bool, interval_ms: int, now_ms: int, draw: float
) -> tuple[ShardState, tuple[Effect, ...]]:
    """Anything but a dispatch. `resumable` is op 9's `d`, `interval_ms` HELLO's; `draw` in [0, 1)."""
    match op:
        case GatewayOp.HELLO:
            state = replace(state, heartbeat=Heartbeat.start(interval_ms, now_ms, draw))
            if state.session is None:
                return replace(state, phase=Phase.IDENTIFYING), (Effect.IDENTIFY,)
            return replace(state, phase=Phase.RESUMING), (Effect.RESUME,)
        case GatewayOp.HEARTBEAT_ACK if state.heartbeat is not None:
            return replace(state, heartbeat=state.heartbeat.ack(now_ms)), ()
        case GatewayOp.HEARTBEAT if state.heartbeat is not None:
            return replace(state, heartbeat=state.heartbeat.beat(now_ms)), (Effect.BEAT,)
        case GatewayOp.RECONNECT:
            return state, (Effect.RECONNECT,)
        case GatewayOp.INVALID_SESSION if resumable and state.session is not None:
            return state, (Effect.RECONNECT,)
        case GatewayOp.INVALID_SESSION:
            return replace(state, session=None), (Effect.START_OVER,)
        case _:
            return state, ()  # an opcode of tomorrow


def on_dispatch(state: ShardState, event: str, seq: int, ready: tuple[str, str] | None) -> ShardState:
    """A dispatch; `ready` is READY's (session_id, resume_gateway_url)."""
    if ready is not None:
        session = Session(ready[0], seq, ready[1], state.shard_id, state.shard_count)
        return replace(state, phase=Phase.READY, session=session)
    if state.session is None:
        return state
    state = replace(state, session=replace(state.session, seq=seq))
    return replace(state, phase=Phase.READY) if event == "RESUMED" else state


def on_timer(state: ShardState, now_ms: int) -> tuple[ShardState, tuple[Effect, ...]]:
    """The deadline passed: beat, or give a zombie up."""
    if state.heartbeat is None or now_ms < state.heartbeat.due_ms:
        return state, ()
    if state.heartbeat.is_zombie(now_ms):
        return state, (Effect.RECONNECT,)
    return replace(state, heartbeat=state.heartbeat.beat(now_ms)), (Effect.BEAT,)


def after_close(state: ShardState, code: int | None, failures: int, draw: float) -> After:
    """The connection ended with `code` (None: no close frame, or our own doing). `failures` in a row so far."""
    if code in FATAL_CLOSES:
        return After(replace(state, session=None), fatal_code=code)
    if code in FRESH_SESSION_CLOSES:
        state = replace(state, session=None)
    if code == DISPATCH_KEPT_CLOSE or (failures == 0 and state.session is not None):
        return After(state.connecting())
    return After(state.connecting(), backoff_ms(failures, draw))


def backoff_ms(failures: int, draw: float) -> int:
    """1, 2, 4… s up to a minute, each times a drawn factor in [0.5, 1)."""
    return int(min(_BACKOFF_MAX_MS, _BACKOFF_FIRST_MS << min(failures, 10)) * (0.5 + draw / 2))
