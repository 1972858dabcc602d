"""What the checks let through the server takes, and what they refuse it refuses too: each limit from both sides."""

from __future__ import annotations

import asyncio

import pytest

from framework import Bot, RestManager
from framework.builders import check_components, check_embeds, check_modal, layout, select, text, text_input
from framework.errors import InvalidUse
from framework.interactions import Interaction, Interactions, Response
from framework.models import component as c
from framework.models.embed import Embed, EmbedAuthor, EmbedField, EmbedFooter
from framework.models.message import MessageFlags
from framework.rest import BadRequest

BUTTON = c.Button(style=1, label="x", custom_id="b")


def buttons(count: int) -> list[c.Component]:
    return [c.Button(style=1, label="x", custom_id=str(n)) for n in range(count)]


def row(*components: c.Component) -> c.ActionRow:
    return c.ActionRow(components=list(components))


def fields(count: int, name: int = 1, value: int = 1) -> Embed:
    return Embed(fields=[EmbedField(name="n" * name, value="v" * value) for _ in range(count)])


# What is at a limit, what is beyond it, and the place that is named.
EMBEDS = [
    ([Embed(title="x" * 256)], [Embed(title="x" * 257)], "embeds[0].title"),
    ([Embed(description="x" * 4096)], [Embed(description="x" * 4097)], "embeds[0].description"),
    ([fields(25)], [fields(26)], "embeds[0].fields"),
    ([fields(1, name=256)], [fields(1, name=257)], "embeds[0].fields[0].name"),
    ([fields(1, value=1024)], [fields(1, value=1025)], "embeds[0].fields[0].value"),
    ([fields(1)], [fields(1, value=0)], "embeds[0].fields[0].value"),
    ([Embed(footer=EmbedFooter(text="x" * 2048))], [Embed(footer=EmbedFooter(text="x" * 2049))], "embeds[0].footer"),
    ([Embed(author=EmbedAuthor(name="x" * 256))], [Embed(author=EmbedAuthor(name="x" * 257))], "embeds[0].author"),
    ([Embed(title="x", color=0xFFFFFF)], [Embed(title="x", color=0x1000000)], "embeds[0].color"),
    ([Embed(title="x")], [Embed(color=1)], "embeds[0]"),
    ([Embed(title="x")] * 10, [Embed(title="x")] * 11, "embeds"),
    (
        [Embed(description="x" * 4000), Embed(description="x" * 2000)],
        [Embed(description="x" * 4000), Embed(description="x" * 2000, title="x")],
        "embeds",
    ),
]
ROWS = [
    ([row(*buttons(5))], [row(*buttons(6))], "components[0].components"),
    ([row(BUTTON)], [row()], "components[0].components"),
    ([row(b) for b in buttons(5)], [row(b) for b in buttons(6)], "components"),
    ([row(BUTTON)], [text("x")], "components[0]"),
    ([row(BUTTON)], [row(BUTTON, select("s", ["a"]))], "components[0]"),
    ([row(BUTTON)], [row(c.Button(style=1, label="x" * 81, custom_id="b"))], "components[0].components[0].label"),
    ([row(c.Button(style=1, label="x", custom_id="x" * 100))], [row(c.Button(style=1, label="x", custom_id="x" * 101))],
     "components[0].components[0].custom_id"),
    ([row(c.Button(style=5, label="x", url="https://a.b"))], [row(c.Button(style=5, label="x"))],
     "components[0].components[0].url"),
    ([row(BUTTON)], [row(c.Button(style=1, label="x"))], "components[0].components[0].custom_id"),
    ([row(BUTTON)], [row(c.Button(style=5, label="x", url="https://a.b", custom_id="x"))],
     "components[0].components[0].custom_id"),
    ([row(BUTTON)], [row(BUTTON, BUTTON)], "components[0].components[1].custom_id"),
    ([row(select("s", [str(n) for n in range(25)]))], [row(select("s", [str(n) for n in range(26)]))],
     "components[0].components[0].options"),
    ([row(select("s", ["a"]))], [row(select("s", ["a", "a"]))], "components[0].components[0].options[1].value"),
    ([row(select("s", ["a", "b"], max_values=2))], [row(select("s", ["a", "b"], max_values=3))],
     "components[0].components[0].max_values"),
    ([row(select("s", ["x" * 100]))], [row(select("s", ["x" * 101]))], "components[0].components[0].options[0].label"),
    ([row(select("s", ["a"], placeholder="x" * 150))], [row(select("s", ["a"], placeholder="x" * 151))],
     "components[0].components[0].placeholder"),
    ([row(BUTTON)], [row(c.StringSelect(custom_id="s"))], "components[0].components[0].options"),
]  # fmt: skip
LAYOUTS = [
    ([text("x")] * 40, [text("x")] * 41, "components"),
    ([c.Container(components=[text("x")] * 39)], [c.Container(components=[text("x")] * 40)], "components"),
    ([text("x" * 4000)], [text("x" * 2000), text("x" * 2001)], "components"),
    ([text("x")], [text("")], "components[0].content"),
    ([c.Section(components=[text("x")] * 3, accessory=BUTTON)],
     [c.Section(components=[text("x")] * 4, accessory=BUTTON)], "components[0].components"),
    ([c.Section(components=[text("x")], accessory=BUTTON)], [c.Section(components=[text("x")])],
     "components[0].accessory"),
    ([c.Container(components=[c.Separator()], accent_color=0)],
     [c.Container(components=[c.Separator()], accent_color=-1)], "components[0].accent_color"),
    ([c.Container(components=[text("x")])], [c.Container(components=[c.Container(components=[text("x")])])],
     "components[0].components[0]"),
    ([c.TextDisplay(content="x", id=1), c.TextDisplay(content="x", id=2)],
     [c.TextDisplay(content="x", id=1), c.TextDisplay(content="x", id=1)], "components[1].id"),
    ([c.MediaGallery(items=[c.MediaGalleryItem(media=c.UnfurledMediaItem(url="https://a.b/c"))] * 10)],
     [c.MediaGallery(items=[c.MediaGalleryItem(media=c.UnfurledMediaItem(url="https://a.b/c"))] * 11)],
     "components[0].items"),
    ([text("x")], [BUTTON], "components[0]"),
]  # fmt: skip
MODALS = [
    (("m" * 100, "t", [text_input("a", "x")]), ("m" * 101, "t", [text_input("a", "x")]), "custom_id"),
    (("m", "t" * 45, [text_input("a", "x")]), ("m", "t" * 46, [text_input("a", "x")]), "title"),
    (("m", "t", [text_input("a", "x" * 45)]), ("m", "t", [text_input("a", "x" * 46)]), "components[0].label"),
    (("m", "t", [text_input("a", "x", placeholder="x" * 100)]),
     ("m", "t", [text_input("a", "x", placeholder="x" * 101)]),
     "components[0].component.placeholder"),
    (("m", "t", [text_input("a", "x", max_length=4000)]), ("m", "t", [text_input("a", "x", max_length=4001)]),
     "components[0].component.max_length"),
    (("m", "t", [text("x")]), ("m", "t", []), "components"),
]  # fmt: skip


def refused(check, place: str) -> None:
    with pytest.raises(InvalidUse) as caught:
        check()
    assert str(caught.value).startswith(place), str(caught.value)


def test_messages(play) -> None:
    async def story(discord) -> None:
        rest = RestManager(discord.settings.token, chance=lambda: 0.0)
        channel = next(iter(discord.world.guild_at(0).channels))

        async def judge(good, bad, place, check, **fields) -> None:
            (name,) = (key for key, value in fields.items() if value is ...)
            check(good)
            await rest.create_message(channel, **{**fields, name: good})
            refused(lambda: check(bad), place)
            with pytest.raises(BadRequest):
                await rest.create_message(channel, **{**fields, name: bad})

        for good, bad, place in EMBEDS:
            await judge(good, bad, place, check_embeds, embeds=...)
        for good, bad, place in ROWS:
            await judge(good, bad, place, lambda made: check_components(made, v2=False), content="x", components=...)
        v2 = MessageFlags.IS_COMPONENTS_V2
        for good, bad, place in LAYOUTS:
            await judge(good, bad, place, lambda made: check_components(made, v2=True), components=..., flags=v2)
        await rest.close()

    play(story, guilds=1)


def test_modals(play) -> None:
    interactions, made, errors = Interactions(), [], []

    @interactions.slash("ask", "Ask")
    async def ask(interaction: Interaction) -> str | None:
        custom_id, title, components = made[-1]
        try:
            await interaction.respond(Response.modal(custom_id, title, components))
        except BadRequest as error:
            errors.append(error)
            return "it was refused"
        return None

    async def story(discord) -> None:
        rest = RestManager(discord.settings.token, chance=lambda: 0.0)
        await interactions.register(rest, discord.world.bot_id)
        guild = discord.world.guild_at(0)
        bot = Bot(discord.settings.token, intents=0, rest=rest)
        bot.use(interactions)
        await bot.start()
        for good, bad, place in MODALS:
            check_modal(*good)
            refused(lambda bad=bad: check_modal(*bad), place)
            answers = []
            for modal in (good, bad):
                made.append(modal)
                used = discord.command(guild.owner_id, next(iter(guild.channels)), "ask")
                await asyncio.sleep(0.5)
                answers.append(used.answered)
            assert answers == [9, 4], place
        await bot.close()
        await rest.close()

    play(story, guilds=1)
    assert len(errors) == len(MODALS)


@pytest.mark.parametrize(
    ("component", "place"),
    [
        (c.Label(label="x", component=BUTTON), "components[0].component"),
        (c.Label(label="x", component=c.RadioGroup(custom_id="r", options=[])), "components[0].component.options"),
        (c.Label(label="x", component=c.FileUpload(custom_id="f", max_values=11)), "components[0].component.max_val"),
        (row(BUTTON), "components[0] is a ActionRow"),
    ],
)
def test_what_cannot_be_in_a_modal(component, place) -> None:
    refused(lambda: check_modal("m", "t", [component]), place)


def test_what_came_later_than_this_version_is_left_to_discord() -> None:
    check_components([c.UnknownComponent(type=99)], v2=True)
    check_components([c.Container(components=[c.UnknownComponent(type=99)])], v2=True)


def test_a_style_that_is_none() -> None:
    refused(lambda: check_components([row(c.Button(style=9, label="x", custom_id="b"))], v2=False), "components[0]")
    refused(
        lambda: check_components([row(c.Button(style=2, custom_id="b"))], v2=False), "components[0].components[0].l"
    )


def test_a_layout_says_that_it_is_one() -> None:
    assert layout(text("x"), flags=MessageFlags.EPHEMERAL)["flags"] == 1 << 15 | 1 << 6
