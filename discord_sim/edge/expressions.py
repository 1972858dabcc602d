"""What emojis, stickers and sounds have in common: slots, who made one, and who may see that and change it ("Emoji",
"Sticker", "Soundboard").
"""

from __future__ import annotations

from collections.abc import Mapping

from discord_sim.edge.call import Call, refuse
from discord_sim.rules.permissions import Permission as P
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc

__all__ = ["changeable", "check_size", "shown", "with_maker"]


def shown(call: Call, guild: Guild, expression_id: int, doc: Doc) -> Doc:
    """The object as the caller may see it: who makes or manages expressions is told who made this one."""
    held = guild.permissions_of(call.me, timed_out=call.timed_out(guild))
    if held & (P.CREATE_GUILD_EXPRESSIONS | P.MANAGE_GUILD_EXPRESSIONS):
        return with_maker(call, guild, expression_id, doc)
    return doc


def with_maker(call: Call, guild: Guild, expression_id: int, doc: Doc) -> Doc:
    """The object with who made it, where that is known."""
    maker = guild.makers.get(expression_id)
    return doc if maker is None else {**doc, "user": call.person(maker)}


def changeable(call: Call, guild: Guild, known: Mapping[int, Doc], kind: str) -> tuple[Doc, int]:
    """The one that the path names, and its id. Refuses unless the caller made it and may make such, or manages all."""
    found = call.thing(known, f"{kind}_id", kind)
    expression_id = call.id(f"{kind}_id")
    held = guild.permissions_of(call.me, timed_out=call.timed_out(guild))
    mine = guild.makers.get(expression_id) == call.me
    if not (mine and held & P.CREATE_GUILD_EXPRESSIONS):
        call.demand(guild, held, P.MANAGE_GUILD_EXPRESSIONS)
    return found, expression_id


def check_size(data: bytes, limit: int) -> None:
    """Refuse a file that is too big."""
    if len(data) > limit:
        refuse(413, 50045, "File uploaded exceeds the maximum size")
