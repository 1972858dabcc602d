"""What a message may hold besides its text: embeds, components of both kinds, stickers, themes."""

import pytest

MESSAGES = "/channels/{c}/messages"
V2 = 1 << 15


def errors(api, body, path=MESSAGES, method="POST"):
    status, answer = api(method, path, body)
    assert (status, answer["code"]) == (400, 50035), answer
    return answer["errors"]


def code(tree, *path):
    for key in path:
        tree = tree[str(key)]
    return tree["_errors"][0]["code"]


# -- embeds --------------------------------------------------------------------------------------------------


def test_an_embed_is_read_back_with_what_the_service_adds(api):
    given = {
        "title": "t", "type": "video", "description": "d", "url": "https://a.example/", "color": 255,
        "timestamp": "2026-03-01T12:00:00+02:00", "footer": {"text": "f", "icon_url": "https://a.example/f.png"},
        "image": {"url": "https://a.example/i.png", "width": 5}, "thumbnail": {"url": "https://a.example/t.png"},
        "author": {"name": "a", "url": "https://a.example/a"}, "fields": [{"name": "n", "value": "v"}],
        "provider": {"name": "p"}, "video": {"url": "https://a.example/v.mp4"},
    }  # fmt: skip
    embed = api.ok("POST", MESSAGES, {"embeds": [given]})["embeds"][0]
    assert embed == {
        "type": "rich", "title": "t", "description": "d", "url": "https://a.example/", "color": 255,
        "timestamp": "2026-03-01T10:00:00.000000+00:00",
        "footer": {
            "text": "f", "icon_url": "https://a.example/f.png", "proxy_icon_url": "https://a.example/f.png",
        },
        "image": {"url": "https://a.example/i.png", "proxy_url": "https://a.example/i.png"},
        "thumbnail": {"url": "https://a.example/t.png", "proxy_url": "https://a.example/t.png"},
        "author": {"name": "a", "url": "https://a.example/a"}, "fields": [{"name": "n", "value": "v", "inline": False}],
    }, "of bots all embeds are rich, without provider, video and sizes"  # fmt: skip


@pytest.mark.parametrize(("embed", "path", "expected"), [
    ({"title": "x" * 257}, ("title",), "BASE_TYPE_MAX_LENGTH"),
    ({"description": "x" * 4097}, ("description",), "BASE_TYPE_MAX_LENGTH"),
    ({"fields": [{"name": "n", "value": "v"}] * 26}, ("fields",), "BASE_TYPE_MAX_LENGTH"),
    ({"fields": [{"name": "n"}]}, ("fields", 0, "value"), "BASE_TYPE_REQUIRED"),
    ({"fields": [{"name": " ", "value": "v"}]}, ("fields", 0, "name"), "BASE_TYPE_REQUIRED"),
    ({"fields": [{"name": "n" * 257, "value": "v"}]}, ("fields", 0, "name"), "BASE_TYPE_MAX_LENGTH"),
    ({"fields": [{"name": "n", "value": "v" * 1025}]}, ("fields", 0, "value"), "BASE_TYPE_MAX_LENGTH"),
    ({"footer": {"text": "x" * 2049}}, ("footer", "text"), "BASE_TYPE_MAX_LENGTH"),
    ({"author": {"url": "https://a.example"}}, ("author", "name"), "BASE_TYPE_REQUIRED"),
    ({"footer": {"icon_url": "https://a.example"}}, ("footer", "text"), "BASE_TYPE_REQUIRED"),
    ({"image": {"url": "cat.png"}}, ("image", "url"), "URL_TYPE_INVALID_URL"),
    ({"color": 1 << 24}, ("color",), "NUMBER_TYPE_MAX"),
    ({"timestamp": "now"}, ("timestamp",), "DATE_TIME_TYPE_PARSE"),
    ({"color": 5}, ("description",), "BASE_TYPE_REQUIRED"), ({}, ("description",), "BASE_TYPE_REQUIRED"),
])  # fmt: skip
def test_an_embed_that_is_wrong_somewhere(api, embed, path, expected):
    assert code(errors(api, {"embeds": [{"title": "good"}, embed]}), "embeds", 1, *path) == expected


def test_ten_embeds_share_6000_characters(api):
    fields = [{"name": "n" * 20, "value": "v" * 80}] * 10
    half = {"title": "t" * 100, "description": "d" * 1_400, "fields": fields, "footer": {"text": "f" * 300}}
    full = [{**half, "author": {"name": "a" * 200}}, {**half, "author": {"name": "a" * 200}}]
    assert len(api.ok("POST", MESSAGES, {"embeds": full})["embeds"]) == 2
    one_more = [full[0], {**full[1], "title": "t" * 101}]
    assert code(errors(api, {"embeds": one_more}), "embeds") == "MAX_EMBED_SIZE_EXCEEDED"
    assert code(errors(api, {"embeds": [{"title": "x"}] * 11}), "embeds") == "BASE_TYPE_MAX_LENGTH"


def test_suppressed_embeds_are_there_but_not_shown(api):
    body = api.ok("POST", MESSAGES, {"content": "x", "embeds": [{"title": "t"}], "flags": 1 << 2})
    assert (body["flags"], body["embeds"]) == (1 << 2, [])


# -- components in rows --------------------------------------------------------------------------------------


def row(*components):
    return {"type": 1, "components": list(components)}


def button(custom_id="a", **fields):
    return {"type": 2, "style": 1, "label": "L", "custom_id": custom_id, **fields}


def select(custom_id="s", count=2, **fields):
    options = [{"label": str(n), "value": str(n)} for n in range(count)]
    return {"type": 3, "custom_id": custom_id, "options": options, **fields}


def test_rows_of_buttons_and_selects_come_back_numbered(api):
    rows = [
        row(button(emoji={"name": "🔥"}), {"type": 2, "style": 5, "label": "go", "url": "https://a.example/"}),
        row(select(placeholder="pick")), row({"type": 8, "custom_id": "c", "channel_types": [0]}),
    ]  # fmt: skip
    made = api.ok("POST", MESSAGES, {"content": "choose", "components": rows})["components"]
    assert [r["id"] for r in made] == [1, 4, 6]
    assert made[0]["components"][0] == {
        "type": 2, "id": 2, "style": 1, "label": "L", "custom_id": "a", "emoji": {"name": "🔥"},
    }  # fmt: skip
    assert made[1]["components"][0].items() >= {"min_values": 1, "max_values": 1, "placeholder": "pick"}.items()


def test_ids_that_a_client_chose_stay(api):
    chosen = {**row({**button("a"), "id": 7}, button("b")), "id": 2}
    made = api.ok("POST", MESSAGES, {"content": "x", "components": [chosen]})["components"][0]
    assert (made["id"], [b["id"] for b in made["components"]]) == (2, [7, 1])
    twice = row({**button("a"), "id": 7}, {**button("b"), "id": 7})
    assert list(errors(api, {"content": "x", "components": [twice]})) == ["components"]


@pytest.mark.parametrize(("components", "path", "expected"), [
    ([row(*(button(str(n)) for n in range(6)))], (0, "components"), "BASE_TYPE_BAD_LENGTH"),
    ([row()], (0, "components"), "BASE_TYPE_BAD_LENGTH"),
    ([row(button(str(n))) for n in range(6)], (), "BASE_TYPE_MAX_LENGTH"),
    ([row(button(), select())], (0, "components", 1), "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    ([row(button("x")), row(button("x"))], (1, "components", 0, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ([row(button(None))], (0, "components", 0, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"),
    ([row(button(None, style=5))], (0, "components", 0, "url"), "BASE_TYPE_REQUIRED"),
    ([row(button(None, style=6))], (0, "components", 0, "sku_id"), "BASE_TYPE_REQUIRED"),
    ([row(button(style=5, url="https://a.example"))], (0, "components", 0, "custom_id"),
     "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"),
    ([row(button("x" * 101))], (0, "components", 0, "custom_id"), "BASE_TYPE_BAD_LENGTH"),
    ([row(button(label="x" * 81))], (0, "components", 0, "label"), "BASE_TYPE_MAX_LENGTH"),
    ([row(select(count=26))], (0, "components", 0, "options"), "BASE_TYPE_BAD_LENGTH"),
    ([row(select(max_values=3))], (0, "components", 0, "options"), "BASE_TYPE_MIN_LENGTH"),
    ([row(select(min_values=3, max_values=3))], (0, "components", 0, "min_values"), "NUMBER_TYPE_MAX"),
    ([row(select(options=[{"label": "a", "value": "x"}, {"label": "b", "value": "x"}]))],
     (0, "components", 0, "options", 1, "value"), "COMPONENT_OPTION_VALUE_DUPLICATED"),
    ([row(select(options=[{"label": v, "value": v, "default": True} for v in "ab"]))],
     (0, "components", 0, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES"),
    ([row({"type": 4, "custom_id": "t", "style": 1, "label": "in a modal"})], (0, "components", 0, "type"),
     "UNION_TYPE_CHOICES"),
    ([{"type": 10, "content": "text"}], (0, "type"), "UNION_TYPE_CHOICES"),
    ([{"content": "no type"}], (0, "type"), "UNION_TYPE_CHOICES"),
])  # fmt: skip
def test_components_that_are_wrong_somewhere(api, components, path, expected):
    assert code(errors(api, {"content": "x", "components": components}), "components", *path) == expected


# -- messages of components ----------------------------------------------------------------------------------


def text(content="text"):
    return {"type": 10, "content": content}


def test_a_message_of_components_alone(api):
    inner = [
        text("**Title**"), {"type": 14, "spacing": 2}, row(button()),
        {"type": 9, "components": [text("beside")], "accessory": button("b")},
        {"type": 9, "components": [text("near")], "accessory": {"type": 11, "media": {"url": "https://a.example/t.png"}}},
        {"type": 12, "items": [{"media": {"url": "https://a.example/i.png"}, "description": "alt"}]},
    ]  # fmt: skip
    body = api.ok("POST", MESSAGES, {"flags": V2, "components": [{"type": 17, "accent_color": 5, "components": inner}]})
    assert body["flags"] & V2
    container = body["components"][0]
    assert (container["accent_color"], container["spoiler"]) == (5, False)
    assert [c["type"] for c in container["components"]] == [10, 14, 1, 9, 9, 12]
    assert container["components"][1].items() >= {"spacing": 2}.items()
    assert container["components"][4]["accessory"]["media"]["url"] == "https://a.example/t.png"
    assert container["components"][5]["items"][0].items() >= {"description": "alt", "spoiler": False}.items()
    ids = [container["id"], *(c["id"] for c in container["components"])]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("field", "value"), [
    ("content", "x"), ("embeds", [{"title": "x"}]), ("sticker_ids", ["1"]),
    ("poll", {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}]}),
])  # fmt: skip
def test_a_message_of_components_has_nothing_else(api, field, value):
    tree = errors(api, {"flags": V2, "components": [text()], field: value})
    assert tree[field]["_errors"][0] == {
        "code": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
        "message": f"The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
    }  # fmt: skip


def test_a_message_of_components_needs_one(api):
    assert api.error("POST", MESSAGES, {"flags": V2}) == (400, 50006)
    assert api.error("POST", MESSAGES, {"flags": V2, "components": []}) == (400, 50006)


def test_forty_components_with_4000_characters_are_the_most(api):
    assert api.ok("POST", MESSAGES, {"flags": V2, "components": [text("x" * 100)] * 40})["flags"] == V2
    deep = errors(api, {"flags": V2, "components": [{"type": 17, "components": [text()] * 39}, text()]})
    assert code(deep, "components") == "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"
    long = errors(api, {"flags": V2, "components": [text("x" * 2_000), text("x" * 2_001)]})
    assert code(long, "components") == "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"


def test_texts_of_components_mention_people(api):
    m1, r = str(api.names["m1"]), str(api.names["r"])
    shown = [text(f"<@{m1}>"), {"type": 17, "components": [text(f"<@&{r}>")]}]
    body = api.ok("POST", MESSAGES, {"flags": V2, "components": shown})
    assert ([u["id"] for u in body["mentions"]], body["mention_roles"]) == ([m1], [r])
    quiet = api.ok("POST", MESSAGES, {"flags": V2, "components": shown, "allowed_mentions": {"parse": []}})
    assert (quiet["mentions"], quiet["mention_roles"]) == ([], [])


def test_an_edit_makes_a_message_one_of_components_for_good(api):
    path = f"{MESSAGES}/{api.ok('POST', MESSAGES, {'content': 'old', 'embeds': [{'title': 't'}]})['id']}"
    for missing in ({"content": None}, {"embeds": []}):
        assert list(errors(api, {"flags": V2, "components": [text()], **missing}, path, "PATCH")) != ["flags"]
    body = api.ok("PATCH", path, {"flags": V2, "components": [text()], "content": None, "embeds": []})
    assert (body["content"], body["embeds"], body["flags"]) == ("", [], V2)
    assert api.ok("PATCH", path, {"flags": 0, "components": [text("new")]})["flags"] == V2
    assert list(errors(api, {"content": "back"}, path, "PATCH")) == ["content"]


# -- stickers, themes ----------------------------------------------------------------------------------------


def put_sticker(api, guild, sticker_id):
    guild.stickers[sticker_id] = {"id": str(sticker_id), "name": "wave", "format_type": 1, "tags": "wave"}
    api.fake.world.settle(guild, sticker_id)
    return str(sticker_id)


def test_stickers_of_the_guild_can_be_sent_and_never_edited(api):
    sticker = put_sticker(api, api.guild, 1234567890123456789)
    body = api.ok("POST", MESSAGES, {"sticker_ids": [sticker]})
    assert body["sticker_items"] == [{"id": sticker, "name": "wave", "format_type": 1}]
    path = f"{MESSAGES}/{body['id']}"
    assert api.error("PATCH", path, {"sticker_ids": ["1"]}) == (400, 50080)
    assert api.ok("PATCH", path, {"content": "and text", "sticker_ids": [sticker]})["sticker_items"]


def test_other_stickers_are_refused(api):
    foreign = put_sticker(api, api.fake.world.guild_at(1), 1234567890123456788)
    for sticker in (foreign, "1"):
        assert api.error("POST", MESSAGES, {"sticker_ids": [sticker]}) == (400, 50081)
    assert code(errors(api, {"sticker_ids": ["1", "2", "3", "4"]}), "sticker_ids") == "BASE_TYPE_MAX_LENGTH"


def test_a_theme_can_be_shared(api):
    theme = {"colors": ["ff0000"], "gradient_angle": 90, "base_mix": 50}
    assert api.ok("POST", MESSAGES, {"shared_client_theme": theme})["shared_client_theme"] == {**theme, "base_theme": 0}
