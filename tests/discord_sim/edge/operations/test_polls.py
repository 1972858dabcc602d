"""Polls: asked, voted on, ended."""

import pytest

from discord_sim.edge.operations.polls import vote
from discord_sim.world import changes

MESSAGES = "/channels/{c}/messages"


def names(told):
    return [name for name, _ in told]


def poll(**fields):
    answers = [{"poll_media": {"text": "yes", "emoji": {"name": "👍"}}}, {"poll_media": {"text": "no"}}]
    return {"poll": {"question": {"text": "sure?"}, "answers": answers, **fields}}


def ask(api, **fields):
    """The body and the message of a poll of the bot."""
    body = api.ok("POST", MESSAGES, poll(**fields))
    return body, api.fake.world.message(api.names["c"], int(body["id"]))


def votes(api, message, who, answer_id, *, wanted=True):
    del api.seen[:]
    api.fake.emit(vote(api.fake.world, message, api.names[who], answer_id, wanted=wanted))
    body = api.ok("GET", f"{MESSAGES}/{message.id}")
    return list(api.seen), body["poll"]["results"]


def test_a_poll_runs_for_a_day_unless_told_otherwise(api):
    body, told = api.told("POST", MESSAGES, poll())
    assert names(told) == ["MESSAGE_CREATE"]
    found = body["poll"]
    assert found["question"] == {"text": "sure?"}
    assert found["answers"] == [
        {"answer_id": 1, "poll_media": {"text": "yes", "emoji": {"id": None, "name": "👍"}}},
        {"answer_id": 2, "poll_media": {"text": "no"}},
    ]  # fmt: skip
    assert (found["allow_multiselect"], found["layout_type"]) == (False, 1)
    assert found["results"] == {"is_finalized": False, "answer_counts": []}
    assert found["expiry"][:10] > body["timestamp"][:10]
    later = api.ok("POST", MESSAGES, poll(duration=48))
    assert later["poll"]["expiry"][:10] > found["expiry"][:10]


@pytest.mark.parametrize(("fields", "path"), [
    ({"question": {}}, ["question", "text"]), ({"question": {"text": "x" * 301}}, ["question", "text"]),
    ({"answers": []}, ["answers"]), ({"answers": [{"poll_media": {}}]}, ["answers", "0", "poll_media", "text"]),
    ({"answers": [{"poll_media": {"text": "x" * 56}}]}, ["answers", "0", "poll_media", "text"]),
    ({"answers": [{"poll_media": {"text": "x"}}] * 11}, ["answers"]), ({"duration": 769}, ["duration"]),
])  # fmt: skip
def test_a_poll_that_is_wrong_somewhere(api, fields, path):
    status, body = api("POST", MESSAGES, poll(**fields))
    assert (status, body["code"]) == (400, 50035)
    tree = body["errors"]["poll"]
    for key in path:
        tree = tree[key]
    assert tree["_errors"]


def test_a_poll_uses_emoji_that_exist(api):
    answers = [{"poll_media": {"text": "a", "emoji": {"id": "123456789012345678"}}}]
    assert api.error("POST", MESSAGES, poll(answers=answers)) == (400, 520004)


def test_a_second_vote_replaces_the_first(api):
    body, message = ask(api)
    told, results = votes(api, message, "m1", 1)
    where = {"channel_id": body["channel_id"], "message_id": body["id"], "guild_id": str(api.guild.id)}
    mine = {"user_id": str(api.names["m1"]), **where}
    assert told == [("MESSAGE_POLL_VOTE_ADD", {**mine, "answer_id": 1})]
    assert results["answer_counts"] == [{"id": 1, "count": 1, "me_voted": False}]
    told, results = votes(api, message, "m1", 2)
    assert told == [
        ("MESSAGE_POLL_VOTE_REMOVE", {**mine, "answer_id": 1}), ("MESSAGE_POLL_VOTE_ADD", {**mine, "answer_id": 2}),
    ]  # fmt: skip
    assert results["answer_counts"] == [{"id": 2, "count": 1, "me_voted": False}]
    assert votes(api, message, "m1", 2)[0] == []
    told, results = votes(api, message, "m1", 2, wanted=False)
    assert (names(told), results["answer_counts"]) == (["MESSAGE_POLL_VOTE_REMOVE"], [])


def test_with_multiple_choice_votes_add_up(api):
    _, message = ask(api, allow_multiselect=True)
    votes(api, message, "m1", 1)
    told, results = votes(api, message, "m1", 2)
    assert (names(told), len(results["answer_counts"])) == (["MESSAGE_POLL_VOTE_ADD"], 2)


def test_who_voted_comes_in_pages(api):
    body, message = ask(api)
    for who in ("m2", "m1", "m3"):
        votes(api, message, who, 1)
    path = f"/channels/{{c}}/polls/{body['id']}/answers/1"
    ids = [str(api.names[who]) for who in ("m1", "m2", "m3")]
    assert [u["id"] for u in api.ok("GET", path)["users"]] == ids
    assert [u["id"] for u in api.ok("GET", f"{path}?limit=1&after={ids[0]}")["users"]] == ids[1:2]
    assert api.ok("GET", path[:-1] + "2") == {"users": []}
    other = api.ok("POST", MESSAGES, {"content": "no poll"})
    assert api.error("GET", f"/channels/{{c}}/polls/{other['id']}/answers/1") == (404, 10008)


def test_an_ended_poll_tells_its_result(api):
    body, message = ask(api)
    votes(api, message, "m1", 1)
    votes(api, message, "m2", 1)
    votes(api, message, "m3", 2)
    ended, told = api.told("POST", f"/channels/{{c}}/polls/{body['id']}/expire")
    assert names(told) == ["MESSAGE_UPDATE", "MESSAGE_CREATE"]
    results = ended["poll"]["results"]
    assert results["is_finalized"] is True
    assert [(c["id"], c["count"]) for c in results["answer_counts"]] == [(1, 2), (2, 1)]
    assert told[0][1]["poll"]["results"] == results
    assert ended["poll"]["expiry"] < body["poll"]["expiry"]
    notice = told[1][1]
    assert (notice["type"], notice["message_reference"]["message_id"]) == (46, body["id"])
    facts = {f["name"]: f["value"] for f in notice["embeds"][0]["fields"]}
    assert facts == {
        "poll_question_text": "sure?", "victor_answer_votes": "2", "total_votes": "3", "victor_answer_id": "1",
        "victor_answer_text": "yes", "victor_answer_emoji_name": "👍",
    }  # fmt: skip
    assert api.error("POST", f"/channels/{{c}}/polls/{body['id']}/expire") == (400, 520001)


def test_a_draw_has_no_victor(api):
    body, _ = ask(api)
    _, told = api.told("POST", f"/channels/{{c}}/polls/{body['id']}/expire")
    facts = {f["name"] for f in told[1][1]["embeds"][0]["fields"]}
    assert facts == {"poll_question_text", "victor_answer_votes", "total_votes"}


def test_what_cannot_be_ended_or_edited(api):
    body, message = ask(api)
    assert api.error("PATCH", f"{MESSAGES}/{body['id']}", {"content": "x"}) == (400, 520003)
    other = api.ok("POST", MESSAGES, {"content": "no poll"})
    assert api.error("POST", f"/channels/{{c}}/polls/{other['id']}/expire") == (400, 520006)
    now_ms = api.fake.clock.epoch_ms
    theirs, _ = changes.say(api.fake.world, api.names["c"], api.names["m1"], "", now_ms, poll=message.doc["poll"])
    assert api.error("POST", f"/channels/{{c}}/polls/{theirs.id}/expire") == (403, 50005)
    api.fake.advance(86_401)
    assert api.error("POST", f"/channels/{{c}}/polls/{body['id']}/expire") == (400, 520001)
