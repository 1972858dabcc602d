"""What an application can answer with: a command with options that is deferred and followed up, a button, a modal, a
menu, and a message made of components.

DISCORD_TOKEN=… python examples/interactions.py
"""

import asyncio
import contextlib
import os
import sys
from typing import Annotated, Literal

from framework import Bot
from framework.builders import button, embed, form, layout, rows, select, text, text_input
from framework.interactions import Interaction, Interactions, Option, Response
from framework.models import ActionRow, ButtonStyle, Component, Separator, TextInputStyle

COOKING_S = 5.0  # longer than the three seconds that Discord waits
MENU = {"pizza": "Tomatoes, mozzarella, basil.", "soup": "Whatever was left.", "salad": "Green, mostly."}
Dish = Literal["pizza", "soup", "salad"]


def add_orders(interactions: Interactions) -> None:
    """A slash command with options, deferral and follow-up; a button under its answer opens a modal."""

    @interactions.slash("order", "Order something to eat")
    async def order(
        interaction: Interaction,
        dish: Annotated[Dish, Option("What")],
        portions: Annotated[int, Option("How many", min_value=1, max_value=10)] = 1,
        note: Annotated[str | None, Option("For the kitchen", max_length=200)] = None,
    ) -> None:
        await interaction.defer()
        await asyncio.sleep(COOKING_S * portions)
        served = embed(title=f"{portions} × {dish}", description=MENU[dish], fields=[("Note", note)] if note else [])
        rate = button("Rate it", f"rate:{dish}", ButtonStyle.PRIMARY)
        await interaction.respond(embeds=[served], components=rows([rate]))
        await interaction.followup("Enjoy your meal!", ephemeral=True)

    @interactions.component("rate:", is_prefix=True)
    async def rate(interaction: Interaction) -> Response:
        dish = interaction.name.removeprefix("rate:")
        why = text_input("why", "What was it like?", style=TextInputStyle.PARAGRAPH, max_length=500)
        return Response.modal(**form(f"rated:{dish}", f"Your {dish}", why))

    @interactions.modal("rated:", is_prefix=True, ephemeral=True)
    async def rated(interaction: Interaction) -> str:
        dish = interaction.name.removeprefix("rated:")
        return f"The cook of your {dish} thanks you for: {interaction.inputs['why']}"


def add_menu(interactions: Interactions) -> None:
    """A message made of components, which a select menu in it changes."""

    def card(dish: str | None) -> list[Component]:
        shown = text(f"**{dish}**: {MENU[dish]}" if dish else "Choose to see more.")
        return [
            text("# The menu"),
            Separator(),
            shown,
            ActionRow(components=[select("dish", MENU, placeholder="Dish")]),
        ]

    @interactions.slash("menu", "See what there is")
    async def menu(interaction: Interaction) -> Response:
        return Response.message(**layout(*card(None)))

    @interactions.component("dish")
    async def dish(interaction: Interaction) -> Response:
        return Response.update(**layout(*card(interaction.values[0])))


def make_bot(token: str) -> Bot:
    bot = Bot(token, intents=0)  # interactions come without any
    interactions = Interactions(auto_register=True)
    add_orders(interactions)
    add_menu(interactions)
    bot.use(interactions)
    return bot


def main() -> int:
    if not (token := os.environ.get("DISCORD_TOKEN")):
        print("Set DISCORD_TOKEN to your bot's token: Developer Portal, your application, Bot.", file=sys.stderr)
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(make_bot(token).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
