"""Emojis that an application owns."""

import base64

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30


def uri(data, kind="png"):
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def test_an_emoji_from_birth_to_death(api):
    made, told = api.told("POST", "/applications/{me}/emojis", {"name": "blob", "image": uri(PNG)})
    assert (made["name"], made["animated"], made["user"]["id"]) == ("blob", False, str(api.names["me"]))
    assert told == [], "no guild hears of it"
    path = f"/applications/{{me}}/emojis/{made['id']}"
    assert api.ok("GET", path) == made
    assert api.ok("GET", "/applications/{me}/emojis") == {"items": [made]}
    assert api.fake.rest.media.find(f"/emojis/{made['id']}.png") == ("image/png", PNG)
    assert api.ok("PATCH", path, {"name": "other"}) == {**made, "name": "other"}
    assert api.ok("PATCH", path, {}) == {**made, "name": "other"}
    api.ok("DELETE", path)
    for method, body in (("GET", None), ("PATCH", {"name": "gone"}), ("DELETE", None)):
        assert api.error(method, path, body) == (404, 10014)


def test_the_bot_reacts_with_it(api):
    made = api.ok("POST", "/applications/{me}/emojis", {"name": "blob", "image": uri(b"GIF89a" + b"\0" * 20, "gif")})
    assert made["animated"] is True
    message = api.ok("POST", "/channels/{c}/messages", {"content": "x"})
    path = f"/channels/{{c}}/messages/{message['id']}/reactions/a:blob:{made['id']}/@me"
    _, told = api.told("PUT", path)
    assert told[0][1]["emoji"] == {"id": made["id"], "name": "blob", "animated": True}


def test_emojis_are_their_applications_business(api):
    other = list(api.fake.world.bots)[1]
    token = next(f"Bot {token}" for token, bot in api.fake.tokens.items() if bot == other)
    made = api.ok("POST", f"/applications/{other}/emojis", {"name": "blob", "image": uri(PNG)}, token=token)
    assert api.ok("GET", "/applications/{me}/emojis") == {"items": []}
    assert api.error("GET", f"/applications/{{me}}/emojis/{made['id']}") == (404, 10014)
    assert api.error("GET", f"/applications/{other}/emojis") == (403, 20012)
    api.ok("POST", "/applications/{me}/emojis", {"name": "blob", "image": uri(PNG)})


def test_a_name_is_taken_once_and_has_no_signs(api):
    first, second = (
        api.ok("POST", "/applications/{me}/emojis", {"name": name, "image": uri(PNG)}) for name in ("one", "two")
    )
    for name, code in (("one", "APPLICATION_EMOJI_NAME_ALREADY_TAKEN"), ("o-n-e", "STRING_TYPE_REGEX")):
        _, body = api("POST", "/applications/{me}/emojis", {"name": name, "image": uri(PNG)})
        assert body["errors"]["name"]["_errors"][0]["code"] == code
        _, body = api("PATCH", f"/applications/{{me}}/emojis/{second['id']}", {"name": name})
        assert body["errors"]["name"]["_errors"][0]["code"] == code
    assert api.ok("PATCH", f"/applications/{{me}}/emojis/{first['id']}", {"name": "one"}) == first


def test_an_image_is_a_picture_of_256_kib_at_most(api):
    api.ok("POST", "/applications/{me}/emojis", {"name": "fits", "image": uri(PNG.ljust(256 << 10, b"\0"))})
    large = {"name": "large", "image": uri(PNG.ljust((256 << 10) + 1, b"\0"))}
    assert api.error("POST", "/applications/{me}/emojis", large) == (400, 50138)
    _, body = api("POST", "/applications/{me}/emojis", {"name": "text", "image": uri(b"nonsense")})
    assert body["errors"]["image"]["_errors"][0]["code"] == "IMAGE_INVALID"
    assert len(api.ok("GET", "/applications/{me}/emojis")["items"]) == 1


def test_an_application_has_room_for_2000(api):
    known = api.fake.world.bins.setdefault("app_emojis", {})
    for n in range(1999):
        known[n] = {"name": f"e{n}", "application_id": str(api.names["me"])}
    last = api.ok("POST", "/applications/{me}/emojis", {"name": "last", "image": uri(PNG)})
    assert api.error("POST", "/applications/{me}/emojis", {"name": "more", "image": uri(PNG)}) == (400, 30008)
    api.ok("DELETE", f"/applications/{{me}}/emojis/{last['id']}")
    api.ok("POST", "/applications/{me}/emojis", {"name": "more", "image": uri(PNG)})
