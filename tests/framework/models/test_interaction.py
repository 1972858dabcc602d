"""What somebody did, as it comes from the gateway: it is told apart, and nothing in it gets lost."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from discord_sim import FakeDiscord
from framework import Bot, Intents, Raw
from framework.models import UNSET, decode, to_wire
from framework.models import interaction as i
from framework.models.command import ApplicationCommandOption as Option
from framework.models.component import ActionRow, Button, ButtonStyle, Label, RoleSelect, StringSelect, TextInput
from framework.models.component import SelectOption as Choice
from framework.models.gateway import Presence, Status
from framework.models.guild import Guild

T = i.InteractionCallbackType


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (i.InteractionCallbackResponse, ["InteractionCallbackResponse"]),
        (i.InteractionCallback, ["InteractionResponse"]),
        (
            i.InteractionCallbackResource,
            [f"{kind}InteractionCallbackResponse" for kind in ("CreateMessage", "LaunchActivity", "UpdateMessage")],
        ),
        (i.InteractionCallbackActivityInstance, ["ActivityInstanceCallbackResponse"]),
    ],
)
def test_every_field_is_there(fits, model: type, components: list[str]) -> None:
    fits(model, *components)


class Told:
    """A bot in virtual time, and what the gateway told it of one kind."""

    def __init__(self, discord: FakeDiscord, name: str, intents: Intents) -> None:
        self.discord, self.raw = discord, []
        self.bot = Bot(discord.settings.token, intents=intents)
        self.guild = discord.world.guild_at(0)
        self.user, self.other = list(discord.world.member_ids(self.guild))[1:3]
        self.channel = next(iter(self.guild.channels))

        @self.bot.on(name)
        async def keep(event: Raw) -> None:
            self.raw.append(event.data)

    async def next(self, kind: type):
        """The next event as a model; on the way back it is what it was."""
        while not self.raw:
            await asyncio.sleep(0.1)
        raw = self.raw.pop(0)
        found = decode(kind, raw)
        assert to_wire(found) == msgspec.json.decode(raw)
        return found


def tell(play, name: str, story, intents: Intents = Intents.GUILDS) -> None:
    async def main(discord: FakeDiscord) -> None:
        told = Told(discord, name, intents)
        await told.bot.start()
        try:
            await story(told)
        finally:
            await told.bot.close()

    play(main)


def test_commands_and_what_they_are_given(play) -> None:
    options = [
        Option(type=3, name="text", description="x"), Option(type=4, name="whole", description="x"),
        Option(type=5, name="yes", description="x"), Option(type=6, name="who", description="x"),
        Option(type=7, name="where", description="x"), Option(type=8, name="role", description="x"),
        Option(type=10, name="half", description="x"),
    ]  # fmt: skip

    async def story(told: Told) -> None:
        discord, user, channel = told.discord, told.user, told.channel
        role = list(told.guild.roles)[1]
        create, me = told.bot.rest.create_global_application_command, discord.world.bot_id
        top = await create(
            me, "cat", description="x", options=[Option(type=1, name="feed", description="x", options=options)]
        )
        given = {"text": "5", "whole": 5, "yes": True, "who": told.other, "where": channel, "role": role, "half": 0.5}
        discord.command(user, channel, "cat feed", given)
        found = await told.next(i.Interaction)
        assert (found.type, found.context) == (i.InteractionType.APPLICATION_COMMAND, i.InteractionContextType.GUILD)
        assert (found.guild_id, found.channel_id, found.member.user.id) == (told.guild.id, channel, user)
        assert found.authorizing_integration_owners == {0: told.guild.id}
        assert found.token not in repr(found)
        match found.data:
            case i.ApplicationCommandData(id=top.id, name="cat", options=[sub], resolved=resolved):
                assert {option.name: option.value for option in sub.options} == {
                    **given, "who": str(told.other), "where": str(channel), "role": str(role),
                }  # fmt: skip
                assert (list(resolved.users), list(resolved.members)) == ([told.other], [told.other])
                assert (list(resolved.channels), list(resolved.roles)) == ([channel], [role])
            case other:
                raise AssertionError(other)

        await create(me, "Pet", type_=2)
        discord.command(user, channel, "Pet", kind=2, target_id=told.other)
        assert (await told.next(i.Interaction)).data.target_id == told.other
        posted = discord.message_posted(0, "meow")
        await create(me, "Quote", type_=3)
        discord.command(user, channel, "Quote", kind=3, target_id=posted)
        assert (await told.next(i.Interaction)).data.resolved.messages[posted].content == "meow"

        await create(
            me, "find", description="x", options=[Option(type=3, name="q", description="x", autocomplete=True)]
        )
        discord.command(user, channel, "find", {"q": "me"}, focused="q")
        found = await told.next(i.Interaction)
        assert found.type == i.InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
        assert (found.data.options[0].value, found.data.options[0].focused) == ("me", True)

    tell(play, "INTERACTION_CREATE", story, Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.MESSAGE_CONTENT)


def test_components_and_modals(play) -> None:
    rows = [
        ActionRow(components=[Button(style=ButtonStyle.PRIMARY, label="x", custom_id="button")]),
        ActionRow(components=[StringSelect(custom_id="menu", options=[Choice(label="A", value="a")])]),
        ActionRow(components=[RoleSelect(custom_id="roles")]),
    ]
    fields = [
        Label(label="Name", component=TextInput(custom_id="name", style=1)),
        Label(label="Which", component=StringSelect(custom_id="which", options=[Choice(label="A", value="a")])),
    ]

    async def story(told: Told) -> None:
        discord, rest, user, channel = told.discord, told.bot.rest, told.user, told.channel
        role = list(told.guild.roles)[1]
        await rest.create_global_application_command(discord.world.bot_id, "cat", description="x")
        asked = discord.command(user, channel, "cat")
        await told.next(i.Interaction)
        response = await rest.create_interaction_response(
            asked.id, asked.token, T.CHANNEL_MESSAGE_WITH_SOURCE, content="x", components=rows, with_response=True
        )
        message = response.resource.message.id

        discord.component(user, channel, message, "menu", ["a"])
        found = await told.next(i.Interaction)
        assert (found.type, found.message.id) == (i.InteractionType.MESSAGE_COMPONENT, message)
        assert isinstance(found.data, i.MessageComponentData)
        assert (found.data.custom_id, found.data.values, found.data.resolved) == ("menu", ["a"], UNSET)
        discord.component(user, channel, message, "roles", [role])
        assert list((await told.next(i.Interaction)).data.resolved.roles) == [role]

        pressed = discord.component(user, channel, message, "button")
        assert (await told.next(i.Interaction)).data.values is UNSET
        await rest.create_interaction_response(
            pressed.id, pressed.token, T.MODAL, custom_id="modal", title="About", components=fields
        )
        discord.modal(user, pressed.id, {"name": "Tom", "which": ["a"]})
        found = await told.next(i.Interaction)
        assert found.type == i.InteractionType.MODAL_SUBMIT
        match found.data:
            case i.ModalSubmitData(custom_id="modal", components=[Label(component=name), Label(component=which)]):
                assert (name.value, which.values) == ("Tom", ["a"])
            case other:
                raise AssertionError(other)

    tell(play, "INTERACTION_CREATE", story)


def test_data_of_an_unknown_kind_is_kept_as_it_is() -> None:
    found = decode(i.InteractionData, b'{"sku_id": "5"}')
    assert isinstance(found, i.UnknownInteractionData)
    assert to_wire(found) == {"sku_id": "5"}


def test_presences(play) -> None:
    async def story(told: Told) -> None:
        activity = {
            "name": "Custom Status", "type": 4, "state": "asleep", "created_at": 1, "emoji": {"name": "x", "id": "5"},
            "timestamps": {"start": 1}, "party": {"id": "p", "size": [1, 5]}, "assets": {"large_image": "mp:x"},
            "buttons": ["a", "b"], "flags": 1, "application_id": "7", "details": None,
        }  # fmt: skip
        told.discord.presence(told.user, "dnd", [activity])
        found = await told.next(Presence)
        assert (found.user.id, found.guild_id, found.status) == (told.user, told.guild.id, Status.DND)
        assert (found.activities[0].state, found.activities[0].emoji.id) == ("asleep", 5)

    tell(play, "PRESENCE_UPDATE", story, Intents.GUILDS | Intents.GUILD_PRESENCES)


def test_presences_of_a_guild(play) -> None:
    async def main(discord: FakeDiscord) -> None:
        told = Told(discord, "GUILD_CREATE", Intents.GUILDS | Intents.GUILD_PRESENCES)
        discord.presence(told.user, "idle")
        await told.bot.start()
        await asyncio.sleep(1)
        (guild,) = [g for g in (decode(Guild, raw) for raw in told.raw) if g.id == told.guild.id]
        (presence,) = guild.presences
        assert (presence.user.id, presence.status) == (told.user, Status.IDLE)
        await told.bot.close()

    play(main)
