"""A guild and what it holds; a message and who reacted to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from discord_sim.rules.ids import number_of
from discord_sim.rules.permissions import ALL, Permission, in_channel, in_guild
from discord_sim.world.payloads import THREADS, Doc

__all__ = ["Guild", "Message", "Reaction"]


@dataclass(slots=True)
class Reaction:
    """Who reacted with one emoji: user ids in order."""

    emoji: Doc
    users: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True)
class Message:
    """A message: its object without `reactions`, and what differs from reader to reader."""

    id: int
    channel_id: int
    guild_id: int | None
    author_id: int
    doc: Doc
    created_ms: int
    reactions: dict[str, Reaction] = field(default_factory=dict)
    votes: dict[int, dict[int, None]] = field(default_factory=dict)  # poll answer -> voters
    ephemeral_for: int | None = None
    replied: Message | None = None  # the message it answers, as that is now
    is_gone: bool = False
    pinned_ms: int = 0

    @property
    def content(self) -> str:
        """The text."""
        text: str = self.doc["content"]
        return text


@dataclass(slots=True)
class Guild:
    """A guild; members are numbers until somebody asks for one."""

    id: int
    index: int
    population: int
    doc: Doc
    channels: dict[int, Doc]  # threads too
    roles: dict[int, Doc]
    bots: dict[int, int]  # bot id -> its managed role
    gone: set[int] = field(default_factory=set)
    joined: dict[int, int] = field(default_factory=dict)  # who came from elsewhere: user id -> epoch ms
    banned: dict[int, str | None] = field(default_factory=dict)
    members: dict[int, Doc] = field(default_factory=dict)  # what differs from the member derived from the seed
    emojis: dict[int, Doc] = field(default_factory=dict)
    stickers: dict[int, Doc] = field(default_factory=dict)
    sounds: dict[int, Doc] = field(default_factory=dict)
    makers: dict[int, int] = field(default_factory=dict)  # emoji, sticker or sound -> who made it
    webhooks: dict[int, Doc] = field(default_factory=dict)
    invites: dict[str, Doc] = field(default_factory=dict)
    events: dict[int, Doc] = field(default_factory=dict)
    event_users: dict[int, dict[int, None]] = field(default_factory=dict)
    rules: dict[int, Doc] = field(default_factory=dict)
    stages: dict[int, Doc] = field(default_factory=dict)  # by channel
    integrations: dict[int, Doc] = field(default_factory=dict)
    templates: dict[str, Doc] = field(default_factory=dict)
    voice_states: dict[int, Doc] = field(default_factory=dict)  # by user
    voice_statuses: dict[int, str | None] = field(default_factory=dict)  # by channel
    voice_started: dict[int, int | None] = field(default_factory=dict)  # by channel: epoch seconds
    thread_members: dict[int, dict[int, Doc]] = field(default_factory=dict)
    join_requests: dict[int, Doc] = field(default_factory=dict)
    settings: dict[str, Doc] = field(default_factory=dict)  # onboarding, welcome screen, widget…
    audit: list[Doc] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The guild's name."""
        name: str = self.doc["name"]
        return name

    @property
    def owner_id(self) -> int:
        """The owner's user id."""
        return number_of(self.doc["owner_id"])

    @property
    def member_count(self) -> int:
        """Members now, the bots included."""
        return self.population - len(self.gone) + len(self.joined) + len(self.bots)

    def held_roles(self, user_id: int) -> list[int]:
        """The ids of a member's roles without @everyone."""
        changed = self.members.get(user_id)
        if changed is not None and "roles" in changed:
            return [number_of(r) for r in changed["roles"]]
        managed = self.bots.get(user_id)
        return [] if managed is None else [managed]

    def top_position(self, user_id: int) -> int:
        """The position of a member's highest role."""
        return max((self.roles[r]["position"] for r in self.held_roles(user_id) if r in self.roles), default=0)

    def permissions_of(self, user_id: int, *, timed_out: bool = False) -> int:
        """A member's permission bits in the guild."""
        return self._permissions(user_id, self.held_roles(user_id), timed_out)

    def _permissions(self, user_id: int, held: list[int], timed_out: bool) -> int:
        roles = self.roles
        bits = number_of(roles[self.id]["permissions"])
        for role_id in held:
            if role_id in roles:
                bits |= number_of(roles[role_id]["permissions"])
        return in_guild(bits, owner=user_id == self.owner_id, timed_out=timed_out)

    def permissions_in(self, channel: Doc, user_id: int, *, timed_out: bool = False) -> int:
        """A member's permission bits in a channel; a thread has those of its parent, and its own law of sending."""
        held = self.held_roles(user_id)
        base = self._permissions(user_id, held, timed_out)
        if base == ALL:
            return ALL
        is_thread = channel["type"] in THREADS
        place = self.channels.get(int(channel["parent_id"]), channel) if is_thread else channel
        bits = in_channel(
            base, self.id, user_id, held, place.get("permission_overwrites", ()),
            voice=channel["type"] in (2, 13), timed_out=timed_out,
        )  # fmt: skip
        if not is_thread:
            return bits
        bits &= ~Permission.SEND_MESSAGES
        if bits & Permission.SEND_MESSAGES_IN_THREADS:
            bits |= Permission.SEND_MESSAGES
        private = channel["type"] == 12 and user_id not in self.thread_members.get(int(channel["id"]), {})
        return 0 if private and not bits & Permission.MANAGE_THREADS else bits
