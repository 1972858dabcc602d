"""Emoji: custom ones of guilds and applications, and standard ones, which have no id ("Emoji")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.user import User

__all__ = ["Emoji", "PartialEmoji"]


class PartialEmoji(Model, kw_only=True):
    """An emoji where it is used: `PartialEmoji(name="🔥")`, `PartialEmoji(id=1234)`."""

    id: Maybe[Snowflake | None] = UNSET  # neither is there for a standard one
    name: Maybe[str | None] = UNSET  # the character itself for a standard one; None: a custom one that was deleted
    animated: Maybe[bool] = UNSET


class Emoji(Model, kw_only=True):
    """A custom emoji."""

    id: Snowflake
    name: str
    roles: Maybe[list[Snowflake]] = UNSET  # who may use it; empty is everybody
    user: Maybe[User] = UNSET  # who made it, for those who make or manage expressions
    require_colons: Maybe[bool] = UNSET
    managed: Maybe[bool] = UNSET
    animated: Maybe[bool] = UNSET
    available: Maybe[bool] = UNSET  # False while the guild has too few boosts
