"""Components: one struct per type, told apart at any depth."""

import msgspec
import pytest

from discord_sim.spec import DOCUMENT
from framework.models import (
    ActionRow,
    Button,
    ButtonStyle,
    Component,
    ComponentType,
    Container,
    Label,
    PartialEmoji,
    SelectOption,
    StringSelect,
    TextDisplay,
    TextInput,
    UnknownComponent,
    decode,
    to_wire,
)
from framework.models.component import _KINDS as KINDS


@pytest.mark.parametrize("kind", ComponentType)
def test_a_component_holds_what_discord_may_send_and_take(fits, kind):
    struct = KINDS[kind]
    assert struct.__struct_defaults__[struct.__struct_fields__.index("type") - len(struct.__struct_fields__)] == kind
    name = {ComponentType.FILE: "File"}.get(kind, struct.__name__)
    known = DOCUMENT["components"]["schemas"]
    shapes = [f"{name}Component{end}" for end in ("Response", "ForMessageRequest", "ForModalRequest")]
    assert any(shape in known for shape in shapes)
    if shapes[0] in known:
        fits(struct, shapes[0])
    for shape in shapes[1:]:
        assert known.get(shape, {"properties": {}})["properties"].keys() <= set(struct.__struct_fields__), shape


def round_trip(kind, data):
    return to_wire(decode(kind, msgspec.json.encode(data)))


def test_components_are_told_apart_at_any_depth():
    button = {"type": 2, "id": 3, "style": 1, "custom_id": "b", "emoji": {"id": "41771983423143937", "name": "e"}}
    data = [{"type": 17, "id": 1, "components": [{"type": 1, "id": 2, "components": [button]}]}]
    (box,) = decode(list[Component], msgspec.json.encode(data))
    match box:
        case Container(components=[ActionRow(components=[Button(custom_id=custom_id, emoji=found)])]):
            assert (custom_id, found) == ("b", PartialEmoji(id=41771983423143937, name="e"))
        case _:
            raise AssertionError(box)
    assert round_trip(list[Component], data) == data


def test_a_component_of_an_unknown_type_is_kept_as_it_is():
    data = [{"type": 1, "components": [{"type": 99, "shape": [{"id": "5"}]}]}]
    (row,) = decode(list[Component], msgspec.json.encode(data))
    assert isinstance(row.components[0], UnknownComponent)
    assert row.components[0]["shape"] == [{"id": "5"}]
    assert to_wire([row]) == data


@pytest.mark.parametrize(
    "data", [b'["text"]', b"[null]", b'[{"type": []}]', b'[{"type": 2}]', b'[{"type": 1, "components": 1}]']
)
def test_what_is_no_component_is_refused(data):
    with pytest.raises(msgspec.ValidationError):
        decode(list[Component], data)


def test_what_was_submitted_fits_the_same_structs():
    data = [
        {"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "text", "value": "typed"}},
        {"type": 18, "id": 3, "component": {"type": 3, "id": 4, "custom_id": "choice", "values": ["a", "b"]}},
        {"type": 18, "id": 5, "component": {"type": 19, "id": 6, "custom_id": "file", "values": ["41771983423143937"]}},
        {"type": 18, "id": 7, "component": {"type": 23, "id": 8, "custom_id": "yes", "value": True}},
        {"type": 18, "id": 9, "component": {"type": 21, "id": 10, "custom_id": "one", "value": None}},
        {"type": 10, "id": 11},
    ]
    first, second, *_ = decode(list[Component], msgspec.json.encode(data))
    assert isinstance(first, Label)
    assert isinstance(first.component, TextInput)
    assert (first.component.value, second.component.values) == ("typed", ["a", "b"])
    assert round_trip(list[Component], data) == data


def test_built_components_are_written_with_their_types():
    select = StringSelect(custom_id="s", options=[SelectOption(label="L", value="v")], max_values=1)
    assert to_wire([ActionRow(components=[select]), TextDisplay(content="T")]) == [
        {
            "type": 1,
            "components": [
                {"type": 3, "custom_id": "s", "max_values": 1, "options": [{"label": "L", "value": "v"}]},
            ],
        },
        {"type": 10, "content": "T"},
    ]
    assert msgspec.json.encode(to_wire(Button(style=ButtonStyle.LINK, url="u"))) == b'{"type":2,"style":5,"url":"u"}'
