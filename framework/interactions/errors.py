"""What can go wrong with the answer to an interaction before anything is sent, and how a handler says no."""

from framework.errors import FrameworkError

__all__ = ["AlreadyAnswered", "InteractionError", "InteractionExpired", "NotAnswered", "Refusal"]


class InteractionError(FrameworkError):
    """An answer that cannot be given. Nothing was sent."""


class AlreadyAnswered(InteractionError):
    """There is a response already; Discord would refuse another one (400 / 40060)."""


class NotAnswered(InteractionError):
    """The first response comes first; Discord would not know what this follows (404 / 10015)."""


class InteractionExpired(InteractionError):
    """Too late: 3 s for the first response, 15 minutes for all others (404 / 10062, 401 / 50027)."""


class Refusal(FrameworkError):
    """Raised by a handler to tell the user no: `raise Refusal("You cannot ban yourself.")`.

    The text is the answer, seen by nobody else. It is the user's mistake, so the log does not tell of it.
    """
