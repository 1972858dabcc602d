"""Answering interactions: the first response within three seconds, follow-ups within fifteen minutes."""

import asyncio

import aiohttp
import pytest

from discord_sim.rules.intents import ALL_INTENTS
from discord_sim.wire import Intent
from discord_sim.world.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, begin

EPHEMERAL, LOADING, V2 = 1 << 6, 1 << 7, 1 << 15
BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "label": "L", "custom_id": "b"}]}


def names(told):
    return [name for name, _ in told]


class Started:
    """An interaction of member 1, what was told of it, and the paths that answer it."""

    def __init__(self, api, kind=COMMAND, data=None, *, message=None, from_component=False, direct=None):
        self.api = api
        world, guild = api.fake.world, None if direct else api.guild
        channel = direct or api.guild.channels[api.names["c"]]
        found = None if message is None else world.message(int(channel["id"]), int(message["id"]))
        self.interaction, event = begin(
            world, world.bot_id, api.names["m1"], guild, channel, kind, data or {"name": "ping", "type": 1},
            api.fake.clock.epoch_ms, message=found, from_component=from_component,
        )  # fmt: skip
        del api.seen[:]
        api.fake.emit([event])
        api.run(lambda: asyncio.sleep(0.1))
        self.seen = list(api.seen)
        self.callback = f"/interactions/{self.interaction.id}/{self.interaction.token}/callback"
        self.hook = f"/webhooks/{world.bot_id}/{self.interaction.token}"
        self.original = f"{self.hook}/messages/@original"

    def answer(self, kind, data=None, *, query="", **options):
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        return self.api("POST", self.callback + query, body, token="", **options)

    def say(self, method, path, body=None):
        return self.api(method, path, body, token="")

    def told(self, method, path, body=None):
        """(body, events) of a call without a token that must succeed."""
        return self.api.told(method, path, body, token="")


# -- being told ----------------------------------------------------------------------------------------------


def test_an_interaction_is_told_to_its_application_alone(api):
    other = next(t for t in api.fake.tokens if t != api.fake.settings.token)
    others = api.connect(other)
    del others[:]
    started = Started(api)
    assert (names(started.seen), others) == (["INTERACTION_CREATE"], [])
    body = started.seen[0][1]
    assert (body["id"], body["type"], body["version"]) == (str(started.interaction.id), 2, 1)
    assert (body["guild_id"], body["channel"]["id"]) == (str(api.guild.id), body["channel_id"])
    assert body["member"]["user"]["id"] == str(api.names["m1"])
    assert (int(body["member"]["permissions"]) > 0, int(body["app_permissions"]) > 0) == (True, True)
    assert body["authorizing_integration_owners"] == {"0": str(api.guild.id)}
    assert body["token"].startswith("aW50ZXJhY3Rpb246")
    assert len(body["token"]) > 200


def test_in_a_direct_channel_there_is_a_user_and_no_guild(api):
    channel = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})
    body = Started(api, direct=channel).seen[0][1]
    assert body["user"]["id"] == str(api.names["m1"])
    assert (body["context"], body["authorizing_integration_owners"]) == (1, {"0": "0"})
    assert not {"guild_id", "member", "guild"} & body.keys()


# -- acceptance row 23 ---------------------------------------------------------------------------------------


def test_row_23_the_first_response_has_three_seconds(api):
    started, late = Started(api), Started(api)
    api.fake.advance(2.5)
    assert started.answer(4, {"content": "in time"}) == (204, None)
    api.fake.advance(0.6)
    status, body = late.answer(4, {"content": "late"})
    assert (status, body["code"]) == (404, 10062)


def test_row_23_a_second_response_is_one_too_many(api):
    started = Started(api)
    started.answer(5)
    status, body = started.answer(4, {"content": "again"})
    assert (status, body["code"]) == (400, 40060)


def test_row_23_after_fifteen_minutes_the_token_is_worth_nothing(api):
    started = Started(api)
    started.answer(4, {"content": "x"})
    api.fake.advance(15 * 60 - 5)
    assert started.say("GET", started.original)[0] == 200
    api.fake.advance(6)
    for method, path, body in (
        ("GET", started.original, None), ("PATCH", started.original, {"content": "y"}),
        ("DELETE", started.original, None), ("POST", started.hook, {"content": "z"}),
    ):  # fmt: skip
        status, answer = started.say(method, path, body)
        assert (status, answer["code"]) == (401, 50027)


def test_row_23_the_first_follow_up_fills_in_a_deferred_response(api):
    started = Started(api)
    _, told = started.told("POST", started.callback, {"type": 5, "data": {"flags": EPHEMERAL | 1 << 2}})
    assert names(told) == ["MESSAGE_CREATE"]
    loading = told[0][1]
    assert (loading["content"], loading["flags"]) == ("", LOADING | EPHEMERAL), "of the flags only one is used"
    body, told = started.told("POST", started.hook, {"content": "done", "flags": 0})
    assert (body["id"], body["content"], body["flags"]) == (loading["id"], "done", EPHEMERAL)
    assert [(n, b["id"]) for n, b in told] == [("MESSAGE_UPDATE", loading["id"])]
    second, told = started.told("POST", started.hook, {"content": "and more"})
    assert (second["id"] != body["id"], second["flags"], names(told)) == (True, 0, ["MESSAGE_CREATE"])


def test_editing_the_original_fills_it_in_too(api):
    started = Started(api)
    started.answer(5)
    shown = {"flags": V2, "components": [{"type": 10, "content": "done"}]}
    body, told = started.told("PATCH", started.original, shown)
    assert (body["flags"], body["components"][0]["content"]) == (V2, "done")
    assert names(told) == ["MESSAGE_UPDATE"]
    assert started.say("POST", started.hook, {"content": "new"})[1]["id"] != body["id"]


# -- tokens --------------------------------------------------------------------------------------------------


def test_an_interaction_is_known_by_id_and_token_together(api):
    started, other = Started(api), Started(api)
    wrong = (
        f"/interactions/{other.interaction.id}/{started.interaction.token}/callback",
        f"/interactions/{started.interaction.id}/{started.interaction.token[:-2]}aa/callback",
        f"/interactions/1/{started.interaction.token}/callback", f"/interactions/{started.interaction.id}/x/callback",
    )  # fmt: skip
    for path in wrong:
        status, body = api("POST", path, {"type": 5}, token="")
        assert (status, body["code"]) == (404, 10062)
    assert started.answer(5)[0] == 204, "no Authorization is needed"


def test_before_the_first_response_there_is_no_webhook(api):
    started = Started(api)
    for method, path, body in (("GET", started.original, None), ("POST", started.hook, {"content": "x"})):
        status, answer = started.say(method, path, body)
        assert (status, answer["code"]) == (404, 10015)
    for token in ("nonsense", "ü", started.interaction.token[:-2] + "aa"):
        status, answer = api("POST", f"/webhooks/{{me}}/{token}", {"content": "x"}, token="")
        assert (status, answer["code"]) == (401, 50027)
    second = list(api.fake.world.bots)[1]
    status, answer = api("POST", f"/webhooks/{second}/{started.interaction.token}", {"content": "x"}, token="")
    assert (status, answer["code"]) == (401, 50027), "the token of another application"


# -- responses -----------------------------------------------------------------------------------------------


def test_a_response_is_a_message_of_the_application_about_the_command(api):
    started = Started(api)
    text = f"<@{api.names['m2']}> @everyone"
    body, told = started.told("POST", started.callback + "?with_response=true", {"type": 4, "data": {"content": text}})
    message, me = body["resource"]["message"], str(api.names["me"])
    assert body["interaction"] == {
        "id": str(started.interaction.id), "type": 2, "response_message_id": message["id"],
        "response_message_loading": False, "response_message_ephemeral": False,
    }  # fmt: skip
    assert (body["resource"]["type"], message["type"], message["content"]) == (4, 20, text)
    assert (message["author"]["id"], message["webhook_id"], message["application_id"]) == (me, me, me)
    assert message["interaction_metadata"]["user"]["id"] == str(api.names["m1"])
    assert message["interaction"]["name"] == "ping"
    assert ([u["id"] for u in message["mentions"]], message["mention_everyone"]) == ([str(api.names["m2"])], False)
    assert names(told) == ["MESSAGE_CREATE"]
    assert told[0][1]["guild_id"] == str(api.guild.id)
    assert api.ok("GET", f"/channels/{{c}}/messages/{message['id']}") == message
    assert api.ok("PATCH", f"/channels/{{c}}/messages/{message['id']}", {"content": "edited"})["content"] == "edited"


@pytest.mark.parametrize(("kind", "message_type"), [(1, 20), (2, 23), (3, 23)])
def test_the_kind_of_command_makes_the_type_of_the_message(api, kind, message_type):
    started = Started(api, data={"name": "x", "type": kind})
    _, body = started.answer(4, {"content": "x"}, query="?with_response=true")
    assert body["resource"]["message"]["type"] == message_type


@pytest.mark.parametrize("data", [None, {}, {"content": ""}])
def test_an_empty_response_is_refused_and_may_be_repeated(api, data):
    started = Started(api)
    status, body = started.answer(4, data)
    assert (status, body["code"]) == (400, 50006)
    assert started.answer(4, {"content": "better"})[0] == 204


def test_a_deferred_response_shows_nothing_yet(api):
    status, body = Started(api).answer(5, query="?with_response=true")
    assert (status, "resource" in body) == (200, False)
    assert body["interaction"]["response_message_loading"] is True


PAIRS = {COMMAND: {4, 5, 9, 12}, COMPONENT: {4, 5, 6, 7, 9, 12}, AUTOCOMPLETE: {8}, MODAL: {4, 5, 12}}
DATA = {
    4: {"content": "x"}, 7: {"content": "x"}, 8: {"choices": []},
    9: {"custom_id": "m", "title": "t"},
}  # fmt: skip
DATA[9]["components"] = [{"type": 18, "label": "l", "component": {"type": 4, "custom_id": "i", "style": 1}}]


@pytest.mark.parametrize("kind", [COMMAND, COMPONENT, AUTOCOMPLETE, MODAL])
@pytest.mark.parametrize("answer", [1, 4, 5, 6, 7, 8, 9, 12])
def test_which_responses_fit_which_interaction(api, kind, answer):
    source = api.ok("POST", "/channels/{c}/messages", {"content": "x", "components": [BUTTON]})
    started = Started(api, kind, {"custom_id": "b"}, message=source if kind == COMPONENT else None)
    status, body = started.answer(answer, DATA.get(answer))
    if answer in PAIRS[kind]:
        assert (status, body) == (204, None)
    else:
        assert (status, body["code"], list(body["errors"])) == (400, 50035, ["type"])


def test_the_error_of_a_response_lies_in_its_data(api):
    started = Started(api)
    for kind, data, path in (
        (4, {"content": "x" * 2001}, ["data", "content"]), (4, {"embeds": [{"title": "x" * 257}]}, ["data", "embeds"]),
        (9, {"custom_id": "m", "title": "x" * 46, "components": DATA[9]["components"]}, ["data", "title"]),
        (9, {"custom_id": "m", "title": "t", "components": DATA[9]["components"] * 6}, ["data", "components"]),
        (99, None, ["type"]),
    ):  # fmt: skip
        status, body = started.answer(kind, data)
        assert (status, body["code"]) == (400, 50035)
        tree = body["errors"]
        for key in path:
            tree = tree[key]


def test_an_activity_can_be_launched(api):
    status, body = Started(api).answer(12, query="?with_response=true")
    instance = body["resource"]["activity_instance"]["id"]
    assert (status, body["interaction"]["activity_instance_id"]) == (200, instance)
    assert api.ok("GET", f"/applications/{{me}}/activity-instances/{instance}")["users"] == [str(api.names["m1"])]


# -- components, modals, autocomplete ------------------------------------------------------------------------


@pytest.fixture
def source(api):
    """A message of the bot with a button."""
    return api.ok("POST", "/channels/{c}/messages", {"content": "press", "components": [BUTTON]})


def test_a_component_is_told_with_its_message_which_can_be_updated(api, source):
    started = Started(api, COMPONENT, {"custom_id": "b", "component_type": 2}, message=source)
    assert started.seen[0][1]["message"]["id"] == source["id"]
    change = {"type": 7, "data": {"content": "pressed", "components": []}}
    body, told = started.told("POST", started.callback + "?with_response=true", change)
    assert [(n, b["id"], b["content"], b["components"]) for n, b in told] == [
        ("MESSAGE_UPDATE", source["id"], "pressed", []),
    ]  # fmt: skip
    assert (body["resource"]["type"], body["resource"]["message"]["id"]) == (7, source["id"])
    assert started.say("GET", started.original)[1]["id"] == source["id"]
    assert started.say("PATCH", started.original, {"content": "again"})[1]["content"] == "again"


def test_an_update_without_data_changes_nothing_and_one_that_empties_is_refused(api, source):
    started = Started(api, COMPONENT, {"custom_id": "b"}, message=source)
    status, body = started.answer(7, {"content": "", "components": []})
    assert (status, body["code"]) == (400, 50006)
    del api.seen[:]
    assert started.answer(7) == (204, None)
    assert api.seen == []


def test_a_deferred_update_leaves_the_message_as_it_is(api, source):
    started = Started(api, COMPONENT, {"custom_id": "b"}, message=source)
    del api.seen[:]
    assert started.answer(6) == (204, None)
    assert api.seen == []
    assert started.say("GET", started.original)[1]["content"] == "press"
    _, more = started.say("POST", started.hook, {"content": "more"})
    assert more["id"] != source["id"], "it is no loading message"
    metadata = more["interaction_metadata"]
    assert (metadata["type"], metadata["interacted_message_id"]) == (3, source["id"])
    assert metadata["original_response_message_id"] == source["id"]


def test_a_modal_that_a_component_opened_can_update_its_message(api, source):
    opened = Started(api, COMPONENT, {"custom_id": "b"}, message=source)
    assert opened.answer(9, DATA[9])[0] == 204
    assert opened.interaction.response["title"] == "t"
    submitted = Started(api, MODAL, {"custom_id": "m", "components": []}, message=source, from_component=True)
    assert submitted.answer(7, {"content": "filled in"})[0] == 204
    assert api.ok("GET", f"/channels/{{c}}/messages/{source['id']}")["content"] == "filled in"
    _, more = submitted.say("POST", submitted.hook, {"content": "thanks"})
    opener = more["interaction_metadata"]["triggering_interaction_metadata"]
    assert (opener["type"], opener["interacted_message_id"]) == (3, source["id"])


def test_a_modal_that_a_command_opened_answers_with_a_message(api):
    submitted = Started(api, MODAL, {"custom_id": "m", "components": []})
    _, body = submitted.answer(4, {"content": "thanks"}, query="?with_response=true")
    metadata = body["resource"]["message"]["interaction_metadata"]
    assert (metadata["type"], metadata["triggering_interaction_metadata"]["type"]) == (5, 2)


def test_autocomplete_has_25_choices_and_nothing_after_them(api):
    started = Started(api, AUTOCOMPLETE)
    choices = [{"name": str(n), "value": str(n)} for n in range(26)]
    status, body = started.answer(8, {"choices": choices})
    assert (status, list(body["errors"]["data"])) == (400, ["choices"])
    assert started.answer(8, {"choices": choices[:25]})[0] == 204
    assert len(started.interaction.response["choices"]) == 25
    status, body = started.say("POST", started.hook, {"content": "x"})
    assert (status, body["code"]) == (404, 10015)


# -- ephemeral messages --------------------------------------------------------------------------------------


def test_an_ephemeral_message_is_reached_by_its_token_alone(api):
    started = Started(api)
    _, told = started.told("POST", started.callback, {"type": 4, "data": {"content": "psst", "flags": EPHEMERAL}})
    body = told[0][1]
    assert (names(told), body["flags"]) == (["MESSAGE_CREATE"], EPHEMERAL)
    assert not {"guild_id", "member"} & body.keys(), "as if it were direct"
    assert started.say("GET", started.original)[1]["content"] == "psst"
    path = "/channels/{c}/messages"
    assert api.ok("GET", path) == []
    assert api.error("GET", f"{path}/{body['id']}") == (404, 10008)
    assert api.ok("GET", "/channels/{c}")["last_message_id"] is None
    _, told = started.told("PATCH", started.original, {"content": "still here", "flags": 0})
    assert (told[0][0], told[0][1]["flags"], "guild_id" in told[0][1]) == ("MESSAGE_UPDATE", EPHEMERAL, False)
    _, told = started.told("DELETE", started.original)
    assert told == [("MESSAGE_DELETE", {"id": body["id"], "channel_id": body["channel_id"]})]
    status, answer = started.say("GET", started.original)
    assert (status, answer["code"]) == (404, 10008)


def test_ephemeral_messages_are_told_by_the_intent_of_direct_ones(api):
    blind = api.connect(api.fake.settings.token, intents=ALL_INTENTS & ~(1 << Intent.DIRECT_MESSAGES))
    started = Started(api)
    del blind[:]
    started.answer(4, {"content": "psst", "flags": EPHEMERAL})
    started.say("POST", started.hook, {"content": "all may know"})
    assert [b["content"] for n, b in blind if n == "MESSAGE_CREATE"] == ["all may know"]


def test_files_of_ephemeral_messages_are_ephemeral(api):
    started = Started(api)
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"type": 4, "data": {"flags": 64, "attachments": [{"id": 0, "title": "Notes"}]}}')
    form.add_field("files[0]", b"notes", filename="notes.txt", content_type="text/plain")
    assert api("POST", started.callback, form=form, token="")[0] == 204
    attachment = started.say("GET", started.original)[1]["attachments"][0]
    assert (attachment["ephemeral"], attachment["title"], attachment["size"]) == (True, "Notes", 5)


# -- follow-ups ----------------------------------------------------------------------------------------------


def test_follow_ups_are_read_edited_and_deleted(api):
    started = Started(api)
    started.answer(4, {"content": "first"})
    message, told = started.told("POST", started.hook, {"content": "second"})
    assert names(told) == ["MESSAGE_CREATE"]
    first = started.say("GET", started.original)[1]["id"]
    assert message["interaction_metadata"]["original_response_message_id"] == first
    path = f"{started.hook}/messages/{message['id']}"
    assert started.say("GET", path)[1]["content"] == "second"
    body, told = started.told("PATCH", path, {"content": "changed"})
    assert (body["content"], names(told)) == ("changed", ["MESSAGE_UPDATE"])
    _, told = started.told("DELETE", path)
    assert names(told) == ["MESSAGE_DELETE"]
    for method in ("GET", "DELETE"):
        status, answer = started.say(method, path)
        assert (status, answer["code"]) == (404, 10008)
    status, answer = started.say("POST", started.hook, {"content": " "})
    assert (status, answer["code"]) == (400, 50006)


def test_the_global_limit_does_not_hold_for_interactions(api):
    api.fake.door.global_limit = 1
    started = Started(api)
    api._wait_s = 0
    assert started.answer(5)[0] == 204
    assert {started.say("GET", started.original)[0] for _ in range(3)} == {200}
