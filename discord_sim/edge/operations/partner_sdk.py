"""Provisional accounts ("Using Provisional Accounts"): a game's own identities stand for users of Discord, and tokens
are given out for them.

No identity provider's keys are at hand, so what an ID token claims is believed; its signature is not looked at.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec

from discord_sim.edge.call import NO_CONTENT, Call, ok, operation, refuse, unknown
from discord_sim.rules.answers import Answer
from discord_sim.rules.front_door import Bearer
from discord_sim.spec import skeleton
from discord_sim.world.payloads import Doc
from discord_sim.world.world import World

SCOPE = "sdk.social_layer"
TOKEN_LIVES_S = ISSUED_AGO_MAX_S = 7 * 86_400
NAME_MAX = 32
BY_BOT, _BOT_ISSUED = "BOT", "DISCORD_BOT_ISSUED_ACCESS_TOKEN"


def client_secret(world: World, application_id: int) -> str:
    """An application's secret, as the developer portal shows it."""
    return _drawn(world, f"client-secret/{application_id}")


def link(
    world: World, bearers: dict[str, Bearer], application_id: int, external_id: str, user_id: int, kind: str = BY_BOT
) -> None:
    """A player links a full account: their identity stands for it, the provisional account goes."""
    key = _key(application_id, kind, external_id)
    before = _identities(world).get(key)
    _identities(world)[key] = {"user_id": user_id}
    if before is not None and before["user_id"] != user_id:
        _move(world, bearers, application_id, before["user_id"], user_id)
        if _accounts(world).pop(before["user_id"], None) is not None:
            del world.users[before["user_id"]]


def _identities(world: World) -> dict[int, Doc]:
    return world.bins.setdefault("external_identities", {})


def _accounts(world: World) -> dict[int, Doc]:
    return world.bins.setdefault("provisional_accounts", {})


def _key(application_id: int, kind: str, external_id: str) -> int:
    return int.from_bytes(f"{application_id}/{kind}/{external_id}".encode(), "big")


def _drawn(world: World, name: str) -> str:
    return hashlib.blake2b(f"{world.seed}/{name}".encode(), digest_size=16).hexdigest()


def _move(world: World, bearers: dict[str, Bearer], application_id: int, old: int, new: int) -> None:
    """Lobbies go with the identity; the tokens of who it stood for end."""
    for token in [t for t, b in bearers.items() if (b.user_id, b.application_id) == (old, application_id)]:
        del bearers[token]
    for lobby in world.bins.get("lobbies", {}).values():
        if lobby["application_id"] == str(application_id) and old in lobby["members"]:
            lobby["members"].setdefault(new, {**lobby["members"].pop(old), "id": str(new)})


# -- tokens --------------------------------------------------------------------------------------------------


@operation("bot_partner_sdk_token")
def token_by_bot(call: Call) -> Answer:
    data = call.data
    given = None if data.get("provisional_user_id") is None else int(data["provisional_user_id"])
    if given is not None and _accounts(call.world).get(given) != {"application_id": call.me}:
        unknown("user")
    key = _key(call.me, BY_BOT, data["external_user_id"])
    return _sign_in(call, call.me, key, data.get("preferred_global_name"), given)


@operation("partner_sdk_token")
def token(call: Call) -> Answer:
    application_id = _client(call)
    key, name = _identify(call, application_id)
    return _sign_in(call, application_id, key, name)


def _sign_in(call: Call, application_id: int, key: int, name: str | None, given: int | None = None) -> Answer:
    """A token of who the identity stands for; of a new provisional account where that is nobody."""
    found = _identities(call.world).get(key)
    if found is not None and found["user_id"] not in _accounts(call.world):
        refuse(400, 530010, "The user account is not provisional")
    if found is None:
        found = _identities(call.world)[key] = {"user_id": given or _new_account(call, application_id)}
    user_id: int = found["user_id"]
    if name is not None:
        call.world.users[user_id]["global_name"] = name
    made = _drawn(call.world, f"provisional-token/{call.new_id()}")
    expires_ms = call.epoch_ms + TOKEN_LIVES_S * 1000
    call.bearers[made] = Bearer(user_id, application_id, frozenset({SCOPE}), expires_ms)
    claims = {
        "iss": "https://discord.com", "sub": str(user_id), "aud": str(application_id),
        "iat": call.epoch_ms // 1000, "exp": expires_ms // 1000,
    }  # fmt: skip
    return ok(skeleton(
        "ProvisionalTokenResponse", token_type="Bearer", access_token=made, expires_in=TOKEN_LIVES_S, scope=SCOPE,
        id_token=".".join([_packed({"alg": "RS256", "typ": "JWT"}), _packed(claims), made]),
    ))  # fmt: skip


def _new_account(call: Call, application_id: int) -> int:
    made = call.new_id()
    call.world.users[made] = {}
    _accounts(call.world)[made] = {"application_id": application_id}
    return made


def _client(call: Call) -> int:
    """The application that asks; a public client sends no secret."""
    application_id = int(call.data["client_id"])
    if application_id not in call.world.bots:
        unknown("application")
    secret = call.data.get("client_secret")
    if secret is not None and secret != client_secret(call.world, application_id):
        refuse(401, 530007, "Your client secret is invalid")
    return application_id


def _identify(call: Call, application_id: int) -> tuple[int, str | None]:
    """The identity that an external token proves, and the name it tells."""
    kind, text = call.data["external_auth_type"], call.data["external_auth_token"]
    if kind == _BOT_ISSUED:
        bearer = call.bearers.get(text)
        if bearer is not None and bearer.application_id == application_id and call.epoch_ms < bearer.expires_ms:
            for key, identity in _identities(call.world).items():
                if identity["user_id"] == bearer.user_id:
                    return key, None
        refuse(401, 50025, "Invalid OAuth2 access token provided")
    claims = _claims(text)
    if kind == "OIDC":
        _judge_claims(call, application_id, claims)
    subject, name = claims.get("sub"), claims.get("preferred_username")
    known = isinstance(name, str) and 1 <= len(name) <= NAME_MAX
    return _key(application_id, kind, subject if isinstance(subject, str) else text), name if known else None


def _judge_claims(call: Call, application_id: int, claims: Doc) -> None:
    """Refuse an ID token that is none, is too old, or is not for the provider that the portal names (if it does)."""
    now_s = call.epoch_ms // 1000
    provider = call.bin("identity_providers").get(application_id, {})
    expires, issued = claims.get("exp", now_s + 1), claims.get("iat", now_s)
    if not isinstance(claims.get("sub"), str) or not all(isinstance(t, (int, float)) for t in (expires, issued)):
        refuse(400, 530020, "The ID token is not a valid JWT")
    if "issuer" in provider and claims.get("iss") != provider["issuer"]:
        refuse(400, 530002, "The issuer of the ID token does not match the configured one")
    audience = claims.get("aud")
    if "audience" in provider and provider["audience"] not in (audience if isinstance(audience, list) else [audience]):
        refuse(400, 530003, "The audience of the ID token does not match the configured one")
    if expires <= now_s:
        refuse(400, 530001, "The ID token is expired")
    if issued < now_s - ISSUED_AGO_MAX_S:
        refuse(400, 530004, "The ID token was issued too long ago")


def _packed(part: Doc) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(part)).decode().rstrip("=")


def _claims(text: str) -> Doc:
    """What a JWT claims; nothing where the text is none."""
    parts = text.split(".")
    try:
        body = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)) if len(parts) == 3 else b"{}"
        claims: Any = msgspec.json.decode(body)
    except (ValueError, msgspec.DecodeError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


# -- unmerging -----------------------------------------------------------------------------------------------


@operation("bot_partner_sdk_unmerge_provisional_account")
def unmerge_by_bot(call: Call) -> Answer:
    return _unmerge(call, call.me, _key(call.me, BY_BOT, call.data["external_user_id"]))


@operation("partner_sdk_unmerge_provisional_account")
def unmerge(call: Call) -> Answer:
    application_id = _client(call)
    return _unmerge(call, application_id, _identify(call, application_id)[0])


def _unmerge(call: Call, application_id: int, key: int) -> Answer:
    """The identity leaves a full account and stands for a new provisional one."""
    found = _identities(call.world).get(key)
    if found is None:
        unknown("user")
    old = found["user_id"]
    if old in _accounts(call.world):
        refuse(400, 50229, "Invalid user type")
    found["user_id"] = _new_account(call, application_id)
    call.world.users[found["user_id"]]["global_name"] = call.person(old)["global_name"]
    _move(call.world, call.bearers, application_id, old, found["user_id"])
    return NO_CONTENT


# -- moderation ----------------------------------------------------------------------------------------------


@operation("update_user_message_external_moderation_metadata")
def moderate(call: Call) -> Answer:
    """Only the game's own clients are shown what an application notes about a direct message: no answer, no event."""
    people = {call.user("user_id_1"), call.user("user_id_2")}
    message_id = call.id("message_id")
    places = [place for place, who in call.world.direct_members.items() if set(who) == people]
    if not any(call.world.message(place, message_id) for place in places):
        unknown("message")
    call.bin("moderation_metadata").setdefault(message_id, {})[str(call.me)] = call.data
    return NO_CONTENT
