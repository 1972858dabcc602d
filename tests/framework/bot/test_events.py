"""Events as handlers see them: all there are, wire → ours → wire unchanged, whatever Discord leaves out or adds."""

from __future__ import annotations

import random
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

import framework
from framework import Event, MessageCreate, Raw, models
from framework.bot import EVENTS, events
from framework.models import Component, InteractionData, Maybe, Model, Snowflake, decode, to_wire
from framework.models.component import _KINDS as COMPONENTS
from framework.models.interaction import _KINDS as INTERACTION_DATA

_NAMES = """
    READY RESUMED RATE_LIMITED USER_UPDATE GUILD_CREATE GUILD_UPDATE GUILD_DELETE GUILD_AUDIT_LOG_ENTRY_CREATE
    GUILD_BAN_ADD GUILD_BAN_REMOVE GUILD_EMOJIS_UPDATE GUILD_STICKERS_UPDATE GUILD_INTEGRATIONS_UPDATE GUILD_MEMBER_ADD
    GUILD_MEMBER_UPDATE GUILD_MEMBER_REMOVE GUILD_MEMBERS_CHUNK GUILD_ROLE_CREATE GUILD_ROLE_UPDATE GUILD_ROLE_DELETE
    GUILD_SCHEDULED_EVENT_CREATE GUILD_SCHEDULED_EVENT_UPDATE GUILD_SCHEDULED_EVENT_DELETE
    GUILD_SCHEDULED_EVENT_USER_ADD GUILD_SCHEDULED_EVENT_USER_REMOVE GUILD_SOUNDBOARD_SOUND_CREATE
    GUILD_SOUNDBOARD_SOUND_UPDATE GUILD_SOUNDBOARD_SOUND_DELETE GUILD_SOUNDBOARD_SOUNDS_UPDATE SOUNDBOARD_SOUNDS
    INTEGRATION_CREATE INTEGRATION_UPDATE INTEGRATION_DELETE APPLICATION_COMMAND_PERMISSIONS_UPDATE WEBHOOKS_UPDATE
    INVITE_CREATE INVITE_DELETE AUTO_MODERATION_RULE_CREATE AUTO_MODERATION_RULE_UPDATE AUTO_MODERATION_RULE_DELETE
    AUTO_MODERATION_ACTION_EXECUTION CHANNEL_CREATE CHANNEL_UPDATE CHANNEL_DELETE CHANNEL_INFO CHANNEL_PINS_UPDATE
    VOICE_CHANNEL_STATUS_UPDATE VOICE_CHANNEL_START_TIME_UPDATE THREAD_CREATE THREAD_UPDATE THREAD_DELETE
    THREAD_LIST_SYNC THREAD_MEMBER_UPDATE THREAD_MEMBERS_UPDATE STAGE_INSTANCE_CREATE STAGE_INSTANCE_UPDATE
    STAGE_INSTANCE_DELETE VOICE_STATE_UPDATE VOICE_SERVER_UPDATE VOICE_CHANNEL_EFFECT_SEND MESSAGE_CREATE MESSAGE_UPDATE
    MESSAGE_DELETE MESSAGE_DELETE_BULK MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL
    MESSAGE_REACTION_REMOVE_EMOJI MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE TYPING_START PRESENCE_UPDATE
    INTERACTION_CREATE ENTITLEMENT_CREATE ENTITLEMENT_UPDATE ENTITLEMENT_DELETE SUBSCRIPTION_CREATE SUBSCRIPTION_UPDATE
    SUBSCRIPTION_DELETE
"""
DOCUMENTED = _NAMES.split()
UNDOCUMENTED = [
    "GUILD_JOIN_REQUEST_CREATE", "GUILD_JOIN_REQUEST_UPDATE", "GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE",
    "GUILD_SCHEDULED_EVENT_EXCEPTION_DELETE", "GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE",
]  # fmt: skip
NAMES = DOCUMENTED + UNDOCUMENTED

OWN = {  # bodies that are no object known elsewhere; `?` after a name: may be left out, before: may be null
    "READY": "v user guilds session_id resume_gateway_url shard? application",
    "RESUMED": "_trace?",
    "RATE_LIMITED": "opcode retry_after meta",
    "GUILD_DELETE": "id unavailable?",
    "GUILD_BAN_ADD": "guild_id user delete_message_secs?",
    "GUILD_BAN_REMOVE": "guild_id user",
    "GUILD_EMOJIS_UPDATE": "guild_id emojis",
    "GUILD_STICKERS_UPDATE": "guild_id stickers",
    "GUILD_INTEGRATIONS_UPDATE": "guild_id",
    "GUILD_MEMBER_REMOVE": "guild_id user",
    "GUILD_MEMBERS_CHUNK": "guild_id members chunk_index chunk_count not_found? presences? nonce?",
    "GUILD_ROLE_CREATE": "guild_id role",
    "GUILD_ROLE_UPDATE": "guild_id role",
    "GUILD_ROLE_DELETE": "guild_id role_id",
    "GUILD_SCHEDULED_EVENT_USER_ADD": "guild_scheduled_event_id user_id guild_id",
    "GUILD_SCHEDULED_EVENT_USER_REMOVE": "guild_scheduled_event_id user_id guild_id",
    "GUILD_SOUNDBOARD_SOUND_DELETE": "sound_id guild_id",
    "GUILD_SOUNDBOARD_SOUNDS_UPDATE": "soundboard_sounds guild_id",
    "SOUNDBOARD_SOUNDS": "soundboard_sounds guild_id",
    "INTEGRATION_DELETE": "id guild_id application_id?",
    "WEBHOOKS_UPDATE": "guild_id channel_id",
    "INVITE_CREATE": "channel_id code created_at guild_id? inviter? max_age max_uses target_type? target_user? "
    "target_application? temporary uses ?expires_at? role_ids?",
    "INVITE_DELETE": "channel_id guild_id? code",
    "AUTO_MODERATION_ACTION_EXECUTION": "guild_id action rule_id rule_trigger_type user_id channel_id? message_id? "
    "alert_system_message_id? content ?matched_keyword ?matched_content",
    "CHANNEL_INFO": "guild_id channels",
    "CHANNEL_PINS_UPDATE": "guild_id? channel_id ?last_pin_timestamp?",
    "VOICE_CHANNEL_STATUS_UPDATE": "id guild_id ?status",
    "VOICE_CHANNEL_START_TIME_UPDATE": "id guild_id ?voice_start_time?",
    "THREAD_DELETE": "id guild_id parent_id type",
    "THREAD_LIST_SYNC": "guild_id channel_ids? threads members",
    "THREAD_MEMBERS_UPDATE": "id guild_id member_count added_members? removed_member_ids?",
    "VOICE_SERVER_UPDATE": "token guild_id ?endpoint",
    "VOICE_CHANNEL_EFFECT_SEND": "channel_id guild_id user_id ?emoji? ?animation_type? animation_id? sound_id? "
    "sound_volume?",
    "MESSAGE_DELETE": "id channel_id guild_id?",
    "MESSAGE_DELETE_BULK": "ids channel_id guild_id?",
    "MESSAGE_REACTION_ADD": "user_id channel_id message_id guild_id? member? emoji message_author_id? burst "
    "burst_colors? type",
    "MESSAGE_REACTION_REMOVE": "user_id channel_id message_id guild_id? emoji burst type",
    "MESSAGE_REACTION_REMOVE_ALL": "channel_id message_id guild_id?",
    "MESSAGE_REACTION_REMOVE_EMOJI": "channel_id guild_id? message_id emoji",
    "MESSAGE_POLL_VOTE_ADD": "user_id channel_id message_id guild_id? answer_id",
    "MESSAGE_POLL_VOTE_REMOVE": "user_id channel_id message_id guild_id? answer_id",
    "TYPING_START": "channel_id guild_id? user_id timestamp member?",
    "GUILD_JOIN_REQUEST_CREATE": "guild_id status request",
    "GUILD_JOIN_REQUEST_UPDATE": "guild_id status request",
    "GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE": "guild_id event_id",
}
OBJECTS = {  # all others are one of these
    "USER_UPDATE": models.User, "PRESENCE_UPDATE": models.Presence, "INTERACTION_CREATE": models.Interaction,
    "GUILD_CREATE": models.Guild, "GUILD_UPDATE": models.Guild, "GUILD_MEMBER": models.Member,
    "GUILD_AUDIT_LOG_ENTRY_CREATE": models.AuditLogEntry, "GUILD_SCHEDULED_EVENT": models.ScheduledEvent,
    "GUILD_SCHEDULED_EVENT_EXCEPTION": models.ScheduledEventException,
    "GUILD_SOUNDBOARD_SOUND": models.SoundboardSound, "INTEGRATION": models.Integration,
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE": models.GuildApplicationCommandPermissions,
    "AUTO_MODERATION_RULE": models.AutoModerationRule, "CHANNEL": models.Channel,
    "THREAD_CREATE": models.Channel, "THREAD_UPDATE": models.Channel, "THREAD_MEMBER_UPDATE": models.ThreadMember,
    "STAGE_INSTANCE": models.StageInstance, "VOICE_STATE_UPDATE": models.VoiceState, "MESSAGE": models.Message,
    "ENTITLEMENT": models.Entitlement, "SUBSCRIPTION": models.Subscription,
}  # fmt: skip

DEEP = 4  # objects inside objects, from where on nothing is told that need not be


class Body:
    """A body as Discord may send it, made from its type.

    `told` names what is said of a field that need not be there, or may be null: "all", "required" (the least), "null"
    (wherever that may be) or "some". `more` is added to every object.
    """

    def __init__(self, told: str, seed: int = 1, more: dict[str, Any] | None = None) -> None:
        self.told, self.chance, self.more = told, random.Random(seed), more or {}

    def __call__(self, kind: Any, depth: int = 0) -> Any:
        chance = self.chance
        if get_origin(kind) is Annotated:
            *_, note = get_args(kind)
            if note.extra["wire"] == "text":
                return str(chance.getrandbits(62))
            return f"20{chance.randrange(10, 40)}-02-28T23:59:58.{chance.randrange(1_000):03}000+00:00"
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._object(kind, depth)
        if kind is Component:
            return self(COMPONENTS[10 if depth > DEEP else chance.choice(list(COMPONENTS))], depth)
        if kind is InteractionData:
            return self(chance.choice(list(INTERACTION_DATA.values())), depth)
        several = range(0 if depth > DEEP or self.told == "required" else 2)
        match get_origin(kind), get_args(kind):
            case (None, ()):
                pass
            case origin, (inner,) if origin is list:
                return [self(inner, depth + 1) for _ in several]
            case origin, parts if origin is tuple:
                return [self(part, depth + 1) for part in parts]
            case origin, (key, value) if origin is dict:
                return {str(self(key, depth)): self(value, depth + 1) for _ in several}
            case _, choices:
                return self(chance.choice([c for c in choices if c not in (NoneType, UnsetType)] or [NoneType]), depth)
        plain = {
            bool: chance.random() < 0.5, int: chance.choice((0, 1, 10_000, 1 << 40)), float: chance.randrange(9) + 0.5,
            str: chance.choice(("", "17", "null", "ünï")), NoneType: None, Any: {"a": [None, {"id": "5"}]},
        }  # fmt: skip
        return plain[kind]

    def _object(self, kind: type[msgspec.Struct], depth: int) -> dict[str, Any]:
        body = {}
        for field in msgspec.structs.fields(kind):
            choices = ["value"]
            if NoneType in get_args(field.type):
                choices.append("null")
            if field.default is UNSET:
                choices.append("absent")
            wanted = {"all": "value", "required": "absent", "null": "null"}.get(self.told)
            if wanted is None:
                wanted = self.chance.choice(choices)
            if depth > DEEP:
                wanted = choices[-1]
            if wanted not in choices:
                wanted = "value"
            if field.name == "type" and issubclass(kind, Component):
                body["type"] = int(field.default)
            elif wanted != "absent":
                body[field.encode_name] = None if wanted == "null" else self(field.type, depth + 1)
        return body | self.more


def there_and_back(kind: type[Event], body: Any) -> Any:
    return to_wire(decode(kind, msgspec.json.encode(body)))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")


def test_every_documented_dispatch_has_its_type() -> None:
    assert len(DOCUMENTED) == 79
    assert set(EVENTS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_event_is_that_of_its_class(name: str) -> None:
    kind = EVENTS[name]
    assert issubclass(kind, Event)
    assert (kind.NAME, kind.__name__.lower()) == (name, name.replace("_", "").lower())
    assert getattr(framework, kind.__name__) is kind
    assert {kind.__name__} < set(framework.__all__) & set(events.__all__)


@pytest.mark.parametrize("name", OWN)
def test_a_body_of_its_own_has_the_fields_that_discord_documents(name: str) -> None:
    fields = set()
    for field in msgspec.structs.fields(EVENTS[name]):
        null, left_out = NoneType in get_args(field.type), field.default is UNSET
        fields.add("?" * null + field.encode_name + "?" * left_out)
    assert fields == set(OWN[name].split())


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(OWN)))
def test_a_body_that_is_an_object_of_discord_is_its_model(name: str) -> None:
    (model,) = {model for start, model in OBJECTS.items() if name == start or name.rsplit("_", 1)[0] == start}
    assert issubclass(EVENTS[name], model)


@pytest.mark.parametrize("told", ["all", "required", "null"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_an_event_changes_on_its_way_to_us_and_back(name: str, told: str) -> None:
    body = Body(told)(EVENTS[name])
    back = there_and_back(EVENTS[name], body)
    assert back == body
    assert same(back, body)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 1 << 32))
def test_null_and_absent_are_told_apart_in_every_field(name: str, seed: int) -> None:
    body = Body("some", seed)(EVENTS[name])
    assert same(there_and_back(EVENTS[name], body), body)


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_tomorrow_breaks_nothing_at_any_depth(name: str) -> None:
    kind = EVENTS[name]
    tomorrow = Body("all", more={"of_tomorrow": [{"id": None}], "nam": 1})(kind)
    assert there_and_back(kind, tomorrow) == Body("all")(kind)


def test_a_component_and_an_interaction_of_tomorrow_are_kept_as_they_are() -> None:
    message = Body("required")(MessageCreate) | {"components": [{"type": 99, "shape": {"id": "5"}}]}
    assert there_and_back(MessageCreate, message) == message
    interaction = Body("required")(framework.InteractionCreate) | {"type": 99, "data": {"gesture": ["wave"]}}
    assert there_and_back(framework.InteractionCreate, interaction) == interaction


def test_a_default_sound_may_be_a_number_on_the_wire_and_is_written_as_text() -> None:
    kind = EVENTS["VOICE_CHANNEL_EFFECT_SEND"]
    body = Body("required")(kind)
    assert there_and_back(kind, body | {"sound_id": 1}) == body | {"sound_id": "1"}


def test_ids_are_numbers_and_times_know_their_zone() -> None:
    event = decode(MessageCreate, msgspec.json.encode(Body("all")(MessageCreate)))
    assert isinstance(event.author.id, int)
    assert event.timestamp.utcoffset() is not None
    assert event.guild is None


def test_who_needs_less_declares_less() -> None:
    class Small(Event, kw_only=True):
        NAME = "MESSAGE_CREATE"
        id: Snowflake
        guild_id: Maybe[Snowflake] = UNSET

    event = decode(Small, b'{"id":"175928847299117063","author":{"no":"user"},"type":null,"new":[]}')
    assert event == Small(id=175_928_847_299_117_063)
    assert (event.guild, event.guild_id) == (None, UNSET)


def test_a_raw_event_keeps_its_bytes() -> None:
    assert (Raw("X", b"{}").name, Raw("X", b"{}").data, Raw.NAME) == ("X", b"{}", "")


@pytest.mark.parametrize("name", ["VOICE_SERVER_UPDATE", "INTERACTION_CREATE"])
def test_no_token_is_in_a_repr(name: str) -> None:
    body = Body("required")(EVENTS[name]) | {"token": "s3cret"}
    data = msgspec.json.encode(body)
    event: Model
    for event in (decode(EVENTS[name], data), Raw(name, data)):
        assert "s3cret" not in f"{event!r} {event}"
        assert type(event).__name__ in repr(event)
