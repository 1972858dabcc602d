"""C.13: which intent opens which event, in guilds and in direct messages, and what else an event needs."""

import pytest

from discord_sim.rules.permissions import ALL
from discord_sim.rules.permissions import Permission as P

# As documented: the events of each bit in guilds, and in direct messages. An event that is nowhere needs no intent.
IN_GUILDS = {
    0: "GUILD_CREATE GUILD_UPDATE GUILD_DELETE GUILD_ROLE_CREATE GUILD_ROLE_UPDATE GUILD_ROLE_DELETE CHANNEL_CREATE "
       "CHANNEL_UPDATE CHANNEL_DELETE CHANNEL_PINS_UPDATE THREAD_CREATE THREAD_UPDATE THREAD_DELETE THREAD_LIST_SYNC "
       "THREAD_MEMBER_UPDATE STAGE_INSTANCE_CREATE STAGE_INSTANCE_UPDATE STAGE_INSTANCE_DELETE "
       "VOICE_CHANNEL_STATUS_UPDATE VOICE_CHANNEL_START_TIME_UPDATE",
    1: "GUILD_MEMBER_ADD GUILD_MEMBER_UPDATE GUILD_MEMBER_REMOVE THREAD_MEMBERS_UPDATE",
    2: "GUILD_AUDIT_LOG_ENTRY_CREATE GUILD_BAN_ADD GUILD_BAN_REMOVE",
    3: "GUILD_EMOJIS_UPDATE GUILD_STICKERS_UPDATE GUILD_SOUNDBOARD_SOUND_CREATE GUILD_SOUNDBOARD_SOUND_UPDATE "
       "GUILD_SOUNDBOARD_SOUND_DELETE GUILD_SOUNDBOARD_SOUNDS_UPDATE",
    4: "GUILD_INTEGRATIONS_UPDATE INTEGRATION_CREATE INTEGRATION_UPDATE INTEGRATION_DELETE",
    5: "WEBHOOKS_UPDATE",
    6: "INVITE_CREATE INVITE_DELETE",
    7: "VOICE_STATE_UPDATE VOICE_CHANNEL_EFFECT_SEND",
    8: "PRESENCE_UPDATE",
    9: "MESSAGE_CREATE MESSAGE_UPDATE MESSAGE_DELETE MESSAGE_DELETE_BULK",
    10: "MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL MESSAGE_REACTION_REMOVE_EMOJI",
    11: "TYPING_START",
    16: "GUILD_SCHEDULED_EVENT_CREATE GUILD_SCHEDULED_EVENT_UPDATE GUILD_SCHEDULED_EVENT_DELETE "
        "GUILD_SCHEDULED_EVENT_USER_ADD GUILD_SCHEDULED_EVENT_USER_REMOVE",
    20: "AUTO_MODERATION_RULE_CREATE AUTO_MODERATION_RULE_UPDATE AUTO_MODERATION_RULE_DELETE",
    21: "AUTO_MODERATION_ACTION_EXECUTION",
    24: "MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE",
}  # fmt: skip
IN_DIRECT_MESSAGES = {
    12: "MESSAGE_CREATE MESSAGE_UPDATE MESSAGE_DELETE CHANNEL_PINS_UPDATE",
    13: "MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL MESSAGE_REACTION_REMOVE_EMOJI",
    14: "TYPING_START",
    25: "MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE",
}
ALWAYS = (
    "RATE_LIMITED INTERACTION_CREATE USER_UPDATE VOICE_SERVER_UPDATE GUILD_MEMBERS_CHUNK SOUNDBOARD_SOUNDS "
    "CHANNEL_INFO ENTITLEMENT_CREATE ENTITLEMENT_UPDATE ENTITLEMENT_DELETE SUBSCRIPTION_CREATE SUBSCRIPTION_UPDATE "
    "SUBSCRIPTION_DELETE APPLICATION_COMMAND_PERMISSIONS_UPDATE"
)
BITS = (*range(17), 20, 21, 24, 25)
EVERYBODY = {None, *BITS}

CASES = [
    *((event, "guild", {bit}) for bit, events in IN_GUILDS.items() for event in events.split()),
    *((event, "direct", {bit}) for bit, events in IN_DIRECT_MESSAGES.items() for event in events.split()),
    *((event, place, EVERYBODY) for event in ALWAYS.split() for place in ("guild", "direct")),
]


@pytest.fixture(scope="module")
def heard(started):
    """(event, place) -> the bits of the sessions that heard of it; each has one intent, one (None) has none."""
    told = {(event, place): set() for event, place, _ in CASES}
    with started(heartbeat_interval_ms=3_600_000) as wire:
        sockets = {bit: wire.session(intents=0 if bit is None else 1 << bit) for bit in (None, *BITS)}
        for event, place in told:
            wire.fake.dispatch(event, {"place": place}, wire.guild.id if place == "guild" else None)
        for bit, socket in sockets.items():
            for event, data in socket.events():
                told[event, data["place"]].add(bit)
    return told


@pytest.mark.parametrize(("event", "place", "bits"), CASES, ids=lambda v: v if isinstance(v, str) else "")
@pytest.mark.fidelity("C.13", "D", "docs: Gateway (list of intents)")
def test_exactly_the_sessions_with_its_intent_hear_of_an_event(heard, event, place, bits):
    assert heard[event, place] == bits


# -- what a bot hears about itself ---------------------------------------------------------------------------


def who_hears(wire, event, intents, cause):
    """Of sessions with these sets of intents, those that hear of the event."""
    sockets = [(mask, wire.session(intents=mask)) for mask in intents]
    cause()
    return [mask for mask, socket in sockets if event in dict(socket.events())]


@pytest.mark.parametrize(("user", "hear"), [("me", [0, 1, 2]), ("m1", [2])])
@pytest.mark.fidelity("D.2", "D", "docs: Gateway Events")
@pytest.mark.fidelity("C.13", "D", "docs: Gateway Events")
def test_a_bots_own_member_update_needs_no_intent(wire, user, hear):
    def cause():
        wire.act("owner", "update_guild_member", {"nick": "new"}, guild_id="g", user_id=user)

    assert who_hears(wire, "GUILD_MEMBER_UPDATE", (0, 1, 2), cause) == hear


@pytest.mark.parametrize(("user", "hear"), [("me", [1, 2]), ("m1", [2])])
@pytest.mark.fidelity("D.3", "D", "docs: Gateway (list of intents), Threads")
@pytest.mark.fidelity("C.13", "D", "docs: Gateway (list of intents), Threads")
def test_a_bot_that_joins_a_thread_hears_of_it_with_guilds_already(wire, user, hear):
    thread = wire.act("owner", "create_thread", {"name": "talk", "type": 11}, channel_id="c")["id"]

    def cause():
        wire.act("owner", "add_thread_member", channel_id=thread, user_id=user)

    assert who_hears(wire, "THREAD_MEMBERS_UPDATE", (0, 1, 2), cause) == hear


# -- permissions ---------------------------------------------------------------------------------------------

LOG, BANS = P.VIEW_AUDIT_LOG, P.BAN_MEMBERS
OPENED_BY = {
    "GUILD_BAN_ADD": {BANS, LOG},
    "GUILD_BAN_REMOVE": {BANS, LOG},
    "GUILD_AUDIT_LOG_ENTRY_CREATE": {LOG},
    "INVITE_CREATE": {P.MANAGE_CHANNELS},
    "INVITE_DELETE": {P.MANAGE_CHANNELS},
    "AUTO_MODERATION_RULE_CREATE": {P.MANAGE_GUILD},
    "AUTO_MODERATION_RULE_UPDATE": {P.MANAGE_GUILD},
    "AUTO_MODERATION_RULE_DELETE": {P.MANAGE_GUILD},
    "AUTO_MODERATION_ACTION_EXECUTION": {P.MANAGE_GUILD},
}


def moderate(wire):
    """The owner causes each of these events."""
    victim = wire.names["m3"]
    wire.act("owner", "ban_user_from_guild", guild_id="g", user_id=victim)
    wire.act("owner", "unban_user_from_guild", guild_id="g", user_id=victim)
    invite = wire.act("owner", "create_channel_invite", {}, channel_id="c")
    wire.act("owner", "invite_revoke", code=invite["code"])
    alert = {"type": 2, "metadata": {"channel_id": str(wire.names["c2"])}}
    rule = {
        "name": "words", "event_type": 1, "trigger_type": 1, "trigger_metadata": {"keyword_filter": ["spam"]},
        "actions": [alert], "enabled": True,
    }  # fmt: skip
    made = wire.act("owner", "create_auto_moderation_rule", rule, guild_id="g")["id"]
    wire.guild.roles[wire.guild.id]["permissions"] = str(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    wire.say("spam")
    wire.guild.roles[wire.guild.id]["permissions"] = "0"
    wire.act("owner", "update_auto_moderation_rule", {"enabled": False}, guild_id="g", rule_id=made)
    wire.act("owner", "delete_auto_moderation_rule", guild_id="g", rule_id=made)


@pytest.fixture(scope="module")
def opened(started):
    """The names of the events that a bot with all intents and one permission hears, by permission."""
    with started() as wire:
        socket, told = wire.session(), {}
        for bit in (P.ADD_REACTIONS, BANS, LOG, P.MANAGE_CHANNELS, P.MANAGE_GUILD):
            wire.permit(bit)
            moderate(wire)
            told[bit] = {name for name, _ in socket.events()}
    return told


@pytest.mark.parametrize("event", OPENED_BY)
@pytest.mark.fidelity("D.2", "D", "docs: Gateway Events")
@pytest.mark.fidelity("C.13", "D", "docs: Gateway Events")
def test_some_events_need_one_of_some_permissions_besides_their_intent(opened, event):
    assert {bit for bit, names in opened.items() if event in names} == OPENED_BY[event]


IN_A_CHANNEL = {
    "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "MESSAGE_REACTION_ADD",
    "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI", "TYPING_START",
    "CHANNEL_PINS_UPDATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE",
    "THREAD_MEMBERS_UPDATE", "WEBHOOKS_UPDATE", "VOICE_STATE_UPDATE", "VOICE_CHANNEL_START_TIME_UPDATE",
    "VOICE_CHANNEL_STATUS_UPDATE",
}  # fmt: skip


def live_in(wire, text, voice):
    """The owner causes each of these events in two channels."""

    def act(operation, data=None, **params):
        return wire.act("owner", operation, data, **params)

    here = {"channel_id": text}
    this = {**here, "message_id": act("create_message", {"content": "one"}, **here)["id"]}
    act("update_message", {"content": "two"}, **this)
    for operation in (
        "add_my_message_reaction", "delete_my_message_reaction", "add_my_message_reaction",
        "delete_all_message_reactions_by_emoji",
    ):  # fmt: skip
        act(operation, emoji_name="🔥", **this)
    act("add_my_message_reaction", emoji_name="🔥", **this)
    act("delete_all_message_reactions", **this)
    act("create_pin", **this)
    act("delete_message", **this)
    others = [act("create_message", {"content": "x"}, **here)["id"] for _ in range(2)]
    act("bulk_delete_messages", {"messages": others}, **here)
    act("trigger_typing_indicator", **here)
    act("update_channel", {"topic": "new"}, **here)
    act("create_webhook", {"name": "hook"}, **here)
    thread = {"channel_id": act("create_thread", {"name": "talk", "type": 11}, **here)["id"]}
    act("update_channel", {"name": "chat"}, **thread)
    act("delete_channel", **thread)
    wire.do(wire.fake.voice, wire.names["owner"], wire.guild.id, int(voice))
    act("update_voice_channel_status", {"status": "talking"}, channel_id=voice)
    wire.do(wire.fake.voice, wire.names["owner"], wire.guild.id, None)


@pytest.mark.fidelity("D.3", "D/K", "docs: Permissions; client experience")
@pytest.mark.fidelity("C.13", "D/K", "docs: Permissions; client experience")
def test_what_happens_in_a_channel_is_told_to_who_can_view_it(wire):
    socket = wire.session()
    wire.permit(ALL & ~P.ADMINISTRATOR & ~P.VIEW_AUDIT_LOG)
    voices = [
        wire.act("owner", "create_guild_channel", {"name": "voice", "type": 2}, guild_id="g")["id"] for _ in range(2)
    ]  # fmt: skip
    for hidden in ("c2", voices[1]):
        wire.act(
            "owner", "set_channel_permission_overwrite", {"type": 0, "deny": str(int(P.VIEW_CHANNEL))},
            channel_id=hidden, overwrite_id="g",
        )  # fmt: skip
    heard = []
    for text, voice in zip(("c", "c2"), voices, strict=True):
        socket.events()
        live_in(wire, text, voice)
        heard.append({name for name, _ in socket.events()})
    assert heard == [IN_A_CHANNEL, set()]


@pytest.mark.fidelity("D.4", "D", "docs: Gateway (list of intents)")
@pytest.mark.fidelity("C.13", "D", "docs: Gateway (list of intents)")
def test_a_direct_channel_is_heard_by_the_bot_that_is_in_it(wire):
    own, other = wire.session(intents=4096), wire.session(intents=4096, token=wire.tokens[1])
    channel = wire.ok("POST", "/users/@me/channels", {"recipient_id": str(wire.names["m1"])})["id"]
    wire.act("m1", "create_message", {"content": "psst"}, channel_id=channel)
    assert [[name for name, _ in socket.events()] for socket in (own, other)] == [["MESSAGE_CREATE"], []]
