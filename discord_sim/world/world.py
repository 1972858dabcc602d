"""The state of everything, and the changes it can go through. Each change returns the events it causes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from discord_sim.world import payloads, snowflakes
from discord_sim.world.draws import Draws
from discord_sim.world.fanout import Event

__all__ = ["Channel", "Guild", "Message", "Role", "World"]

_MESSAGES_KEPT = 50_000
_BAN_AUDIT_ACTION = 22
_KEEP = "\0keep"  # no nickname can be this


@dataclass(slots=True)
class Role:
    """A role of a guild."""

    id: int
    name: str
    position: int
    color: int = 0


@dataclass(slots=True)
class Channel:
    """A text channel of a guild."""

    id: int
    name: str
    position: int
    topic: str | None = None


@dataclass(slots=True)
class Message:
    """A message in a channel."""

    id: int
    channel_id: int
    guild_id: int
    author_id: int
    content: str
    created_ms: int
    edited_ms: int | None = None
    nonce: str | int | None = None


@dataclass(slots=True)
class Guild:
    """A guild; members are numbers until somebody asks for one."""

    id: int
    index: int
    name: str
    owner_id: int
    population: int
    channels: dict[int, Channel]
    roles: dict[int, Role]
    gone: set[int] = field(default_factory=set)
    banned: dict[int, str | None] = field(default_factory=dict)
    member_roles: dict[int, list[int]] = field(default_factory=dict)
    nicks: dict[int, str | None] = field(default_factory=dict)

    @property
    def member_count(self) -> int:
        """Members now, the bot included."""
        return self.population - len(self.gone) + 1


class World:
    """`guilds` guilds with `members` people each, all derived from `seed`, plus one bot that is in all of them.

    Args:
        seed: equal seeds give equal worlds.
        guilds: how many guilds; they are built when first touched.
        members: lowest and highest number of members of a guild.
        channels, roles: how many each guild has.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        guilds: int = 1,
        members: tuple[int, int] = (20, 400),
        channels: int = 4,
        roles: int = 3,
    ) -> None:
        if guilds < 0 or channels < 1 or roles < 0 or not 1 <= members[0] <= members[1] < 1 << 20:
            raise ValueError(
                f"a world needs guilds >= 0, channels >= 1, roles >= 0 and 1 <= members low <= high < 1048576; got "
                f"guilds={guilds}, channels={channels}, roles={roles}, members={members}"
            )
        self.draws = Draws(seed)
        self.seed = seed
        self.guild_total = guilds
        self.bot_id = snowflakes.member_id(1 << 16, 7)
        self.bot_name = "simulated-bot"
        self.denied: set[int] = set()  # guilds where the bot may do nothing
        self.in_outage: set[int] = set()
        self._members, self._channels, self._roles = members, channels, roles
        self._guilds: dict[int, Guild] = {}
        self._messages: OrderedDict[int, Message] = OrderedDict()
        self._made = 0

    def __repr__(self) -> str:
        return f"<World seed={self.seed} guilds={self.guild_total} built={len(self._guilds)}>"

    # -- what exists -------------------------------------------------------------------------------------

    def guild_ids(self) -> Iterator[int]:
        """The ids of all guilds, in order."""
        return (snowflakes.guild_id(index) for index in range(self.guild_total))

    def guild(self, any_id: int) -> Guild | None:
        """The guild that a guild, channel or role id belongs to; None where there is none."""
        index = snowflakes.guild_index(any_id)
        if not 0 <= index < self.guild_total:
            return None
        guild = self._guilds.get(index)
        if guild is None:
            guild = self._guilds[index] = self._build(index)
        return guild

    def guild_at(self, index: int) -> Guild:
        """Guild number `index`; raises IndexError outside the world."""
        guild = self.guild(snowflakes.guild_id(index))
        if guild is None:
            raise IndexError(f"this world has guilds 0 to {self.guild_total - 1}, not {index}")
        return guild

    def channel(self, channel_id: int) -> tuple[Guild, Channel] | None:
        """The channel and its guild."""
        guild = self.guild(channel_id)
        found = guild.channels.get(channel_id) if guild is not None else None
        return None if guild is None or found is None else (guild, found)

    def message(self, channel_id: int, message_id: int) -> Message | None:
        """A message that is still remembered (the last 50,000 are)."""
        found = self._messages.get(message_id)
        return found if found is not None and found.channel_id == channel_id else None

    def messages(self, channel_id: int, limit: int) -> list[Message]:
        """The newest messages of a channel, newest first."""
        found = [m for m in self._messages.values() if m.channel_id == channel_id]
        return found[-limit:][::-1]

    def user_exists(self, user_id: int) -> bool:
        """Whether anybody has this id."""
        index, number = snowflakes.member_address(user_id)
        return user_id == self.bot_id or (
            user_id & 0x3FFFFF == 0 and 0 <= index < self.guild_total and number < self.guild_at(index).population
        )

    def is_member(self, guild: Guild, user_id: int) -> bool:
        """Whether the user is in the guild now."""
        index, number = snowflakes.member_address(user_id)
        return user_id == self.bot_id or (
            index == guild.index and 0 <= number < guild.population and user_id not in guild.gone
        )

    def members_named(self, guild: Guild, prefix: str, limit: int) -> list[int]:
        """The present members whose user name or nickname begins with `prefix`, the bot last; 0 is no limit."""
        wanted = prefix.lower()
        found: list[int] = []
        everybody = (snowflakes.member_id(guild.index, n) for n in range(guild.population))
        for user_id in (*everybody, self.bot_id):
            if user_id in guild.gone:
                continue
            if wanted:
                names = (self.user_payload(user_id)["username"], guild.nicks.get(user_id) or "")
                if not any(name.lower().startswith(wanted) for name in names):
                    continue
            found.append(user_id)
            if limit and len(found) == limit:
                break
        return found

    # -- as Discord writes it ----------------------------------------------------------------------------

    def user_payload(self, user_id: int) -> dict[str, Any]:
        """The user object of an existing user."""
        if user_id == self.bot_id:
            return payloads.user(user_id, self.bot_name, bot=True)
        return payloads.user(user_id, f"{self.draws.word(str(user_id))}_{user_id >> 22 & 0xFFFF}")

    def member_payload(self, guild: Guild, user_id: int, *, with_user: bool = True) -> dict[str, Any]:
        """The member object of a present member."""
        return payloads.member(
            self.user_payload(user_id) if with_user else None,
            guild.member_roles.get(user_id, []),
            (user_id >> 22) + snowflakes.DISCORD_EPOCH_MS,
            guild.nicks.get(user_id),
        )

    def guild_create(self, guild: Guild, large_threshold: int = 50, *, presences: bool = False) -> dict[str, Any]:
        """The `d` of this guild's GUILD_CREATE. Which members it holds depends on the presences intent: without it
        only the bot; with it everybody, or in a large guild those with a role or a nickname (nobody is online here).
        """
        who = [self.bot_id]
        if presences and guild.member_count <= large_threshold:
            who = self.members_named(guild, "", 0)
        elif presences:
            who += [u for u in {**guild.member_roles, **guild.nicks} if self.is_member(guild, u) and u != self.bot_id]
        return payloads.guild_create(guild, [self.member_payload(guild, u) for u in who], large_threshold)

    # -- changes -----------------------------------------------------------------------------------------

    def ban(self, guild: Guild, user_id: int, actor_id: int, reason: str | None, epoch_ms: int) -> list[Event]:
        """Ban an existing user. Order as on the wire: ban, member remove (if a member), audit log entry."""
        was_member = self.is_member(guild, user_id)
        guild.banned[user_id] = reason
        body = {"guild_id": str(guild.id), "user": self.user_payload(user_id)}
        events = [Event("GUILD_BAN_ADD", guild.id, user_id, {**body, "delete_message_secs": 0})]
        if was_member:
            guild.gone.add(user_id)
            events.append(Event("GUILD_MEMBER_REMOVE", guild.id, user_id, body))
        entry = {
            "id": str(self._new_id(epoch_ms)), "guild_id": str(guild.id), "user_id": str(actor_id),
            "target_id": str(user_id), "action_type": _BAN_AUDIT_ACTION, "reason": reason,
        }  # fmt: skip
        events.append(Event("GUILD_AUDIT_LOG_ENTRY_CREATE", guild.id, user_id, entry))
        return events

    def unban(self, guild: Guild, user_id: int) -> list[Event]:
        """Lift a ban that exists."""
        del guild.banned[user_id]
        body = {"guild_id": str(guild.id), "user": self.user_payload(user_id)}
        return [Event("GUILD_BAN_REMOVE", guild.id, user_id, body)]

    def kick(self, guild: Guild, user_id: int) -> list[Event]:
        """Remove a present member."""
        guild.gone.add(user_id)
        body = {"guild_id": str(guild.id), "user": self.user_payload(user_id)}
        return [Event("GUILD_MEMBER_REMOVE", guild.id, user_id, body)]

    def set_member(
        self, guild: Guild, user_id: int, *, roles: list[int] | None = None, nick: str | None = _KEEP
    ) -> list[Event]:
        """Change a present member's roles or nickname."""
        if roles is not None:
            guild.member_roles[user_id] = roles
        if nick is not _KEEP:
            guild.nicks[user_id] = nick
        body = {**self.member_payload(guild, user_id), "guild_id": str(guild.id)}
        return [Event("GUILD_MEMBER_UPDATE", guild.id, user_id, body)]

    def say(
        self, channel_id: int, author_id: int, content: str, epoch_ms: int, nonce: str | int | None = None
    ) -> tuple[Message, list[Event]]:
        """Post a message to an existing channel."""
        found = self.channel(channel_id)
        if found is None:
            raise LookupError(f"this world has no channel {channel_id}")
        guild = found[0]
        made = Message(self._new_id(epoch_ms), channel_id, guild.id, author_id, content, epoch_ms, None, nonce)
        self._messages[made.id] = made
        if len(self._messages) > _MESSAGES_KEPT:
            self._messages.popitem(last=False)
        return made, [self._message_event("MESSAGE_CREATE", guild, made)]

    def edit(self, message: Message, content: str, epoch_ms: int) -> list[Event]:
        """Change a message's text."""
        message.content, message.edited_ms = content, epoch_ms
        guild = self.guild(message.guild_id)
        assert guild is not None
        return [self._message_event("MESSAGE_UPDATE", guild, message)]

    def delete(self, message: Message) -> list[Event]:
        """Delete a message."""
        self._messages.pop(message.id, None)
        body = {
            "id": str(message.id),
            "channel_id": str(message.channel_id),
            "guild_id": str(message.guild_id),
        }
        return [Event("MESSAGE_DELETE", message.guild_id, message.id, body)]

    def begin_outage(self, guild: Guild) -> list[Event]:
        """The guild becomes unavailable."""
        self.in_outage.add(guild.id)
        return [Event("GUILD_DELETE", guild.id, guild.id, {"id": str(guild.id), "unavailable": True})]

    def end_outage(self, guild: Guild) -> list[Event]:
        """The guild is back."""
        self.in_outage.discard(guild.id)
        return [Event("GUILD_CREATE", guild.id, guild.id, self.guild_create(guild))]

    def sent_before(self, channel_id: int, author_id: int, nonce: str | int) -> Message | None:
        """The author's message with this nonce among the last in the channel."""
        for message in reversed(self._messages.values()):
            if (message.channel_id, message.author_id, message.nonce) == (channel_id, author_id, nonce):
                return message
        return None

    def rename_guild(self, guild: Guild, name: str) -> list[Event]:
        """Change a guild's name."""
        guild.name = name
        return [Event("GUILD_UPDATE", guild.id, guild.id, payloads.guild(guild))]

    def add_role(self, guild: Guild, name: str, color: int, epoch_ms: int) -> tuple[Role, list[Event]]:
        """Create a role."""
        role = Role(self._new_id(epoch_ms), name, 1, color)
        guild.roles[role.id] = role
        body = {"guild_id": str(guild.id), "role": payloads.role(role)}
        return role, [Event("GUILD_ROLE_CREATE", guild.id, role.id, body)]

    def change_role(self, guild: Guild, role: Role, name: str | None, color: int | None) -> list[Event]:
        """Change a role's name or colour."""
        role.name = role.name if name is None else name
        role.color = role.color if color is None else color
        body = {"guild_id": str(guild.id), "role": payloads.role(role)}
        return [Event("GUILD_ROLE_UPDATE", guild.id, role.id, body)]

    def remove_role(self, guild: Guild, role: Role) -> list[Event]:
        """Delete a role."""
        del guild.roles[role.id]
        return [Event("GUILD_ROLE_DELETE", guild.id, role.id, {"guild_id": str(guild.id), "role_id": str(role.id)})]

    def change_channel(self, guild: Guild, channel: Channel, name: str | None, topic: str | None) -> list[Event]:
        """Change a channel's name or topic."""
        channel.name = channel.name if name is None else name
        channel.topic = channel.topic if topic is None else topic
        return [Event("CHANNEL_UPDATE", guild.id, channel.id, payloads.channel(channel, guild.id))]

    # -- inside ------------------------------------------------------------------------------------------

    def _message_event(self, name: str, guild: Guild, message: Message) -> Event:
        author = self.user_payload(message.author_id)
        extra = {
            "guild_id": str(guild.id),
            "member": self.member_payload(guild, message.author_id, with_user=False),
        }
        full = {**payloads.message(message, author), **extra}
        if message.author_id == self.bot_id or not message.content or f"<@{self.bot_id}>" in message.content:
            return Event(name, guild.id, message.id, full)
        return Event(name, guild.id, message.id, full, {**full, "content": ""})

    def _new_id(self, epoch_ms: int) -> int:
        self._made += 1
        return snowflakes.moment_id(epoch_ms, self._made)

    def _build(self, index: int) -> Guild:
        draws = self.draws
        channels = {
            (cid := snowflakes.channel_id(index, n)): Channel(
                cid, "general" if n == 0 else draws.word(f"channel/{cid}"), n
            )
            for n in range(self._channels)
        }
        roles = {
            (rid := snowflakes.role_id(index, n)): Role(rid, "@everyone" if n == 0 else draws.word(f"role/{rid}"), n)
            for n in range(self._roles + 1)
        }
        population = draws.between(f"guild/{index}/population", *self._members)
        name = f"{draws.word(f'guild/{index}/a')} {draws.word(f'guild/{index}/b')}"
        return Guild(
            snowflakes.guild_id(index),
            index,
            name,
            snowflakes.member_id(index, 0),
            population,
            channels,
            roles,
        )
