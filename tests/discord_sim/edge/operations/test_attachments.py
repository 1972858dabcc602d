"""Files: sent as multipart, kept and dropped by edits, named by embeds and components, served by the CDN."""

import io
import struct

import aiohttp
import msgspec
import pytest

from discord_sim.rules.permissions import Permission as P

MESSAGES = "/channels/{c}/messages"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + struct.pack(">II", 30, 20) + b"\0" * 8
V2, VOICE = 1 << 15, 1 << 13


def multipart(payload=None, *files, **fields):
    """A form of `payload_json`, files as (name of the field, file name, data, type) and plain fields."""
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    if payload is not None:
        form.add_field("payload_json", msgspec.json.encode(payload).decode(), content_type="application/json")
    for field, filename, data, *kind in files:
        content_type = kind[0] if kind else "application/octet-stream"
        form.add_field(field, io.BytesIO(data), filename=filename, content_type=content_type)
    for field, value in fields.items():
        form.add_field(field, value)
    return form


def file(number=0, name="cat.png", data=PNG, kind="image/png"):
    return f"files[{number}]", name, data, kind


def send(api, payload, *files, path=MESSAGES, method="POST"):
    return api.ok(method, path, form=multipart(payload, *files))


def download(api, url):
    """(status, content type, bytes) of a link."""

    async def program():
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, answer.content_type, await answer.read()

    return api.run(program)


def errors(api, payload, *files, path=MESSAGES, method="POST"):
    status, body = api(method, path, form=multipart(payload, *files))
    assert (status, body["code"]) == (400, 50035), body
    return body["errors"]


def test_a_file_is_stored_and_its_link_serves_it_for_a_day(api):
    body = send(api, {"content": "look"}, file(kind="image/png"))
    attachment = body["attachments"][0]
    known = {"filename": "cat.png", "size": len(PNG), "content_type": "image/png", "width": 30, "height": 20}
    assert attachment.items() >= known.items()
    where, _, query = attachment["url"].partition("?")
    assert where == f"https://cdn.discordapp.com/attachments/{api.names['c']}/{attachment['id']}/cat.png"
    values = dict(part.split("=") for part in query.strip("&").split("&"))
    assert int(values["ex"], 16) - int(values["is"], 16) == 86_400
    assert len(values["hm"]) == 64
    assert download(api, attachment["url"]) == (200, "image/png", PNG)
    assert download(api, where.replace("cat", "dog"))[0] == 404


def test_a_message_may_be_a_file_alone_and_the_json_may_be_missing(api):
    assert send(api, None, file())["content"] == ""
    body = api.ok("POST", MESSAGES, form=multipart(None, file(), content="plain field", tts="false"))
    assert (body["content"], body["tts"], len(body["attachments"])) == ("plain field", False, 1)
    assert api.ok("POST", MESSAGES, form={"content": "urlencoded"})["content"] == "urlencoded"


@pytest.mark.parametrize("field", ["file", "file0", "files[0]"])
def test_files_have_old_and_new_names_of_fields(api, field):
    assert send(api, {}, (field, "a.txt", b"a"))["attachments"][0]["filename"] == "a.txt"


def test_a_list_of_attachments_describes_the_files(api):
    about_dog = {"id": 1, "description": "the dog", "is_spoiler": True}
    about_cat = {"id": "0", "filename": "tom.png", "title": "Tom"}
    cat, dog = send(api, {"attachments": [about_dog, about_cat]}, file(0), file(1, "dog.png"))["attachments"]
    assert (cat["filename"], cat["title"], "description" in cat) == ("tom.png", "Tom", False)
    assert cat["url"].partition("?")[0].endswith("/tom.png")
    assert (dog["filename"], dog["description"], dog["flags"]) == ("dog.png", "the dog", 1 << 3)


def test_names_are_cleaned_and_the_old_one_is_the_title(api):
    attachment = send(api, {}, file(0, "my cat (1).png"))["attachments"][0]
    assert (attachment["filename"], attachment["title"]) == ("my_cat_1.png", "my cat (1).png")
    assert download(api, attachment["url"])[2] == PNG


def test_a_described_file_must_be_there(api):
    tree = errors(api, {"attachments": [{"id": 0}, {"id": 7, "description": "?"}]}, file())
    assert tree == {"attachments": {"1": {"_errors": [
        {"code": "ATTACHMENT_NOT_FOUND", "message": "Attachment data not found"},
    ]}}}  # fmt: skip


def test_ten_files_are_the_most(api):
    assert len(send(api, {}, *(file(n, f"{n}.png") for n in range(10)))["attachments"]) == 10
    many = multipart({}, *(file(n, f"{n}.png") for n in range(11)))
    assert api.error("POST", MESSAGES, form=many) == (400, 30015)


def test_a_file_has_10_mib_and_a_request_25(api):
    size = 10 << 20
    assert send(api, {}, file(data=b"x" * size))["attachments"][0]["size"] == size
    assert api.error("POST", MESSAGES, form=multipart({}, file(data=b"x" * (size + 1)))) == (413, 40005)
    three = multipart({}, *(file(n, f"{n}.bin", b"x" * (9 << 20)) for n in range(3)))
    assert api.error("POST", MESSAGES, form=three) == (413, 40005)
    assert api.ok("GET", f"{MESSAGES}?limit=100")[0]["attachments"][0]["size"] == size


def test_a_body_that_is_broken(api):
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("payload_json", "{", content_type="application/json")
    assert api.error("POST", MESSAGES, form=form) == (400, 50109)
    headers = {"Content-Type": "multipart/form-data"}
    assert api.error("POST", MESSAGES, form=b"no boundary", headers=headers) == (400, 50035)
    assert api.error("POST", MESSAGES, form=b"{}", headers={"Content-Type": "text/plain"}) == (400, 50035)


def test_files_need_their_permission(api):
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES)
    assert api.error("POST", MESSAGES, form=multipart({}, file())) == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES | P.ATTACH_FILES)
    send(api, {}, file())


# -- editing -------------------------------------------------------------------------------------------------


def names(body):
    return [a["filename"] for a in body["attachments"]]


def test_an_edit_keeps_what_it_lists_and_adds_what_it_sends(api):
    first = send(api, {"content": "x"}, file(0, "a.png"), file(1, "b.png"))
    path = f"{MESSAGES}/{first['id']}"
    assert names(api.ok("PATCH", path, {"content": "text only"})) == ["a.png", "b.png"]
    assert names(send(api, {"content": "and more"}, file(0, "c.png"), path=path, method="PATCH")) == [
        "a.png", "b.png", "c.png",
    ]  # fmt: skip
    b = first["attachments"][1]["id"]
    kept = [{"id": b, "description": "kept"}, {"id": 0, "description": "new"}]
    body = send(api, {"attachments": kept}, file(0, "d.png"), path=path, method="PATCH")
    assert [(a["filename"], a["description"]) for a in body["attachments"]] == [("b.png", "kept"), ("d.png", "new")]
    body = api.ok("PATCH", path, {"attachments": [{"id": b, "description": None, "is_spoiler": True}]})
    assert (names(body), body["attachments"][0]["flags"]) == (["b.png"], 8)
    assert "description" not in body["attachments"][0]
    assert names(api.ok("PATCH", path, {"attachments": []})) == []


def test_an_edit_that_is_refused_changes_no_file(api):
    first = send(api, {"content": "x"}, file(0, "a.png"))
    path = f"{MESSAGES}/{first['id']}"
    about = {"id": first["attachments"][0]["id"], "description": "changed"}
    assert list(errors(api, {"attachments": [about], "embeds": [{}]}, path=path, method="PATCH")) == ["embeds"]
    assert api.ok("GET", path)["attachments"] == first["attachments"]


def test_kept_and_new_files_are_ten_together(api):
    first = send(api, {"content": "x"}, *(file(n, f"{n}.png") for n in range(10)))
    path = f"{MESSAGES}/{first['id']}"
    assert api.error("PATCH", path, form=multipart({}, file())) == (400, 30015)


# -- files in embeds and components --------------------------------------------------------------------------


def test_embeds_show_files_that_are_then_no_attachments(api):
    embed = {
        "title": "t", "image": {"url": "attachment://cat.png"},
        "author": {"name": "a", "icon_url": "attachment://dog.png"},
    }  # fmt: skip
    body = send(api, {"embeds": [embed]}, file(0), file(1, "dog.png"), file(2, "other.png"))
    assert names(body) == ["other.png"]
    made = body["embeds"][0]
    assert made["image"].items() >= {"content_type": "image/png", "width": 30, "height": 20}.items()
    assert download(api, made["image"]["url"])[2] == PNG
    assert download(api, made["author"]["icon_url"])[2] == PNG
    again = api.ok("PATCH", f"{MESSAGES}/{body['id']}", {"embeds": []})
    assert sorted(names(again)) == ["cat.png", "dog.png", "other.png"], "without the embed they are"


def test_components_show_files(api):
    shown = [
        {"type": 13, "file": {"url": "attachment://notes.txt"}},
        {"type": 12, "items": [{"media": {"url": "attachment://cat.png"}}]},
    ]  # fmt: skip
    body = send(api, {"flags": V2, "components": shown}, file(0), file(1, "notes.txt", b"notes", "text/plain"))
    notes, gallery = body["components"]
    assert (notes["name"], notes["size"]) == ("notes.txt", 5)
    assert download(api, notes["file"]["url"])[1:] == ("text/plain", b"notes")
    media = gallery["items"][0]["media"]
    assert media["attachment_id"] in media["url"]
    assert body["attachments"] == []


@pytest.mark.parametrize("component", [
    {"type": 13, "file": {"url": "attachment://dog.png"}}, {"type": 13, "file": {"url": "https://a.example/cat.png"}},
    {"type": 12, "items": [{"media": {"url": "attachment://dog.png"}}]},
])  # fmt: skip
def test_components_show_no_file_that_is_not_sent(api, component):
    status, body = api("POST", MESSAGES, form=multipart({"flags": V2, "components": [component]}, file()))
    assert (status, body["code"]) == (400, 50035)
    assert "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND" in str(body["errors"]["components"]["0"])


def test_an_edit_shows_old_files_that_it_lists_with_their_names(api):
    first = send(api, {"flags": V2, "components": [{"type": 13, "file": {"url": "attachment://cat.png"}}]}, file())
    path = f"{MESSAGES}/{first['id']}"
    shown = {"components": [{"type": 12, "items": [{"media": {"url": "attachment://cat.png"}}]}]}
    old = first["components"][0]["file"]["attachment_id"]
    assert api.error("PATCH", path, {**shown, "attachments": [{"id": old}]}) == (400, 50035)
    body = api.ok("PATCH", path, {**shown, "attachments": [{"id": old, "filename": "cat.png"}]})
    assert body["components"][0]["items"][0]["media"]["attachment_id"] == old


# -- voice messages ------------------------------------------------------------------------------------------

OGG = ("files[0]", "voice.ogg", b"OggS" + b"\0" * 20, "audio/ogg")
ABOUT = {"id": 0, "duration_secs": 1.5, "waveform": "AAAA"}


def test_a_voice_message_is_one_sound_and_stays_as_it_is(api):
    body = send(api, {"flags": VOICE, "attachments": [ABOUT]}, OGG)
    assert body["flags"] == VOICE
    assert body["attachments"][0].items() >= {"duration_secs": 1.5, "waveform": "AAAA"}.items()
    assert api.error("PATCH", f"{MESSAGES}/{body['id']}", {"content": "x"}) == (400, 50162)


@pytest.mark.parametrize(("payload", "files", "code"), [
    ({"content": "x", "attachments": [ABOUT]}, [OGG], 50159), ({}, [], 50160), ({}, [file()], 50160),
    ({"attachments": [ABOUT]}, [OGG, file(1)], 50160), ({}, [OGG], 50161),
])  # fmt: skip
def test_what_is_no_voice_message(api, payload, files, code):
    assert api.error("POST", MESSAGES, form=multipart({"flags": VOICE, **payload}, *files)) == (400, code)


def test_voice_messages_need_their_permission(api):
    api.strip_permissions(P.VIEW_CHANNEL | P.SEND_MESSAGES | P.ATTACH_FILES)
    form = multipart({"flags": VOICE, "attachments": [ABOUT]}, OGG)
    assert api.error("POST", MESSAGES, form=form) == (403, 50173)
