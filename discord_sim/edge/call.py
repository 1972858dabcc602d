"""One admitted request as an operation sees it, and what operations share: ids, texts, refusals, registration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_sim.rules.answers import Answer, error
from discord_sim.world.fanout import Event
from discord_sim.world.world import Channel, Guild, Message, World

if TYPE_CHECKING:
    from discord_sim.edge.gateway import Gateway
    from discord_sim.edge.server import Settings

__all__ = ["NO_CONTENT", "OPERATIONS", "Call", "Operation", "Refused", "limit_of", "operation", "text_of"]


@dataclass(slots=True)
class Call:
    """One admitted request."""

    world: World
    settings: Settings
    gateway: Gateway
    params: dict[str, str]
    query: dict[str, str]
    data: Any
    reason: str | None
    epoch_ms: int
    now_ms: int
    events: list[Event] = field(default_factory=list)

    def id(self, name: str) -> int:
        """A path parameter as an id. Raises Refused (400 / 50035) where it is none."""
        text = self.params[name]
        if not text.isdigit() or len(text) > 20:
            tree = {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": f'Value "{text}" is not snowflake.'}]}}
            raise Refused(error(400, 50035, "Invalid Form Body", tree))
        return int(text)

    def guild(self) -> Guild:
        """The guild of the path, if the bot may see it."""
        guild = self.world.guild(self.id("guild_id"))
        if guild is None or guild.id != int(self.params["guild_id"]):
            raise Refused(error(404, 10004, "Unknown Guild"))
        return guild

    def allowed_guild(self) -> Guild:
        """The guild of the path, if the bot may act in it."""
        guild = self.guild()
        if guild.id in self.world.denied:
            raise Refused(error(403, 50013, "Missing Permissions"))
        return guild

    def channel(self) -> tuple[Guild, Channel]:
        """The channel of the path and its guild, if the bot may act there."""
        found = self.world.channel(self.id("channel_id"))
        if found is None:
            raise Refused(error(404, 10003, "Unknown Channel"))
        if found[0].id in self.world.denied:
            raise Refused(error(403, 50001, "Missing Access"))
        return found

    def message(self) -> Message:
        """The message of the path."""
        _, channel = self.channel()
        found = self.world.message(channel.id, self.id("message_id"))
        if found is None:
            raise Refused(error(404, 10008, "Unknown Message"))
        return found

    def user(self) -> int:
        """The user of the path, if there is one."""
        user_id = self.id("user_id")
        if not self.world.user_exists(user_id):
            raise Refused(error(404, 10013, "Unknown User"))
        return user_id

    def body(self) -> dict[str, Any]:
        """The JSON object sent; 400 / 50035 where it is something else."""
        if not isinstance(self.data, dict):
            tree = {
                "_errors": [{"code": "MODEL_TYPE_CONVERT", "message": "Only dictionaries may be used in a ModelType"}]
            }
            raise Refused(error(400, 50035, "Invalid Form Body", tree))
        return self.data

    def member(self, guild: Guild) -> int:
        """The present member of the path."""
        user_id = self.user()
        if not self.world.is_member(guild, user_id):
            raise Refused(error(404, 10007, "Unknown Member"))
        return user_id


class Refused(Exception):
    """Carries the answer of a call that was refused."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


Operation = Callable[[Call], Answer]
OPERATIONS: dict[str, Operation] = {}
NO_CONTENT = Answer(204)


def operation(*names: str) -> Callable[[Operation], Operation]:
    def register(function: Operation) -> Operation:
        def guarded(call: Call) -> Answer:
            try:
                return function(call)
            except Refused as refusal:
                return refusal.answer

        for name in names:
            OPERATIONS[name] = guarded
        return function

    return register


def limit_of(call: Call, default: int, highest: int) -> int:
    text = call.query.get("limit", str(default))
    if not text.isdigit() or not 1 <= int(text) <= highest:
        message = f"int value should be between 1 and {highest}."
        raise Refused(
            error(
                400,
                50035,
                "Invalid Form Body",
                {"limit": {"_errors": [{"code": "NUMBER_TYPE_MAX", "message": message}]}},
            )
        )
    return int(text)


def text_of(call: Call, name: str, highest: int) -> str:
    value = call.body().get(name)
    if not isinstance(value, str):
        message, code = "Could not interpret value as string.", "STRING_TYPE_CONVERT"
    elif len(value) > highest:
        message, code = f"Must be {highest} or fewer in length.", "BASE_TYPE_MAX_LENGTH"
    else:
        return value
    raise Refused(error(400, 50035, "Invalid Form Body", {name: {"_errors": [{"code": code, "message": message}]}}))
