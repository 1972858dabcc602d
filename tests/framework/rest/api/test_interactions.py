"""First responses of every type, to interactions of every type."""

from __future__ import annotations

from discord_sim import FakeDiscord
from framework.models import UNSET
from framework.models.command import ApplicationCommandOption, ApplicationCommandOptionChoice
from framework.models.component import ActionRow, Button, ButtonStyle, Label, TextInput
from framework.models.embed import Embed
from framework.models.interaction import InteractionCallbackType
from framework.models.message import AllowedMentions, Message, MessageFlags
from framework.rest import RestManager
from framework.rest.files import File

T = InteractionCallbackType


def user_of(discord: FakeDiscord) -> int:
    """Somebody in the first guild."""
    return list(discord.world.member_ids(discord.world.guild_at(0)))[1]


def place(discord: FakeDiscord) -> tuple[int, int]:
    """A user, and a channel of theirs."""
    guild = discord.world.guild_at(0)
    return user_of(discord), next(iter(guild.channels))


def test_a_message(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        user, channel = place(discord)
        await rest.create_global_application_command(discord.world.bot_id, "cat", description="x")
        asked = discord.command(user, channel, "cat")
        told = await rest.create_interaction_response(
            asked.id, asked.token, T.CHANNEL_MESSAGE_WITH_SOURCE, content=f"<@{user}>", embeds=[Embed(title="a cat")],
            components=[ActionRow(components=[Button(style=ButtonStyle.PRIMARY, label="more", custom_id="more")])],
            allowed_mentions=AllowedMentions(), flags=MessageFlags.EPHEMERAL, with_response=True,
            files=[File("cat.txt", b"meow", "text/plain", "a sound")],
        )  # fmt: skip
        assert (told.interaction.id, told.interaction.response_message_ephemeral) == (asked.id, True)
        message = told.resource.message
        assert (message.content, message.mentions, message.embeds[0].title) == (f"<@{user}>", [], "a cat")
        assert [(a.filename, a.description) for a in message.attachments] == [("cat.txt", "a sound")]
        assert message.id == told.interaction.response_message_id

    talk(story)


def test_what_is_not_asked_for_is_not_returned(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        user, channel = place(discord)
        await rest.create_global_application_command(discord.world.bot_id, "cat", description="x")
        asked = discord.command(user, channel, "cat")
        assert (
            await rest.create_interaction_response(asked.id, asked.token, T.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE)
            is None
        )
        asked = discord.command(user, channel, "cat")
        told = await rest.create_interaction_response(
            asked.id, asked.token, T.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE, flags=64, with_response=True
        )
        assert (told.interaction.response_message_loading, told.resource) == (True, UNSET)

    talk(story)


def test_a_component_and_the_modal_behind_it(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        user, channel = place(discord)
        await rest.create_global_application_command(discord.world.bot_id, "cat", description="x")
        row = ActionRow(components=[Button(style=ButtonStyle.PRIMARY, label="more", custom_id="more")])

        async def message_with_a_button() -> Message:
            asked = discord.command(user, channel, "cat")
            told = await rest.create_interaction_response(
                asked.id, asked.token, T.CHANNEL_MESSAGE_WITH_SOURCE, content="x", components=[row], with_response=True,
                files=[File("old.txt", b"old")],
            )  # fmt: skip
            return told.resource.message

        message = await message_with_a_button()
        pressed = discord.component(user, channel, message.id, "more")
        told = await rest.create_interaction_response(
            pressed.id, pressed.token, T.UPDATE_MESSAGE, content="y", components=[], with_response=True,
            attachments=message.attachments, files=[File("new.txt", b"new", description="newer")],
        )  # fmt: skip
        assert (told.resource.message.id, told.resource.message.content) == (message.id, "y")
        assert [a.filename for a in told.resource.message.attachments] == ["old.txt", "new.txt"]
        message = await message_with_a_button()
        pressed = discord.component(user, channel, message.id, "more")
        await rest.create_interaction_response(pressed.id, pressed.token, T.DEFERRED_UPDATE_MESSAGE)

        pressed = discord.component(user, channel, message.id, "more")
        field = Label(label="Name", component=TextInput(custom_id="name", style=1))
        await rest.create_interaction_response(
            pressed.id, pressed.token, T.MODAL, custom_id="about", title="About the cat", components=[field]
        )
        filled = discord.modal(user, pressed.id, {"name": "Tom"})
        await rest.create_interaction_response(filled.id, filled.token, T.UPDATE_MESSAGE, content="Tom")
        assert discord.world.message(channel, message.id).doc["content"] == "Tom"

    talk(story)


def test_choices(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        user, channel = place(discord)
        option = ApplicationCommandOption(type=3, name="name", description="x", autocomplete=True)
        await rest.create_global_application_command(discord.world.bot_id, "cat", description="x", options=[option])
        asked = discord.command(user, channel, "cat", {"name": "To"}, focused="name")
        await rest.create_interaction_response(
            asked.id, asked.token, T.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT,
            choices=[ApplicationCommandOptionChoice(name="Tom", value="tom")],
        )  # fmt: skip
        assert asked.response == {"choices": [{"name": "Tom", "value": "tom"}]}

    talk(story)
