"""What a schema accepts, what it makes of what was sent, and the tree that names what was wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_sim.rules.forms import at, check, leaf
from discord_sim.spec import OPERATIONS, resolve

TEXT = {"type": "string"}
SNOWFLAKE = {"type": "string", "format": "snowflake"}
WHOLE = {"type": "integer"}


def code(tree):
    return tree["_errors"][0]["code"]


def form(*required, **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


@pytest.mark.parametrize(("schema", "sent", "read"), [
    (TEXT, "text", "text"), (TEXT, 5, "5"), (TEXT, 1.5, "1.5"),
    (WHOLE, 7, 7), (WHOLE, "7", 7), (WHOLE, 7.0, 7), (WHOLE, "-7", -7),
    ({"type": "number"}, 1, 1), ({"type": "number"}, "1.5", 1.5),
    ({"type": "boolean"}, True, True), ({"type": "boolean"}, "false", False), ({"type": "boolean"}, 1, True),
    (SNOWFLAKE, 123456789012345678, "123456789012345678"), (SNOWFLAKE, "007", "7"),
    ({"type": ["string", "null"]}, None, None), ({"oneOf": [{"type": "null"}, WHOLE]}, None, None),
    ({"type": "array", "items": WHOLE}, ["1", 2], [1, 2]),
    ({"type": "string", "format": "date-time"}, "2026-03-01T12:00:00.5+02:00", "2026-03-01T12:00:00.5+02:00"),
    ({"type": "string", "format": "uri"}, "attachment://cat.png", "attachment://cat.png"),
    ({}, {"anything": [1]}, {"anything": [1]}),
])  # fmt: skip
def test_what_can_be_read_is_read(schema, sent, read):
    assert check(schema, sent) == (read, None)
    assert type(check(schema, sent)[0]) is type(read)


@pytest.mark.parametrize(("schema", "sent", "expected"), [
    (TEXT, None, "BASE_TYPE_REQUIRED"), (TEXT, ["x"], "STRING_TYPE_CONVERT"), (TEXT, True, "STRING_TYPE_CONVERT"),
    ({"type": "string", "maxLength": 2}, "abc", "BASE_TYPE_MAX_LENGTH"),
    ({"type": "string", "minLength": 2}, "a", "BASE_TYPE_MIN_LENGTH"),
    ({"type": "string", "minLength": 1, "maxLength": 2}, "", "BASE_TYPE_BAD_LENGTH"),
    ({"type": "string", "pattern": "#[0-9a-f]{6}"}, "red", "STRING_TYPE_REGEX"),
    ({"type": "string", "enum": ["a", "b"]}, "c", "BASE_TYPE_CHOICES"),
    ({"type": "string", "format": "date-time"}, "2026-13-01", "DATE_TIME_TYPE_PARSE"),
    ({"type": "string", "format": "date-time"}, "tomorrow", "DATE_TIME_TYPE_PARSE"),
    ({"type": "string", "format": "uri"}, "example.com", "URL_TYPE_INVALID_URL"),
    ({"type": "string", "format": "nonce"}, "x" * 26, "BASE_TYPE_MAX_LENGTH"),
    ({"type": "string", "contentEncoding": "base64"}, "png", "IMAGE_INVALID"),
    (SNOWFLAKE, "me", "NUMBER_TYPE_COERCE"), (SNOWFLAKE, -1, "NUMBER_TYPE_COERCE"),
    (SNOWFLAKE, str(1 << 64), "NUMBER_TYPE_COERCE"), (SNOWFLAKE, "１２", "NUMBER_TYPE_COERCE"),
    (WHOLE, "x", "NUMBER_TYPE_COERCE"), (WHOLE, 1.5, "NUMBER_TYPE_COERCE"), (WHOLE, True, "NUMBER_TYPE_COERCE"),
    ({"type": "integer", "minimum": 1}, 0, "NUMBER_TYPE_MIN"),
    ({"type": "integer", "maximum": 1}, 2, "NUMBER_TYPE_MAX"),
    ({"type": "integer", "format": "int32"}, 1 << 31, "NUMBER_TYPE_MAX"),
    ({"type": "integer", "format": "int32"}, -(1 << 31) - 1, "NUMBER_TYPE_MIN"),
    ({"type": "integer", "oneOf": [{"const": 1}, {"const": 2}]}, 3, "BASE_TYPE_CHOICES"),
    ({"type": "boolean"}, "yes", "BOOLEAN_TYPE_CONVERT"), ({"type": "boolean"}, 2, "BOOLEAN_TYPE_CONVERT"),
    ({"type": "array", "items": WHOLE}, 5, "LIST_TYPE_CONVERT"),
    ({"type": "array", "maxItems": 1}, [1, 2], "BASE_TYPE_MAX_LENGTH"),
    ({"type": "array", "uniqueItems": True, "items": WHOLE}, [1, "1"], "SET_TYPE_ALREADY_CONTAINS_VALUE"),
    (form(), "text", "MODEL_TYPE_CONVERT"), (form(), [], "MODEL_TYPE_CONVERT"),
    ({"type": "object", "maxProperties": 1}, {"a": 1, "b": 2}, "DICT_TYPE_MAX_LENGTH"),
])  # fmt: skip
def test_what_cannot_be_read_is_named(schema, sent, expected):
    assert code(check(schema, sent)[1]) == expected


def test_errors_lie_where_they_were_made():
    schema = form("name", name=TEXT, embeds={"type": "array", "items": form("title", title=TEXT, color=WHOLE)})
    _, tree = check(schema, {"embeds": [{"title": "good"}, {"color": "red"}]})
    assert tree.keys() == {"name", "embeds"}
    assert code(tree["name"]) == "BASE_TYPE_REQUIRED"
    assert tree["embeds"].keys() == {"1"}
    assert code(tree["embeds"]["1"]["title"]) == "BASE_TYPE_REQUIRED"
    assert code(tree["embeds"]["1"]["color"]) == "NUMBER_TYPE_COERCE"


def test_an_error_can_be_put_anywhere():
    assert at(("embeds", 0, "title"), leaf("A", "b")) == {
        "embeds": {"0": {"title": {"_errors": [{"code": "A", "message": "b"}]}}},
    }  # fmt: skip
    assert at((), leaf("A", "b")) == leaf("A", "b")


def test_unknown_keys_are_dropped_unless_any_key_is_welcome():
    assert check(form(name=TEXT), {"name": "x", "foo": 1}) == ({"name": "x"}, None)
    welcome = {"type": "object", "properties": {}, "additionalProperties": WHOLE}
    assert check(welcome, {"a": "1"}) == ({"a": 1}, None)
    assert code(check(welcome, {"a": "x"})[1]["a"]) == "NUMBER_TYPE_COERCE"


def test_parts_of_a_schema_add_up():
    schema = {"allOf": [form("a", a=WHOLE), form("b", b=TEXT)]}
    assert check(schema, {"a": "1", "b": "x"}) == ({"a": 1, "b": "x"}, None)
    assert check(schema, {})[1].keys() == {"a", "b"}


# -- unions --------------------------------------------------------------------------------------------------

SHAPES = {"oneOf": [
    form("type", "width", type={"type": "integer", "enum": [1]}, width=WHOLE),
    form("type", "text", type={"type": "integer", "enum": [2, 3]}, text={**TEXT, "maxLength": 3}),
]}  # fmt: skip


@pytest.mark.parametrize("kind", [2, "2", 3])
def test_a_union_is_judged_by_the_option_that_its_type_names(kind):
    assert check(SHAPES, {"type": kind, "text": "abc"}) == ({"type": int(kind), "text": "abc"}, None)
    _, tree = check(SHAPES, {"type": kind, "text": "abcd"})
    assert code(tree["text"]) == "BASE_TYPE_MAX_LENGTH"


@pytest.mark.parametrize("kind", [9, "x", None, [1], 1.5, "²"])
def test_a_union_has_no_option_of_another_type(kind):
    assert code(check(SHAPES, {"type": kind})[1]["type"]) == "UNION_TYPE_CHOICES"


def test_a_union_without_types_is_judged_by_who_knows_most_of_what_was_sent():
    schema = {"anyOf": [form("name", name=TEXT), form("name", "message", name=TEXT, message=form())]}
    assert check(schema, {"name": "x"}) == ({"name": "x"}, None)
    assert check(schema, {"name": "x", "message": {}}) == ({"name": "x", "message": {}}, None)
    assert check(schema, {"message": {}})[1].keys() == {"name"}


def test_a_union_leaves_a_value_as_it_is_where_it_can():
    nonce = {"oneOf": [{"type": "integer"}, {"type": "string", "format": "nonce"}, {"type": "null"}]}
    for sent in ("12", 12, "x", None):
        assert check(nonce, sent) == (sent, None)


def test_nesting_has_a_bound():
    deep = TEXT
    value = "x"
    for _ in range(70):
        deep, value = {"type": "array", "items": deep}, [value]
    _, tree = check(deep, value)
    while "_errors" not in tree:
        tree = tree["0"]
    assert code(tree) == "BASE_TYPE_MAX_DEPTH"


# -- properties ----------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
BODIES = {name: operation.body for name, operation in OPERATIONS.items() if operation.body is not None}
NAMES = st.sampled_from(sorted(BODIES))
SMALL = st.sampled_from([1, 2, 4, "1", "x", "", True, None, 1.5, [], {}, "123456789012345678", "https://a.b/c"])


@st.composite
def bodies(draw):
    """Something that looks like a body of an operation: known keys with values of any kind."""

    def fill(schema, depth):
        schema = resolve(schema)
        options = [o for o in (*schema.get("oneOf", ()), *schema.get("anyOf", ())) if "const" not in o]
        if options:
            return fill(draw(st.sampled_from(options)), depth)
        if depth < 4 and schema.get("properties") and draw(st.integers(0, 9)):
            keys = draw(st.lists(st.sampled_from(sorted(schema["properties"])), max_size=4, unique=True))
            return {k: fill(schema["properties"][k], depth + 1) for k in {*keys, *schema.get("required", ())}}
        if depth < 4 and "items" in schema and draw(st.integers(0, 9)):
            return [fill(schema["items"], depth + 1) for _ in range(draw(st.integers(0, 2)))]
        return draw(st.sampled_from(schema["enum"])) if schema.get("enum") else draw(SMALL)

    name = draw(NAMES)
    return name, fill(BODIES[name], 0)


@given(NAMES, JSON)
@settings(max_examples=200, deadline=None)
def test_no_json_breaks_a_form_and_a_refusal_has_a_tree(name, value):
    _, tree = check(BODIES[name], value)
    assert tree is None or _leaves(tree)


@given(bodies())
@settings(max_examples=400, deadline=None)
def test_what_was_accepted_is_accepted_again_unchanged(sent):
    name, value = sent
    read, tree = check(BODIES[name], value)
    if tree is None:
        assert check(BODIES[name], read) == (read, None)
    else:
        assert all(isinstance(e["code"], str) and e["message"] for e in _leaves(tree))


def _leaves(tree):
    found = list(tree.get("_errors", ()))
    for key, inner in tree.items():
        if key != "_errors":
            found += _leaves(inner)
    return found
