"""A command that is deferred and followed up, a button, a modal, a menu and a layout."""

from __future__ import annotations

import asyncio

from discord_sim.world.guild import Message
from examples.interactions import COOKING_S, main, make_bot
from framework.models.message import MessageFlags

EPHEMERAL = int(MessageFlags.EPHEMERAL)


def messages(discord, channel: int) -> list[Message]:
    return list(reversed(discord.world.messages(channel, 100)))


def test_an_order_from_the_command_to_the_modal(perform, soon) -> None:
    async def story(discord) -> None:
        guild = discord.world.guild_at(0)
        user, channel = guild.owner_id, next(iter(guild.channels))
        used = discord.command(user, channel, "order", {"dish": "pizza", "portions": 2, "note": "no olives"})
        await soon()
        assert (used.answered, messages(discord, channel)[0].doc["flags"]) == (5, MessageFlags.LOADING)
        await asyncio.sleep(COOKING_S * 2 + 1)
        served, enjoy = messages(discord, channel)
        assert (served.id, served.doc["flags"]) == (used.original_id, 0)
        assert [(e["title"], e["fields"][0]["value"]) for e in served.doc["embeds"]] == [("2 × pizza", "no olives")]
        assert (enjoy.content, enjoy.doc["flags"]) == ("Enjoy your meal!", EPHEMERAL)
        pressed = discord.component(user, channel, served.id, "rate:pizza")
        await soon()
        assert (pressed.answered, pressed.response["title"]) == (9, "Your pizza")
        discord.modal(user, pressed.id, {"why": "Crisp."})
        await soon()
        thanks = messages(discord, channel)[-1]
        assert (thanks.content, thanks.doc["flags"]) == ("The cook of your pizza thanks you for: Crisp.", EPHEMERAL)

    perform(make_bot, story)


def test_the_menu_changes_as_one_chooses(perform, soon) -> None:
    async def story(discord) -> None:
        guild = discord.world.guild_at(0)
        user, channel = guild.owner_id, next(iter(guild.channels))
        discord.command(user, channel, "menu")
        await soon()
        (card,) = messages(discord, channel)
        assert card.doc["flags"] == MessageFlags.IS_COMPONENTS_V2
        assert card.doc["components"][2]["content"] == "Choose to see more."
        for dish in ("soup", "salad"):
            chosen = discord.component(user, channel, card.id, "dish", [dish])
            await soon()
            (card,) = messages(discord, channel)
            assert (chosen.answered, card.doc["components"][2]["content"][: len(dish) + 4]) == (7, f"**{dish}**")

    perform(make_bot, story)


def test_without_a_token_it_says_what_is_missing(without_token) -> None:
    assert "DISCORD_TOKEN" in without_token(main)
