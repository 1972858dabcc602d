"""Emojis that an application owns ("Emoji"). All are in one bin, by id; `application_id` says whose each is."""

from __future__ import annotations

import re

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.media import decode
from discord_sim.edge.operations.emojis import PICTURE_MAX_BYTES
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.spec import skeleton
from discord_sim.world.payloads import Doc

EMOJIS_MAX = 2_000
_NAME = re.compile(r"[A-Za-z0-9_]{2,32}")


def _shown(emoji: Doc) -> Doc:
    return {k: v for k, v in emoji.items() if k != "application_id"}


def _owned(call: Call, application_id: int) -> list[Doc]:
    return [e for e in call.bin("app_emojis").values() if e["application_id"] == str(application_id)]


def _emoji(call: Call) -> Doc:
    """The emoji of the path, which must be the application's."""
    application_id = call.application()
    found = call.thing(call.bin("app_emojis"), "emoji_id", "emoji")
    if found["application_id"] != str(application_id):
        unknown("emoji")
    return found


def _check_name(name: str, others: list[Doc]) -> None:
    if not _NAME.fullmatch(name):
        form_error({"name": leaf("STRING_TYPE_REGEX", "String value did not match validation regex.")})
    if any(other["name"] == name for other in others):
        form_error({"name": leaf("APPLICATION_EMOJI_NAME_ALREADY_TAKEN", "Emoji name is already taken")})


@operation("list_application_emojis")
def emojis(call: Call) -> Answer:
    return ok({"items": [_shown(e) for e in _owned(call, call.application())]})


@operation("get_application_emoji")
def emoji(call: Call) -> Answer:
    return ok(_shown(_emoji(call)))


@operation("create_application_emoji")
def create(call: Call) -> Answer:
    application_id = call.application()
    owned = _owned(call, application_id)
    _check_name(call.data["name"], owned)
    if len(owned) >= EMOJIS_MAX:
        refuse(400, 30008, f"Maximum number of emojis reached ({EMOJIS_MAX})")
    if len(decode(call.data["image"]) or b"") > PICTURE_MAX_BYTES:
        refuse(400, 50138, f"Failed to resize asset below the maximum size: {PICTURE_MAX_BYTES}")
    made = call.new_id()
    picture = call.media.picture("image", call.data["image"], "emojis", made, by_id=True)
    body = skeleton(
        "EmojiResponse", id=str(made), name=call.data["name"], user=call.person(application_id), require_colons=True,
        animated=str(picture).startswith("a_"), available=True,
    )  # fmt: skip
    call.bin("app_emojis")[made] = {**body, "application_id": str(application_id)}
    return ok(body, 201)


@operation("update_application_emoji")
def update(call: Call) -> Answer:
    found = _emoji(call)
    name = call.data.get("name", found["name"])
    _check_name(name, [e for e in _owned(call, int(found["application_id"])) if e is not found])
    found["name"] = name
    return ok(_shown(found))


@operation("delete_application_emoji")
def delete(call: Call) -> Answer:
    del call.bin("app_emojis")[int(_emoji(call)["id"])]
    return NO_CONTENT
