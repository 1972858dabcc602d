"""Scheduled events, their exceptions, and who is interested."""

import base64

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.happenings import interested
from discord_sim.world.snowflakes import epoch_ms_of, iso

EVENTS = "/guilds/{g}/scheduled-events"
HOUR = 3_600_000
STAGE, VOICE, EXTERNAL = 1, 2, 3


def names(told):
    return [name for name, _ in told]


def actions(told):
    return [body["action_type"] for name, body in told if name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]


def later(api, hours):
    return iso(api.fake.clock.epoch_ms + hours * HOUR)


def external(api, **more):
    return {
        "name": "party", "privacy_level": 2, "entity_type": EXTERNAL, "entity_metadata": {"location": "the park"},
        "scheduled_start_time": later(api, 1), "scheduled_end_time": later(api, 2), **more,
    }  # fmt: skip


def inside(api, kind, **more):
    channel = api.ok("POST", "/guilds/{g}/channels", {"name": "place", "type": 13 if kind == STAGE else 2})
    return {
        "name": "talk", "privacy_level": 2, "entity_type": kind, "channel_id": channel["id"],
        "scheduled_start_time": later(api, 1), **more,
    }  # fmt: skip


def errors(api, method, path, body):
    status, answer = api(method, path, body)
    assert (status, answer["code"]) == (400, 50035), answer
    return answer["errors"]


def test_an_event_from_birth_to_death(api):
    event, told = api.told("POST", EVENTS, external(api), reason="summer")
    assert (event["status"], event["channel_id"], event["entity_metadata"]) == (1, None, {"location": "the park"})
    assert event["creator"]["id"] == event["creator_id"] == str(api.names["me"])
    assert names(told) == [
        "GUILD_SCHEDULED_EVENT_CREATE", "GUILD_SCHEDULED_EVENT_USER_ADD", "GUILD_AUDIT_LOG_ENTRY_CREATE",
    ]  # fmt: skip
    assert told[0][1] == {k: v for k, v in event.items() if k != "creator"}
    assert (told[2][1]["action_type"], told[2][1]["reason"]) == (100, "summer")
    path = f"{EVENTS}/{event['id']}"
    assert api.ok("GET", path) == event
    assert api.ok("GET", path + "?with_user_count=true")["user_count"] == 1, "who made it is interested"
    changed, told = api.told("PATCH", path, {"name": "picnic", "description": "bring cake"})
    assert (changed["name"], changed["description"]) == ("picnic", "bring cake")
    assert names(told) == ["GUILD_SCHEDULED_EVENT_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert {c["key"] for c in told[1][1]["changes"]} == {"name", "description"}
    assert api.told("PATCH", path, {"name": "picnic"})[1] == [], "no change, no event"
    assert api.ok("GET", EVENTS) == [changed]
    _, told = api.told("DELETE", path)
    assert names(told) == ["GUILD_SCHEDULED_EVENT_DELETE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1]["id"] == event["id"]
    assert actions(told) == [102]
    assert api.error("GET", path) == (404, 10070)


def test_a_cover_is_kept(api):
    pixel = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()
    event = api.ok("POST", EVENTS, external(api, image=f"data:image/png;base64,{pixel}"))
    assert api.fake.rest.media.find(f"/guild-events/{event['id']}/{event['image']}.png") is not None
    assert api.ok("PATCH", f"{EVENTS}/{event['id']}", {"image": None})["image"] is None


@pytest.mark.parametrize(("wrong", "field"), [
    ({"scheduled_end_time": None}, "scheduled_end_time"), ({"entity_metadata": {"location": ""}}, "entity_metadata"),
    ({"name": ""}, "name"), ({"entity_type": VOICE}, "channel_id"), ({"entity_type": STAGE}, "channel_id"),
    ({"scheduled_start_time": "2020-01-01T00:00:00Z"}, "scheduled_start_time"),
    ({"scheduled_end_time": "2020-01-01T00:00:00Z"}, "scheduled_end_time"),
])  # fmt: skip
def test_what_each_type_needs(api, wrong, field):
    assert list(errors(api, "POST", EVENTS, external(api, **wrong))) == [field]
    assert api.guild.events == {}


def test_a_place_must_suit_the_type(api):
    assert list(errors(api, "POST", EVENTS, external(api, channel_id=api.names["c"]))) == ["channel_id"]
    assert api.error("POST", EVENTS, inside(api, STAGE, entity_type=VOICE)) == (400, 50024)
    assert api.error("POST", EVENTS, inside(api, VOICE, channel_id="123456789012345678")) == (404, 10003)
    event = api.ok("POST", EVENTS, inside(api, VOICE, entity_metadata={}))
    path = f"{EVENTS}/{event['id']}"
    moved = {"entity_type": EXTERNAL, "entity_metadata": {"location": "x"}, "scheduled_end_time": later(api, 3)}
    assert list(errors(api, "PATCH", path, moved)) == ["channel_id"]
    assert api.ok("PATCH", path, {**moved, "channel_id": None})["entity_metadata"] == {"location": "x"}
    inside_again = {"entity_type": VOICE, "channel_id": event["channel_id"]}
    assert api.ok("PATCH", path, inside_again)["entity_metadata"] is None, "dropped without a word"


def test_a_past_start_has_its_own_code(api):
    tree = errors(api, "POST", EVENTS, external(api, scheduled_start_time="2020-01-01T00:00:00Z"))
    assert tree["scheduled_start_time"]["_errors"][0]["code"] == "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST"


@pytest.mark.parametrize(("path", "ends"), [((2, 3), True), ((2,), False), ((4,), True)])
def test_the_life_of_an_event(api, path, ends):
    event = api.ok("POST", EVENTS, external(api))
    where = f"{EVENTS}/{event['id']}"
    for status in path:
        changed, told = api.told("PATCH", where, {"status": status})
        assert (changed["status"], told[0][1]["status"]) == (status, status)
    if ends:
        assert api.error("PATCH", where, {"name": "x"}) == (400, 180000)
        assert api.ok("GET", EVENTS) == []
        assert api.ok("GET", where)["status"] == path[-1]
        assert api.fake.world.guild_create(api.guild)["guild_scheduled_events"] == []
    else:
        assert api.error("PATCH", where, {"status": 4}) == (400, 180000)
        tree = errors(api, "PATCH", where, {"scheduled_start_time": later(api, 1)})
        code = "GUILD_SCHEDULED_EVENT_SCHEDULE_INVALID_START_BY_STATUS"
        assert tree["scheduled_start_time"]["_errors"][0]["code"] == code


def test_an_event_cannot_end_before_it_begins(api):
    event = api.ok("POST", EVENTS, external(api))
    assert api.error("PATCH", f"{EVENTS}/{event['id']}", {"status": 3}) == (400, 180000)


def test_a_stage_event_opens_and_closes_its_stage(api):
    event = api.ok("POST", EVENTS, inside(api, STAGE))
    started, told = api.told("PATCH", f"{EVENTS}/{event['id']}", {"status": 2})
    assert {"STAGE_INSTANCE_CREATE", "GUILD_SCHEDULED_EVENT_UPDATE"} <= set(names(told))
    stage = api.ok("GET", f"/stage-instances/{event['channel_id']}")
    assert (stage["topic"], stage["guild_scheduled_event_id"]) == ("talk", event["id"])
    assert started["entity_id"] == stage["id"]
    ended, told = api.told("PATCH", f"{EVENTS}/{event['id']}", {"status": 3})
    assert {"STAGE_INSTANCE_DELETE", "GUILD_SCHEDULED_EVENT_UPDATE"} <= set(names(told))
    assert ended["entity_id"] is None
    assert api.error("GET", f"/stage-instances/{event['channel_id']}") == (404, 10067)


def test_a_live_stage_becomes_the_events(api):
    event = api.ok("POST", EVENTS, inside(api, STAGE))
    stage = api.ok("POST", "/stage-instances", {"channel_id": event["channel_id"], "topic": "early"})
    assert api.ok("PATCH", f"{EVENTS}/{event['id']}", {"status": 2})["entity_id"] == stage["id"]
    assert api.ok("GET", f"/stage-instances/{event['channel_id']}")["guild_scheduled_event_id"] == event["id"]


def test_a_guild_has_room_for_a_hundred_open_events(api):
    event = api.ok("POST", EVENTS, external(api))
    for n in range(99):
        api.guild.events[n] = {**api.guild.events[int(event["id"])], "id": str(n)}
    assert api.error("POST", EVENTS, external(api)) == (400, 30038)
    api.ok("PATCH", f"{EVENTS}/{event['id']}", {"status": 4})
    api.ok("POST", EVENTS, external(api))


def test_permissions(api):
    theirs = api.fake.act(api.names["owner"], "create_guild_scheduled_event", external(api), guild_id=api.names["g"])
    voice, stage = inside(api, VOICE), inside(api, STAGE)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("POST", EVENTS, external(api)) == (403, 50013)
    api.strip_permissions(P.CREATE_EVENTS | P.VIEW_CHANNEL)
    mine = api.ok("POST", EVENTS, external(api))
    assert api.error("POST", EVENTS, voice) == (403, 50013)
    assert api.error("POST", EVENTS, stage) == (403, 50013)
    api.ok("PATCH", f"{EVENTS}/{mine['id']}", {"name": "one's own"})
    assert api.error("PATCH", f"{EVENTS}/{theirs.body['id']}", {"name": "x"}) == (403, 50013)
    assert api.error("DELETE", f"{EVENTS}/{theirs.body['id']}") == (403, 50013)
    api.strip_permissions(P.MANAGE_EVENTS | P.VIEW_CHANNEL)
    api.ok("DELETE", f"{EVENTS}/{theirs.body['id']}")
    api.strip_permissions(P.CREATE_EVENTS | P.VIEW_CHANNEL | P.CONNECT)
    api.ok("POST", EVENTS, voice)
    moderator = P.MANAGE_CHANNELS | P.MUTE_MEMBERS | P.MOVE_MEMBERS
    api.strip_permissions(P.CREATE_EVENTS | P.VIEW_CHANNEL | P.CONNECT | moderator)
    api.ok("POST", EVENTS, stage)


def test_an_event_in_a_hidden_channel_is_hidden(api):
    event = api.ok("POST", EVENTS, inside(api, VOICE))
    api.strip_permissions(P.MANAGE_EVENTS)
    assert api.ok("GET", EVENTS) == []
    assert api.error("GET", f"{EVENTS}/{event['id']}") == (403, 50001)
    del api.seen[:]
    where = {"guild_id": api.names["g"], "guild_scheduled_event_id": event["id"]}
    api.fake.act(api.names["owner"], "update_guild_scheduled_event", {"name": "secret"}, **where)
    api.ok("GET", "/users/@me")
    assert api.seen == []


# -- who is interested -------------------------------------------------------------------------------------------


def test_the_interested_page_by_id(api):
    event = api.ok("POST", EVENTS, external(api))
    for user in (api.names["m1"], api.names["m2"], api.names["m3"]):
        api.fake.emit(interested(api.guild, int(event["id"]), user, wanted=True))
    path = f"{EVENTS}/{event['id']}/users"
    ids = sorted([api.names["me"], api.names["m1"], api.names["m2"], api.names["m3"]])
    everybody = api.ok("GET", path + "?with_member=true")
    assert [int(item["user_id"]) for item in everybody] == ids
    assert everybody[0]["member"]["user"] == everybody[0]["user"]
    assert everybody[0]["response"] == 1

    def page(query):
        return [int(item["user_id"]) for item in api.ok("GET", path + query)]

    assert page("?limit=2") == ids[:2]
    assert page(f"?limit=2&after={ids[1]}") == ids[2:]
    assert page(f"?limit=2&before={ids[3]}") == ids[1:3]
    assert page(f"?limit=2&before={ids[3]}&after={ids[1]}") == ids[1:3], "before wins"
    assert api.ok("GET", f"{path}/counts") == {
        "guild_scheduled_event_count": 4, "guild_scheduled_event_exception_counts": {},
    }  # fmt: skip


# -- recurring events --------------------------------------------------------------------------------------------


def weekly(api, **more):
    rule = {"start": later(api, 1), "frequency": 2, "interval": 2, "by_weekday": [2], **more}
    return external(api, recurrence_rule=rule)


@pytest.mark.parametrize("rule", [
    {"frequency": 3, "by_weekday": [0, 1, 2, 3, 4]}, {"frequency": 3, "by_weekday": [6, 0]}, {"frequency": 3},
    {"frequency": 2, "by_weekday": [2], "interval": 2}, {"frequency": 1, "by_n_weekday": [{"n": 4, "day": 2}]},
    {"frequency": 0, "by_month": [7], "by_month_day": [24]},
])  # fmt: skip
def test_a_recurrence_that_clients_can_show(api, rule):
    event = api.ok("POST", EVENTS, external(api, recurrence_rule={"start": later(api, 1), **rule}))
    assert {k: event["recurrence_rule"][k] for k in rule} == rule
    assert (event["recurrence_rule"]["count"], event["recurrence_rule"]["end"]) == (None, None)


@pytest.mark.parametrize("rule", [
    {"frequency": 3, "by_weekday": [0, 2]}, {"frequency": 2, "by_weekday": [1, 2]}, {"frequency": 1, "by_weekday": [1]},
    {"frequency": 0, "by_month": [7]}, {"frequency": 3, "interval": 2}, {"frequency": 2, "interval": 3},
    {"frequency": 1, "by_n_weekday": [{"n": 1, "day": 2}, {"n": 2, "day": 2}]},
])  # fmt: skip
def test_a_recurrence_that_clients_cannot_show(api, rule):
    wrong = errors(api, "POST", EVENTS, external(api, recurrence_rule={"start": later(api, 1), **rule}))
    assert list(wrong) == ["recurrence_rule"]


def test_an_exception_moves_or_cancels_one_occurrence(api):
    event = api.ok("POST", EVENTS, weekly(api))
    path = f"{EVENTS}/{event['id']}/exceptions"
    original = later(api, 1 + 14 * 24)
    body = {"original_scheduled_start_time": original, "scheduled_start_time": later(api, 2 + 14 * 24)}
    made, told = api.told("POST", path, body)
    assert (int(made["event_exception_id"]) >> 22) + 1_420_070_400_000 == epoch_ms_of(original)
    assert (made["scheduled_start_time"], made["is_canceled"]) == (body["scheduled_start_time"], False)
    assert names(told) == ["GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == {**made, "guild_id": str(api.names["g"])}
    assert actions(told) == [200]
    assert told[1][1]["options"] == {"event_exception_id": made["event_exception_id"]}
    assert api.ok("GET", f"{EVENTS}/{event['id']}")["guild_scheduled_event_exceptions"] == [made]
    again = api.ok("POST", path, {"original_scheduled_start_time": original, "is_canceled": True})
    assert (again["scheduled_start_time"], again["is_canceled"]) == (None, True), "the first one is replaced"
    assert api.ok("GET", f"{EVENTS}/{event['id']}")["guild_scheduled_event_exceptions"] == [again]
    one = f"{path}/{made['event_exception_id']}"
    end = later(api, 9)
    changed, told = api.told("PATCH", one, {"scheduled_end_time": end})
    assert (changed["is_canceled"], changed["scheduled_end_time"]) == (False, end), "what is left out is as it was"
    assert (names(told)[0], actions(told)) == ("GUILD_SCHEDULED_EVENT_EXCEPTION_CREATE", [201])
    assert api.told("PATCH", one, {"scheduled_end_time": end})[1] == []
    _, told = api.told("DELETE", one)
    assert (names(told)[0], actions(told)) == ("GUILD_SCHEDULED_EVENT_EXCEPTION_DELETE", [202])
    assert api.error("DELETE", one) == (404, 10070)
    assert api.error("PATCH", one, {}) == (404, 10070)


def test_an_exception_needs_an_occurrence_and_a_change(api):
    once, often = api.ok("POST", EVENTS, external(api)), api.ok("POST", EVENTS, weekly(api))
    body = {"original_scheduled_start_time": later(api, 50), "is_canceled": True}
    assert list(errors(api, "POST", f"{EVENTS}/{once['id']}/exceptions", body)) == ["original_scheduled_start_time"]
    path = f"{EVENTS}/{often['id']}/exceptions"
    early = {**body, "original_scheduled_start_time": later(api, 0)}
    assert list(errors(api, "POST", path, early)) == ["original_scheduled_start_time"]
    assert api.error("POST", path, {**body, "is_canceled": None}) == (400, 180005)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert api.error("POST", path, body) == (403, 50013)


def test_who_is_interested_in_an_event_is_interested_in_its_occurrences(api):
    event = api.ok("POST", EVENTS, weekly(api))
    body = {"original_scheduled_start_time": later(api, 50), "is_canceled": True}
    exception_id = api.ok("POST", f"{EVENTS}/{event['id']}/exceptions", body)["event_exception_id"]
    users = api.ok("GET", f"{EVENTS}/{event['id']}/{exception_id}/users")
    assert [(u["user_id"], u["guild_scheduled_event_exception_id"]) for u in users] == [
        (str(api.names["me"]), exception_id)
    ]
    counts = f"{EVENTS}/{event['id']}/users/counts?guild_scheduled_event_exception_ids={exception_id}"
    assert api.ok("GET", counts)["guild_scheduled_event_exception_counts"] == {exception_id: 1}
    assert api.error("GET", f"{EVENTS}/{event['id']}/1/users") == (404, 10070)


def test_another_rule_ends_all_exceptions(api):
    event = api.ok("POST", EVENTS, weekly(api))
    body = {"original_scheduled_start_time": later(api, 50), "is_canceled": True}
    api.ok("POST", f"{EVENTS}/{event['id']}/exceptions", body)
    changed, told = api.told("PATCH", f"{EVENTS}/{event['id']}", {"recurrence_rule": None})
    assert changed["guild_scheduled_event_exceptions"] == []
    assert told[0] == (
        "GUILD_SCHEDULED_EVENT_EXCEPTIONS_DELETE", {"guild_id": str(api.names["g"]), "event_id": event["id"]},
    )  # fmt: skip
