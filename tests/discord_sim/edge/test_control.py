"""The operator's API over HTTP: who may use it, what it says of itself, and each of its actions with what it brings
about for a bot."""

import asyncio
import json
import re

import aiohttp
import msgspec
import pytest
from openapi_spec_validator import validate
from yarl import URL

from discord_sim import Settings, Simulation, World, start_discord
from discord_sim.edge import FakeDiscord
from discord_sim.edge.control.actions import ACTIONS
from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.rules.permissions import Permission

SECRET = "open sesame"
FIRST_GUILD = World(1).guild_at(0).id


class Desk:
    """The operator's desk, and a bot with a REST client and a gateway session; what that was told is in `seen`."""

    def __init__(self, sim, fake):
        self.sim, self.fake = sim, fake
        self.seen, self.closes = [], []
        self.guild = fake.world.guild_at(0)
        self.guild_id, self.channel = str(self.guild.id), next(iter(map(str, self.guild.channels)))
        self.owner, self.member, self.other = [
            str(user) for user, _ in zip(fake.world.member_ids(self.guild), range(3), strict=False)
        ]
        self.stranger = str(next(fake.world.member_ids(fake.world.guild_at(1))))
        self.bot, self.bot_2 = map(str, fake.world.bots)
        self.http = self.socket = self.reader = None

    def do(self, program):
        async def outer():
            return await self.sim.spawn("bot", program)

        return self.sim.run(outer())

    async def arrive(self):
        self.http = aiohttp.ClientSession()
        await self.connect()

    async def connect(self):
        self.socket = await self.http.ws_connect("wss://gateway.discord.gg/?v=10&encoding=json", max_msg_size=0)
        self.reader = asyncio.create_task(self.read(self.socket))
        await self.send(2, {"token": self.fake.settings.token, "intents": ALL_INTENTS, "properties": {}})
        await asyncio.sleep(6)

    async def send(self, op, d):
        await self.socket.send_str(json.dumps({"op": op, "d": d}))

    async def read(self, socket):
        async for message in socket:
            frame = json.loads(message.data)
            self.seen.append((frame["t"] or frame["op"], frame["d"]))
        self.closes.append(socket.close_code)

    async def leave(self):
        await self.socket.close()
        await self.reader
        await self.http.close()

    async def request(self, method, url, body, headers):
        options = {} if body is None else {"json": body}
        async with self.http.request(method, url, headers=headers, **options) as answer:
            raw = await answer.read()
            await asyncio.sleep(0.2)
            return answer.status, msgspec.json.decode(raw) if answer.content_type == "application/json" else raw

    def call(self, method, path, body=None, secret=SECRET):
        """(status, body) of a call of the operator's."""
        headers = {} if secret is None else {"X-Sim-Secret": secret}
        return self.do(lambda: self.request(method, f"https://discord.com/_sim{path}", body, headers))

    def ok(self, method, path, body=None):
        """The answer of a call that must succeed: a body, or None."""
        status, answer = self.call(method, path, body)
        assert status == (200 if answer else 204), answer
        return answer or None

    def refused(self, method, path, body=None):
        """(status, message) of a call that must fail."""
        status, answer = self.call(method, path, body)
        return status, answer["message"]

    def told(self, method, path, body=None):
        """The names of the events that a call brings to the bot."""
        del self.seen[:]
        self.ok(method, path, body)
        return [name for name, _ in self.seen]

    def last(self, name):
        """The data of the newest event of this name."""
        return next(data for event, data in reversed(self.seen) if event == name)

    def rest(self, method, path, body=None):
        """The bot's own call of Discord's API: (status, body)."""
        headers = {"Authorization": f"Bot {self.fake.settings.token}"}
        return self.do(lambda: self.request(method, f"https://discord.com/api/v10{path}", body, headers))

    def made(self, method, path, body=None):
        """The body of a call of the bot's that must succeed."""
        status, answer = self.rest(method, path, body)
        assert status in (200, 201, 204), answer
        return answer

    def answer(self, kind, data=None):
        """The bot answers the newest interaction."""
        asked = self.last("INTERACTION_CREATE")
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        assert self.rest("POST", f"/interactions/{asked['id']}/{asked['token']}/callback", body)[0] == 204
        return asked


@pytest.fixture
def desk():
    settings = Settings(control_secret=SECRET)
    with Simulation(1) as sim:
        fake = sim.run(start_discord(sim, World(1, guilds=2, members=(8, 20), bots=2), settings))
        desk = Desk(sim, fake)
        desk.do(desk.arrive)
        yield desk
        desk.do(desk.leave)
        sim.run(fake.stop())


@pytest.fixture
def knock():
    """`knock(method, path, body)`: (status, body) of one call on a real socket, by default with the right secret."""

    def call(method, path, body=None, headers=None, settings=None):
        async def main():
            fake = FakeDiscord(World(1, guilds=2), settings or Settings(control_secret=SECRET))
            url = URL(f"http://127.0.0.1:{await fake.start()}{path}", encoded=True)
            told = {"X-Sim-Secret": SECRET} if headers is None else headers
            try:
                async with aiohttp.request(method, url, headers=told, json=body) as answer:
                    return answer.status, await answer.json()
            finally:
                await fake.stop()

        return asyncio.run(main())

    return call


def path_of(action):
    return "/_sim" + re.sub(r"\{\w+\}", "1", action.path)


each_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.method} {action.path}")
each_body = pytest.mark.parametrize(
    "action", [a for a in ACTIONS if a.body is not None], ids=lambda action: action.path
)


# -- the door --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/_sim/openapi.json", "/_sim/state", "/_sim/nope"])
def test_without_a_secret_of_its_own_a_server_has_no_such_api(knock, path):
    answer = knock("GET", path, settings=Settings(), headers={"X-Sim-Secret": ""})
    assert answer == (404, {"message": "this server was started without a control secret"})


@each_action
def test_no_action_opens_without_the_secret(knock, action):
    refused = (401, {"message": "the header X-Sim-Secret must hold the control secret"})
    assert knock(action.method, path_of(action), {}, headers={}) == refused


@pytest.mark.parametrize(
    "secret", ["", "wrong", SECRET + "!", SECRET.upper(), Settings().token, f"Bot {Settings().token}"]
)
def test_nothing_else_is_the_secret(knock, secret):
    assert knock("GET", "/_sim/state", headers={"X-Sim-Secret": secret})[0] == 401


@pytest.mark.parametrize(
    "path", ["/", "/nope", "/state/", "/guilds", "/guilds/0/members", "/users/1", "/as/1", "/as/x/gateway", "/%73tate"]
)
def test_a_path_that_is_not_there(knock, path):
    assert knock("GET", f"/_sim{path}") == (404, {"message": "no such path; /_sim/openapi.json lists them"})


@each_action
def test_another_method_is_told_those_of_the_path(knock, action):
    status, answer = knock("OPTIONS", path_of(action))
    assert status == 405
    assert action.method in answer["message"].removeprefix("this path takes ").split(", ")


@each_body
def test_a_misspelt_field_is_named(knock, action):
    assert knock(action.method, path_of(action), {"mispelt": 1}) == (
        400, {"message": "Object contains unknown field `mispelt`"}
    )  # fmt: skip


@each_body
def test_a_field_of_another_type_is_named(knock, action):
    for field in msgspec.structs.fields(action.body):
        status, answer = knock(action.method, path_of(action), {field.name: [[]]})
        assert status == 400
        assert f"`$.{field.name}" in answer["message"]


@each_body
def test_a_body_that_is_none_is_refused(knock, action):
    assert knock(action.method, path_of(action))[0] == 400
    assert knock(action.method, path_of(action), [])[0] == 400


NAMED = [
    (action, name)
    for action in ACTIONS
    for name in re.findall(r"\{(\w+)\}", action.path)
    if action.body is None and name not in ("kind", "ip")
]


@pytest.mark.parametrize(
    ("action", "name"), NAMED, ids=[f"{action.method} {action.path}: {name}" for action, name in NAMED]
)
@pytest.mark.parametrize("text", ["x", "%C2%B2", "-1", "9" * 5_000])
def test_what_the_path_names_must_be_an_id(knock, action, name, text):
    path = "/_sim" + re.sub(r"\{\w+\}", lambda found: text if found[0][1:-1] == name else str(FIRST_GUILD), action.path)
    status, answer = knock(action.method, path)
    assert status == 404
    assert answer["message"].endswith("is no id")


def test_the_document_is_valid_and_describes_every_action(knock):
    status, document = knock("GET", "/_sim/openapi.json", headers={})
    assert status == 200
    validate(document)
    described = {(m.upper(), path) for path, methods in document["paths"].items() for m in methods}
    of_users = {(method, "/_sim/as/{user_id}/{path}") for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
    assert described == {(action.method, f"/_sim{action.path}") for action in ACTIONS} | of_users
    for action in ACTIONS:
        told = document["paths"][f"/_sim{action.path}"][action.method.lower()]
        assert ("requestBody" in told) == (action.body is not None)
        assert [p["name"] for p in told["parameters"]] == re.findall(r"\{(\w+)\}", action.path)


@each_body
def test_the_documents_schema_of_a_body_is_what_the_server_takes(knock, action):
    document = knock("GET", "/_sim/openapi.json")[1]
    schema = document["components"]["schemas"][action.body.__name__]
    assert set(schema["properties"]) == {field.name for field in msgspec.structs.fields(action.body)}
    assert set(schema["required"]) == {field.name for field in msgspec.structs.fields(action.body) if field.required}
    assert schema["additionalProperties"] is False


# -- looking ---------------------------------------------------------------------------------------------------


def test_the_state_tells_who_is_there(desk):
    state = desk.ok("GET", "/state")
    assert state["applications"] == [
        {"id": desk.bot, "name": "simulated-bot"},
        {"id": desk.bot_2, "name": "simulated-bot-1"},
    ]
    assert state["guilds"] == 2
    (session,) = state["sessions"]
    assert session == {
        "number": 1, "application_id": desk.bot, "shard": [0, 1], "seq": 3, "intents": ALL_INTENTS, "connected": True,
    }  # fmt: skip
    assert state["banned_ips"] == []
    assert state["clock"]["now_ms"] == pytest.approx(desk.fake.clock.now_ms - 200, abs=20)


def test_a_guild_tells_the_ids_of_what_is_in_it(desk):
    guild = desk.ok("GET", "/guilds/0")
    assert (guild["id"], guild["owner_id"]) == (desk.guild_id, desk.owner)
    assert [c["id"] for c in guild["channels"]] == list(map(str, desk.guild.channels))
    assert [r["id"] for r in guild["roles"]] == list(map(str, desk.guild.roles))
    assert guild["bots"] == [desk.bot, desk.bot_2]
    assert len(guild["members"]) == guild["member_count"] - 2
    assert desk.refused("GET", "/guilds/2") == (404, "this world has guilds 0 to 1, not 2")


def test_the_record_tells_what_the_server_saw(desk):
    desk.made("POST", f"/channels/{desk.channel}/messages", {"content": "seen"})
    record = desk.ok("GET", "/record")
    assert (record["requests"], record["identifies"], record["events"]) == (1, 1, 1)
    assert record["gateway"] == {"open": 1, "identify": 1}
    assert record["closes"] == {}
    assert record["digest"] == desk.fake.record.trace.digest
    (request,) = desk.ok("GET", "/record/requests")
    assert (request["method"], request["route"], request["status"]) == ("POST", "create_message", 200)
    assert [e["type"] for e in desk.ok("GET", "/record/events")] == ["MESSAGE_CREATE"]
    assert [d["seq"] for d in desk.ok("GET", "/record/deliveries")] == [1, 2, 3, 4]
    assert desk.refused("GET", "/record/secrets") == (404, "the record has requests, events and deliveries")


def test_of_a_long_record_the_newest_thousand_are_told(desk):
    for _ in range(1_005):
        desk.fake.dispatch("X", {})
    events = desk.ok("GET", "/record/events")
    assert [events[0]["number"], events[-1]["number"], len(events)] == [6, 1_005, 1_000]


# -- users -----------------------------------------------------------------------------------------------------


def test_a_presence_is_told_in_every_guild_of_the_user(desk):
    playing = {"name": "chess", "type": 0}
    body = {"status": "dnd", "activities": [playing]}
    assert desk.told("PUT", f"/users/{desk.member}/presence", body) == ["PRESENCE_UPDATE"]
    presence = desk.last("PRESENCE_UPDATE")
    assert (presence["user"]["id"], presence["status"]) == (desk.member, "dnd")
    assert [activity["name"] for activity in presence["activities"]] == ["chess"]
    assert desk.told("PUT", f"/users/{desk.member}/presence", {"status": "offline"}) == ["PRESENCE_UPDATE"]
    assert desk.last("PRESENCE_UPDATE")["status"] == "offline"
    assert desk.refused("PUT", "/users/1/presence", {"status": "idle"}) == (404, "this world has no user 1")


def test_a_user_enters_and_leaves_voice(desk):
    voice = desk.made("POST", f"/guilds/{desk.guild_id}/channels", {"name": "voice", "type": 2})["id"]
    path, place = f"/users/{desk.member}/voice", {"guild_id": desk.guild_id, "channel_id": voice, "self_mute": True}
    assert desk.told("PUT", path, place)[0] == "VOICE_STATE_UPDATE"
    state = desk.last("VOICE_STATE_UPDATE")
    assert (state["user_id"], state["channel_id"], state["self_mute"], state["self_deaf"]) == (
        desk.member,
        voice,
        True,
        False,
    )
    assert desk.told("PUT", path, {**place, "channel_id": None})[0] == "VOICE_STATE_UPDATE"
    assert desk.last("VOICE_STATE_UPDATE")["channel_id"] is None
    text = {**place, "channel_id": desk.channel}
    assert desk.refused("PUT", path, text) == (404, f"guild {desk.guild_id} has no voice channel {desk.channel}")
    stranger = f"user {desk.stranger} is not in guild {desk.guild_id}"
    assert desk.refused("PUT", f"/users/{desk.stranger}/voice", place) == (404, stranger)
    assert desk.refused("PUT", path, {**place, "guild_id": 5}) == (404, "this world has no guild 5")


def test_a_user_joins_and_leaves(desk):
    path = f"/guilds/{desk.guild_id}/members/{desk.stranger}"
    assert desk.told("PUT", path) == ["GUILD_MEMBER_ADD"]
    assert desk.last("GUILD_MEMBER_ADD")["user"]["id"] == desk.stranger
    assert desk.told("PUT", path) == []
    assert desk.told("DELETE", path) == ["GUILD_MEMBER_REMOVE"]
    assert desk.told("DELETE", path) == []
    assert desk.refused("PUT", f"/guilds/{desk.guild_id}/members/1") == (404, "this world has no user 1")
    assert desk.refused("DELETE", f"/guilds/1/members/{desk.member}") == (404, "this world has no guild 1")


def test_a_bot_leaves_and_comes_back(desk):
    path = f"/guilds/{desk.guild_id}/members/{desk.bot}"
    assert desk.told("DELETE", path) == ["GUILD_DELETE"]
    assert desk.last("GUILD_DELETE") == {"id": desk.guild_id}
    assert desk.told("PUT", path)[0] == "GUILD_CREATE"
    assert desk.last("GUILD_CREATE")["id"] == desk.guild_id


def test_a_member_marks_a_scheduled_event(desk):
    start, end = "2100-01-01T00:00:00Z", "2100-01-01T01:00:00Z"
    body = {
        "name": "party", "privacy_level": 2, "entity_type": 3, "scheduled_start_time": start, "scheduled_end_time": end,
        "entity_metadata": {"location": "here"},
    }  # fmt: skip
    event = desk.made("POST", f"/guilds/{desk.guild_id}/scheduled-events", body)["id"]
    path, who = f"/guilds/{desk.guild_id}/scheduled-events/{event}/users", {"user_id": desk.member}
    assert desk.told("POST", path, who) == ["GUILD_SCHEDULED_EVENT_USER_ADD"]
    assert desk.told("POST", path, who) == []
    assert desk.told("POST", path, {**who, "wanted": False}) == ["GUILD_SCHEDULED_EVENT_USER_REMOVE"]
    missing = f"guild {desk.guild_id} has no scheduled event 7"
    assert desk.refused("POST", path.replace(event, "7"), who) == (404, missing)
    stranger = f"user {desk.stranger} is not in guild {desk.guild_id}"
    assert desk.refused("POST", path, {"user_id": desk.stranger}) == (404, stranger)


# -- commands, components, modals, polls --------------------------------------------------------------------------

COMMAND = {
    "name": "paint", "description": "paints", "options": [
        {"name": "colour", "description": "which", "type": 3, "required": True, "autocomplete": True},
        {"name": "times", "description": "how often", "type": 4},
    ],
}  # fmt: skip
BUTTON = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "go", "custom_id": "go"}]}]
FIELD = {"type": 4, "custom_id": "why", "style": 1, "label": "Why?", "max_length": 10}
MODAL = {"custom_id": "ask", "title": "Why?", "components": [{"type": 1, "components": [FIELD]}]}


def use(desk, **more):
    return {"channel_id": desk.channel, "name": "paint", "options": {"colour": "red"}, **more}


def test_a_user_uses_a_command_and_the_bot_answers(desk):
    desk.made("POST", f"/applications/{desk.bot}/commands", COMMAND)
    asked = desk.ok("POST", f"/users/{desk.member}/commands", use(desk, options={"colour": "red", "times": 2}))
    assert asked == {
        "id": asked["id"], "type": 2, "answered": None, "ephemeral": False, "message_id": None, "response": None,
    }  # fmt: skip
    told = desk.last("INTERACTION_CREATE")
    assert (told["id"], told["member"]["user"]["id"], told["channel_id"]) == (asked["id"], desk.member, desk.channel)
    assert [(o["name"], o["value"]) for o in told["data"]["options"]] == [("colour", "red"), ("times", 2)]
    desk.answer(4, {"content": "painted", "flags": 64})
    found = desk.ok("GET", f"/interactions/{asked['id']}")
    assert (found["answered"], found["ephemeral"]) == (4, True)
    message = desk.fake.world.message(int(desk.channel), int(found["message_id"]))
    assert message.content == "painted"
    assert desk.refused("GET", "/interactions/1") == (404, "there is no interaction 1")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"name": "draw"}, "has no command 'draw' of type 1 here"),
        ({"type": 2, "target_id": "1"}, "has no command 'paint' of type 2 here"),
        ({"name": "paint red"}, "'paint' has no sub-command 'red'"),
        ({"options": {}}, "'paint' needs the option 'colour'"),
        ({"options": {"colour": "red", "size": 1}}, "'paint' has no option 'size'"),
        ({"options": {"colour": 5}}, "option 'colour' is no str: 5"),
        ({"options": {"colour": "red", "times": "2"}}, "option 'times' is no int: '2'"),
        ({"application_id": "1"}, "application 1 has no command 'paint' of type 1 here"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else None,
)
def test_what_a_users_client_would_not_let_them_do_is_explained(desk, more, message):
    desk.made("POST", f"/applications/{desk.bot}/commands", COMMAND)
    status, told = desk.refused("POST", f"/users/{desk.member}/commands", use(desk, **more))
    assert (status, told[-len(message) :]) == (400, message)


def test_a_command_is_used_where_its_user_can_see(desk):
    desk.made("POST", f"/applications/{desk.bot}/commands", COMMAND)
    unseen = f"user {desk.stranger} does not see channel {desk.channel}"
    assert desk.refused("POST", f"/users/{desk.stranger}/commands", use(desk)) == (400, unseen)
    assert desk.refused("POST", f"/users/{desk.member}/commands", use(desk, channel_id=5)) == (
        404,
        "this world has no channel 5",
    )


def test_a_user_is_offered_choices_while_typing(desk):
    desk.made("POST", f"/applications/{desk.bot}/commands", COMMAND)
    typing = use(desk, options={"colour": "re"}, focused="colour")
    asked = desk.ok("POST", f"/users/{desk.member}/commands", typing)
    told = desk.last("INTERACTION_CREATE")
    assert (told["type"], told["data"]["options"]) == (
        4,
        [{"name": "colour", "type": 3, "value": "re", "focused": True}],
    )
    choices = [{"name": "Red", "value": "red"}]
    desk.answer(8, {"choices": choices})
    assert desk.ok("GET", f"/interactions/{asked['id']}")["response"]["choices"] == choices


def test_a_command_on_a_message_resolves_it(desk):
    desk.made("POST", f"/applications/{desk.bot}/commands", {"name": "Report", "type": 3})
    message = desk.made("POST", f"/channels/{desk.channel}/messages", {"content": "rude"})["id"]
    body = {"channel_id": desk.channel, "name": "Report", "type": 3, "target_id": message}
    desk.ok("POST", f"/users/{desk.member}/commands", body)
    data = desk.last("INTERACTION_CREATE")["data"]
    assert (data["target_id"], data["resolved"]["messages"][message]["content"]) == (message, "rude")


def test_a_button_opens_a_modal_and_the_modal_is_submitted(desk):
    sent = desk.made("POST", f"/channels/{desk.channel}/messages", {"content": "press", "components": BUTTON})["id"]
    press = {"channel_id": desk.channel, "message_id": sent, "custom_id": "go"}
    pressed = desk.ok("POST", f"/users/{desk.member}/components", press)
    told = desk.last("INTERACTION_CREATE")
    assert (told["type"], told["data"]["custom_id"], told["message"]["id"]) == (3, "go", sent)
    desk.answer(9, MODAL)
    assert desk.ok("GET", f"/interactions/{pressed['id']}")["response"]["custom_id"] == "ask"

    path, submit = f"/users/{desk.member}/modals", {"interaction_id": pressed["id"], "values": {"why": "because"}}
    desk.ok("POST", path, submit)
    told = desk.last("INTERACTION_CREATE")
    assert (told["type"], told["data"]["custom_id"], told["message"]["id"]) == (5, "ask", sent)
    assert told["data"]["components"][0]["components"][0]["value"] == "because"
    desk.answer(7, {"content": "pressed", "components": []})
    assert desk.fake.world.message(int(desk.channel), int(sent)).content == "pressed"

    assert desk.refused("POST", path, {**submit, "values": {"why": "x" * 11}}) == (
        400,
        "'why' takes 1 to 10 characters",
    )
    assert desk.refused("POST", path, {**submit, "values": {"who": "x"}}) == (400, "the modal has no field 'who'")
    unanswered = (404, "interaction 5 was not answered with a modal")
    assert desk.refused("POST", path, {**submit, "interaction_id": 5}) == unanswered
    gone = (400, f"message {sent} has no component 'go'")
    assert desk.refused("POST", f"/users/{desk.member}/components", press) == gone
    nowhere = (404, f"channel {desk.channel} has no message 5")
    assert desk.refused("POST", f"/users/{desk.member}/components", {**press, "message_id": 5}) == nowhere


def test_a_user_votes_in_a_poll(desk):
    answers = [{"poll_media": {"text": text}} for text in ("yes", "no")]
    poll = {"question": {"text": "Well?"}, "answers": answers, "duration": 1, "allow_multiselect": False}
    sent = desk.made("POST", f"/channels/{desk.channel}/messages", {"poll": poll})["id"]
    path, body = f"/users/{desk.member}/votes", {"channel_id": desk.channel, "message_id": sent, "answer_id": 1}
    assert desk.told("POST", path, body) == ["MESSAGE_POLL_VOTE_ADD"]
    assert desk.last("MESSAGE_POLL_VOTE_ADD")["user_id"] == desk.member
    assert desk.told("POST", path, {**body, "wanted": False}) == ["MESSAGE_POLL_VOTE_REMOVE"]
    assert desk.refused("POST", path, {**body, "answer_id": 3}) == (400, f"message {sent} has no poll with answer 3")


# -- guilds and applications -----------------------------------------------------------------------------------


def test_a_guild_goes_down_and_comes_back(desk):
    assert desk.told("PUT", "/guilds/0/outage") == ["GUILD_DELETE"]
    assert desk.last("GUILD_DELETE") == {"id": desk.guild_id, "unavailable": True}
    assert desk.told("DELETE", "/guilds/0/outage") == ["GUILD_CREATE"]
    assert desk.last("GUILD_CREATE")["id"] == desk.guild_id
    assert desk.refused("PUT", "/guilds/9/outage") == (404, "this world has guilds 0 to 1, not 9")


def test_a_guild_is_boosted(desk):
    assert desk.told("PUT", f"/guilds/{desk.guild_id}/boosts", {"tier": 2}) == ["GUILD_UPDATE"]
    assert desk.last("GUILD_UPDATE")["premium_tier"] == 2
    assert desk.made("GET", f"/guilds/{desk.guild_id}")["premium_tier"] == 2
    status, message = desk.refused("PUT", f"/guilds/{desk.guild_id}/boosts", {"tier": 4})
    assert (status, message) == (400, "Expected `int` <= 3 - at `$.tier`")


def test_a_guild_is_connected_with_an_account_elsewhere(desk):
    path = f"/guilds/{desk.guild_id}/integrations"
    both = ["INTEGRATION_CREATE", "GUILD_INTEGRATIONS_UPDATE"]
    del desk.seen[:]
    made = desk.ok("POST", path, {"type": "twitch", "name": "streams"})["id"]
    assert [name for name, _ in desk.seen] == both
    assert desk.told("PATCH", f"{path}/{made}", {"enabled": False}) == ["INTEGRATION_UPDATE", both[1]]
    assert desk.last("INTEGRATION_UPDATE")["enabled"] is False
    (listed,) = [i for i in desk.made("GET", path) if i["id"] == made]
    assert (listed["type"], listed["name"], listed["enabled"]) == ("twitch", "streams", False)
    missing = (404, f"guild {desk.guild_id} has no integration 5")
    assert desk.refused("PATCH", f"{path}/5", {"enabled": True}) == missing


def test_a_user_subscribes_and_unsubscribes(desk):
    sku = desk.ok("POST", f"/applications/{desk.bot}/skus", {"name": "Gold"})["id"]
    assert sku in {s["id"] for s in desk.made("GET", f"/applications/{desk.bot}/skus")}
    made = desk.ok("POST", "/subscriptions", {"user_id": desk.member, "sku_id": sku})["id"]
    subscription, entitlement = desk.last("SUBSCRIPTION_CREATE"), desk.last("ENTITLEMENT_CREATE")
    assert (subscription["id"], subscription["status"], subscription["entitlement_ids"]) == (
        made,
        0,
        [entitlement["id"]],
    )
    path = f"/subscriptions/{made}"
    assert desk.told("PATCH", path, {"status": 2}) == ["SUBSCRIPTION_UPDATE"]
    assert desk.told("PATCH", path, {"status": 1}) == ["SUBSCRIPTION_UPDATE", "ENTITLEMENT_UPDATE"]
    assert desk.last("ENTITLEMENT_UPDATE")["ends_at"] == desk.last("SUBSCRIPTION_UPDATE")["current_period_end"]
    assert desk.told("DELETE", path) == ["SUBSCRIPTION_DELETE"]
    assert desk.refused("DELETE", path) == (404, f"this world has no subscription {made}")
    assert desk.refused("POST", "/applications/5/skus", {"name": "x"}) == (404, "this world has no application 5")
    assert desk.refused("POST", "/subscriptions", {"user_id": "5", "sku_id": sku}) == (404, "this world has no user 5")
    nothing = {"user_id": desk.member, "sku_id": "5"}
    assert desk.refused("POST", "/subscriptions", nothing) == (404, "this world has no SKU 5")


def test_any_event_can_be_sent_with_any_body(desk):
    body = {"event": "SOMETHING_NEW", "data": {"deep": [{"er": None}]}, "guild_id": desk.guild_id}
    assert desk.told("POST", "/dispatches", body) == ["SOMETHING_NEW"]
    assert desk.last("SOMETHING_NEW") == {"deep": [{"er": None}]}
    for name in ("", "no name", 'a","op":7', "ÄÖ"):
        assert desk.refused("POST", "/dispatches", {"event": name, "data": {}})[0] == 400


# -- limits and faults -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "code", "scope", "body"),
    [
        ("user", None, "user", {"message": "You are being rate limited.", "retry_after": 2.5, "global": False}),
        (
            "shared",
            20028,
            "shared",
            {"message": "The resource is being rate limited.", "code": 20028, "retry_after": 2.5, "global": False},
        ),
        ("global", None, "global", {"message": "You are being rate limited.", "retry_after": 2.5, "global": True}),
        ("cloudflare", None, "cloudflare", b"error code: 1015"),
    ],
)
def test_the_next_requests_get_a_429_of_the_wanted_form(desk, form, code, scope, body):
    wanted = {"operation": "get_my_user", "form": form, "retry_after_s": 2.5, "times": 2, "code": code}
    assert desk.ok("POST", "/limits/429", wanted) is None
    assert [desk.rest("GET", "/users/@me")[0] for _ in range(3)] == [429, 429, 200]
    desk.ok("POST", "/limits/429", {**wanted, "times": 1})
    assert desk.rest("GET", "/users/@me") == (429, body)
    assert desk.ok("GET", "/record")["responses_429"][scope] == 3
    assert desk.refused("POST", "/limits/429", {**wanted, "operation": "nope"})[1].startswith("no operation 'nope'")


def test_hashes_rotate_and_counters_stay(desk):
    async def limits():
        url = f"https://discord.com/api/v10/channels/{desk.channel}/messages"
        headers = {"Authorization": f"Bot {desk.fake.settings.token}"}
        async with desk.http.post(url, json={"content": "x"}, headers=headers) as answer:
            return answer.headers["X-RateLimit-Bucket"], answer.headers["X-RateLimit-Remaining"]

    first = desk.do(limits)
    assert desk.ok("POST", "/limits/rotate-hashes") is None
    second = desk.do(limits)
    assert first[0] != second[0]
    assert (first[1], second[1]) == ("4", "3")


def test_an_address_is_banned_for_a_while_or_until_it_is_forgiven(desk):
    ip = desk.fake.gateway.connections[1].ip
    for seconds, pardon in ((10, None), (None, True)):
        assert desk.ok("POST", "/ip-bans", {"ip": ip, "seconds": seconds}) is None
        assert desk.rest("GET", "/users/@me")[0] == 429
        assert desk.ok("GET", "/state")["banned_ips"] == [ip]
        if pardon:
            desk.ok("DELETE", f"/ip-bans/{ip}")
        else:
            desk.ok("POST", "/clock", {"advance_s": 10})
        assert desk.rest("GET", "/users/@me")[0] == 200
        assert desk.ok("GET", "/state")["banned_ips"] == []


@pytest.mark.parametrize(
    ("status", "form", "kind"),
    [
        (500, "json", dict),
        (502, "html", bytes),
        (503, "text", bytes),
        (504, "json", dict),
        (520, "json", bytes),
        (524, "text", bytes),
    ],
)
def test_requests_get_a_server_error_of_the_wanted_form(desk, status, form, kind):
    desk.ok("POST", "/faults/rest", {"do": "answer", "status": status, "form": form, "operation": "create_message"})
    path, body = f"/channels/{desk.channel}/messages", {"content": "x"}
    failed, answer = desk.rest("POST", path, body)
    assert (failed, type(answer)) == (status, kind)
    assert desk.rest("GET", path) == (200, [])
    assert desk.rest("POST", path, body)[0] == 200


@pytest.mark.parametrize(("do", "happened"), [("reset", 0), ("reset_after", 1)])
def test_requests_are_cut_before_or_after_they_are_acted_upon(desk, do, happened):
    desk.ok("POST", "/faults/rest", {"do": do})
    path = f"/channels/{desk.channel}/messages"
    with pytest.raises(aiohttp.ClientError):
        desk.rest("POST", path, {"content": "x"})
    assert len(desk.made("GET", path)) == happened


def test_requests_are_late_or_never_answered(desk):
    def duration():
        began_ms = desk.fake.clock.now_ms
        status = desk.rest("GET", "/users/@me")[0]
        return status, (desk.fake.clock.now_ms - began_ms) // 100

    desk.ok("POST", "/faults/rest", {"do": "delay", "delay_s": 7.5, "times": 1})
    assert duration() == (200, 77)
    assert duration() == (200, 2)
    desk.ok("POST", "/faults/rest", {"do": "silence", "times": None})
    for _ in range(2):
        with pytest.raises(asyncio.TimeoutError):
            desk.do(lambda: asyncio.wait_for(desk.request("GET", "https://discord.com/api/v10/gateway", None, {}), 300))
    assert desk.ok("DELETE", "/faults") is None
    assert duration() == (200, 2)
    assert desk.refused("POST", "/faults/rest", {"do": "delay", "operation": "nope"})[1].startswith(
        "no operation 'nope'"
    )


@pytest.mark.parametrize(("do", "seen"), [("lose", [2, 3]), ("duplicate", [1, 1, 2, 3]), ("swap", [2, 1, 3])])
def test_events_are_lost_doubled_or_swapped(desk, do, seen):
    assert desk.ok("POST", "/faults/dispatch", {"do": do, "event": "NUMBERED"}) is None
    del desk.seen[:]
    for number in (1, 2, 3):
        desk.ok("POST", "/dispatches", {"event": "NUMBERED", "data": {"n": number}})
    assert [data["n"] for _, data in desk.seen] == seen
    assert desk.refused("POST", "/faults/dispatch", {"do": do, "event": "numbered"})[0] == 400


def test_faults_without_an_end_last_until_they_are_cleared(desk):
    desk.ok("POST", "/faults/dispatch", {"do": "lose", "times": None})
    desk.ok("POST", "/faults/rest", {"do": "answer", "times": None})
    event = {"event": "X", "data": {}}
    assert [desk.told("POST", "/dispatches", event) for _ in range(3)] == [[], [], []]
    assert desk.rest("GET", "/users/@me")[0] == 503
    desk.ok("DELETE", "/faults")
    assert desk.told("POST", "/dispatches", event) == ["X"]
    assert desk.rest("GET", "/users/@me")[0] == 200


# -- the gateway and the clock ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "seen", "closes"),
    [
        ({"do": "reconnect"}, [(7, None)], [4000]),
        ({"do": "invalidate", "shards": [0]}, [(9, False)], []),
        ({"do": "invalidate_resumable"}, [(9, True)], []),
        ({"do": "disconnect", "code": 4009}, [], [4009]),
        ({"do": "disconnect"}, [], [1006]),
        ({"do": "heartbeat"}, [(1, None)], []),
    ],
)
def test_what_can_be_done_to_connections(desk, body, seen, closes):
    del desk.seen[:]
    assert desk.ok("POST", "/gateway", body) == {"connections": 1}
    desk.do(lambda: asyncio.sleep(6))
    assert (desk.seen, desk.closes) == (seen, closes)
    assert desk.ok("POST", "/gateway", {**body, "shards": [5]}) == {"connections": 0}


def test_a_deafened_connection_gets_no_more_acknowledgements(desk):
    desk.do(lambda: desk.send(1, None))
    desk.do(lambda: asyncio.sleep(1))
    assert desk.seen[-1] == (11, None)
    assert desk.ok("POST", "/gateway", {"do": "deafen"}) == {"connections": 1}
    del desk.seen[:]
    desk.do(lambda: desk.send(1, None))
    assert desk.told("POST", "/dispatches", {"event": "X", "data": {}}) == ["X"]


def test_a_frozen_connection_is_up_and_silent(desk):
    assert desk.ok("POST", "/gateway", {"do": "freeze"}) == {"connections": 1}
    assert desk.told("POST", "/dispatches", {"event": "X", "data": {}}) == []
    assert desk.closes == []


def test_the_next_connections_are_greeted_with_op_7(desk):
    assert desk.ok("POST", "/gateway", {"do": "greet_reconnect", "times": 1}) == {"connections": 0}
    desk.do(desk.leave)
    del desk.seen[:]
    desk.do(desk.arrive)
    assert desk.seen[0] == (7, None)
    desk.do(desk.leave)
    del desk.seen[:]
    desk.do(desk.arrive)
    assert desk.seen[0][0] == 10


def test_the_clock_is_put_forward(desk):
    before = desk.ok("GET", "/state")["clock"]
    after = desk.ok("POST", "/clock", {"advance_s": 86_400})
    assert after["now_ms"] - before["now_ms"] == pytest.approx(86_400_200, abs=20)
    assert after["epoch_ms"] - before["epoch_ms"] == after["now_ms"] - before["now_ms"]
    desk.do(lambda: desk.send(1, None))  # the connection has not become too old by that
    assert desk.told("POST", "/dispatches", {"event": "X", "data": {}})[-1] == "X"
    assert desk.refused("POST", "/clock", {"advance_s": -1}) == (400, "Expected `float` >= 0.0 - at `$.advance_s`")


def test_an_interaction_gets_too_old(desk):
    desk.made("POST", f"/applications/{desk.bot}/commands", COMMAND)
    desk.ok("POST", f"/users/{desk.member}/commands", use(desk))
    asked = desk.last("INTERACTION_CREATE")
    desk.ok("POST", "/clock", {"advance_s": 3})
    status, answer = desk.rest("POST", f"/interactions/{asked['id']}/{asked['token']}/callback", {"type": 5})
    assert (status, answer["code"]) == (404, 10062)


# -- acting as a user ------------------------------------------------------------------------------------------


def test_any_user_calls_discords_api(desk):
    assert desk.ok("GET", f"/as/{desk.member}/users/@me")["id"] == desk.member
    path = f"/channels/{desk.channel}/messages"
    assert desk.told("POST", f"/as/{desk.member}{path}", {"content": "hello"}) == ["MESSAGE_CREATE"]
    assert desk.last("MESSAGE_CREATE")["author"]["id"] == desk.member
    (message,) = desk.made("GET", path)
    assert (message["content"], message["author"]["id"]) == ("hello", desk.member)
    assert desk.told("DELETE", f"/as/{desk.owner}{path}/{message['id']}")[0] == "MESSAGE_DELETE"


def test_users_have_their_own_rights(desk):
    path = f"/channels/{desk.channel}/messages"
    assert desk.call("POST", f"/as/{desk.stranger}{path}", {"content": "x"}) == (
        403,
        {"message": "Missing Access", "code": 50001},
    )
    ban = f"/guilds/{desk.guild_id}/bans/{desk.other}"
    assert desk.call("PUT", f"/as/{desk.member}{ban}", {})[1]["code"] == 50013
    role = desk.made("POST", f"/guilds/{desk.guild_id}/roles", {"permissions": str(int(Permission.BAN_MEMBERS))})["id"]
    desk.made("PUT", f"/guilds/{desk.guild_id}/members/{desk.member}/roles/{role}")
    desk.made("PATCH", f"/guilds/{desk.guild_id}/roles", [{"id": role, "position": 3}])
    assert "GUILD_BAN_ADD" in desk.told("PUT", f"/as/{desk.member}{ban}", {})


def test_users_meet_no_limit(desk):
    path = f"/as/{desk.member}/channels/{desk.channel}/messages"
    assert {desk.call("POST", path, {"content": "x"})[0] for _ in range(20)} == {200}
    assert desk.ok("GET", "/record")["requests"] == 0


@pytest.mark.parametrize(
    ("user", "path", "answer"),
    [
        ("1", "/users/@me", (404, {"message": "this world has no user 1"})),
        ("99999999999999999999", "/users/@me", (404, {"message": "this world has no user 99999999999999999999"})),
        (None, "/nope", (404, {"message": "404: Not Found", "code": 0})),
        (None, "/", (404, {"message": "404: Not Found", "code": 0})),
    ],
)
def test_nobody_and_nothing_is_not_found(desk, user, path, answer):
    assert desk.call("GET", f"/as/{user or desk.member}{path}") == answer
