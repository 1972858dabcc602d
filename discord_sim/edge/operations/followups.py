"""Answering an interaction: the first response, follow-ups, and the messages they make
("Receiving and Responding to Interactions")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse, unknown
from discord_sim.edge.compose import EPHEMERAL, SETTABLE_FLAGS, Draft, draft
from discord_sim.edge.operations.applications import launch
from discord_sim.edge.operations.messages import post
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import at, leaf
from discord_sim.world import changes
from discord_sim.world.guild import Guild, Message
from discord_sim.world.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction, by_token
from discord_sim.world.payloads import Doc

LOADING = 1 << 7
MODAL_COMPONENTS_MAX = 5
COMMAND_REPLY, CONTEXT_REPLY = 20, 23
_MENTIONS = ("users",)
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, SHOW_MODAL, LAUNCH = 4, 5, 6, 7, 8, 9, 12
_ALLOWED = {
    COMMAND: {MESSAGE, DEFERRED, SHOW_MODAL, LAUNCH},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, SHOW_MODAL, LAUNCH},
    AUTOCOMPLETE: {CHOICES},
    MODAL: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, LAUNCH},
}


def is_interaction(call: Call) -> bool:
    """Whether the webhook of the path is an application, so that its token is an interaction's."""
    webhook_id = call.params["webhook_id"]
    return webhook_id.isdecimal() and int(webhook_id) in call.world.bots


# -- the first response --------------------------------------------------------------------------------------


@operation("create_interaction_response")
def respond(call: Call) -> Answer:
    found = by_token(call.world, call.params["interaction_token"])
    if found is None or found.id != call.id("interaction_id"):
        unknown("interaction")
    if found.answered is not None:
        refuse(400, 40060, "Interaction has already been acknowledged.")
    if not found.may_be_answered(call.epoch_ms):
        unknown("interaction")
    call.me = found.application_id
    kind, data = call.data["type"], call.data.get("data") or {}
    updates = {DEFERRED_UPDATE, UPDATE} if found.type == MODAL and not found.from_component else set()
    if kind not in _ALLOWED[found.type] - updates:
        form_error({"type": leaf("INTERACTION_CALLBACK_TYPE_INVALID", "Invalid callback type for this interaction")})
    told: Doc = {"id": str(found.id), "type": found.type}
    body: Doc = {"interaction": told}
    if kind == LAUNCH:
        guild, channel = _place(call, found)
        instance = launch(call.world, found.application_id, guild, channel, found.user_id, call.epoch_ms)
        told["activity_instance_id"] = instance["instance_id"]
        body["resource"] = {"type": kind, "activity_instance": {"id": instance["instance_id"]}}
    message = _first(call, found, kind, data)
    found.answered = kind
    if message is not None:
        flags = message.doc["flags"]
        told |= {
            "response_message_id": str(message.id), "response_message_loading": bool(flags & LOADING),
            "response_message_ephemeral": bool(flags & EPHEMERAL),
        }  # fmt: skip
        if kind in (MESSAGE, UPDATE):
            body["resource"] = {"type": kind, "message": changes.message_body(message, found.application_id)}
    return ok(body) if call.query.get("with_response") else NO_CONTENT


def _first(call: Call, found: Interaction, kind: int, data: Doc) -> Message | None:
    """Do what a response says; the message it made or changed."""
    if kind == DEFERRED:
        made = Draft({"flags": LOADING | (data.get("flags") or 0) & EPHEMERAL})
        return _original(call, found, made)
    if kind == MESSAGE:
        made = _draft(call, found, data)
        if made.is_empty:
            refuse(400, 50006, "Cannot send an empty message")
        return _original(call, found, made)
    if kind in (DEFERRED_UPDATE, UPDATE):
        found.original_id = found.source_message_id
        source = call.world.message(found.channel_id, found.source_message_id or 0)
        if kind == UPDATE and source is not None and data:
            made = _draft(call, found, data, old=source.doc)
            if Draft({**source.doc, **made.fields}).is_empty:
                refuse(400, 50006, "Cannot send an empty message")
            call.events += changes.edit(call.world, source, call.epoch_ms, **made.fields)
        return source if kind == UPDATE else None
    if kind == SHOW_MODAL and len(data["components"]) > MODAL_COMPONENTS_MAX:
        wrong = leaf("BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MODAL_COMPONENTS_MAX} in length.")
        form_error(at(("data", "components"), wrong))
    found.response = data
    return None


def _original(call: Call, found: Interaction, made: Draft) -> Message:
    more: Doc = {}
    if found.type == COMMAND:
        user = call.person(found.user_id)
        more = {
            "type": COMMAND_REPLY if found.command_type == 1 else CONTEXT_REPLY,
            "interaction": {"id": str(found.id), "type": found.type, "name": found.name, "user": user},
        }  # fmt: skip
    message = _post(call, found, made, **more)
    found.original_id = message.id
    found.ephemeral = message.ephemeral_for is not None
    return message


# -- messages ------------------------------------------------------------------------------------------------


def _place(call: Call, found: Interaction) -> tuple[Guild | None, Doc]:
    place = call.world.channel(found.channel_id)
    if place is None:
        unknown("channel")
    return place


def _draft(call: Call, found: Interaction, data: Doc, *, old: Doc | None = None) -> Draft:
    guild, channel = _place(call, found)
    flags = SETTABLE_FLAGS | EPHEMERAL
    return draft(call, guild, channel, data, mention_default=_MENTIONS, flags=flags, old=old)


def _post(call: Call, found: Interaction, made: Draft, **more: object) -> Message:
    """Post a message of the interaction; an ephemeral one is known to its user and the application alone."""
    app = found.application_id
    ephemeral_for = app if made.fields.get("flags", 0) & EPHEMERAL else None
    return post(
        call, found.channel_id, app, made, ephemeral_for=ephemeral_for, application_id=str(app), webhook_id=str(app),
        interaction_metadata=_metadata(call, found), **more,
    )  # fmt: skip


def _metadata(call: Call, found: Interaction) -> Doc:
    """The interaction as its messages tell it."""
    common: Doc = {
        "id": str(found.id), "user": call.person(found.user_id),
        "authorizing_integration_owners": {"0": str(found.guild_id or 0)},
    }  # fmt: skip
    pressed: Doc = {"interacted_message_id": str(found.source_message_id or 0)}
    made = {**common, "type": found.type}
    if found.type == COMPONENT:
        made |= pressed
    if found.type == MODAL:
        opened_by = {"type": COMPONENT, **pressed} if found.from_component else {"type": COMMAND}
        made["triggering_interaction_metadata"] = {**common, **opened_by}
    if found.original_id is not None:
        made["original_response_message_id"] = str(found.original_id)
    return made


# -- after it ------------------------------------------------------------------------------------------------


def _by_token(call: Call) -> Interaction:
    """The interaction whose token the path holds, while the token lives."""
    found = by_token(call.world, call.params["webhook_token"])
    if found is None or found.application_id != call.id("webhook_id") or found.is_expired(call.epoch_ms):
        refuse(401, 50027, "Invalid Webhook Token")
    if found.answered in (None, CHOICES):
        unknown("webhook")
    call.me = found.application_id
    return found


def follow_up(call: Call) -> Doc:
    """Another message after the first response; after a deferred one, the first follow-up fills it in."""
    found = _by_token(call)
    made = _draft(call, found, call.data)
    if made.is_empty:
        refuse(400, 50006, "Cannot send an empty message")
    original = call.world.message(found.channel_id, found.original_id or 0)
    if original is None or not original.doc["flags"] & LOADING:
        return changes.message_body(_post(call, found, made), call.me)
    flags = made.fields.get("flags", 0)
    made.fields["flags"] = flags & ~EPHEMERAL | original.doc["flags"] & EPHEMERAL
    call.events += changes.edit(call.world, original, call.epoch_ms, **made.fields)
    return changes.message_body(original, call.me)


def message(call: Call) -> Message:
    """The message of the path: `@original`, or one of the follow-ups."""
    found = _by_token(call)
    message_id = call.id("message_id") if "message_id" in call.params else found.original_id
    answer = call.world.message(found.channel_id, message_id or 0)
    if answer is None or answer.author_id != found.application_id:
        unknown("message")
    return answer
