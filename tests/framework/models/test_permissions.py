"""Permission bits: they add up as in the server's own reading of the documentation; who stands above whom."""

from __future__ import annotations

import datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_sim.rules.permissions import Permission
from discord_sim.world.guild import Guild as ServersGuild
from framework.errors import InvalidUse
from framework.models import Channel, Guild, Member, User, decode
from framework.models.permissions import (
    Permissions,
    can_act_on,
    can_manage_role,
    has_permissions,
    is_timed_out,
    missing_permissions,
    permissions_in_channel,
    permissions_in_guild,
)

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
GUILD, OWNER, USER, OTHER, CHANNEL, THREAD = 1, 10, 11, 12, 20, 21
ROLES = (2, 3, 4)
P = Permissions
# Few bits, those that the rules name and two that they do not: combinations of these find what all 52 hide.
BITS = st.lists(
    st.sampled_from(
        [P.VIEW_CHANNEL, P.SEND_MESSAGES, P.EMBED_LINKS, P.CONNECT, P.SPEAK, P.BAN_MEMBERS,
         P.READ_MESSAGE_HISTORY, P.MANAGE_THREADS, P.SEND_MESSAGES_IN_THREADS]
    ), max_size=6,
).map(lambda bits: int(P(sum(set(bits)))))  # fmt: skip
RARELY = st.sampled_from([False] * 7 + [True])
RIGHTS = st.builds(lambda bits, more: bits | int(P.ADMINISTRATOR) * more, BITS, RARELY)
MOST = st.one_of(RIGHTS, st.just(int(Permissions(sum(Permissions))) & ~int(P.ADMINISTRATOR)))


def role(role_id: int, bits: int = 0, position: int = 0) -> dict[str, object]:
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    return {
        "id": str(role_id), "name": "x", "color": 0, "colors": colors, "position": position, "permissions": str(bits),
    }  # fmt: skip


def guild(*roles: dict[str, object], owner_id: int = OWNER) -> Guild:
    return decode(Guild, msgspec.json.encode({"id": str(GUILD), "owner_id": str(owner_id), "roles": list(roles)}))


def member(user_id: int, *roles: int, until: datetime.datetime | None = None) -> Member:
    user = User(id=user_id, username="x", discriminator="0", global_name=None, avatar=None)
    return Member(user=user, roles=list(roles), joined_at=None, communication_disabled_until=until)


overwrite = st.builds(
    lambda target, allow, deny: {
        "id": str(target[0]), "type": target[1], "allow": str(allow), "deny": str(deny & ~allow),
    },
    st.sampled_from([(GUILD, 0), *((role_id, 0) for role_id in ROLES), (USER, 1), (OTHER, 1)]), MOST, MOST,
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    everyone=MOST,
    bits=st.tuples(RIGHTS, RIGHTS, RIGHTS),
    held=st.sets(st.sampled_from(ROLES)),
    overwrites=st.lists(overwrite, max_size=5, unique_by=lambda o: o["id"]),
    kind=st.sampled_from([0, 2, 2, 13]),
    thread=st.sampled_from([None, None, None, 11, 12]),
    is_owner=RARELY,
    timed_out=RARELY,
    in_thread=st.booleans(),
)
def test_what_a_member_may_do_is_what_the_server_lets_them_do(
    everyone, bits, held, overwrites, kind, thread, is_owner, timed_out, in_thread
) -> None:
    roles = [role(GUILD, everyone), *(role(i, b) for i, b in zip(ROLES, bits, strict=True))]
    owner = USER if is_owner else OWNER
    place = {"id": str(CHANNEL), "type": kind, "permission_overwrites": overwrites}
    below = {"id": str(THREAD), "type": thread, "parent_id": str(CHANNEL)}
    server = ServersGuild(
        GUILD, 0, 1, {"owner_id": str(owner)}, {CHANNEL: place, THREAD: below},
        {int(r["id"]): r for r in roles}, {}, members={USER: {"roles": [str(r) for r in held]}},
        thread_members={THREAD: {USER: {}}} if in_thread else {},
    )  # fmt: skip
    mine = guild(*roles, owner_id=owner)
    who = member(USER, *held, until=NOW + datetime.timedelta(seconds=1) if timed_out else NOW)
    told = {doc["id"]: decode(Channel, msgspec.json.encode(doc)) for doc in (place, below) if doc["type"] is not None}
    assert permissions_in_guild(who, mine, now=NOW) == server.permissions_of(USER, timed_out=timed_out)
    asked = below if thread is not None else place
    found = permissions_in_channel(
        who, mine, told[asked["id"]], now=NOW, parent=told[str(CHANNEL)], is_in_thread=in_thread
    )
    assert found == server.permissions_in(asked, USER, timed_out=timed_out)


def test_both_sides_know_the_same_bits() -> None:
    assert {p.name: int(p) for p in Permissions} == {p.name: int(p) for p in Permission}


def test_a_bit_that_is_unknown_here_is_kept() -> None:
    assert int(Permissions(1 << 62 | 1 << 2)) == 1 << 62 | 1 << 2
    assert Permissions.BAN_MEMBERS in Permissions(1 << 62 | 1 << 2)


def test_an_administrator_lacks_nothing() -> None:
    needed = P.BAN_MEMBERS | P.KICK_MEMBERS
    assert missing_permissions(P.KICK_MEMBERS | P.SPEAK, needed) == P.BAN_MEMBERS
    assert not missing_permissions(P.ADMINISTRATOR, needed)
    assert [has_permissions(held, needed) for held in (0, P.BAN_MEMBERS, needed, P.ADMINISTRATOR)] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_timeout_ends() -> None:
    assert is_timed_out(member(USER, until=NOW), NOW - datetime.timedelta(milliseconds=1))
    assert not is_timed_out(member(USER, until=NOW), NOW)
    assert not is_timed_out(member(USER), NOW)


@pytest.mark.parametrize(
    ("actor", "target", "may"),
    [
        ((USER, 4), (OTHER, 3), True),
        ((USER, 3), (OTHER, 4), False),
        ((USER, 3, 4), (OTHER, 4), False),  # the same role
        ((USER, 3), (OTHER, 2), False),  # another role at the same position
        ((USER, 3), (OTHER,), True),
        ((USER,), (OTHER,), False),
        ((USER, 4), (OWNER,), False),
        ((OWNER,), (USER, 4), True),
    ],
)
def test_one_acts_on_those_below(actor, target, may) -> None:
    here = guild(role(GUILD), role(2, position=1), role(3, position=1), role(4, position=2))
    assert can_act_on(member(*actor), member(*target), here) is may


def test_one_manages_the_roles_below() -> None:
    here = guild(role(GUILD), role(2, position=1), role(4, position=2))
    low, high = here.roles[1], here.roles[2]
    assert [can_manage_role(member(USER, 4), r, here) for r in (low, high)] == [True, False]
    assert can_manage_role(member(OWNER), high, here)


def test_what_is_not_there_is_named() -> None:
    here = guild(role(GUILD, 8))
    with pytest.raises(InvalidUse, match="this member comes without its user"):
        permissions_in_guild(Member(roles=[], joined_at=None), here, now=NOW)
    with pytest.raises(InvalidUse, match=r"guild\.owner_id is needed"):
        permissions_in_guild(member(USER), Guild(id=GUILD), now=NOW)
    with pytest.raises(InvalidUse, match="parent is missing"):
        permissions_in_channel(member(USER), guild(role(GUILD)), Channel(id=THREAD, type=11), now=NOW)
