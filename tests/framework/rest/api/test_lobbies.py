"""Lobbies, who is in them and what is said there."""

from __future__ import annotations

import pytest

from discord_sim import FakeDiscord
from framework.models import UNSET
from framework.models.lobby import LobbyMember, LobbyMemberFlags
from framework.rest import NotFound, RestManager


def people(discord: FakeDiscord) -> list[int]:
    guild = discord.world.guild_at(0)
    return [user for user in discord.world.member_ids(guild) if user not in discord.world.bots][:4]


def test_a_lobby_from_birth_to_death(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        first, second, third, _ = people(discord)
        made = await rest.create_lobby(
            metadata={"map": "dust"}, idle_timeout_seconds=60,
            members=[LobbyMember(id=first, flags=LobbyMemberFlags.CAN_LINK_LOBBY, metadata={"team": "red"})],
        )  # fmt: skip
        assert (made.metadata, made.linked_channel, made.flags) == ({"map": "dust"}, UNSET, 0)
        assert [(m.id, m.flags, m.metadata) for m in made.members] == [(first, 1, {"team": "red"})]
        assert await rest.get_lobby(made.id) == made

        cleared = await rest.modify_lobby(made.id, metadata=None)
        assert (cleared.metadata, cleared.members) == (None, made.members)
        changed = await rest.modify_lobby(made.id, members=[LobbyMember(id=second)], flags=1)
        assert ([m.id for m in changed.members], changed.flags) == ([second], 1)

        added = await rest.add_lobby_member(made.id, third, metadata={"team": "blue"}, additional_name="Tomcat")
        assert (added.id, added.metadata, added.additional_name) == (third, {"team": "blue"}, "Tomcat")
        assert (await rest.add_lobby_member(made.id, third, additional_name=None)).additional_name is UNSET
        (updated,) = await rest.bulk_update_lobby_members(
            made.id, [LobbyMember(id=second, remove_member=True), LobbyMember(id=first, additional_name="Cat")]
        )
        assert (updated.id, updated.additional_name) == (first, "Cat")
        await rest.remove_lobby_member(made.id, first)
        assert [m.id for m in (await rest.get_lobby(made.id)).members] == [third]
        await rest.delete_lobby(made.id)
        await rest.delete_lobby(made.id)
        with pytest.raises(NotFound):
            await rest.get_lobby(made.id)

    talk(story)


def test_players_come_with_a_secret_and_talk(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        first, second, *_ = people(discord)
        one, two = (discord.bearer(user, "sdk.social_layer") for user in (first, second))
        made = await rest.create_or_join_lobby(
            "s", lobby_metadata={"map": "dust"}, member_metadata={"team": "red"}, idle_timeout_seconds=5, bearer=one
        )
        joined = await rest.create_or_join_lobby("s", bearer=two)
        assert (joined.id, joined.metadata, [m.id for m in joined.members]) == (
            made.id,
            {"map": "dust"},
            [first, second],
        )

        said = await rest.send_lobby_message(made.id, "hi", flags=1 << 12, bearer=one)
        assert (said.content, said.author.id, said.flags, said.channel_id) == ("hi", first, 1 << 12, made.id)
        later = [await rest.send_lobby_message(made.id, str(n), metadata={"n": str(n)}, bearer=two) for n in range(60)]
        assert await rest.get_lobby_messages(made.id, bearer=one) == later[:9:-1]
        await rest.update_lobby_message_moderation_metadata(made.id, said.id, {"verdict": "fine"})
        everything = await rest.get_lobby_messages(made.id, limit=200)
        assert (len(everything), everything[-1].id) == (61, said.id)
        assert everything[-1].moderation_metadata == {"verdict": "fine"}

        await rest.leave_lobby(made.id, bearer=two)
        assert [m.id for m in (await rest.get_lobby(made.id)).members] == [first]

    talk(story)


def test_a_lobby_is_linked_to_a_channel(talk) -> None:
    async def story(rest: RestManager, discord: FakeDiscord) -> None:
        first, *_ = people(discord)
        channel = next(iter(discord.world.guild_at(0).channels))
        lobby = await rest.create_lobby(members=[LobbyMember(id=first)])
        linked = await rest.link_channel_to_lobby(lobby.id, channel)
        assert linked.linked_channel is not UNSET
        assert linked.linked_channel.id == channel
        codes = [
            await rest.create_lobby_channel_invite_for_user(lobby.id, first),
            await rest.create_lobby_channel_invite_for_self(lobby.id, bearer=discord.bearer(first, "sdk.social_layer")),
        ]
        assert len(set(codes)) == 2
        assert (await rest.link_channel_to_lobby(lobby.id, None)).linked_channel is UNSET

    talk(story)
