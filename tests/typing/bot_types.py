"""What a type checker understands of a bot. `make check` reads this; nothing runs it."""

from __future__ import annotations

from typing import assert_type

from framework import Bot, Event, Intents, MessageCreate, Raw
from framework.models import Snowflake
from framework.models.user import User

bot = Bot("token", intents=Intents.GUILD_MESSAGES)


class Small(Event, kw_only=True):
    """A desired type."""

    NAME = "MESSAGE_CREATE"
    id: Snowflake
    content: str = ""


def words(event: MessageCreate) -> list[str]:
    """A customizer that gives another type."""
    return event.content.split()


@bot.on(MessageCreate)
async def whole(event: MessageCreate) -> None:
    assert_type(event.author, User)
    assert_type(event.content, str)


@bot.on(Small)
def small(event: Small) -> None:
    assert_type(event.id, int)


@bot.on("TYPING_START")
async def raw(event: Raw) -> None:
    assert_type(event.data, bytes)


@bot.on(MessageCreate, customizer=words)
async def customized(said: list[str]) -> None:
    assert_type(said, list[str])


@bot.on(MessageCreate, customizer=words)  # type: ignore[arg-type]  # the customizer gives no message
async def mistaken(event: MessageCreate) -> None: ...


@bot.on(Small)  # type: ignore[arg-type]  # a handler of another event
async def confused(event: MessageCreate) -> None: ...
