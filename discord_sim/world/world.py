"""What exists: guilds, people, bots, messages, direct channels; made from a seed when first touched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from discord_sim.rules.permissions import Permission
from discord_sim.world import payloads, snowflakes
from discord_sim.world.draws import Draws
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import Doc

if TYPE_CHECKING:
    from discord_sim.world.interactions import Interaction

__all__ = ["World"]

_MESSAGES_KEPT = 50_000
_AUDIT_KEPT = 10_000
_VIEW_CHANNEL = int(Permission.VIEW_CHANNEL)


class World:
    """`guilds` guilds with `members` people each, all derived from `seed`, plus `bots` bots that are in all of them.

    Args:
        seed: equal seeds give equal worlds.
        guilds: how many guilds; they are built when first touched.
        members: lowest and highest number of members of a guild.
        channels, roles: how many each guild has.
        bots: how many applications, each with a bot; every bot has an administrator role of its own in every guild.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        guilds: int = 1,
        members: tuple[int, int] = (20, 400),
        channels: int = 4,
        roles: int = 3,
        bots: int = 1,
    ) -> None:
        if guilds < 0 or channels < 1 or roles < 0 or bots < 1 or not 1 <= members[0] <= members[1] < 1 << 20:
            raise ValueError(
                f"a world needs guilds >= 0, channels >= 1, roles >= 0, bots >= 1 and 1 <= members low <= high < "
                f"1048576; got guilds={guilds}, channels={channels}, roles={roles}, bots={bots}, members={members}"
            )
        self.draws = Draws(seed)
        self.seed = seed
        self.guild_total = guilds
        self.bots = {snowflakes.bot_id(n): "simulated-bot" if n == 0 else f"simulated-bot-{n}" for n in range(bots)}
        self.bot_id = next(iter(self.bots))
        self.denied: set[int] = set()  # guilds where no bot may do anything
        self.in_outage: set[int] = set()
        self.users: dict[int, Doc] = {}  # what differs from the user derived from the seed; who came later
        self.presences: dict[int, Doc] = {}  # who is not offline
        self.direct: dict[int, Doc] = {}  # direct channels
        self.direct_members: dict[int, tuple[int, ...]] = {}  # who talks there
        self.bins: dict[str, dict[int, Doc]] = {}  # what belongs to no guild: commands, entitlements, lobbies…
        self.interactions: dict[int, Interaction] = {}
        self.endpoints: set[tuple[int, str]] = set()  # (application, URL) that passed Discord's probes
        self.owner_has_mfa = True
        self._members, self._channels, self._roles = members, channels, roles
        self._guilds: dict[int, Guild] = {}
        self._home: dict[int, int] = {}  # guild index of what was made later: channels, threads, webhooks…
        self._messages: OrderedDict[int, Message] = OrderedDict()
        self._by_channel: dict[int, dict[int, Message]] = {}
        self._made = 0

    def __repr__(self) -> str:
        return f"<World seed={self.seed} guilds={self.guild_total} built={len(self._guilds)}>"

    # -- guilds and channels -----------------------------------------------------------------------------

    def guild_ids(self) -> Iterator[int]:
        """The ids of all guilds, in order."""
        return (snowflakes.guild_id(index) for index in range(self.guild_total))

    def guild(self, any_id: int) -> Guild | None:
        """The guild that a guild, channel, role, thread or webhook id belongs to; None where there is none."""
        index = self._home.get(any_id)
        if index is None:
            index = snowflakes.guild_index(any_id)
        if not 0 <= index < self.guild_total:
            return None
        guild = self._guilds.get(index)
        if guild is None:
            guild = self._guilds[index] = self._build(index)
        return guild

    def built(self) -> Iterator[Guild]:
        """The guilds that somebody has touched."""
        return iter(self._guilds.values())

    def guild_at(self, index: int) -> Guild:
        """Guild number `index`; raises IndexError outside the world."""
        guild = self.guild(snowflakes.guild_id(index))
        if guild is None:
            raise IndexError(f"this world has guilds 0 to {self.guild_total - 1}, not {index}")
        return guild

    def settle(self, guild: Guild, any_id: int) -> None:
        """Remember which guild something made at run time belongs to."""
        self._home[any_id] = guild.index

    def channel(self, channel_id: int) -> tuple[Guild | None, Doc] | None:
        """The channel and its guild; a direct channel has none."""
        if channel_id in self.direct:
            return None, self.direct[channel_id]
        guild = self.guild(channel_id)
        found = guild.channels.get(channel_id) if guild is not None else None
        return None if guild is None or found is None else (guild, found)

    def new_id(self, epoch_ms: int) -> int:
        """The id of something made now."""
        self._made += 1
        return snowflakes.moment_id(epoch_ms, self._made)

    # -- people ------------------------------------------------------------------------------------------

    def user_exists(self, user_id: int) -> bool:
        """Whether anybody has this id."""
        index, number = snowflakes.member_address(user_id)
        return (
            user_id in self.bots
            or user_id in self.users
            or (user_id & 0x3FFFFF == 0 and 0 <= index < self.guild_total and number < self.guild_at(index).population)
        )

    def is_member(self, guild: Guild, user_id: int) -> bool:
        """Whether the user is in the guild now."""
        index, number = snowflakes.member_address(user_id)
        if user_id in self.bots:
            return user_id in guild.bots
        return user_id in guild.joined or (
            index == guild.index and 0 <= number < guild.population and user_id not in guild.gone
            and user_id & 0x3FFFFF == 0
        )  # fmt: skip

    def member_ids(self, guild: Guild) -> Iterator[int]:
        """Everybody in the guild: its people, who came later, the bots."""
        for number in range(guild.population):
            user_id = snowflakes.member_id(guild.index, number)
            if user_id not in guild.gone:
                yield user_id
        yield from guild.joined
        yield from guild.bots

    def members_named(self, guild: Guild, prefix: str, limit: int) -> list[int]:
        """The present members whose user name or nickname begins with `prefix`, the bots last; 0 is no limit."""
        wanted = prefix.lower()
        found: list[int] = []
        for user_id in self.member_ids(guild):
            if wanted:
                names = (self.user_payload(user_id)["username"], guild.members.get(user_id, {}).get("nick") or "")
                if not any(name.lower().startswith(wanted) for name in names):
                    continue
            found.append(user_id)
            if limit and len(found) == limit:
                break
        return found

    def user_payload(self, user_id: int) -> Doc:
        """The user object of an existing user."""
        if user_id in self.bots:
            body = payloads.user(user_id, self.bots[user_id], bot=True)
        else:
            body = payloads.user(user_id, f"{self.draws.word(str(user_id))}_{user_id >> 22 & 0xFFFF}")
        return body | self.users[user_id] if user_id in self.users else body

    def member_payload(self, guild: Guild, user_id: int, *, with_user: bool = True) -> Doc:
        """The member object of a present member."""
        joined_ms = guild.joined.get(user_id) or (user_id >> 22) + snowflakes.DISCORD_EPOCH_MS
        managed = guild.bots.get(user_id)
        roles = [] if managed is None else [str(managed)]
        body = payloads.member(self.user_payload(user_id) if with_user else None, roles, joined_ms)
        return body | guild.members[user_id] if user_id in guild.members else body

    def integrations(self, guild: Guild) -> dict[int, Doc]:
        """What is connected with a guild: accounts elsewhere, and each of its bots by the id of the bot's role."""
        changed = self.bins.get("applications", {})
        return guild.integrations | {
            role: payloads.bot_integration(role, self.user_payload(bot), changed.get(bot, {}))
            for bot, role in guild.bots.items()
        }

    def presence_payload(self, guild: Guild, user_id: int) -> Doc:
        """The presence of somebody in a guild; who is not in `presences` is offline."""
        known = self.presences.get(user_id, {"status": "offline", "activities": [], "client_status": {}})
        return {"user": {"id": str(user_id)}, "guild_id": str(guild.id), **known}

    def guild_create(
        self, guild: Guild, large_threshold: int = 50, *, presences: bool = False, bot_id: int | None = None
    ) -> Doc:
        """The `d` of this guild's GUILD_CREATE. Which members it holds depends on the presences intent: without it
        the bot and who is in voice; with it everybody, or in a large guild who is online, has a role or a nickname.
        """
        who = dict.fromkeys([bot_id or self.bot_id, *guild.voice_states])
        shown: list[Doc] = []
        if presences:
            if guild.member_count <= large_threshold:
                who |= dict.fromkeys(self.member_ids(guild))
            else:
                who |= {u: None for u in {**guild.members, **self.presences} if self.is_member(guild, u)}
            shown = [self.presence_payload(guild, u) for u in self.presences if self.is_member(guild, u)]
        members = [self.member_payload(guild, u) for u in who if self.is_member(guild, u)]
        threads = [] if bot_id is None else self.active_threads(guild, bot_id)
        return payloads.guild_create(guild, members, shown, threads, large_threshold)

    def active_threads(self, guild: Guild, bot_id: int) -> list[Doc]:
        """The threads that a bot sees and that are not archived, with its membership where it is in one."""
        found = []
        for thread_id, thread in guild.channels.items():
            if thread["type"] not in payloads.THREADS or not payloads.is_active(thread):
                continue
            if guild.permissions_in(thread, bot_id) & _VIEW_CHANNEL:
                member = guild.thread_members.get(thread_id, {}).get(bot_id)
                found.append(thread if member is None else {**thread, "member": member})
        return found

    def may(self, bot_id: int, event: Event) -> bool:
        """Whether a bot's place in the guild lets it see the event."""
        if event.bot_id is not None and event.bot_id != bot_id:
            return False
        if event.shard_zero:
            return True  # money concerns the application, in the guild or not
        if event.guild_id is None:
            return event.channel is None or bot_id in self.direct_members.get(int(event.channel["id"]), ())
        guild = self.guild(event.guild_id)
        if guild is None or bot_id not in guild.bots:
            return event.type == "GUILD_DELETE" and event.bot_id == bot_id
        if event.channel is not None and not guild.permissions_in(event.channel, bot_id) & _VIEW_CHANNEL:
            return False
        return not event.needs or bool(guild.permissions_of(bot_id) & event.needs)

    # -- messages ----------------------------------------------------------------------------------------

    def message(self, channel_id: int, message_id: int) -> Message | None:
        """A message that is still remembered (the last 50,000 are)."""
        found = self._messages.get(message_id)
        return found if found is not None and found.channel_id == channel_id else None

    def messages(self, channel_id: int, limit: int) -> list[Message]:
        """The newest messages of a channel, newest first."""
        found = self._by_channel.get(channel_id, {})
        return [m for _, m in zip(range(limit), reversed(found.values()), strict=False)]

    def remember(self, message: Message) -> None:
        """Keep a new message, and let the oldest go when there are too many."""
        self._messages[message.id] = message
        self._by_channel.setdefault(message.channel_id, {})[message.id] = message
        if len(self._messages) > _MESSAGES_KEPT:
            self.forget(next(iter(self._messages.values())))

    def forget(self, message: Message) -> None:
        """Let a message go."""
        message.is_gone, message.replied = True, None
        self._messages.pop(message.id, None)
        self._by_channel.get(message.channel_id, {}).pop(message.id, None)

    # -- the audit log -----------------------------------------------------------------------------------

    def log(
        self, guild: Guild, action: int, actor_id: int, target_id: int | None, reason: str | None, epoch_ms: int,
        *, changes: list[Doc] | None = None, options: Doc | None = None,
    ) -> Event:  # fmt: skip
        """Write one audit log entry; only who may view the log hears of it."""
        entry: Doc = {
            "id": str(self.new_id(epoch_ms)), "user_id": str(actor_id), "action_type": action,
            "target_id": None if target_id is None else str(target_id),
        }  # fmt: skip
        if reason:
            entry["reason"] = reason
        if changes:
            entry["changes"] = changes
        if options:
            entry["options"] = options
        guild.audit.append(entry)
        del guild.audit[:-_AUDIT_KEPT]
        told = {**entry, "guild_id": str(guild.id)}
        needs = Permission.VIEW_AUDIT_LOG
        return Event("GUILD_AUDIT_LOG_ENTRY_CREATE", guild.id, target_id or guild.id, told, needs=needs)

    # -- inside ------------------------------------------------------------------------------------------

    def _build(self, index: int) -> Guild:
        draws = self.draws
        guild_id = snowflakes.guild_id(index)
        channels = {
            (cid := snowflakes.channel_id(index, n)): payloads.channel(
                cid, 0, "general" if n == 0 else draws.word(f"channel/{cid}"), guild_id, position=n
            )
            for n in range(self._channels)
        }
        roles = {
            (rid := snowflakes.role_id(index, n)): payloads.role(
                rid, "@everyone" if n == 0 else draws.word(f"role/{rid}"), n
            )
            for n in range(self._roles + 1)
        }
        bots = {}
        for n, (bot, name) in enumerate(self.bots.items(), start=self._roles + 1):
            bots[bot] = snowflakes.role_id(index, n)
            roles[bots[bot]] = payloads.role(bots[bot], name, n, bot_id=bot)
        population = draws.between(f"guild/{index}/population", *self._members)
        name = f"{draws.word(f'guild/{index}/a')} {draws.word(f'guild/{index}/b')}"
        doc = payloads.guild_doc(guild_id, name, snowflakes.member_id(index, 0), next(iter(channels), None))
        return Guild(guild_id, index, population, doc, channels, roles, bots)
