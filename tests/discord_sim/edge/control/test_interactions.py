"""Users use commands, components, modals and polls, as their client lets them."""

import pytest

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


def test_an_interaction_gets_too_old(desk):
    desk.made("POST", f"/applications/{desk.bot}/commands", COMMAND)
    desk.ok("POST", f"/users/{desk.member}/commands", use(desk))
    asked = desk.last("INTERACTION_CREATE")
    desk.ok("POST", "/clock", {"advance_s": 3})
    status, answer = desk.rest("POST", f"/interactions/{asked['id']}/{asked['token']}/callback", {"type": 5})
    assert (status, answer["code"]) == (404, 10062)
