"""Provisional accounts: identities of a game, the tokens made for them, unmerging, moderation metadata."""

import base64
from dataclasses import replace

import msgspec
import pytest

from discord_sim.edge.operations import partner_sdk
from discord_sim.world import changes

WEEK_S = 7 * 86_400


def jwt(**claims):
    body = base64.urlsafe_b64encode(msgspec.json.encode(claims)).decode().rstrip("=")
    return f"e30.{body}.signature"


def by_bot(api, external_id="player-1", **more):
    return api("POST", "/partner-sdk/token/bot", {"external_user_id": external_id, **more})


def by_token(api, text, kind="OIDC", path="token", **more):
    body = {"client_id": api.names["me"], "external_auth_type": kind, "external_auth_token": text, **more}
    return api("POST", f"/partner-sdk/{path}", body, token="")


def user_of(api, answer):
    """Whose the token of an answer is: who is in the lobby that is made with it, and who the ID token names."""
    status, body = answer
    assert status == 200, body
    claims = msgspec.json.decode(base64.urlsafe_b64decode(body["id_token"].split(".")[1] + "=="))
    assert claims["aud"] == str(api.names["me"])
    lobby = api.ok("PUT", "/lobbies", {"secret": claims["sub"]}, token="Bearer " + body["access_token"])
    assert [m["id"] for m in lobby["members"]] == [claims["sub"]]
    return claims["sub"]


def test_an_identity_gets_a_token_that_works_and_keeps_its_account(api):
    first, second = by_bot(api, preferred_global_name="Ann"), by_bot(api)
    assert first[1]["token_type"] == "Bearer"
    assert (first[1]["expires_in"], first[1]["scope"]) == (WEEK_S, "sdk.social_layer")
    assert first[1]["access_token"] != second[1]["access_token"]
    user = user_of(api, first)
    assert user_of(api, second) == user
    assert user_of(api, by_bot(api, "player-2")) != user
    assert api.ok("GET", f"/users/{user}")["global_name"] == "Ann"


def test_a_token_ends_after_a_week_and_reaches_no_further_than_its_scope(api):
    token = by_bot(api)[1]["access_token"]
    assert api.error("GET", "/users/@me", token=f"Bearer {token}") == (403, 50026)
    assert api.error("GET", "/guilds/{g}", token=f"Bearer {token}") == (403, 20002)
    bearers, now_ms = api.fake.door.bearers, api.fake.clock.epoch_ms
    assert now_ms < bearers[token].expires_ms <= now_ms + WEEK_S * 1000
    bearers[token] = replace(bearers[token], expires_ms=now_ms)
    assert api.error("PUT", "/lobbies", {"secret": "s"}, token=f"Bearer {token}") == (401, 50025)


def test_a_provisional_account_can_get_a_second_identity(api):
    user = user_of(api, by_bot(api))
    assert user_of(api, by_bot(api, "other", provisional_user_id=user)) == user
    assert api.error(
        "POST", "/partner-sdk/token/bot", {"external_user_id": "x", "provisional_user_id": api.names["m1"]}
    ) == (404, 10013)


def test_identities_belong_to_one_application(api):
    user = user_of(api, by_bot(api))
    other = "Bot " + next(t for t, bot in api.fake.tokens.items() if bot != api.names["me"])
    made = api.ok("POST", "/partner-sdk/token/bot", {"external_user_id": "player-1"}, token=other)
    assert api.fake.door.bearers[made["access_token"]].user_id != int(user)


# -- identity providers --------------------------------------------------------------------------------------


def test_an_id_token_stands_for_its_subject(api):
    now_s = api.fake.clock.epoch_ms // 1000
    user = user_of(api, by_token(api, jwt(sub="ann", preferred_username="Ann", exp=now_s + 60)))
    assert api.ok("GET", f"/users/{user}")["global_name"] == "Ann"
    assert user_of(api, by_token(api, jwt(sub="ann", exp=now_s + 90))) == user
    assert user_of(api, by_token(api, jwt(sub="ann"), "EPIC_ONLINE_SERVICES_ID_TOKEN")) != user


def test_an_opaque_ticket_stands_for_itself(api):
    user = user_of(api, by_token(api, "ticket-1", "STEAM_SESSION_TICKET"))
    assert user_of(api, by_token(api, "ticket-1", "STEAM_SESSION_TICKET")) == user
    assert user_of(api, by_token(api, "not.a.jwt", "STEAM_SESSION_TICKET")) != user


def test_a_token_that_a_bot_issued_stands_for_its_user(api):
    issued = by_bot(api)
    user = user_of(api, issued)
    assert user_of(api, by_token(api, issued[1]["access_token"], "DISCORD_BOT_ISSUED_ACCESS_TOKEN")) == user
    _, body = by_token(api, "invented", "DISCORD_BOT_ISSUED_ACCESS_TOKEN")
    assert body["code"] == 50025


@pytest.mark.parametrize(("claims", "code"), [
    ({"sub": "ann", "exp": 0}, 530001), ({"sub": "ann", "iss": "https://other"}, 530002),
    ({"sub": "ann", "aud": "other"}, 530003), ({"sub": "ann", "iat": 1}, 530004), ({"exp": 1 << 40}, 530020),
    ({"sub": "ann", "exp": "soon"}, 530020),
])  # fmt: skip
def test_an_id_token_is_refused_for_a_reason(api, claims, code):
    provider = {"issuer": "https://id.example", "audience": "game"}
    api.fake.world.bins["identity_providers"] = {api.names["me"]: provider}
    status, body = by_token(api, jwt(**{"iss": provider["issuer"], "aud": ["game"], **claims}))
    assert (status, body["code"]) == (400, code)


def test_a_client_is_known_and_a_secret_is_right(api):
    secret = partner_sdk.client_secret(api.fake.world, api.names["me"])
    assert by_token(api, jwt(sub="ann"), client_secret=secret)[0] == 200
    status, body = by_token(api, jwt(sub="ann"), client_secret="wrong")
    assert (status, body["code"]) == (401, 530007)
    status, body = by_token(api, jwt(sub="ann"), client_id="123456789012345678")
    assert (status, body["code"]) == (404, 10002)


# -- linked accounts -----------------------------------------------------------------------------------------


def link(api, external_id, kind=partner_sdk.BY_BOT):
    fake = api.fake
    partner_sdk.link(fake.world, fake.door.bearers, api.names["me"], external_id, api.names["m1"], kind)


def test_linking_a_full_account_ends_the_provisional_one(api):
    bearer = "Bearer " + by_bot(api)[1]["access_token"]
    before = api.ok("PUT", "/lobbies", {"secret": "s"}, token=bearer)
    link(api, "player-1")
    assert api.error("PUT", "/lobbies", {"secret": "s"}, token=bearer) == (401, 50025)
    assert api.error("GET", f"/users/{before['members'][0]['id']}") == (404, 10013)
    (member,) = api.ok("GET", f"/lobbies/{before['id']}")["members"]
    assert member["id"] == str(api.names["m1"]), "the lobbies move to the full account"
    status, body = by_bot(api)
    assert (status, body["code"]) == (400, 530010)


@pytest.mark.parametrize("kind", [partner_sdk.BY_BOT, "OIDC"])
def test_unmerging_makes_a_new_provisional_account_in_the_same_lobbies(api, kind):
    def unmerge():
        if kind == "OIDC":
            return by_token(api, jwt(sub="ann"), path="provisional-accounts/unmerge")
        return api("POST", "/partner-sdk/provisional-accounts/unmerge/bot", {"external_user_id": "ann"})

    status, body = unmerge()
    assert (status, body["code"]) == (404, 10013), "nobody has this identity"
    link(api, "ann", kind)
    mine = api.bearer(api.names["m1"], "sdk.social_layer")
    lobby = api.ok("PUT", "/lobbies", {"secret": "s"}, token=mine)
    assert unmerge() == (204, None)
    assert api.error("PUT", "/lobbies", {"secret": "s"}, token=mine) == (401, 50025), "the old tokens end"
    (member,) = api.ok("GET", f"/lobbies/{lobby['id']}")["members"]
    again = by_token(api, jwt(sub="ann")) if kind == "OIDC" else by_bot(api, "ann")
    assert api.fake.door.bearers[again[1]["access_token"]].user_id == int(member["id"]) != api.names["m1"]
    status, body = unmerge()
    assert (status, body["code"]) == (400, 50229), "a provisional account cannot be unmerged"


# -- moderation ----------------------------------------------------------------------------------------------


def test_metadata_of_a_direct_message_is_noted_and_shown_to_nobody(api):
    place = api.ok("POST", "/users/@me/channels", {"recipient_id": api.names["m1"]})["id"]
    message, _ = changes.say(api.fake.world, int(place), api.names["m1"], "rude", api.fake.clock.epoch_ms)
    path = f"/partner-sdk/dms/{{m1}}/{{me}}/messages/{message.id}/moderation-metadata"
    _, told = api.told("PUT", path, {"action": "hide"})
    assert told == []
    assert api.fake.world.bins["moderation_metadata"][message.id] == {str(api.names["me"]): {"action": "hide"}}
    assert "moderation_metadata" not in api.ok("GET", f"/channels/{place}/messages/{message.id}")
    assert api.error("PUT", path.replace("{m1}", "{m2}"), {}) == (404, 10008)
    assert api.error("PUT", path.replace("{m1}", "123456789012345678"), {}) == (404, 10013)
    assert api.error("PUT", path, {str(n): "x" for n in range(6)}) == (400, 50035)
