"""What an operator can do to a running fake: act as any user, and make things happen or go wrong.

The control API (`edge/control/`) and scenarios are doors to these methods; guilds and members are given by number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from discord_sim.edge.call import OPERATIONS, Call, Upload
from discord_sim.edge.operations.polls import vote
from discord_sim.faults import DispatchFault, Faults, RestFault
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import check
from discord_sim.rules.front_door import Forced
from discord_sim.rules.permissions import Permission
from discord_sim.rules.routes import ROUTES, SPECIFICATIONS
from discord_sim.world import changes, happenings, money, payloads, voice
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild, Message
from discord_sim.world.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction, begin
from discord_sim.world.invocations import CannotInvoke, command_data, component_data, modal_data
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import member_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from discord_sim.edge.clock import ServerClock
    from discord_sim.edge.gateway import Gateway
    from discord_sim.edge.outgoing import Outgoing
    from discord_sim.edge.rest import Rest
    from discord_sim.edge.settings import Settings
    from discord_sim.record import Record
    from discord_sim.rules.front_door import FrontDoor
    from discord_sim.world.world import World

__all__ = ["Operator"]


class Operator:
    """The part of a fake Discord that only its operator may use."""

    world: World
    settings: Settings
    clock: ServerClock
    gateway: Gateway
    rest: Rest
    outgoing: Outgoing
    door: FrontDoor
    faults: Faults
    record: Record

    def emit(self, events: Iterable[Event]) -> None:
        """Tell every session that may know."""
        self.gateway.emit(events)

    # -- acting as a user ----------------------------------------------------------------------------------

    def act(
        self, user_id: int, operation: str, /, data: Any = None, query: Doc | None = None, *,
        files: Iterable[Upload] = (), **params: int | str,
    ) -> Answer:  # fmt: skip
        """Carry out a REST operation as any user or bot: no token, no limits; its events are told.

        `operation` is an operation id of Discord's OpenAPI document, `params` are its path parameters. A refusal is
        an answer too. Raises ValueError for an unknown operation.
        """
        _known(operation)
        schema = SPECIFICATIONS[operation].body
        if schema is not None:
            data, wrong = check(schema, {} if data is None else data)
            if wrong is not None:
                return Answer(400, {"message": "Invalid Form Body", "code": 50035, "errors": wrong})
        call = Call(
            self.world, self.settings, self.gateway, self.rest.media, {k: str(v) for k, v in params.items()},
            query or {}, data, list(files), None, self.clock.epoch_ms, self.clock.now_ms, user_id, None,
            self.door.bearers,
        )  # fmt: skip
        answer = OPERATIONS[operation](call)
        self.emit(call.events)
        return answer

    def message_posted(self, guild_index: int, content: str, *, channel: int = 0, number: int = 1) -> int:
        """Member `number` posts to channel number `channel` of a guild; returns the message id."""
        author, place = member_id(guild_index, number), list(self.world.guild_at(guild_index).channels)[channel]
        message, events = changes.say(self.world, place, author, content, self.clock.epoch_ms)
        self.emit(events)
        return message.id

    def member_banned(self, guild_index: int, number: int, reason: str | None = None) -> int:
        """A moderator bans member `number` of guild `guild_index`; returns the user id."""
        guild = self.world.guild_at(guild_index)
        user_id = member_id(guild_index, number)
        self.emit(changes.ban(self.world, guild, user_id, guild.owner_id, reason, self.clock.epoch_ms))
        return user_id

    def member_joined(self, guild_id: int, user_id: int) -> None:
        """An existing user, or a bot, comes into a guild. Nothing where they are in it."""
        guild = self._guild(guild_id)
        self._demand_user(user_id)
        if not self.world.is_member(guild, user_id):
            self.emit(changes.join(self.world, guild, user_id, self.clock.epoch_ms))

    def member_left(self, guild_id: int, user_id: int) -> None:
        """A member leaves of their own will."""
        self.emit(changes.remove_member(self.world, self._guild(guild_id), user_id))

    # -- using commands, components and modals ---------------------------------------------------------------

    def command(
        self, user_id: int, channel_id: int, name: str, options: Mapping[str, Any] | None = None, *, kind: int = 1,
        target_id: int | None = None, application_id: int | None = None, focused: str | None = None,
    ) -> Interaction:  # fmt: skip
        """A user uses a registered command in a channel; with `focused` their client asks for that option's choices.

        `name` may lead to a sub-command (`"role add"`), `options` are values by name, `kind` is 1 chat input, 2 user or
        3 message, the last two with their `target_id`. Raises CannotInvoke where a user's client would not allow it.
        """
        guild, channel = self._place(channel_id)
        app = application_id or self.world.bot_id
        data = command_data(
            self.world, app, guild, channel, name, options or {}, kind=kind, target_id=target_id, focused=focused
        )
        return self._interact(app, user_id, channel_id, COMMAND if focused is None else AUTOCOMPLETE, data)

    def component(
        self, user_id: int, channel_id: int, message_id: int, custom_id: str, values: Iterable[Any] = ()
    ) -> Interaction:
        """A user presses a button of a message or picks `values` in its select menu. Raises CannotInvoke."""
        guild, channel = self._place(channel_id)
        message = self.world.message(channel_id, message_id)
        if message is None:
            raise LookupError(f"channel {channel_id} has no message {message_id}")
        data = component_data(self.world, guild, channel, message, custom_id, list(values))
        app = int(message.doc.get("application_id") or message.author_id)
        return self._interact(app, user_id, channel_id, COMPONENT, data, message=message)

    def modal(self, user_id: int, interaction_id: int, values: Mapping[str, Any]) -> Interaction:
        """A user submits the modal an interaction was answered with, `values` by custom id. Raises CannotInvoke."""
        source = self.world.interactions.get(interaction_id)
        if source is None or source.response is None or "components" not in source.response:
            raise LookupError(f"interaction {interaction_id} was not answered with a modal")
        guild, channel = self._place(source.channel_id)
        data = modal_data(self.world, guild, channel, source.response, values)
        message = self.world.message(source.channel_id, source.source_message_id or 0)
        return self._interact(source.application_id, user_id, source.channel_id, MODAL, data, message=message)

    def _interact(
        self, app: int, user_id: int, channel_id: int, kind: int, data: Doc, *, message: Message | None = None
    ) -> Interaction:
        guild, channel = self._place(channel_id)
        self._demand_sight(user_id, channel_id)
        interaction, event = begin(
            self.world, app, user_id, guild, channel, kind, data, self.clock.epoch_ms, message=message,
            from_component=message is not None,
        )  # fmt: skip
        if self.outgoing.endpoint_of(app) is None:
            self.emit([event])
        else:  # never both
            self.outgoing.deliver(interaction, event.data)
        return interaction

    def _place(self, channel_id: int) -> tuple[Guild | None, Doc]:
        found = self.world.channel(channel_id)
        if found is None:
            raise LookupError(f"this world has no channel {channel_id}")
        return found

    def vote(self, user_id: int, channel_id: int, message_id: int, answer_id: int, *, wanted: bool = True) -> None:
        """A user votes in a poll, or takes the vote back. Raises CannotInvoke where there is no such answer."""
        message = self.world.message(channel_id, message_id)
        if message is None or answer_id not in {a["answer_id"] for a in message.doc.get("poll", {}).get("answers", ())}:
            raise CannotInvoke(f"message {message_id} has no poll with answer {answer_id}")
        self._demand_sight(user_id, channel_id)
        self.emit(vote(self.world, message, user_id, answer_id, wanted=wanted))

    def _demand_sight(self, user_id: int, channel_id: int) -> None:
        guild, channel = self._place(channel_id)
        if guild is None:
            sees = user_id in self.world.direct_members.get(channel_id, ())
        else:
            held = guild.permissions_in(channel, user_id) if self.world.is_member(guild, user_id) else 0
            sees = bool(held & Permission.VIEW_CHANNEL)
        if not sees:
            raise CannotInvoke(f"user {user_id} does not see channel {channel_id}")

    # -- being somewhere ---------------------------------------------------------------------------------------

    def presence(self, user_id: int, status: str, activities: list[Doc] | None = None) -> None:
        """Somebody is `online`, `idle`, `dnd` or `offline`, and does something."""
        self._demand_user(user_id)
        self.emit(changes.presence_changed(self.world, user_id, status, activities or [], self.clock.epoch_ms))

    def voice(
        self, user_id: int, guild_id: int, channel_id: int | None, *, mute: bool = False, deaf: bool = False
    ) -> None:
        """A member enters a voice channel of a guild, or (None) leaves it."""
        guild = self._guild_of(user_id, guild_id)
        if channel_id is None:
            self.emit(voice.leave_voice(self.world, guild, user_id))
            return
        channel = guild.channels.get(channel_id)
        if channel is None or channel["type"] not in (payloads.VOICE, payloads.STAGE):
            raise LookupError(f"guild {guild_id} has no voice channel {channel_id}")
        self.emit(voice.join_voice(self.world, guild, user_id, channel, self.clock.epoch_ms, mute=mute, deaf=deaf))

    def interested(self, guild_id: int, event_id: int, user_id: int, *, wanted: bool = True) -> None:
        """A member marks a scheduled event, or takes that back."""
        self.emit(happenings.interested(self._guild_of(user_id, guild_id), event_id, user_id, wanted=wanted))

    # -- what happens to guilds and applications -------------------------------------------------------------

    def guild_outage(self, guild_index: int) -> None:
        """A guild becomes unavailable: GUILD_DELETE with `unavailable`, and no GUILD_CREATE until it recovers."""
        self.emit(changes.begin_outage(self.world, self.world.guild_at(guild_index)))

    def guild_recovered(self, guild_index: int) -> None:
        """The outage ends with a full GUILD_CREATE."""
        self.emit(changes.end_outage(self.world, self.world.guild_at(guild_index)))

    def boosted(self, guild_id: int, tier: int) -> None:
        """A guild rises or falls to a boost tier, 0 to 3."""
        if not 0 <= tier <= 3:
            raise ValueError(f"a boost tier is 0 to 3, not {tier}")
        self.emit(happenings.boosted(self._guild(guild_id), tier))

    def integration(self, guild_id: int, kind: str, name: str) -> int:
        """A guild is connected with a channel on `twitch` or `youtube`; returns the integration's id."""
        made, events = happenings.integration(self.world, self._guild(guild_id), kind, name, self.clock.epoch_ms)
        self.emit(events)
        return made

    def integration_changed(self, guild_id: int, integration_id: int, **fields: Any) -> None:
        """An integration is edited."""
        self.emit(happenings.integration_changed(self._guild(guild_id), integration_id, fields))

    def sku(self, application_id: int, name: str, kind: int = 5) -> int:
        """An application offers something: 5 a subscription, 3 a consumable, 2 a durable; returns the SKU's id."""
        if application_id not in self.world.bots:
            raise LookupError(f"this world has no application {application_id}")
        return int(money.add_sku(self.world, application_id, name, self.clock.epoch_ms, kind)["id"])

    def subscription(self, user_id: int, sku_id: int, guild_id: int | None = None) -> int:
        """A user subscribes to an SKU, for themselves or a guild; returns the subscription's id."""
        sku = self.world.bins.get("skus", {}).get(sku_id)
        if sku is None:
            raise LookupError(f"this world has no SKU {sku_id}")
        self._demand_user(user_id)
        made, events = money.subscribe(self.world, sku, user_id, self.clock.epoch_ms, guild_id)
        self.emit(events)
        return int(made["id"])

    def subscription_changed(self, subscription_id: int, status: int | None) -> None:
        """A subscription is 0 active, 1 inactive, 2 ending, or (None) deleted."""
        self.emit(money.subscription_changed(self.world, subscription_id, status, self.clock.epoch_ms))

    def dispatch(self, event: str, data: Doc, guild_id: int | None = None) -> None:
        """Send any event, known or not, with any body, to whom shard and intents (of the known) allow it."""
        if not event or not event.isascii() or not event.replace("_", "").isalnum():
            raise ValueError(f"{event!r} is no name of an event; those are upper case words, such as MESSAGE_CREATE")
        self.emit([Event(event, guild_id, guild_id or 0, data)])

    # -- limits and faults -----------------------------------------------------------------------------------

    def force_429(
        self,
        route: str,
        form: Literal["user", "shared", "hidden", "global", "cloudflare"],
        *,
        retry_after_s: float = 1.0,
        times: int = 1,
        code: int | None = None,
    ) -> None:
        """Answer the next `times` requests of a route with a 429 of this form; `code` makes it coded.

        `route` is an operation id of Discord's OpenAPI document. Raises ValueError for an unknown one.
        """
        _known(route)
        wanted = Forced(form, round(retry_after_s * 1000), code)
        self.door.forced.setdefault(route, []).extend([wanted] * times)

    def rotate_bucket_hashes(self) -> None:
        """Give every bucket another hash, as Discord may at any time; the counters stay."""
        self.door.hash_salt += "/"

    def recommend_shards(self, shards: int) -> None:
        """GET /gateway/bot recommends this many from now on."""
        if shards < 1:
            raise ValueError(f"shards must be at least 1, not {shards}")
        self.settings = self.gateway.settings = replace(self.settings, shards=shards)

    def ban_ip(self, ip: str, seconds: float | None = None) -> None:
        """Cloudflare refuses everything from an address, for as long as the settings say or `seconds`."""
        ban_ms = self.settings.cloudflare_ban_ms if seconds is None else int(seconds * 1000)
        self.door.account(ip).banned_until_ms = self.clock.now_ms + ban_ms

    def unban_ip(self, ip: str) -> None:
        """The ban ends at once."""
        self.door.account(ip).banned_until_ms = 0

    def rest_fault(self, fault: RestFault) -> None:
        """Let requests go wrong; see `RestFault`. Raises ValueError for an unknown operation."""
        if fault.name != "*":
            _known(fault.name)
        self.faults.rest.append(fault)

    def dispatch_fault(self, fault: DispatchFault) -> None:
        """Lose, double or reorder events; see `DispatchFault`. Raises ValueError for an event no intent knows."""
        if fault.name != "*" and not (fault.name.isascii() and fault.name.isupper()):
            raise ValueError(f"{fault.name!r} is no name of an event; * is any")
        self.faults.dispatch.append(fault)

    def advance(self, seconds: float) -> None:
        """Put the server's clock forward: windows end, bans expire, lost sessions go, interactions get too old. Live
        connections keep the time they have for their next heartbeat."""
        ms = int(seconds * 1000)
        if ms < 0:
            raise ValueError("time goes forward only")
        self.clock.advance(ms)
        for client in self.gateway.connections.values():
            client.postpone(ms)

    # -- looking -----------------------------------------------------------------------------------------------

    def _guild(self, guild_id: int) -> Guild:
        guild = self.world.guild(guild_id)
        if guild is None or guild.id != guild_id:
            raise LookupError(f"this world has no guild {guild_id}")
        return guild

    def _guild_of(self, user_id: int, guild_id: int) -> Guild:
        guild = self._guild(guild_id)
        if not self.world.is_member(guild, user_id):
            raise LookupError(f"user {user_id} is not in guild {guild_id}")
        return guild

    def _demand_user(self, user_id: int) -> None:
        if not self.world.user_exists(user_id):
            raise LookupError(f"this world has no user {user_id}")


def _known(operation: str) -> None:
    if operation not in ROUTES:
        raise ValueError(f"no operation {operation!r}; the names are Discord's operation ids, such as create_message")
