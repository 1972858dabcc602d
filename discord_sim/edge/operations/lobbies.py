"""Lobbies of the Social SDK: who is in them, what is said there, the channel they are linked to ("Lobby").

A bot rules the lobbies of its application; users come with a secret, or are put in. There are no game sessions here:
who is in a lobby counts as connected to it, so that a lobby is idle, and in time deleted, when nobody is in.
"""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, Refused, form_error, ok, operation, refuse, unknown
from discord_sim.edge.compose import draft
from discord_sim.edge.operations.auto_moderation import flag, moderate
from discord_sim.edge.operations.invites import new_invite
from discord_sim.edge.operations.messages import post
from discord_sim.edge.operations.partner_sdk import SCOPE
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import Tree, leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import DISCORD_EPOCH_MS

MEMBERS_MAX, LOBBIES_MAX, METADATA_MAX, METADATA_KEY_MAX = 1000, 100, 1000, 1024
MESSAGES_KEPT, MESSAGES_SHOWN, HISTORY_MS = 200, 50, 72 * 3_600_000
IDLE_S, SECRET_LIVES_MS, INVITE_LIVES_S = 300, 30 * 86_400_000, 3_600
CAN_LINK = 1 << 0
_MESSAGE_FLAGS = 1 << 2 | 1 << 12
_HIDDEN = ("secret", "idle_timeout_seconds", "idle_since_ms", "linked_id", "messages")
_TOO_LONG = leaf("BASE_TYPE_MAX_LENGTH", f"Must be {METADATA_MAX} or fewer in length.")


def _age_ms(call: Call, thing: Doc) -> int:
    return call.epoch_ms - (int(thing["id"]) >> 22) - DISCORD_EPOCH_MS


def _living(call: Call) -> dict[int, Doc]:
    """All lobbies, those gone that have been idle for too long."""
    lobbies = call.bin("lobbies")
    for lobby_id, lobby in list(lobbies.items()):
        if not lobby["members"] and call.epoch_ms - lobby["idle_since_ms"] >= lobby["idle_timeout_seconds"] * 1000:
            del lobbies[lobby_id]
    return lobbies


def _own(call: Call) -> list[Doc]:
    return [lobby for lobby in _living(call).values() if lobby["application_id"] == str(call.application_id)]


def _find(call: Call, *, inside: bool = True) -> Doc:
    """The lobby of the path: one of the caller's application, which a user must be in (if it is to be `inside`)."""
    call.scope(SCOPE)
    lobby = call.thing(_living(call), "lobby_id", "lobby")
    if lobby["application_id"] != str(call.application_id):
        unknown("lobby")
    if inside and call.bearer is not None and call.me not in lobby["members"]:
        refuse(403, 50001, "Missing Access")
    return lobby


def _shown(call: Call, lobby: Doc) -> Doc:
    body = {k: v for k, v in lobby.items() if k not in _HIDDEN}
    place = _linked(call, lobby)
    if place is not None:
        body["linked_channel"] = place[1]
    return {**body, "members": list(lobby["members"].values())}


def _linked(call: Call, lobby: Doc) -> tuple[Guild, Doc] | None:
    """The channel the lobby is linked to, while it exists."""
    found = None if lobby["linked_id"] is None else call.world.channel(lobby["linked_id"])
    return None if found is None or found[0] is None else (found[0], found[1])


def _new(call: Call, data: Doc, metadata: Doc | None, secret: str | None = None) -> Doc:
    made = call.new_id()
    lobby = skeleton(
        "LobbyResponse", id=str(made), application_id=str(call.application_id), metadata=metadata, members={}
    )
    lobby |= {"secret": secret, "idle_since_ms": call.epoch_ms, "linked_id": None, "messages": []}
    _set(lobby, {"idle_timeout_seconds": None, **data})
    call.bin("lobbies")[made] = lobby
    return lobby


def _set(lobby: Doc, data: Doc) -> None:
    """The settings that every way of making or changing a lobby has."""
    if "idle_timeout_seconds" in data:
        lobby["idle_timeout_seconds"] = data["idle_timeout_seconds"] or IDLE_S
    if "flags" in data:
        lobby["flags"] = data["flags"] or 0
    if "override_event_webhooks_url" in data:
        lobby["override_event_webhooks_url"] = data["override_event_webhooks_url"]


def _is_long(metadata: Doc | None) -> bool:
    return sum(len(k) + len(v) for k, v in (metadata or {}).items()) > METADATA_MAX


def _judge_metadata(data: Doc, *fields: str, members: list[Doc] | None = None) -> None:
    """Refuse metadata that is too long in total, in one of the fields or of one of the members."""
    tree: Tree = {field: _TOO_LONG for field in fields if _is_long(data.get(field))}
    wrong = {str(n): {"metadata": _TOO_LONG} for n, m in enumerate(members or ()) if _is_long(m.get("metadata"))}
    if wrong:
        tree |= {"members": wrong} if fields else wrong
    if tree:
        form_error(tree)


# -- members -------------------------------------------------------------------------------------------------


def _has_room(call: Call, user_id: int) -> bool:
    """Whether the user is in less than the most lobbies that an application may put them in."""
    return sum(user_id in lobby["members"] for lobby in _own(call)) < LOBBIES_MAX


def _judge_members(call: Call, before: dict[int, Doc], after: set[int]) -> None:
    """Refuse members who do not exist or are in too many lobbies, and a lobby of too many."""
    for user_id in after - set(before):
        if not call.world.user_exists(user_id):
            unknown("user")
        if not _has_room(call, user_id):
            message = f"Maximum number of lobbies reached ({LOBBIES_MAX})"
            form_error({"members": leaf("LOBBY_MAX_PER_USER", message)})
    if len(after) > MEMBERS_MAX:
        form_error({"members": leaf("BASE_TYPE_MAX_LENGTH", f"Must be {MEMBERS_MAX} or fewer in length.")})


def _put(lobby: Doc, user_id: int, given: Doc) -> Doc:
    """Put a user into a lobby, or change what is said of them there."""
    members: dict[int, Doc] = lobby["members"]
    member = members.setdefault(user_id, skeleton("LobbyMemberResponse", id=str(user_id)))
    if "metadata" in given:
        member["metadata"] = given["metadata"]
    if "flags" in given:
        member["flags"] = given["flags"] or 0
    if "additional_name" in given:
        member.pop("additional_name", None)
        member |= {"additional_name": given["additional_name"]} if given["additional_name"] else {}
    return member


def _drop(call: Call, lobby: Doc, user_id: int) -> None:
    if lobby["members"].pop(user_id, None) is not None:
        lobby["idle_since_ms"] = call.epoch_ms


@operation("add_lobby_member")
def add_member(call: Call) -> Answer:
    lobby, user_id = _find(call), call.id("user_id")
    _judge_members(call, lobby["members"], {*lobby["members"], user_id})
    _judge_metadata(call.data, "metadata")
    return ok(_put(lobby, user_id, call.data))


@operation("delete_lobby_member")
def remove_member(call: Call) -> Answer:
    _drop(call, _find(call), call.id("user_id"))
    return NO_CONTENT


@operation("leave_lobby")
def leave(call: Call) -> Answer:
    lobby = _find(call, inside=False)
    if call.bearer is not None and lobby["secret"] is None and call.me in lobby["members"]:
        refuse(403, 50001, "Missing Access")  # who was put in by the game's server cannot leave
    _drop(call, lobby, call.me)
    return NO_CONTENT


@operation("bulk_update_lobby_members")
def change_members(call: Call) -> Answer:
    lobby, items = _find(call), {int(item["id"]): item for item in call.data or ()}
    present: dict[int, Doc] = lobby["members"]
    for user_id in items:
        if not call.world.user_exists(user_id):
            unknown("user")
    gone = {u for u, item in items.items() if item.get("remove_member")}
    kept = [u for u in items if u not in gone and (u in present or _has_room(call, u))]  # the others without a word
    _judge_members(call, present, {*present, *kept} - gone)
    _judge_metadata({}, members=call.data)
    for user_id in gone:
        _drop(call, lobby, user_id)
    return ok([_put(lobby, user_id, items[user_id]) for user_id in kept])


# -- lobbies -------------------------------------------------------------------------------------------------


@operation("create_lobby")
def create(call: Call) -> Answer:
    data = call.data
    given = {int(item["id"]): item for item in data.get("members") or ()}
    _judge_members(call, {}, set(given))
    _judge_metadata(data, "metadata", members=data.get("members"))
    lobby = _new(call, data, data.get("metadata"))
    for user_id, item in given.items():
        _put(lobby, user_id, item)
    return ok(_shown(call, lobby), 201)


@operation("create_or_join_lobby")
def join(call: Call) -> Answer:
    call.scope(SCOPE)
    data = call.data
    _judge_metadata(data, "lobby_metadata", "member_metadata")
    found = [lobby for lobby in _own(call) if lobby["secret"] == data["secret"]]
    found = [lobby for lobby in found if call.me in lobby["members"] or _age_ms(call, lobby) < SECRET_LIVES_MS]
    lobby = found[0] if found else None
    present = {} if lobby is None else lobby["members"]
    _judge_members(call, present, {*present, call.me})
    if lobby is None:
        lobby = _new(call, data, data.get("lobby_metadata"), data["secret"])
    else:
        _set(lobby, data)
        lobby["metadata"] = data.get("lobby_metadata", lobby["metadata"])
    _put(lobby, call.me, {"metadata": data["member_metadata"]} if "member_metadata" in data else {})
    return ok(_shown(call, lobby))


@operation("get_lobby")
def get(call: Call) -> Answer:
    return ok(_shown(call, _find(call)))


@operation("edit_lobby")
def edit(call: Call) -> Answer:
    lobby, data = _find(call), call.data
    given = {int(item["id"]): item for item in data.get("members") or ()}
    if data.get("members") is not None:
        _judge_members(call, lobby["members"], set(given))
    _judge_metadata(data, "metadata", members=data.get("members"))
    _set(lobby, data)
    lobby["metadata"] = data.get("metadata", lobby["metadata"])
    if data.get("members") is not None:
        for user_id in set(lobby["members"]) - set(given):
            _drop(call, lobby, user_id)
        for user_id, item in given.items():
            _put(lobby, user_id, item)
    return ok(_shown(call, lobby))


@operation("delete_lobby")
def delete(call: Call) -> Answer:
    """Safe to call for a lobby that is gone; another application's is left alone."""
    lobby = _living(call).get(call.id("lobby_id"))
    if lobby is not None and lobby["application_id"] == str(call.me):
        del call.bin("lobbies")[int(lobby["id"])]
    return NO_CONTENT


# -- the linked channel --------------------------------------------------------------------------------------


@operation("edit_lobby_channel_link")
def link(call: Call) -> Answer:
    lobby, wanted = _find(call), call.data.get("channel_id")
    if call.bearer is not None and not lobby["members"][call.me]["flags"] & CAN_LINK:
        refuse(403, 50013, "Missing Permissions")
    if wanted is None:
        lobby["linked_id"] = None
        return ok(_shown(call, lobby))
    guild, channel = call.channel_of(int(wanted), P.MANAGE_CHANNELS | P.SEND_MESSAGES)
    if guild is None:
        refuse(400, 50003, "Cannot execute action on a DM channel")
    if channel["type"] != 0:
        refuse(400, 50024, "Cannot execute action on this channel type")
    reason = None
    if channel["nsfw"]:
        reason = "An age-restricted channel cannot be linked"
    elif lobby["secret"] is not None:
        reason = "A lobby that was made with a secret cannot be linked"
    elif any(other["linked_id"] == int(wanted) for other in _living(call).values() if other is not lobby):
        reason = "The channel is linked to another lobby"
    if reason is not None:
        form_error({"channel_id": leaf("CHANNEL_NOT_LINKABLE", reason)})
    lobby["linked_id"] = int(wanted)
    return ok(_shown(call, lobby))


@operation("create_linked_lobby_guild_invite_for_self")
def invite_me(call: Call) -> Answer:
    return _invite(call, _find(call), call.me)


@operation("create_linked_lobby_guild_invite_for_user")
def invite(call: Call) -> Answer:
    return _invite(call, _find(call), call.user())


def _invite(call: Call, lobby: Doc, user_id: int) -> Answer:
    """An invite for one user, once, to the linked channel; nobody there has to allow it."""
    place = _linked(call, lobby)
    if place is None:
        unknown("channel")
    terms: Doc = {"max_age": INVITE_LIVES_S, "max_uses": 1, "temporary": False, "target_users": [str(user_id)]}
    return ok({"code": new_invite(call, *place, **terms)["code"]})


# -- messages ------------------------------------------------------------------------------------------------


@operation("create_lobby_message")
def say(call: Call) -> Answer:
    lobby, data = _find(call), call.data
    content = (data.get("content") or "").strip()
    if not content:
        refuse(400, 50006, "Cannot send an empty message")
    message = skeleton(
        "LobbyMessageResponse", id=str(call.new_id()), content=content, lobby_id=lobby["id"], channel_id=lobby["id"],
        author=call.person(), flags=(data.get("flags") or 0) & _MESSAGE_FLAGS, application_id=lobby["application_id"],
    )  # fmt: skip
    name = lobby["members"].get(call.me, {}).get("additional_name")
    if name is not None:
        message["lobby_member"] = {"additional_name": name}
    lobby["messages"].append(message)
    del lobby["messages"][:-MESSAGES_KEPT]
    _forward(call, lobby, content)
    return ok(message, 201)


def _forward(call: Call, lobby: Doc, content: str) -> None:
    """Post to the linked channel too; what cannot be posted there is said in the lobby all the same."""
    place = _linked(call, lobby)
    if place is None:
        return
    guild, channel = place
    try:
        made = draft(call, guild, channel, {"content": content}, mention_default=("users",))
        hits = moderate(call, guild, channel, content)
    except Refused as refusal:
        call.events += refusal.told
        return
    posted = post(call, int(channel["id"]), call.me, made, application_id=lobby["application_id"])
    flag(call, guild, channel, posted, hits)


@operation("get_lobby_messages")
def messages(call: Call) -> Answer:
    lobby = _find(call)
    recent = [m for m in reversed(lobby["messages"]) if _age_ms(call, m) <= HISTORY_MS]
    return ok(recent[: call.query.get("limit", MESSAGES_SHOWN)])


@operation("update_lobby_message_external_moderation_metadata")
def note(call: Call) -> Answer:
    lobby = _find(call)
    message = call.thing({int(m["id"]): m for m in lobby["messages"]}, "message_id", "message")
    if any(len(key) > METADATA_KEY_MAX for key in call.data):
        form_error(leaf("DICT_KEY_MAX_LENGTH", f"Keys must be {METADATA_KEY_MAX} or fewer in length."))
    message["moderation_metadata"] = call.data
    return NO_CONTENT
