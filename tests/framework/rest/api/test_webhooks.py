"""Webhooks, what they post, and messages after the first response to an interaction."""

import pytest

from framework.models import UNSET
from framework.models.component import ActionRow, Button, ButtonStyle
from framework.models.embed import Embed
from framework.models.interaction import InteractionCallbackType
from framework.models.message import MessageFlags
from framework.models.webhook import WebhookType
from framework.rest import NotFound
from framework.rest.files import File

pytestmark = pytest.mark.usefixtures("round_trip")
NOTE = File("n.txt", b"note", "text/plain", "a note")
ROW = ActionRow(components=[Button(style=ButtonStyle.PRIMARY, label="L", custom_id="c")])


def place(discord):
    """A channel and its guild."""
    guild = discord.world.guild_at(0)
    return next(iter(guild.channels)), guild


# -- webhooks ----------------------------------------------------------------------------------------------------


def test_a_webhook_from_birth_to_death(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        hook = await rest.create_webhook(channel, "news", reason="to tell")
        assert (hook.type, hook.name, hook.channel_id, hook.guild_id) == (
            WebhookType.INCOMING,
            "news",
            channel,
            guild.id,
        )
        assert (hook.user.id, guild.audit[-1]["reason"]) == (discord.world.bot_id, "to tell")
        assert await rest.get_channel_webhooks(channel) == [hook]
        assert await rest.get_webhook(hook.id) == hook
        other = list(guild.channels)[1]
        moved = await rest.modify_webhook(hook.id, name="more", channel_id=other, avatar=None, reason="move")
        assert (moved.name, moved.channel_id, guild.audit[-1]["reason"]) == ("more", other, "move")
        await rest.delete_webhook(hook.id, reason="done")
        assert guild.audit[-1]["reason"] == "done"
        with pytest.raises(NotFound):
            await rest.get_webhook(hook.id)

    talk(story)


def test_who_has_the_token_needs_nothing_else(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        hook = await rest.create_webhook(channel, "news")
        found = await rest.get_webhook_with_token(hook.id, hook.token)
        assert (found.id, found.user) == (hook.id, UNSET)
        changed = await rest.modify_webhook_with_token(hook.id, hook.token, name="less")
        assert changed.name == "less"
        await rest.delete_webhook_with_token(hook.id, hook.token)
        assert await rest.get_channel_webhooks(channel) == []

    talk(story)


def test_a_webhook_posts_edits_and_deletes(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        hook = await rest.create_webhook(channel, "news")
        assert await rest.execute_webhook(hook.id, hook.token, "unseen") is None
        posted = await rest.execute_webhook(
            hook.id, hook.token, "hello", wait=True, username="Herald", avatar_url="https://example.com/a.png",
            embeds=[Embed(title="T")], components=[ROW], with_components=True, files=[NOTE], tts=False,
            flags=MessageFlags.SUPPRESS_NOTIFICATIONS,
        )  # fmt: skip
        assert (posted.content, posted.author.username, posted.webhook_id) == ("hello", "Herald", hook.id)
        assert (posted.embeds[0].title, posted.attachments[0].description) == ("T", "a note")
        assert (await rest.get_webhook_message(hook.id, hook.token, posted.id)).id == posted.id
        edited = await rest.edit_webhook_message(hook.id, hook.token, posted.id, "bye", embeds=[], attachments=[])
        assert (edited.content, edited.embeds, edited.attachments) == ("bye", [], [])
        assert edited.components == posted.components
        await rest.delete_webhook_message(hook.id, hook.token, posted.id)
        with pytest.raises(NotFound):
            await rest.get_webhook_message(hook.id, hook.token, posted.id)

    talk(story)


def test_a_webhook_posts_into_a_thread_and_a_forum(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        hook = await rest.create_webhook(channel, "news")
        thread = (await rest.start_thread_without_message(channel, "t", type_=11)).id
        posted = await rest.execute_webhook(hook.id, hook.token, "inside", wait=True, thread_id=thread)
        assert posted.channel_id == thread
        edited = await rest.edit_webhook_message(hook.id, hook.token, posted.id, "changed", thread_id=thread)
        assert edited.content == "changed"
        assert (await rest.get_webhook_message(hook.id, hook.token, posted.id, thread_id=thread)).content == "changed"
        await rest.delete_webhook_message(hook.id, hook.token, posted.id, thread_id=thread)
        made = discord.act(
            discord.world.bot_id, "create_guild_channel", {"name": "f", "type": 15}, guild_id=guild.id
        ).body
        hook = await rest.create_webhook(int(made["id"]), "questions")
        posted = await rest.execute_webhook(hook.id, hook.token, "how?", wait=True, thread_name="new")
        assert (await rest.get_channel(posted.channel_id)).name == "new"

    talk(story)


def test_a_webhook_speaks_like_other_services(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        hook = await rest.create_webhook(channel, "news")
        await rest.execute_slack_compatible_webhook(hook.id, hook.token, {"text": "from Slack", "username": "S"})
        sender = {"id": 1, "login": "cat", "html_url": "https://example.com", "avatar_url": "https://example.com/c.png"}
        repository = {"id": 2, "name": "r", "full_name": "cat/r", "html_url": "https://example.com/r"}
        event = {
            "sender": sender, "repository": repository, "action": "created", "ref": "main", "ref_type": "branch",
        }  # fmt: skip
        await rest.execute_github_compatible_webhook(hook.id, hook.token, event)
        seen = await rest.get_channel_messages(channel)
        assert seen[-1].content == "from Slack"

    talk(story)


# -- after the first response ------------------------------------------------------------------------------------


async def begin(rest, discord, type_=InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE, **answer):
    """A command, answered; (application, token)."""
    channel, guild = place(discord)
    app = discord.world.bot_id
    await rest.create_global_application_command(app, "cat", description="x")
    asked = discord.command(list(discord.world.member_ids(guild))[1], channel, "cat")
    await rest.create_interaction_response(asked.id, asked.token, type_, **answer)
    return app, asked.token


def test_the_first_response_is_read_edited_and_deleted(talk):
    async def story(rest, discord):
        app, token = await begin(rest, discord, content="first")
        found = await rest.get_original_interaction_response(app, token)
        assert (found.content, found.interaction_metadata.authorizing_integration_owners) == (
            "first", {0: place(discord)[1].id},
        )  # fmt: skip
        edited = await rest.edit_original_interaction_response(
            app, token, "second", embeds=[Embed(title="T")], components=[ROW], files=[NOTE], attachments=[]
        )
        assert (edited.id, edited.content, edited.embeds[0].title) == (found.id, "second", "T")
        assert edited.attachments[0].description == "a note"
        await rest.delete_original_interaction_response(app, token)
        with pytest.raises(NotFound):
            await rest.get_original_interaction_response(app, token)

    talk(story)


def test_a_deferred_response_is_filled_in(talk):
    async def story(rest, discord):
        app, token = await begin(rest, discord, InteractionCallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE)
        edited = await rest.edit_original_interaction_response(app, token, "late")
        assert (edited.content, MessageFlags(edited.flags)) == ("late", MessageFlags(0))

    talk(story)


def test_more_messages_follow(talk):
    async def story(rest, discord):
        app, token = await begin(rest, discord, content="first")
        posted = await rest.create_followup_message(
            app, token, "more", embeds=[Embed(title="T")], components=[ROW], files=[NOTE], tts=False,
            flags=MessageFlags.EPHEMERAL,
        )  # fmt: skip
        assert (posted.content, posted.embeds[0].title, posted.flags) == ("more", "T", MessageFlags.EPHEMERAL)
        assert (posted.attachments[0].ephemeral, posted.application_id) == (True, app)
        assert (await rest.get_followup_message(app, token, posted.id)).id == posted.id
        assert (await rest.edit_followup_message(app, token, posted.id, "changed", embeds=[])).content == "changed"
        await rest.delete_followup_message(app, token, posted.id)
        with pytest.raises(NotFound):
            await rest.get_followup_message(app, token, posted.id)

    talk(story)
