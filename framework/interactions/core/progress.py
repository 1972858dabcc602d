"""How far the answer to one interaction has come, and what the next thing to say becomes of it.

Discord takes one first response, within three seconds, and more messages for fifteen minutes. A deferred response is
filled in by the first message after it, which is seen by whom the deferral said ("Receiving and Responding").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from framework.interactions.errors import AlreadyAnswered, InteractionExpired, NotAnswered

__all__ = ["ANSWER_MS", "TOKEN_MS", "Callback", "Progress", "State", "Step"]

ANSWER_MS = 3_000
TOKEN_MS = 15 * 60_000
_OVERTAKEN_MS = 100


class Callback(IntEnum):
    """The types of InteractionCallbackType that others may follow, or go with."""

    CHANNEL_MESSAGE_WITH_SOURCE = 4
    DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE = 5
    DEFERRED_UPDATE_MESSAGE = 6
    UPDATE_MESSAGE = 7
    APPLICATION_COMMAND_AUTOCOMPLETE_RESULT = 8


class State(Enum):
    """What Discord has been told."""

    OPEN = "not answered"
    LOADING = "deferred, with a message to be filled in"
    SILENT = "deferred, with the component's message to be changed"
    OWED = "deferred, with a message to be posted"
    ANSWERED = "answered"


class Step(Enum):
    """How to say something."""

    FIRST = "as the first response"
    NOTHING = "not at all: it has been said"
    FILL = "as the content of the original"
    EDIT = "by changing the original"
    FOLLOW = "as another message"
    CLEAR = "after deleting the original, since who sees a message cannot be changed; then ask again"


@dataclass(slots=True)
class Progress:
    """One interaction, since it came. Each method commits what it returns, before anything is sent.

    Interactions are aged from when they came, which is later than when they were made: follow-ups end so much earlier
    that they would not be too late for one that came just in time for its first response.
    """

    came_ms: int
    state: State = State.OPEN
    is_ephemeral: bool = False  # the message to be filled in
    is_promised: bool = False  # it is filled in by whom the handler asked, not necessarily by the handler
    first_ms: int = 0  # when the first response went

    @property
    def limit_ms(self) -> int:
        """From when on nothing can be said any more."""
        return self.came_ms + (ANSWER_MS if self.state is State.OPEN else TOKEN_MS - ANSWER_MS)

    def is_settled(self, now_ms: int) -> bool:
        """Whether the user has an answer, or will have one, or cannot be given one any more."""
        if self.state in (State.ANSWERED, State.SILENT) or now_ms >= self.limit_ms:
            return True
        return self.state is not State.OPEN and self.is_promised

    def respond(self, kind: int, now_ms: int, *, ephemeral: bool = False) -> Step:
        """A response of a kind (InteractionCallbackType) is to be given.

        Raises:
            AlreadyAnswered: there was one, which this one does not go with.
            InteractionExpired: the time for the first response, or for all others, is over.
        """
        self._judge_age(now_ms)
        match self.state, kind:
            case State.OPEN, _:
                self.first_ms, self.is_ephemeral = now_ms, ephemeral
                self.state = _AFTER.get(kind, State.ANSWERED)
                return Step.FIRST
            case ((State.LOADING | State.OWED), Callback.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE):
                return Step.NOTHING
            case State.SILENT, Callback.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE:
                self.state = State.OWED
                return Step.NOTHING
            case ((State.SILENT | State.OWED), Callback.DEFERRED_UPDATE_MESSAGE):
                return Step.NOTHING
            case State.LOADING, Callback.DEFERRED_UPDATE_MESSAGE:
                self.state = State.OWED
                return Step.CLEAR
            case State.ANSWERED, Callback.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT:
                return Step.NOTHING  # suggestions that come late help nobody
            case State.LOADING, Callback.CHANNEL_MESSAGE_WITH_SOURCE if ephemeral == self.is_ephemeral:
                self.state = State.ANSWERED
                return Step.FILL
            case State.LOADING, Callback.CHANNEL_MESSAGE_WITH_SOURCE:
                self.state = State.OWED
                return Step.CLEAR
            case ((State.SILENT | State.OWED), Callback.CHANNEL_MESSAGE_WITH_SOURCE):
                self.state = State.ANSWERED
                return Step.FOLLOW
            case State.SILENT, Callback.UPDATE_MESSAGE:
                self.state = State.ANSWERED
                return Step.EDIT
        raise AlreadyAnswered(
            f"a response of type {kind} cannot follow: the interaction is {self.state.value}. "
            "Use followup() or edit_original(); a modal must be the first response, within the time of its handler"
        )

    def follow(self, now_ms: int, *, ephemeral: bool = False) -> Step:
        """Another message is to be posted; the first one is what was deferred.

        Raises:
            NotAnswered: there is nothing to follow.
            InteractionExpired: the time is over.
        """
        return self._owed(now_ms, ephemeral) or Step.FOLLOW

    def edit(self, now_ms: int, *, ephemeral: bool = False) -> Step:
        """The original is to be changed; `ephemeral` is for a message that was deferred. Raises as `follow`."""
        return self._owed(now_ms, ephemeral) or Step.EDIT

    def again_ms(self, now_ms: int) -> int | None:
        """When to say again what Discord did not know where to put: it may have overtaken the first response, whose
        arrival nobody confirms where it is the answer to Discord's own request. None is never."""
        if now_ms >= self.first_ms + ANSWER_MS:
            return None
        return now_ms + max(_OVERTAKEN_MS, now_ms - self.first_ms)

    def _owed(self, now_ms: int, ephemeral: bool) -> Step | None:
        """How to say what was deferred; None if nothing was, or a change of the component's message."""
        if self.state is State.OPEN:
            raise NotAnswered("there is no response yet; respond() or defer() comes first")
        if self.state in (State.LOADING, State.OWED):
            return self.respond(Callback.CHANNEL_MESSAGE_WITH_SOURCE, now_ms, ephemeral=ephemeral)
        self._judge_age(now_ms)
        return None

    def _judge_age(self, now_ms: int) -> None:
        if now_ms >= self.limit_ms:
            raise InteractionExpired(f"the interaction came {(now_ms - self.came_ms) / 1000:.1f} s ago; not sent")


_AFTER: dict[int, State] = {
    Callback.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE: State.LOADING,
    Callback.DEFERRED_UPDATE_MESSAGE: State.SILENT,
}
