"""Users, their direct channels, and the gateway's address ("User", "OAuth2", "Gateway")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, form_error, ok, operation, refuse
from discord_sim.edge.operations.applications import public
from discord_sim.edge.operations.group_dms import open_group
from discord_sim.rules.answers import Answer
from discord_sim.rules.forms import leaf
from discord_sim.spec import skeleton
from discord_sim.world import changes
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import iso

_RENAMES_PER_HOUR = 2


@operation("get_gateway")
def gateway(call: Call) -> Answer:
    return ok({"url": call.settings.gateway_url})


@operation("get_bot_gateway")
def bot_gateway(call: Call) -> Answer:
    account = call.gateway.accounts[call.me]
    limits = account.starts.limit_body(call.now_ms, call.settings.max_concurrency)
    return ok({"url": call.settings.gateway_url, "shards": call.settings.shards, "session_start_limit": limits})


def own_user(call: Call) -> Doc:
    """The caller's own user object."""
    return {**call.person(), "mfa_enabled": True, "verified": True, "email": None, "locale": "en-US"}


@operation("get_my_user")
def me(call: Call) -> Answer:
    if call.scopes is not None and "identify" not in call.scopes:
        refuse(403, 50026, "Missing required OAuth2 scope")
    return ok(own_user(call))


@operation("update_my_user")
def update_me(call: Call) -> Answer:
    new: Doc = {}
    if (name := call.data.get("username")) is not None:
        renames = [t for t in call.bin("renames").get(call.me, {}).get("at", ()) if t > call.epoch_ms - 3_600_000]
        if len(renames) >= _RENAMES_PER_HOUR:
            message = "You are changing your username too fast. Try again later."
            form_error({"username": leaf("USERNAME_RATE_LIMIT", message)})
        call.bin("renames")[call.me] = {"at": [*renames, call.epoch_ms]}
        new["username"] = name
    for field, kind in (("avatar", "avatars"), ("banner", "banners")):
        if field in call.data:
            new[field] = call.media.picture(field, call.data[field], kind, call.me)
    call.world.users.setdefault(call.me, {}).update(new)
    call.emit("USER_UPDATE", None, call.me, own_user(call), bot_id=call.me)
    for guild in call.world.built():
        if call.world.is_member(guild, call.me):
            call.events += changes.change_member(call.world, guild, call.me)
    return ok(own_user(call))


@operation("get_user")
def user(call: Call) -> Answer:
    return ok(call.person(call.user()))


@operation("list_my_guilds")
def guilds(call: Call) -> Answer:
    before, after = int(call.query.get("before", 1 << 64)), int(call.query.get("after", 0))
    limit = call.query.get("limit", 200)
    left = {g.id for g in call.world.built() if not call.world.is_member(g, call.me)}
    if call.me in call.world.bots:
        ids = [g for g in call.world.guild_ids() if after < g < before and g not in left]
    else:
        ids = [g.id for g in call.world.built() if after < g.id < before and g.id not in left]
    ids = ids[-limit:] if "before" in call.query and "after" not in call.query else ids[:limit]
    found = [call.guild_of_id(g) for g in ids]
    body = [
        {
            "id": str(g.id), "name": g.name, "icon": g.doc["icon"], "banner": g.doc["banner"],
            "owner": g.owner_id == call.me, "permissions": str(g.permissions_of(call.me)),
            "features": g.doc["features"],
        }
        for g in found
    ]  # fmt: skip
    if call.query.get("with_counts"):
        for item, g in zip(body, found, strict=True):
            item |= {"approximate_member_count": g.member_count, "approximate_presence_count": g.member_count // 3}
    return ok(body)


@operation("leave_guild")
def leave(call: Call) -> Answer:
    guild = call.guild(read=True)
    if guild.owner_id == call.me:
        form_error({"guild_id": leaf("INVALID_GUILD", "Owner cannot leave their own guild")})
    call.events += changes.remove_member(call.world, guild, call.me)
    return NO_CONTENT


@operation("get_my_guild_member")
def my_member(call: Call) -> Answer:
    if call.scopes is not None and "guilds.members.read" not in call.scopes:
        refuse(403, 50026, "Missing required OAuth2 scope")
    guild = call.guild(read=True)
    return ok(skeleton("PrivateGuildMemberResponse", **call.world.member_payload(guild, call.me)))


@operation("create_dm")
def open_dm(call: Call) -> Answer:
    if call.data.get("access_tokens") is not None:
        return ok(open_group(call, call.data["access_tokens"]))
    wanted = call.data.get("recipient_id") or next(iter(call.data.get("recipients") or ()), None)
    if wanted is None:
        form_error({"recipient_id": leaf("BASE_TYPE_REQUIRED", "This field is required")})
    other = int(wanted)
    if other == call.me or not call.world.user_exists(other):
        refuse(400, 50033, "Invalid Recipient(s)")
    for channel_id, people in call.world.direct_members.items():
        if set(people) == {call.me, other} and call.world.direct[channel_id]["type"] == 1:
            return ok(call.world.direct[channel_id])
    made = call.new_id()
    call.world.direct_members[made] = (call.me, other)
    doc: Doc = {
        "id": str(made), "type": 1, "flags": 0, "last_message_id": None, "last_pin_timestamp": None,
        "recipients": [call.person(other)],
    }  # fmt: skip
    call.world.direct[made] = doc
    return ok(doc)


@operation("list_my_connections")
def connections(call: Call) -> Answer:
    return ok([])


# -- OAuth2 --------------------------------------------------------------------------------------------------


@operation("get_my_oauth2_authorization")
def authorization(call: Call) -> Answer:
    app = call.me if call.bearer is None else call.bearer.application_id
    application = public(call, app if app in call.world.bots else call.world.bot_id)
    body: Doc = {"application": application, "expires": _in_a_week(call), "scopes": sorted(call.scopes or ("bot",))}
    if call.scopes is None or "identify" in call.scopes:
        body["user"] = call.person()
    return ok(body)


def _in_a_week(call: Call) -> str:
    return iso(call.epoch_ms + 7 * 86_400_000)


@operation("get_public_keys")
def public_keys(call: Call) -> Answer:
    return ok({"keys": []})


@operation("get_openid_connect_userinfo")
def userinfo(call: Call) -> Answer:
    if call.scopes is not None and "openid" not in call.scopes:
        refuse(403, 50026, "Missing required OAuth2 scope")
    person = call.person()
    return ok({
        "sub": person["id"], "email": None, "email_verified": True, "preferred_username": person["username"],
        "nickname": person["global_name"], "picture": "https://cdn.discordapp.com/embed/avatars/0.png",
        "locale": "en-US",
    })  # fmt: skip
