"""Application commands, and who may use them in a guild."""

import asyncio

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.commands import find_command

GLOBAL, GUILD = "/applications/{me}/commands", "/applications/{me}/guilds/{g}/commands"
PING = {"name": "ping", "description": "Pong"}
HIGH_FIVE = {"name": "High Five", "type": 2}
UPDATE, PERMIT = "applications.commands.update", "applications.commands.permissions.update"


def leaf_of(answer, *path):
    """The code at one place of the error tree of a (status, body) answer."""
    status, body = answer
    assert (status, body["code"]) == (400, 50035), body
    tree = body["errors"]
    for step in path:
        tree = tree[step]
    return tree["_errors"][0]["code"]


def option(name, kind=3, **fields):
    return {"name": name, "type": kind, "description": "an option", **fields}


# -- from birth to death -------------------------------------------------------------------------------------


def test_a_global_command_is_filled_up_with_defaults(api):
    made, told = api.told("POST", GLOBAL, PING)
    assert made == {
        "id": made["id"], "application_id": str(api.names["me"]), "version": made["version"], "type": 1,
        "name": "ping", "name_localizations": None, "description": "Pong", "description_localizations": None,
        "default_member_permissions": None, "nsfw": False, "dm_permission": True, "contexts": None,
        "integration_types": [0],
    }  # fmt: skip
    assert told == []
    assert api.ok("GET", f"{GLOBAL}/{made['id']}") == made


@pytest.mark.parametrize("place", [GLOBAL, GUILD])
def test_a_command_from_birth_to_death(api, place):
    status, made = api("POST", place, PING)
    assert status == 201
    assert made.get("guild_id") == (str(api.names["g"]) if place == GUILD else None)
    path = f"{place}/{made['id']}"
    changed = api.ok("PATCH", path, {"description": "Pang", "options": [option("text", required=None)]})
    assert (changed["description"], changed["name"]) == ("Pang", "ping")
    assert changed["options"] == [option("text")]
    assert changed["id"] == made["id"]
    assert int(changed["version"]) > int(made["version"])
    assert api.ok("GET", path) == changed
    assert api.ok("PATCH", path, {"description": "Pang"}) == changed, "no change, no new version"
    assert "options" not in api.ok("PATCH", path, {"options": None})
    api.ok("DELETE", path)
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        assert api.error(method, path, body) == (404, 10063)


def test_what_is_set_is_read_back(api):
    wanted = {
        **PING, "nsfw": True, "contexts": [0, 1], "integration_types": [0, 1], "dm_permission": False,
        "name_localizations": {"de": "pingen"}, "description_localizations": {"de": "Pong!"},
        "options": [
            option("how", choices=[{"name": "Fast", "value": "f"}], min_length=1, max_length=9, required=True),
            option("where", 7, channel_types=[0, 5], name_localizations={"de": "wo"}),
            option("count", 4, min_value=1, max_value=5, autocomplete=True),
            option("file", 11, file_types=["image", ".pdf"]),
        ],
    }  # fmt: skip
    made = api.ok("POST", GLOBAL, {**wanted, "default_member_permissions": "32"})
    assert made["default_member_permissions"] == "32"
    assert wanted.items() <= made.items()
    assert api.ok("PATCH", f"{GLOBAL}/{made['id']}", {"contexts": None})["contexts"] is None


def test_the_integration_types_are_those_of_the_application_by_default(api):
    api.ok("PATCH", "/applications/@me", {"integration_types_config": {"0": {}, "1": {}}})
    assert api.ok("POST", GLOBAL, PING)["integration_types"] == [0, 1]


def test_the_same_name_again_replaces_the_command(api):
    first = api.ok("POST", GLOBAL, {**PING, "options": [option("text")]})
    status, second = api("POST", GLOBAL, {**PING, "description": "again"})
    assert (status, second["id"], "options" in second) == (200, first["id"], False)
    assert int(second["version"]) > int(first["version"])
    assert len(api.ok("GET", GLOBAL)) == 1


def test_names_are_unique_by_type_and_place(api):
    menu = {"name": "ping", "type": 2}
    ids = {api.ok("POST", place, body)["id"] for place in (GLOBAL, GUILD) for body in (PING, menu)}
    assert len(ids) == 4
    other = api.ok("POST", GLOBAL, {**PING, "name": "pong"})
    assert api.error("PATCH", f"{GLOBAL}/{other['id']}", {"name": "ping"}) == (400, 40041)


def test_a_command_can_be_found_by_its_name(api):
    here = api.ok("POST", GUILD, PING)
    app, guild, world = api.names["me"], api.names["g"], api.fake.world
    assert find_command(world, app, guild, "ping", 1) == here
    for where in ((app, None, "ping", 1), (app, guild, "ping", 2), (app, api.names["g1"], "ping", 1)):
        assert find_command(world, *where) is None


def test_context_menus_have_no_description_and_any_name(api):
    made = api.ok("POST", GUILD, HIGH_FIVE)
    assert (made["type"], made["name"], made["description"]) == (2, "High Five", "")
    assert api.ok("POST", GUILD, {**HIGH_FIVE, "description": ""})["id"] == made["id"]
    code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID"
    assert leaf_of(api("POST", GUILD, {**HIGH_FIVE, "description": "clap"}), "description") == code
    code = "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID"
    assert leaf_of(api("POST", GUILD, {**HIGH_FIVE, "options": [option("hard", 5)]}), "options") == code


def test_the_entry_point_is_global_and_not_lost_in_bulk(api):
    launch = {"name": "launch", "type": 4, "description": "Start"}
    made = api.ok("POST", GLOBAL, {**launch, "handler": 2})
    assert made["handler"] == 2
    assert api.ok("POST", GLOBAL, launch)["handler"] == 1
    assert leaf_of(api("POST", GUILD, launch), "type") == "BASE_TYPE_CHOICES"
    assert api.error("POST", GLOBAL, {**launch, "name": "second"}) == (400, 30032)
    assert api.error("PUT", GLOBAL, [PING]) == (400, 50240)
    assert len(api.ok("PUT", GLOBAL, [PING, launch])) == 2


# -- translations --------------------------------------------------------------------------------------------


def test_a_list_has_all_translations_only_on_demand(api):
    words = {"en-GB": "colour", "de": "farbe"}
    made = api.ok("POST", GLOBAL, {
        **PING, "name_localizations": words, "description_localizations": {"de": "Pong!"},
        "options": [option("x", name_localizations={"en-US": "ex"}, choices=[{"name": "y", "value": "y"}])],
    })  # fmt: skip
    assert api.ok("GET", f"{GLOBAL}?with_localizations=true") == [made]
    [shown] = api.ok("GET", GLOBAL)
    assert (shown["name"], shown["name_localized"]) == ("ping", "colour"), "en-US falls back to en-GB"
    assert shown["options"][0]["name_localized"] == "ex"
    assert not {"name_localizations", "description_localizations", "description_localized"} & set(shown)
    assert api.ok("GET", f"{GLOBAL}/{made['id']}")["name_localizations"] == words


def test_translations_follow_the_rules_of_what_they_translate(api):
    def code(place, command):
        return leaf_of(api("POST", GLOBAL, {**PING, **command}), *place)

    where = ("name_localizations", "de")
    assert code(where, {"name_localizations": {"de": "zwei worte"}}) == "STRING_TYPE_REGEX"
    assert code(where, {"name_localizations": {"de": "Groß"}}) == "APPLICATION_COMMAND_INVALID_NAME"
    assert code(("description_localizations", "xx"), {"description_localizations": {"xx": "?"}}) == "ENUM_TYPE_COERCE"
    clash = [option("one"), option("two", name_localizations={"de": "one"})]
    used = "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"
    assert code(("options", "1", *where), {"options": clash}) == used
    clash = [option(name, name_localizations={"de": "gleich"}) for name in ("one", "two")]
    assert code(("options", "1", *where), {"options": clash}) == used
    choice = {"name": "Any Name", "value": "v", "name_localizations": {"xx": "?"}}
    place = ("options", "0", "choices", "0", "name_localizations", "xx")
    assert code(place, {"options": [option("one", choices=[choice])]}) == "ENUM_TYPE_COERCE"


# -- what a definition must be -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ping", "two words", "dot.ted", "ÜBER", "emoji😀"])
def test_names_that_are_refused(api, name):
    code = leaf_of(api("POST", GLOBAL, {**PING, "name": name}), "name")
    assert code == ("APPLICATION_COMMAND_INVALID_NAME" if name in ("Ping", "ÜBER") else "STRING_TYPE_REGEX")


def test_names_of_any_script_are_welcome(api):
    for name in ("so-what_9", "don't", "über", "生日", "हिन्दी", "ทดสอบ"):
        assert api.ok("POST", GLOBAL, {**PING, "name": name})["name"] == name


@pytest.mark.parametrize(("options", "place", "code"), [
    ([option("a"), option("b", required=True)], ("1",), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
    ([option("a"), option("a")], ("1",), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"),
    ([option("a"), option("b", 1)], ("1",), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    ([option("B")], ("0", "name"), "APPLICATION_COMMAND_INVALID_NAME"),
    ([option("a", 2, options=[option("b", 1, options=[option("c"), option("c")])])],
     ("0", "options", "0", "options", "1"), "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"),
    ([option("a", autocomplete=True, choices=[{"name": "x", "value": "x"}])], ("0",),
     "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID"),
    ([option("a", choices=[{"name": "x", "value": "x"}] * 26)], ("0", "choices"), "BASE_TYPE_MAX_LENGTH"),
    ([option(f"o{n}") for n in range(26)], (), "BASE_TYPE_MAX_LENGTH"),
    ([option("a", 12)], ("0", "type"), "UNION_TYPE_CHOICES"),
])  # fmt: skip
def test_options_that_are_refused(api, options, place, code):
    assert leaf_of(api("POST", GLOBAL, {**PING, "options": options}), "options", *place) == code
    assert api.ok("GET", GLOBAL) == []


def test_a_slash_command_needs_a_description(api):
    for body in ({"name": "ping"}, {"name": "ping", "description": ""}):
        assert leaf_of(api("POST", GLOBAL, body), "description") == "BASE_TYPE_REQUIRED"


def test_a_command_has_8000_characters_and_the_longest_translation_counts(api):
    def command(size):
        fixed = len("ping" + "a" + "an option" + "xy") + 60
        choices = [{"name": name, "value": "v" * length} for name, length in (("x", 6000), ("y", size - fixed - 6000))]
        words = {"de": "d" * 50, "fr": "f" * 60}
        return {**PING, "description_localizations": words, "options": [option("a", choices=choices)]}

    api.ok("POST", GLOBAL, command(8000))
    too_large = "APPLICATION_COMMAND_TOO_LARGE"
    assert leaf_of(api("POST", GLOBAL, command(8001))) == too_large
    assert leaf_of(api("PUT", GLOBAL, [{**PING, "name": "pong"}, command(8001)]), "1") == too_large


# -- bulk ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [GLOBAL, GUILD])
def test_a_bulk_set_replaces_all_and_keeps_the_ids_of_names(api, place):
    ping, five = api.ok("POST", place, PING), api.ok("POST", place, HIGH_FIVE)
    first, second = api.ok("PUT", place, [{**PING, "name": "new"}, PING])
    assert second == ping, "what does not change keeps its version too"
    assert first["id"] not in (ping["id"], five["id"])
    assert [c["name"] for c in api.ok("GET", place)] == ["new", "ping"]
    renamed, again = api.ok("PUT", place, [{**PING, "name": "other", "id": ping["id"]}, PING])
    assert (renamed["id"], renamed["name"]) == (ping["id"], "other")
    assert again["id"] != ping["id"]
    assert api.ok("PUT", place, []) == []
    assert api.ok("GET", place) == []


def test_a_bulk_set_is_all_or_nothing(api):
    before = [api.ok("POST", GLOBAL, PING)]
    answer = api("PUT", GLOBAL, [PING, {**PING, "name": "Bad"}, {**PING, "description": "twice"}])
    assert leaf_of(answer, "1", "name") == "APPLICATION_COMMAND_INVALID_NAME"
    assert leaf_of(answer, "2") == "APPLICATION_COMMANDS_DUPLICATE_NAME"
    assert leaf_of(api("PUT", GLOBAL, [{**PING, "name": f"c{n}"} for n in range(131)])) == "BASE_TYPE_MAX_LENGTH"
    assert api.error("PUT", GLOBAL, [{**PING, "name": f"c{n}"} for n in range(101)]) == (400, 30032)
    assert api.ok("GET", f"{GLOBAL}?with_localizations=true") == before


# -- limits --------------------------------------------------------------------------------------------------


def test_there_is_room_for_100_slash_commands_and_15_of_each_menu(api):
    full = [{**PING, "name": f"c{n}"} for n in range(100)]
    full += [{"name": f"c{n}", "type": kind} for n in range(15) for kind in (2, 3)]
    assert len(api.ok("PUT", GLOBAL, full)) == 130
    for body in (PING, {"name": "more", "type": 2}, {"name": "more", "type": 3}):
        assert api.error("POST", GLOBAL, body) == (400, 30032)
    api.ok("POST", GLOBAL, {**PING, "name": "c7"})
    api.ok("POST", GUILD, PING)


def test_200_creates_a_day_and_guild(api):
    first = [{**PING, "name": f"a{n}"} for n in range(100)]
    api.ok("PUT", GUILD, first)
    api.ok("PUT", GUILD, [{**PING, "name": f"b{n}"} for n in range(99)])
    api.ok("POST", GUILD, PING)
    assert api("PUT", GUILD, first)[0] == 429
    assert len(api.ok("GET", GUILD)) == 100, "nothing was replaced"
    api.ok("DELETE", f"{GUILD}/{api.ok('GET', GUILD)[0]['id']}")
    status, body = api("POST", GUILD, {**PING, "name": "more"})
    assert (status, body["code"], body["global"]) == (429, 30034, False)
    assert 420 < body["retry_after"] <= 432, "a 200th part of the day"
    api.ok("POST", GUILD, {**PING, "description": "again"})  # replaces
    api.ok("POST", GLOBAL, PING)
    api.ok("POST", "/applications/{me}/guilds/{g1}/commands", PING)
    assert not api.fake.record.invalid_in_window, "nobody is banned for that"

    async def wait():
        await asyncio.sleep(body["retry_after"])

    api.run(wait)
    made = api.ok("POST", GUILD, {**PING, "name": "more"})
    api.ok("DELETE", f"{GUILD}/{made['id']}")
    assert api.error("POST", GUILD, {**PING, "name": "more"}) == (429, 30034)


# -- who may -------------------------------------------------------------------------------------------------


def test_commands_are_their_applications_business(api):
    other = list(api.fake.world.bots)[1]
    assert api.error("GET", f"/applications/{other}/commands") == (403, 20012)
    assert api.error("GET", "/applications/123456789012345678/commands") == (404, 10002)
    assert api.error("GET", "/applications/{me}/guilds/123456789012345678/commands") == (404, 10004)
    api.ok("DELETE", "/users/@me/guilds/{g1}")
    assert api.error("POST", "/applications/{me}/guilds/{g1}/commands", PING) == (403, 50001)


def test_a_token_of_the_application_needs_the_scope(api):
    owner = api.names["owner"]
    made = api.ok("POST", GUILD, PING, token=api.bearer(owner, UPDATE))
    assert api.ok("GET", f"{GUILD}/{made['id']}") == made
    assert api.error("GET", GLOBAL, token=api.bearer(owner, PERMIT)) == (403, 50026)
    foreign = api.fake.bearer(owner, UPDATE, application_id=list(api.fake.world.bots)[1])
    assert api.error("GET", GLOBAL, token=f"Bearer {foreign}") == (403, 20012)


# -- permissions ---------------------------------------------------------------------------------------------


@pytest.fixture
def command(api):
    return api.ok("POST", GLOBAL, PING)


def overwrites(api, **values):
    kinds = {"r": 1, "g": 1, "m1": 2, "c": 3}
    return [{"id": str(api.names[n]), "type": kinds[n], "permission": v} for n, v in values.items()]


def test_permissions_are_set_told_and_logged(api, command):
    path, token = f"{GUILD}/{command['id']}/permissions", api.bearer(api.names["owner"], PERMIT)
    wanted = overwrites(api, g=False, r=True, m1=True, c=False)
    wanted.append({"id": str(api.names["g"] - 1), "type": 3, "permission": True})
    body, told = api.told("PUT", path, {"permissions": wanted}, token=token)
    assert body == {
        "id": command["id"], "application_id": str(api.names["me"]), "guild_id": str(api.names["g"]),
        "permissions": wanted,
    }  # fmt: skip
    assert [name for name, _ in told] == ["APPLICATION_COMMAND_PERMISSIONS_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == body
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"]) == (121, command["id"])
    assert (entry["user_id"], entry["options"]) == (str(api.names["owner"]), {"application_id": str(api.names["me"])})
    assert entry["changes"][0] == {"key": str(api.names["g"]), "new_value": wanted[0]}
    assert api.ok("GET", path) == body
    assert api.ok("GET", f"{GUILD}/permissions") == [body]
    assert api.ok("GET", f"{GUILD}/permissions", token=token) == [body]
    assert api.ok("GET", "/applications/{me}/guilds/{g1}/commands/permissions") == []
    assert api.told("PUT", path, {"permissions": wanted}, token=token)[1] == [], "no change, no event"


def test_permissions_are_taken_back(api, command):
    path, token = f"{GUILD}/{command['id']}/permissions", api.bearer(api.names["owner"], PERMIT)
    [old] = overwrites(api, r=True)
    api.ok("PUT", path, {"permissions": [old]}, token=token)
    body, told = api.told("PUT", path, {"permissions": []}, token=token)
    assert body["permissions"] == []
    assert told[1][1]["changes"] == [{"key": old["id"], "old_value": old}]
    assert api.error("GET", path) == (404, 10066)


def test_the_applications_own_id_stands_for_all_commands(api):
    path, token = f"{GUILD}/{{me}}/permissions", api.bearer(api.names["owner"], PERMIT)
    body = api.ok("PUT", path, {"permissions": overwrites(api, r=False)}, token=token)
    assert body["id"] == str(api.names["me"])
    assert api.ok("GET", f"{GUILD}/permissions") == [body]


def test_permissions_go_with_the_command_or_its_name(api):
    token = api.bearer(api.names["owner"], PERMIT)
    for change in (
        lambda path: api.ok("PATCH", path, {"name": "pong"}),
        lambda path: api.ok("PUT", GUILD, [{**PING, "name": "pang", "id": path.rpartition("/")[2]}]),
        lambda path: api.ok("PUT", GUILD, [HIGH_FIVE]),
        lambda path: api.ok("DELETE", path),
    ):
        path = f"{GUILD}/{api.ok('POST', GUILD, PING)['id']}"
        api.ok("PUT", f"{path}/permissions", {"permissions": overwrites(api, r=True)}, token=token)
        change(path)
        assert api.ok("GET", f"{GUILD}/permissions") == []


def test_permissions_are_set_by_users_who_manage_the_guild_and_its_roles(api, command):
    path, body = f"{GUILD}/{command['id']}/permissions", {"permissions": overwrites(api, r=True)}
    assert api.error("PUT", path, body) == (403, 20001)
    assert api.error("PUT", path, body, token=api.bearer(api.names["owner"], UPDATE)) == (403, 50026)
    token = api.bearer(api.names["m1"], PERMIT)
    role = api.guild.roles[api.guild.id]
    role["permissions"] = str(int(P.MANAGE_GUILD))
    assert api.error("PUT", path, body, token=token) == (403, 50013)
    role["permissions"] = str(int(P.MANAGE_GUILD | P.MANAGE_ROLES))
    api.ok("PUT", path, body, token=token)


@pytest.mark.parametrize(("kind", "code"), [(1, 10011), (2, 10013), (3, 10003)])
def test_permissions_are_for_what_exists(api, command, kind, code):
    path, token = f"{GUILD}/{command['id']}/permissions", api.bearer(api.names["owner"], PERMIT)
    nobody = {"id": "123456789012345678", "type": kind, "permission": True}
    assert api.error("PUT", path, {"permissions": [nobody]}, token=token) == (404, code)
    assert api.error("PUT", path, {"permissions": [nobody] * 101}, token=token) == (400, 50035)
    assert api.error("PUT", f"{GUILD}/123456789012345678/permissions", {}, token=token) == (404, 10063)
    assert api.error("GET", path) == (404, 10066)
