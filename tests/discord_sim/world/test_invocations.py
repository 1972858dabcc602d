"""What a user's client sends: each type of option, select menu and modal field, and what it resolves."""

import pytest

from discord_sim.world import changes
from discord_sim.world.commands import commands_of
from discord_sim.world.invocations import CannotInvoke, command_data, component_data, modal_data
from discord_sim.world.world import World


@pytest.fixture
def world():
    return World(1, guilds=2, members=(5, 9))


@pytest.fixture
def guild(world):
    return world.guild_at(0)


@pytest.fixture
def channel(guild):
    return next(iter(guild.channels.values()))


@pytest.fixture
def member(world, guild):
    return [user for user, _ in zip(world.member_ids(guild), range(2), strict=False)][1]


@pytest.fixture
def invoke(world, guild, channel):
    """`invoke(options of the command, values, …)`: the data of its use in the guild's first channel."""

    def use(options, values, *, name="do", kind=1, place=guild, **more):
        commands_of(world, world.bot_id, None)[1] = {"id": "1", "name": "do", "type": kind, "options": options}
        return command_data(world, world.bot_id, place, channel, name, values, kind=kind, **more)

    return use


def option(kind, **more):
    return {"name": "it", "type": kind, **more}


@pytest.mark.parametrize(
    ("kind", "value"), [(3, ""), (3, "text"), (4, 0), (4, -(2**53)), (5, False), (10, 1), (10, 0.5)], ids=str
)
def test_plain_values_are_sent_as_they_are(invoke, kind, value):
    data = invoke([option(kind)], {"it": value})
    assert data == {"id": "1", "name": "do", "type": 1, "options": [{"name": "it", "type": kind, "value": value}]}


@pytest.mark.parametrize(
    ("kind", "value"),
    [(3, 1), (3, None), (4, "1"), (4, 1.5), (4, True), (5, 1), (5, "true"), (10, "1"), (10, True), (11, "file")],
    ids=str,
)
def test_a_value_of_another_type_cannot_be_typed_in(invoke, kind, value):
    with pytest.raises(CannotInvoke, match=f"option 'it' is no .*{value!r}"):
        invoke([option(kind)], {"it": value})


def test_an_option_with_choices_takes_those(invoke):
    choices = [{"name": "Red", "value": "r"}, {"name": "Blue", "value": "b"}]
    assert invoke([option(3, choices=choices)], {"it": "b"})["options"][0]["value"] == "b"
    with pytest.raises(CannotInvoke, match=r"option 'it' is one of \['r', 'b'\], not 'Red'"):
        invoke([option(3, choices=choices)], {"it": "Red"})


def test_a_member_is_resolved_with_permissions_in_the_channel(world, guild, channel, member, invoke):
    data = invoke([option(6)], {"it": str(member)})
    assert data["options"][0]["value"] == str(member)
    assert data["resolved"]["users"] == {str(member): world.user_payload(member)}
    shown = data["resolved"]["members"][str(member)]
    assert shown["permissions"] == str(guild.permissions_in(channel, member))
    assert not shown.keys() & {"user", "deaf", "mute"}


def test_a_user_who_is_no_member_is_resolved_without_one(world, invoke):
    stranger = next(world.member_ids(world.guild_at(1)))
    resolved = invoke([option(6)], {"it": stranger})["resolved"]
    assert list(resolved) == ["users"]


def test_roles_channels_and_whom_one_may_mention_are_resolved(guild, channel, member, invoke):
    role = str(list(guild.roles)[1])
    assert invoke([option(8)], {"it": role})["resolved"] == {"roles": {role: guild.roles[int(role)]}}
    resolved = invoke([option(7)], {"it": channel["id"]})["resolved"]["channels"][channel["id"]]
    assert resolved.items() <= channel.items()
    assert resolved["name"] == channel["name"]
    assert list(invoke([option(9)], {"it": role})["resolved"]) == ["roles"]
    assert list(invoke([option(9)], {"it": member})["resolved"]) == ["users", "members"]


@pytest.mark.parametrize("kind", [6, 7, 8, 9])
def test_nothing_that_is_not_there_can_be_picked(invoke, kind):
    with pytest.raises(CannotInvoke, match="nothing here has the id 5"):
        invoke([option(kind)], {"it": 5})


def test_in_a_direct_channel_there_are_no_roles_and_members(guild, member, invoke):
    assert list(invoke([option(6)], {"it": member}, place=None)["resolved"]) == ["users"]
    with pytest.raises(CannotInvoke, match="nothing here has the id"):
        invoke([option(8)], {"it": guild.id}, place=None)


def test_an_attachment_is_named_by_its_id(invoke):
    file = {"id": "7", "filename": "a.png", "size": 1, "url": "u", "proxy_url": "u"}
    data = invoke([option(11)], {"it": file})
    assert (data["options"][0]["value"], data["resolved"]) == ("7", {"attachments": {"7": file}})


GROUPS = [
    {"name": "role", "type": 2, "options": [{"name": "add", "type": 1, "options": [option(3, required=True)]}]},
    {"name": "show", "type": 1},
]


def test_a_path_leads_through_groups_to_a_sub_command(invoke):
    data = invoke(GROUPS, {"it": "x"}, name="do role add")
    assert data["options"] == [
        {"name": "role", "type": 2, "options": [
            {"name": "add", "type": 1, "options": [{"name": "it", "type": 3, "value": "x"}]}
        ]}
    ]  # fmt: skip
    assert invoke(GROUPS, {}, name="do show")["options"] == [{"name": "show", "type": 1, "options": []}]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("do", "'do' needs one of its sub-commands: role, show"),
        ("do role", "'role' needs one of its sub-commands: add"),
        ("do role drop", "'role' has no sub-command 'drop'"),
        ("do show more", "'show' has no sub-command 'more'"),
        ("do role add", "'add' needs the option 'it'"),
        ("undo", "has no command 'undo' of type 1 here"),
    ],
)
def test_a_path_that_leads_nowhere(invoke, name, message):
    with pytest.raises(CannotInvoke, match=message):
        invoke(GROUPS, {}, name=name)


def test_while_somebody_types_a_value_may_be_anything_and_others_may_be_missing(invoke):
    options = [option(4, required=True), {"name": "that", "type": 3, "required": True}]
    data = invoke(options, {"it": "1a"}, focused="it")
    assert data["options"] == [{"name": "it", "type": 4, "value": "1a", "focused": True}]


def test_a_command_of_the_guild_goes_before_a_global_one_and_says_so(world, guild, channel, invoke):
    commands_of(world, world.bot_id, guild.id)[2] = {"id": "2", "name": "do", "type": 1, "guild_id": str(guild.id)}
    data = invoke([], {})
    assert (data["id"], data["guild_id"]) == ("2", str(guild.id))
    assert "guild_id" not in invoke([], {}, place=None)


def test_a_command_on_a_user_resolves_that_user(member, invoke):
    data = invoke([], {}, kind=2, target_id=member)
    assert data["target_id"] == str(member)
    assert list(data["resolved"]) == ["users", "members"]
    assert "options" not in data


def test_a_command_on_a_message_resolves_that_message(world, channel, member, invoke):
    message, _ = changes.say(world, int(channel["id"]), member, "hi", 1_700_000_000_000)
    data = invoke([], {}, kind=3, target_id=message.id)
    assert data["resolved"]["messages"] == {str(message.id): message.doc}


@pytest.mark.parametrize("kind", [2, 3])
def test_a_command_on_something_needs_it(invoke, kind):
    with pytest.raises(CannotInvoke, match="'do' is used on something: target_id is missing"):
        invoke([], {}, kind=kind)
    with pytest.raises(CannotInvoke, match="nothing here has the id 5"):
        invoke([], {}, kind=kind, target_id=5)


# -- components ------------------------------------------------------------------------------------------------


@pytest.fixture
def press(world, guild, channel):
    """`press(component, values)`: the data of using it in a message that has it."""

    def use(component, values=(), custom_id="it"):
        row = {"type": 1, "id": 1, "components": [{"id": 2, "custom_id": "it", **component}]}
        message, _ = changes.say(world, int(channel["id"]), world.bot_id, "", 1_700_000_000_000, components=[row])
        return component_data(world, guild, channel, message, custom_id, list(values))

    return use


OPTIONS = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]


def test_a_button_sends_itself(press):
    assert press({"type": 2}) == {"custom_id": "it", "component_type": 2, "id": 2}


def test_a_select_menu_sends_what_was_picked(press):
    assert press({"type": 3, "options": OPTIONS, "max_values": 2}, ["b", "a"])["values"] == ["b", "a"]


@pytest.mark.parametrize(
    ("component", "values", "message"),
    [
        ({"type": 3, "options": OPTIONS}, [], "'it' takes 1 to 1 values, not 0"),
        ({"type": 3, "options": OPTIONS}, ["a", "b"], "'it' takes 1 to 1 values, not 2"),
        ({"type": 3, "options": OPTIONS}, ["c"], r"'it' offers \['a', 'b'\], not 'c'"),
        ({"type": 5}, ["5"], "nothing here has the id 5"),
        ({"type": 2, "disabled": True}, [], "'it' is disabled"),
    ],
)
def test_what_a_component_does_not_let_its_user_do(press, component, values, message):
    with pytest.raises(CannotInvoke, match=message):
        press(component, values)


def test_a_component_that_is_not_there(press):
    with pytest.raises(CannotInvoke, match="has no component 'that'"):
        press({"type": 2}, custom_id="that")


@pytest.mark.parametrize(("kind", "resolved"), [(5, "users"), (6, "roles"), (7, "roles"), (8, "channels")])
def test_select_menus_of_users_roles_and_channels_resolve_them(guild, channel, member, press, kind, resolved):
    thing = {5: member, 6: guild.id, 7: guild.id, 8: int(channel["id"])}[kind]
    data = press({"type": kind}, [thing])
    assert data["values"] == [str(thing)]
    assert list(data["resolved"][resolved]) == [str(thing)]


def test_a_button_beside_a_text_is_found(world, guild, channel):
    section = {"type": 9, "id": 1, "components": [], "accessory": {"type": 2, "id": 2, "custom_id": "it"}}
    container = {"type": 17, "id": 3, "components": [section]}
    message, _ = changes.say(world, int(channel["id"]), world.bot_id, "", 1_700_000_000_000, components=[container])
    assert component_data(world, guild, channel, message, "it", [])["id"] == 2


# -- modals ----------------------------------------------------------------------------------------------------


@pytest.fixture
def submit(world, guild, channel):
    """`submit(component, values)`: the components of a modal that has it, filled in."""

    def fill(component, values):
        modal = {"custom_id": "ask", "components": [component]}
        return modal_data(world, guild, channel, modal, values)

    return fill


def row(**field):
    return {"type": 1, "id": 1, "components": [{"type": 4, "id": 2, "custom_id": "it", **field}]}


def label(**field):
    return {"type": 18, "id": 1, "label": "It", "component": {"id": 2, "custom_id": "it", **field}}


def test_a_text_field_sends_what_was_typed(submit):
    data = submit(row(), {"it": "text"})
    sent = [{"type": 1, "id": 1, "components": [{"type": 4, "id": 2, "custom_id": "it", "value": "text"}]}]
    assert data == {"custom_id": "ask", "components": sent}


@pytest.mark.parametrize(
    ("field", "text", "limits"),
    [
        ({}, "", "1 to 4000"),
        ({"required": False, "min_length": 2}, "", "2 to 4000"),
        ({"min_length": 5}, "1234", "5 to 4000"),
        ({"max_length": 3}, "1234", "1 to 3"),
        ({}, "x" * 4_001, "1 to 4000"),
    ],
    ids=str,
)
def test_a_text_of_another_length_cannot_be_submitted(submit, field, text, limits):
    with pytest.raises(CannotInvoke, match=f"'it' takes {limits} characters"):
        submit(row(**field), {"it": text})


def test_an_optional_field_may_stay_empty(submit):
    data = submit(row(required=False), {})
    assert data["components"][0]["components"][0]["value"] == ""


def test_a_menu_in_a_label_sends_what_was_picked(submit, member):
    data = submit(label(type=3, options=OPTIONS), {"it": ["b"]})
    sent = [{"type": 18, "id": 1, "component": {"type": 3, "id": 2, "custom_id": "it", "values": ["b"]}}]
    assert data["components"] == sent
    data = submit(label(type=5), {"it": [member]})
    assert list(data["resolved"]["users"]) == [str(member)]


def test_what_only_shows_something_is_sent_without_a_value(submit):
    assert submit({"type": 10, "id": 4, "content": "Read this"}, {})["components"] == [{"type": 10, "id": 4}]


def test_a_field_that_is_not_there(submit):
    with pytest.raises(CannotInvoke, match="the modal has no field 'that'"):
        submit(row(), {"it": "x", "that": "y"})
