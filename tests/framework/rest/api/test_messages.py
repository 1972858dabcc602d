"""Messages with everything that can be in them, pins, reactions and polls."""

import base64

import pytest

from framework.errors import InvalidUse
from framework.models import UNSET
from framework.models.component import (
    ActionRow,
    Button,
    ButtonStyle,
    Container,
    FileComponent,
    MediaGallery,
    MediaGalleryItem,
    RoleSelect,
    Section,
    SelectDefaultValue,
    Separator,
    TextDisplay,
    Thumbnail,
    UnfurledMediaItem,
)
from framework.models.embed import Embed, EmbedAuthor, EmbedField, EmbedFooter, EmbedMedia
from framework.models.emoji import PartialEmoji
from framework.models.message import (
    AllowedMentions,
    AttachmentFlags,
    AttachmentRequest,
    MessageFlags,
    MessageReference,
    MessageReferenceType,
    MessageType,
    SharedClientTheme,
)
from framework.models.poll import NewPoll, NewPollAnswer, PollMedia
from framework.rest import NotFound
from framework.rest.files import File

pytestmark = pytest.mark.usefixtures("round_trip")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def place(discord):
    """A channel and its guild."""
    guild = discord.world.guild_at(0)
    return next(iter(guild.channels)), guild


def people(discord, count):
    return list(discord.world.member_ids(discord.world.guild_at(0)))[1 : count + 1]


async def ids(items):
    return [item.id async for item in items]


# -- posting -----------------------------------------------------------------------------------------------------


def test_a_text_is_posted_edited_read_and_deleted(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        posted = await rest.create_message(channel, "hello", nonce="4711", flags=MessageFlags.SUPPRESS_NOTIFICATIONS)
        assert (posted.content, posted.nonce, posted.channel_id) == ("hello", "4711", channel)
        assert (posted.author.id, posted.edited_timestamp, posted.flags) == (discord.world.bot_id, None, 1 << 12)
        edited = await rest.edit_message(channel, posted.id, "bye")
        assert (edited.content, edited.id) == ("bye", posted.id)
        assert edited.edited_timestamp > edited.timestamp
        assert (await rest.get_channel_message(channel, posted.id)).content == "bye"
        assert (await rest.edit_message(channel, posted.id, flags=MessageFlags.SUPPRESS_EMBEDS)).content == "bye"
        await rest.delete_message(channel, posted.id)
        with pytest.raises(NotFound):
            await rest.get_channel_message(channel, posted.id)
        others = discord.message_posted(0, "of somebody else")
        await rest.delete_message(channel, others, reason="rude")
        assert guild.audit[-1]["reason"] == "rude"

    talk(story)


def test_a_nonce_is_enforced_where_it_is_asked_for(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        one, two = [await rest.create_message(channel, "once", nonce=7, enforce_nonce=True) for _ in range(2)]
        assert (one.id, one.nonce) == (two.id, 7)

    talk(story)


def test_embeds(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        embed = Embed(
            title="T", description="D", url="https://example.com", color=0xFF00FF,
            author=EmbedAuthor(name="A", icon_url="attachment://cat.png"), footer=EmbedFooter(text="F"),
            image=EmbedMedia(url="attachment://cat.png"), fields=[EmbedField(name="N", value="V", inline=True)],
        )  # fmt: skip
        posted = await rest.create_message(channel, embeds=[embed], files=[File("cat.png", PNG, "image/png")])
        (found,) = posted.embeds
        assert (found.type, found.title, found.color, found.fields) == ("rich", "T", 0xFF00FF, embed.fields)
        assert (found.image.width, posted.attachments) == (1, []), "the file is shown in the embed"
        assert found.thumbnail is UNSET
        assert (await rest.edit_message(channel, posted.id, "text only", embeds=[])).embeds == []
        assert (await rest.edit_message(channel, posted.id, None)).content == ""

    talk(story)


def test_files_are_described_kept_and_dropped(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        files = [File("a.txt", b"aa", "text/plain", "first"), File("b.txt", b"b", "text/plain")]
        about = [AttachmentRequest(id=1, title="Second", is_spoiler=True)]
        posted = await rest.create_message(channel, files=files, attachments=about)
        one, two = posted.attachments
        assert (one.filename, one.description, one.size) == ("a.txt", "first", 2)
        assert (two.filename, two.title, two.flags) == ("b.txt", "Second", AttachmentFlags.IS_SPOILER)
        more = File("c.txt", b"c", "text/plain")
        edited = await rest.edit_message(channel, posted.id, "more", files=[more])
        assert [a.filename for a in edited.attachments] == ["a.txt", "b.txt", "c.txt"]
        described = File("d.txt", b"d", "text/plain", "last")
        with pytest.raises(InvalidUse, match="attachments"):
            await rest.edit_message(channel, posted.id, files=[described])
        renamed = AttachmentRequest(id=two.id, description="changed")
        edited = await rest.edit_message(channel, posted.id, attachments=[one, renamed], files=[described])
        assert [(a.id, a.description) for a in edited.attachments[:2]] == [(one.id, "first"), (two.id, "changed")]
        assert [a.description for a in edited.attachments[2:]] == ["last"]
        assert (await rest.edit_message(channel, posted.id, "none", attachments=[])).attachments == []

    talk(story)


def test_a_voice_message(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        posted = await rest.create_message(
            channel, files=[File("voice.ogg", b"OggS", "audio/ogg")], flags=MessageFlags.IS_VOICE_MESSAGE,
            attachments=[AttachmentRequest(id=0, duration_secs=1.5, waveform="AAEC")],
        )  # fmt: skip
        (voice,) = posted.attachments
        assert (voice.duration_secs, voice.waveform, voice.filename) == (1.5, "AAEC", "voice.ogg")

    talk(story)


def test_buttons_and_menus(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        role = list(guild.roles)[1]
        emoji = PartialEmoji(name="🔥")
        rows = [
            ActionRow(components=[
                Button(style=ButtonStyle.PRIMARY, label="go", custom_id="go", emoji=emoji),
                Button(style=ButtonStyle.LINK, label="there", url="https://example.com", disabled=True),
            ]),
            ActionRow(components=[RoleSelect(
                custom_id="role", placeholder="which?", default_values=[SelectDefaultValue(id=role, type="role")],
            )]),
        ]  # fmt: skip
        posted = await rest.create_message(channel, "choose", components=rows)
        (go, there), (menu,) = (row.components for row in posted.components)
        assert (go.custom_id, go.emoji.name, there.url, there.disabled) == ("go", "🔥", "https://example.com", True)
        assert (menu.placeholder, menu.min_values, menu.default_values[0].id) == ("which?", 1, role)
        assert (await rest.edit_message(channel, posted.id, components=[])).components == []

    talk(story)


def test_a_message_of_components(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        picture = UnfurledMediaItem(url="attachment://cat.png")
        box = Container(
            accent_color=0x00FF00,
            components=[
                TextDisplay(content="# Cats"),
                Section(
                    components=[TextDisplay(content="one")], accessory=Thumbnail(media=picture, description="a cat")
                ),
                Separator(divider=True),
                MediaGallery(items=[MediaGalleryItem(media=picture, spoiler=True)]),
                FileComponent(file=picture),
            ],
        )
        posted = await rest.create_message(
            channel, components=[box], files=[File("cat.png", PNG, "image/png")], flags=MessageFlags.IS_COMPONENTS_V2
        )
        (found,) = posted.components
        assert isinstance(found, Container)
        text, section, separator, gallery, file = found.components
        assert (text.content, section.accessory.description, separator.divider) == ("# Cats", "a cat", True)
        assert gallery.items[0].media.attachment_id == file.file.attachment_id
        assert (file.name, file.size) == ("cat.png", len(PNG))

    talk(story)


def test_replies_forwards_and_mentions(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        (somebody,) = people(discord, 1)
        first = await rest.create_message(channel, f"<@{somebody}>", allowed_mentions=AllowedMentions())
        assert first.mentions == []
        loud = await rest.create_message(channel, f"<@{somebody}>", allowed_mentions=AllowedMentions(users=[somebody]))
        assert [user.id for user in loud.mentions] == [somebody]
        reply = await rest.create_message(channel, "yes", message_reference=MessageReference(message_id=first.id))
        assert (reply.type, reply.referenced_message.id) == (MessageType.REPLY, first.id)
        reference = MessageReference(type=MessageReferenceType.FORWARD, channel_id=channel, message_id=loud.id)
        other = list(guild.channels)[1]
        forward = await rest.create_message(other, message_reference=reference)
        (snapshot,) = forward.message_snapshots
        assert (snapshot.message.content, forward.message_reference.channel_id) == (loud.content, channel)
        await rest.delete_message(channel, first.id)
        gone = MessageReference(message_id=first.id, fail_if_not_exists=False)
        assert (await rest.create_message(channel, "late", message_reference=gone)).type == MessageType.DEFAULT
        assert (await rest.get_channel_message(channel, reply.id)).referenced_message is None

    talk(story)


def test_stickers_and_themes(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        upload = File("cat.png", PNG, "image/png", field="file")
        sticker = await rest.create_guild_sticker(guild.id, "cat", upload, description="a cat", tags="cat")
        theme = SharedClientTheme(colors=["ff0000", "00ff00"], gradient_angle=90, base_mix=50, base_theme=1)
        posted = await rest.create_message(channel, sticker_ids=[sticker.id], shared_client_theme=theme, tts=True)
        assert [item.id for item in posted.sticker_items] == [sticker.id]
        assert (posted.shared_client_theme, posted.tts) == (theme, True)

    talk(story)


# -- reading -----------------------------------------------------------------------------------------------------


def test_messages_are_read_in_pages(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        posted = [discord.message_posted(0, str(n)) for n in range(230)]
        assert [m.id for m in await rest.get_channel_messages(channel, limit=3)] == posted[:-4:-1]
        around = await rest.get_channel_messages(channel, around=posted[50], limit=3)
        assert [m.id for m in around] == posted[51:48:-1]
        asked = len(discord.record.requests)
        assert await ids(rest.iterate_channel_messages(channel)) == posted[::-1]
        assert len(discord.record.requests) - asked == 3
        assert await ids(rest.iterate_channel_messages(channel, limit=101)) == posted[: -1 - 101 : -1]
        assert await ids(rest.iterate_channel_messages(channel, before=posted[5])) == posted[4::-1]
        assert await ids(rest.iterate_channel_messages(channel, after=posted[9])) == posted[10:]
        assert await ids(rest.iterate_channel_messages(channel, after=0, limit=150)) == posted[:150]
        assert await ids(rest.iterate_channel_messages(channel, limit=0)) == []
        with pytest.raises(InvalidUse):
            rest.iterate_channel_messages(channel, before=1, after=1)
        first = await anext(rest.iterate_channel_messages(channel))
        assert first.id == posted[-1]

    talk(story)


def test_many_are_deleted_at_once(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        posted = [discord.message_posted(0, str(n)) for n in range(5)]
        await rest.bulk_delete_messages(channel, posted[:3], reason="flood")
        assert [m.id for m in await rest.get_channel_messages(channel)] == posted[:2:-1]
        assert guild.audit[-1]["reason"] == "flood"

    talk(story)


# -- pins --------------------------------------------------------------------------------------------------------


def test_pins_are_set_listed_and_taken_away(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        posted = [discord.message_posted(0, str(n)) for n in range(120)]
        for n, message_id in enumerate(posted):
            await rest.pin_message(channel, message_id, reason="keep")
            if n % 10 == 0:  # ten were pinned at the same moment
                at = discord.world.message(channel, message_id).pinned_ms
            discord.world.message(channel, message_id).pinned_ms = at
        assert guild.audit[-1]["reason"] == "keep"
        page = await rest.get_channel_pins(channel, limit=2)
        assert (len(page.items), page.has_more) == (2, True)
        pins = [pin async for pin in rest.iterate_channel_pins(channel)]
        assert sorted(pin.message.id for pin in pins) == posted
        assert [pin.pinned_at for pin in pins] == sorted((pin.pinned_at for pin in pins), reverse=True)
        assert [pin async for pin in rest.iterate_channel_pins(channel, limit=55)] == pins[:55]
        early = [pin async for pin in rest.iterate_channel_pins(channel, before=pins[-1].pinned_at)]
        assert early == []
        await rest.unpin_message(channel, posted[-1], reason="enough")
        assert guild.audit[-1]["reason"] == "enough"
        assert not (await rest.get_channel_message(channel, posted[-1])).pinned

    talk(story)


def test_the_old_pins(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        message_id = discord.message_posted(0, "old")
        await rest.pin_message_deprecated(channel, message_id, reason="one")
        assert guild.audit[-1]["reason"] == "one"
        assert [m.id for m in await rest.get_pinned_messages_deprecated(channel)] == [message_id]
        await rest.unpin_message_deprecated(channel, message_id, reason="two")
        assert guild.audit[-1]["reason"] == "two"
        assert await rest.get_pinned_messages_deprecated(channel) == []

    talk(story)


# -- reactions ---------------------------------------------------------------------------------------------------


def react(discord, user, channel, message, emoji):
    answer = discord.act(user, "add_my_message_reaction", channel_id=channel, message_id=message, emoji_name=emoji)
    assert answer.status == 204


def test_reactions_come_and_go(talk):
    async def story(rest, discord):
        channel, guild = place(discord)
        custom = await rest.create_guild_emoji(
            guild.id, "cat", f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
        )
        message = (await rest.create_message(channel, "vote")).id
        others = people(discord, 3)
        for user in others:
            react(discord, user, channel, message, "👍")
        for emoji in ("👍", custom, PartialEmoji(id=custom.id, name=custom.name), PartialEmoji(name="🔥")):
            await rest.create_reaction(channel, message, emoji)
        found = (await rest.get_channel_message(channel, message)).reactions
        assert [(r.count, r.me, r.emoji.name) for r in found] == [(4, True, "👍"), (1, True, "cat"), (1, True, "🔥")]
        assert found[1].emoji.id == custom.id
        await rest.delete_own_reaction(channel, message, "👍")
        await rest.delete_user_reaction(channel, message, "👍", others[0])
        assert [user.id for user in await rest.get_reactions(channel, message, "👍")] == others[1:]
        assert await rest.get_reactions(channel, message, "👍", type_=1) == []
        await rest.delete_all_reactions_for_emoji(channel, message, found[1].emoji)
        assert [r.emoji.name for r in (await rest.get_channel_message(channel, message)).reactions] == ["👍", "🔥"]
        await rest.delete_all_reactions(channel, message)
        assert not (await rest.get_channel_message(channel, message)).reactions

    talk(story)


def test_who_reacted_is_read_in_pages(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        message = discord.message_posted(0, "popular")
        users = sorted(people(discord, 130))
        for user in users:
            react(discord, user, channel, message, "👍")
        assert await ids(rest.iterate_reactions(channel, message, "👍")) == users
        assert await ids(rest.iterate_reactions(channel, message, "👍", limit=120)) == users[:120]
        assert await ids(rest.iterate_reactions(channel, message, "👍", after=users[3])) == users[4:]

    talk(story)


# -- polls -------------------------------------------------------------------------------------------------------


def test_a_poll_from_question_to_result(talk):
    async def story(rest, discord):
        channel, _ = place(discord)
        answers = [
            NewPollAnswer(poll_media=PollMedia(text="cats", emoji=PartialEmoji(name="🐈"))),
            NewPollAnswer(poll_media=PollMedia(text="dogs")),
        ]
        question = NewPoll(question=PollMedia(text="which?"), answers=answers, duration=2, allow_multiselect=True)
        posted = await rest.create_message(channel, poll=question)
        poll = posted.poll
        assert [a.poll_media.text for a in poll.answers] == ["cats", "dogs"]
        assert (poll.answers[0].answer_id, poll.answers[0].poll_media.emoji.name) == (1, "🐈")
        assert (poll.allow_multiselect, (poll.expiry - posted.timestamp).total_seconds()) == (True, 7200)
        users = sorted(people(discord, 130))
        for user in users:
            discord.vote(user, channel, posted.id, 1)
        assert [u.id for u in await rest.get_answer_voters(channel, posted.id, 1, limit=3)] == users[:3]
        assert await ids(rest.iterate_answer_voters(channel, posted.id, 1)) == users
        assert await ids(rest.iterate_answer_voters(channel, posted.id, 2)) == []
        results = (await rest.end_poll(channel, posted.id)).poll.results
        assert (results.is_finalized, results.answer_counts[0].count) == (True, 130)
        (told, *_) = await rest.get_channel_messages(channel)
        assert (told.type, told.embeds[0].type) == (MessageType.POLL_RESULT, "poll_result")

    talk(story)
