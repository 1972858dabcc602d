"""Users, channels, messages and what is in them: the structs against Discord's own schemas, and what they promise."""

import asyncio
import datetime

import msgspec
import pytest

from framework.models import (
    UNSET,
    AllowedMentions,
    Channel,
    ChannelType,
    Message,
    MessageFlags,
    OverwriteType,
    PermissionOverwrite,
    ThreadMember,
    Webhook,
    channel,
    decode,
    embed,
    emoji,
    invite,
    message,
    poll,
    thread,
    to_wire,
    user,
    webhook,
)

OBJECTS = [
    (user.User, "UserResponse", "UserPIIResponse", "InviteChannelRecipientResponse"),
    (user.AvatarDecorationData, "UserAvatarDecorationResponse"),
    (user.Collectibles, "UserCollectiblesResponse"),
    (user.Nameplate, "UserNameplateResponse"),
    (user.UserPrimaryGuild, "UserPrimaryGuildResponse"),
    (user.Connection, "ConnectedAccountResponse"),
    (user.ConnectionIntegration, "ConnectedAccountIntegrationResponse"),
    (user.ConnectionAccount, "AccountResponse"),
    (user.ConnectionGuild, "ConnectedAccountGuildResponse"),
    (
        channel.Channel, "GuildChannelResponse", "PrivateChannelResponse", "PrivateGroupChannelResponse",
        "ThreadResponse", "InviteChannelResponse", "MessageMentionChannelResponse",
    ),
    (thread.ForumThread, "CreatedThreadResponse"),
    (channel.ThreadMember, "ThreadMemberResponse"),
    (channel.ThreadMetadata, "ThreadMetadataResponse"),
    (channel.ForumTag, "ForumTagResponse"),
    (channel.DefaultReaction, "DefaultReactionEmojiResponse"),
    (channel.PermissionOverwrite, "ChannelPermissionOverwriteResponse"),
    (channel.FollowedChannel, "ChannelFollowerResponse"),
    (thread.ThreadList, "ThreadsResponse"),
    (thread.ThreadSearchResult, "ThreadSearchResponse"),
    (emoji.Emoji, "EmojiResponse"),
    (emoji.PartialEmoji, "MessageReactionEmojiResponse", "ComponentEmojiResponse"),
    (message.MessageContent, "MinimalContentMessageResponse"),
    (message.Message, "MessageResponse", "BasicMessageResponse", "SearchMessageResponse"),
    (message.Attachment, "MessageAttachmentResponse"),
    (message.Reaction, "MessageReactionResponse"),
    (message.ReactionCountDetails, "MessageReactionCountDetailsResponse"),
    (message.MessageReference, "MessageReferenceResponse"),
    (message.MessageSnapshot, "MessageSnapshotResponse"),
    (message.MessageActivity, "MessageActivityResponse"),
    (message.MessageCall, "MessageCallResponse"),
    (message.MessageInteraction, "MessageInteractionResponse"),
    (
        message.MessageInteractionMetadata, "ApplicationCommandInteractionMetadataResponse",
        "MessageComponentInteractionMetadataResponse", "ModalSubmitInteractionMetadataResponse",
    ),
    (message.ResolvedData, "ResolvedObjectsResponse"),
    (message.RoleSubscriptionData, "MessageRoleSubscriptionDataResponse"),
    (message.PurchaseNotification, "PurchaseNotificationResponse"),
    (message.GuildProductPurchase, "GuildProductPurchaseResponse"),
    (message.SharedClientTheme, "CustomClientThemeResponse"),
    (message.LobbyMessageMember, "MessageLobbyMemberResponse"),
    (message.ChannelPins, "PinnedMessagesResponse"),
    (message.MessagePin, "PinnedMessageResponse"),
    (message.MessageSearchResult, "GuildSearchResponse"),
    (embed.Embed, "MessageEmbedResponse"),
    (embed.EmbedField, "MessageEmbedFieldResponse"),
    (embed.EmbedAuthor, "MessageEmbedAuthorResponse"),
    (embed.EmbedFooter, "MessageEmbedFooterResponse"),
    (embed.EmbedProvider, "MessageEmbedProviderResponse"),
    (embed.EmbedMedia, "MessageEmbedImageResponse", "MessageEmbedVideoResponse"),
    (poll.Poll, "PollResponse"),
    (poll.PollMedia, "PollMediaResponse"),
    (poll.PollAnswer, "PollAnswerResponse"),
    (poll.PollResults, "PollResultsResponse"),
    (poll.PollAnswerCount, "PollResultsEntryResponse"),
    (invite.Invite, "GuildInviteResponse", "GroupDMInviteResponse", "FriendInviteResponse"),
    (invite.GuildLiveliness, "GuildLivelinessResponse"),
    (invite.TargetUsersJob, "TargetUsersJobStatusResponse"),
    (
        webhook.Webhook, "GuildIncomingWebhookResponse", "ChannelFollowerWebhookResponse",
        "ApplicationIncomingWebhookResponse",
    ),
    (webhook.WebhookSourceGuild, "WebhookSourceGuildResponse"),
    (webhook.WebhookSourceChannel, "WebhookSourceChannelResponse"),
]  # fmt: skip


@pytest.mark.parametrize("row", OBJECTS, ids=lambda row: row[0].__name__)
def test_a_struct_holds_what_discord_may_send(fits, row):
    fits(*row)


# -- messages and their like ---------------------------------------------------------------------------------------

USER = {"id": "80351110224678912", "username": "nelly", "discriminator": "0", "global_name": None, "avatar": None}
CONTENT = {
    "type": 0, "content": "null", "mentions": [], "mention_roles": ["41771983423143936"], "attachments": [],
    "embeds": [], "timestamp": "2026-01-02T03:04:05.678901+00:00", "edited_timestamp": None, "flags": 32768,
}  # fmt: skip
MESSAGE = {
    **CONTENT, "id": "334385199974967042", "channel_id": "290926798999357250", "author": USER, "tts": False,
    "mention_everyone": False, "pinned": False,
}  # fmt: skip


def test_an_event_of_a_guild_fits_the_struct():
    member = {"roles": [], "joined_at": "2026-01-02T03:04:05.000000+00:00", "deaf": False, "mute": False, "flags": 0}
    data = {
        **MESSAGE, "guild_id": "290926798626357999", "member": member, "channel_type": 0, "nonce": "4711",
        "mentions": [{**USER, "member": member}],
    }  # fmt: skip
    found = decode(Message, msgspec.json.encode(data))
    assert (found.mentions[0].member.roles, found.nonce, found.content) == ([], "4711", "null")
    assert MessageFlags(found.flags) == MessageFlags.IS_COMPONENTS_V2
    assert to_wire(found) == data


def test_rare_parts_of_a_message_keep_their_ids():
    metadata = {
        "id": "1", "type": 5, "user": USER, "authorizing_integration_owners": {"0": "290926798626357999"},
        "triggering_interaction_metadata": {
            "id": "2", "type": 3, "user": USER, "authorizing_integration_owners": {"1": "80351110224678912"},
            "interacted_message_id": "334385199974967042",
        },
    }  # fmt: skip
    data = {
        **MESSAGE,
        "interaction_metadata": metadata,
        "message_snapshots": [{"message": CONTENT}],
        "message_reference": {"type": 1, "channel_id": "290926798999357250"},
        "referenced_message": None,
        "resolved": {"users": {"80351110224678912": USER}, "members": None},
        "call": {"participants": ["80351110224678912"], "ended_timestamp": None},
    }
    found = decode(Message, msgspec.json.encode(data))
    assert (found.referenced_message, found.thread) == (None, UNSET)
    assert found.interaction_metadata.triggering_interaction_metadata.authorizing_integration_owners == {
        1: 80351110224678912
    }
    assert found.resolved.users[80351110224678912].username == "nelly"
    assert to_wire(found) == data


def test_only_what_always_is_there_is_required():
    assert decode(Channel, b'{"id": "1", "type": 99}') == Channel(id=1, type=99)
    assert decode(Channel, b'{"id": "1", "type": 1, "a field of tomorrow": [1]}').type == ChannelType.DM


def test_nobody_is_mentioned_by_default():
    assert to_wire(AllowedMentions()) == {"parse": []}
    assert to_wire(AllowedMentions(users=[41771983423143936])) == {"parse": [], "users": ["41771983423143936"]}


def test_bits_and_times_are_written_as_discord_does():
    assert to_wire(PermissionOverwrite(id=1, type=OverwriteType.ROLE, allow=1 << 50)) == {
        "id": "1", "type": 0, "allow": "1125899906842624", "deny": "0",
    }  # fmt: skip
    at = datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    assert to_wire(embed.Embed(timestamp=at)) == {"timestamp": "2026-01-02T02:00:00.000000+00:00"}


def test_a_webhooks_token_is_shown_nowhere():
    hook = Webhook(
        id=1, type=1, channel_id=2, name="n", avatar=None, application_id=None, token="s3cret", url="u/s3cret"
    )
    assert "s3cret" not in repr(hook)
    assert "name='n'" in repr(hook)


# -- events ----------------------------------------------------------------------------------------------------

EVENTS = {
    "CHANNEL_CREATE": Channel, "CHANNEL_UPDATE": Channel, "CHANNEL_DELETE": Channel, "MESSAGE_CREATE": Message,
    "MESSAGE_UPDATE": Message, "THREAD_CREATE": Channel, "THREAD_DELETE": Channel, "THREAD_MEMBER_UPDATE": ThreadMember,
    "THREAD_UPDATE": Channel,
}  # fmt: skip


def test_the_bodies_of_events_fit_the_same_structs(play, monkeypatch):
    told = []

    async def story(discord):
        emit = discord.gateway.emit
        monkeypatch.setattr(discord.gateway, "emit", lambda events: emit([told.append(e) or e for e in events]))
        guild, bot = discord.world.guild_at(0), discord.world.bot_id
        place, somebody = next(iter(guild.channels)), list(discord.world.member_ids(guild))[1]

        def act(operation, data=None, **params):
            answer = discord.act(bot, operation, data, **params)
            assert answer.status < 300, answer
            return answer.body

        made = act("create_guild_channel", {"name": "n"}, guild_id=guild.id)
        act("update_channel", {"topic": "t"}, channel_id=made["id"])
        posted = act("create_message", {"content": f"<@{somebody}>"}, channel_id=place)
        act("update_message", {"content": "changed"}, channel_id=place, message_id=posted["id"])
        began = act("create_thread_from_message", {"name": "t"}, channel_id=place, message_id=posted["id"])
        act("add_thread_member", channel_id=began["id"], user_id=somebody)
        act("update_channel", {"archived": True}, channel_id=began["id"])
        await asyncio.sleep(1)
        act("update_channel", {"archived": False}, channel_id=began["id"])
        act("delete_channel", channel_id=began["id"])
        act("delete_channel", channel_id=made["id"])

    play(story)
    bodies = [(EVENTS[event.type], event.data) for event in told if event.type in EVENTS]
    added = [e.data["added_members"] for e in told if e.type == "THREAD_MEMBERS_UPDATE" and "added_members" in e.data]
    bodies += [(ThreadMember, member) for members in added for member in members]
    for kind, body in bodies:
        assert to_wire(decode(kind, msgspec.json.encode(body))) == body
    assert {event.type for event in told} >= EVENTS.keys()
    assert any("member" in body for _, body in bodies)
