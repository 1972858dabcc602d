"""Users, their guilds, direct channels."""

import asyncio

import msgspec
import pytest

from framework.models import UNSET
from framework.models.channel import ChannelType
from framework.models.permissions import Permissions
from framework.rest import Forbidden, NotFound
from framework.rest.api.users import UsersApi

pytestmark = pytest.mark.usefixtures("round_trip")
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


def somebody(discord):
    return list(discord.world.member_ids(discord.world.guild_at(0)))[1]


def test_the_bot_reads_and_changes_itself(talk):
    async def story(rest, discord):
        me = await rest.get_current_user()
        assert (me.id, me.bot, me.email) == (discord.world.bot_id, True, None)
        changed = await rest.modify_current_user(username="another", avatar=PICTURE)
        assert (changed.username, changed.avatar is None) == ("another", False)
        assert (await rest.modify_current_user(avatar=None)).username == "another"

    talk(story)


def test_others_are_read(talk):
    async def story(rest, discord):
        user = await rest.get_user(somebody(discord))
        assert (user.id, user.locale) == (somebody(discord), UNSET)
        with pytest.raises(NotFound):
            await rest.get_user(1)

    talk(story)


def test_a_user_asks_with_their_own_token(talk):
    async def story(rest, discord):
        user, guild = somebody(discord), discord.world.guild_at(0)
        token = discord.bearer(user, "identify", "guilds", "guilds.members.read", "connections")
        assert (await rest.get_current_user(bearer=token)).id == user
        assert (await rest.get_current_user_guild_member(guild.id, bearer=token)).user.id == user
        assert guild.id in [g.id for g in await rest.get_current_user_guilds(bearer=token)]
        assert await rest.get_current_user_connections(bearer=token) == []
        with pytest.raises(Forbidden):
            await rest.get_current_user(bearer=discord.bearer(user, "guilds"))

    talk(story)


def test_guilds_are_read_in_pages_and_left(talk):
    async def story(rest, discord):
        all_ids = list(discord.world.guild_ids())
        page = await rest.get_current_user_guilds(limit=2, with_counts=True)
        assert [g.id for g in page] == all_ids[:2]
        assert (page[0].owner, Permissions.ADMINISTRATOR in Permissions(page[0].permissions)) == (False, True)
        assert page[0].approximate_member_count > 0
        assert [g.id for g in await rest.get_current_user_guilds(before=all_ids[5], limit=2)] == all_ids[3:5]
        assert [g.id async for g in rest.iterate_current_user_guilds()] == all_ids
        assert [g.id async for g in rest.iterate_current_user_guilds(after=all_ids[0], limit=201)] == all_ids[1:202]
        await rest.leave_guild(all_ids[0])
        assert (await rest.get_current_user_guilds(limit=1))[0].id == all_ids[1]

    talk(story, guilds=210)


def test_a_direct_channel_is_opened_used_and_closed(talk):
    async def story(rest, discord):
        user = somebody(discord)
        channel = await rest.create_dm(user)
        assert (channel.type, [r.id for r in channel.recipients]) == (ChannelType.DM, [user])
        assert (await rest.create_dm(user)).id == channel.id
        assert (await rest.create_message(channel.id, "hello")).content == "hello"
        assert (await rest.delete_channel(channel.id)).id == channel.id

    talk(story)


def test_a_group_is_asked_for_with_tokens_and_names():
    asked = []

    class Stub(UsersApi):
        async def request_raw(self, route, **options):
            asked.append((route.method, route.path, options))
            return b'{"id": "1", "type": 3, "name": null}'

    channel = asyncio.run(Stub().create_group_dm(["a", "b"], nicks={7: "seven"}))
    assert channel.type == ChannelType.GROUP_DM
    assert asked == [
        ("POST", "/users/@me/channels", {"json": {"access_tokens": ["a", "b"], "nicks": {"7": "seven"}}}),
    ]


def test_connections_have_text_ids(talk, monkeypatch):
    async def story(rest, discord):
        account = {
            "id": "tw-1", "name": "N", "type": "twitch", "friend_sync": False, "show_activity": True,
            "two_way_link": False, "verified": True, "visibility": 1,
            "integrations": [{
                "id": "twitch-partner", "type": "twitch", "account": {"id": "x", "name": None},
                "guild": {"id": "1", "name": "g", "icon": None},
            }],
        }  # fmt: skip

        async def answer(route, **options):
            return msgspec.json.encode([account])

        monkeypatch.setattr(rest, "request_raw", answer)
        (found,) = await rest.get_current_user_connections()
        assert (found.id, found.integrations[0].id, found.integrations[0].guild.id) == ("tw-1", "twitch-partner", 1)

    talk(story)
