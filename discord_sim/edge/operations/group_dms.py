"""Group DMs that an application manages with its users' consent: an access token with the scope `gdm.join` each
("User", "Channel")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.spec import skeleton
from discord_sim.world.payloads import Doc

GROUP_DM = 3
RECIPIENTS_MAX = 10


def open_group(call: Call, tokens: list[str]) -> Doc:
    """A new group DM of the users behind these tokens."""
    if not 1 <= len(tokens) <= RECIPIENTS_MAX:
        tree = leaf("BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {RECIPIENTS_MAX} in length.")
        form_error({"access_tokens": tree})
    users = list(dict.fromkeys(_consenting(call, token) for token in tokens))
    made = call.new_id()
    call.world.direct_members[made] = (call.me, *users)
    doc = skeleton(
        "PrivateGroupChannelResponse", id=str(made), type=GROUP_DM, owner_id=str(call.me), managed=True,
        application_id=str(call.application_id), last_message_id=None, last_pin_timestamp=None,
        recipients=[call.person(u) for u in users],
    )  # fmt: skip
    call.world.direct[made] = doc
    return doc


def _consenting(call: Call, token: str) -> int:
    """The user of an access token that lets this application add them."""
    bearer = call.bearers.get(token)
    if bearer is None or bearer.application_id != call.application_id:
        refuse(401, 50025, "Invalid OAuth2 access token provided")
    if "gdm.join" not in bearer.scopes:
        refuse(403, 50026, "Missing required OAuth2 scope")
    return bearer.user_id


def _group(call: Call) -> Doc:
    guild, channel = call.channel()
    if guild is not None or channel["type"] != GROUP_DM:
        refuse(400, 50024, "Cannot execute action on this channel type")
    return channel


@operation("add_group_dm_user")
def add(call: Call) -> Answer:
    channel, user_id = _group(call), call.user()
    token = call.data.get("access_token")
    if token is None:
        form_error({"access_token": leaf("BASE_TYPE_REQUIRED", "This field is required")})
    if _consenting(call, token) != user_id:
        refuse(400, 50033, "Invalid Recipient(s)")
    people = call.world.direct_members[int(channel["id"])]
    if user_id in people:
        return NO_CONTENT
    if len(people) > RECIPIENTS_MAX:
        refuse(400, 30004, f"Maximum number of recipients reached ({RECIPIENTS_MAX})")
    _set(call, channel, (*people, user_id))
    return ok(channel, 201)


@operation("delete_group_dm_user")
def remove(call: Call) -> Answer:
    channel, user_id = _group(call), call.user()
    people = call.world.direct_members[int(channel["id"])]
    if user_id not in people or user_id == call.me:
        unknown("user")
    _set(call, channel, tuple(u for u in people if u != user_id))
    return NO_CONTENT


def _set(call: Call, channel: Doc, people: tuple[int, ...]) -> None:
    call.world.direct_members[int(channel["id"])] = people
    channel["recipients"] = [call.person(u) for u in people if u not in call.world.bots]
