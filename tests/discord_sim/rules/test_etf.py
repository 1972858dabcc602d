"""The external term format, with another implementation as the judge."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_sim.rules.etf import BadTerm, pack, unpack

LISTS_OF_IDS = ("roles", "ids", "mention_roles", "applied_tags", "exempt_roles", "exempt_channels", "participants")
KEYS = st.text(max_size=8).filter(lambda key: key not in ("id", *LISTS_OF_IDS) and not key.endswith(("_id", "_ids")))
LEAVES = (
    st.none() | st.booleans() | st.integers(-(1 << 64), 1 << 64) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


@given(VALUES)
def test_what_is_packed_is_unpacked(value):
    assert unpack(pack(value)) == value


@given(VALUES)
def test_the_other_implementation_reads_what_is_packed(erlang_py, value):
    assert erlang_py.unpack(pack(value)) == value


@given(VALUES)
def test_what_the_other_implementation_packs_is_unpacked(erlang_py, value):
    assert unpack(erlang_py.pack(value)) == value


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data):
    try:
        unpack(data)
    except BadTerm:
        return
    assert data[0] == 131


@given(VALUES, st.data())
def test_a_term_that_is_cut_off_or_longer_than_itself_is_none(value, data):
    term = pack(value)
    cut = data.draw(st.integers(0, len(term) - 1))
    for wrong in (term[:cut], term + b"\x00"):
        with pytest.raises(BadTerm):
            unpack(wrong)


# -- ids -----------------------------------------------------------------------------------------------------

ID = 125829120000000000


@pytest.mark.parametrize("key", ["id", "guild_id", "parent_id"])
def test_an_id_goes_out_as_a_number(key):
    assert unpack(pack({key: str(ID)})) == {key: ID}


@pytest.mark.parametrize("key", ["user_ids", *LISTS_OF_IDS])
def test_a_list_of_ids_goes_out_as_numbers(key):
    assert unpack(pack({key: [str(ID)] * 2})) == {key: [ID] * 2}


@pytest.mark.parametrize(
    "document",
    [
        {"nonce": str(ID)},
        {"content": str(ID)},
        {"session_id": "0f" * 16},
        {"custom_id": "123"},
        {"id": "🔥"},
        {"roles": ["everyone"]},
        {"permissions": "2248473465835073"},
    ],
    ids=lambda document: next(iter(document)),
)
def test_other_text_stays_text(document):
    assert unpack(pack(document)) == document


# -- the bytes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "term"),
    [
        (None, b"d\x00\x03nil"),
        (True, b"d\x00\x04true"),
        (False, b"d\x00\x05false"),
        (0, b"a\x00"),
        (255, b"a\xff"),
        (256, b"b\x00\x00\x01\x00"),
        (-1, b"b\xff\xff\xff\xff"),
        (1 << 31, b"n\x04\x00\x00\x00\x00\x80"),
        (-(1 << 31) - 1, b"n\x04\x01\x01\x00\x00\x80"),
        (1.5, b"F" + struct.pack(">d", 1.5)),
        ("ß", b"m\x00\x00\x00\x02\xc3\x9f"),
        ([], b"j"),
        ([1], b"l\x00\x00\x00\x01a\x01j"),
        ({}, b"t\x00\x00\x00\x00"),
        ({"a": 1}, b"t\x00\x00\x00\x01m\x00\x00\x00\x01aa\x01"),
    ],
    ids=repr,
)
def test_each_kind_of_value_has_its_tag(value, term):
    assert pack(value) == b"\x83" + term


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (b"s\x03nil", None),
        (b"w\x04null", None),
        (b"v\x00\x09undefined", None),
        (b"s\x04true", True),
        (b"d\x00\x05hello", "hello"),
        (b"k\x00\x03\x01\x02\x03", [1, 2, 3]),
        (b"h\x02a\x01a\x02", [1, 2]),
        (b"i\x00\x00\x00\x02a\x01a\x02", [1, 2]),
        (b"c" + b"1.50000000000000000000e+00".ljust(31, b"\0"), 1.5),
        (b"o\x00\x00\x00\x02\x01\x00\x01", -256),
    ],
)
def test_what_clients_may_send_besides(term, value):
    assert unpack(b"\x83" + term) == value


@pytest.mark.parametrize(
    "term",
    [
        b"t\x00\x00\x00\x01d\x00\x01aa\x01",
        b"P\x00\x00\x00\x02" + zlib.compress(b"a\x01"),
        b"l\x00\x00\x00\x01a\x01a\x02",
        b"l\xff\xff\xff\xffj",
        b"m\xff\xff\xff\xff",
        b"m\x00\x00\x00\x01\xff",
        b"n\x41\x00" + bytes(65),
        b"c" + b"x" * 31,
        b"l\x00\x00\x00\x01" * 65 + b"j" * 66,
        b"g",
        b"",
    ],
    ids=["atom key", "compressed", "improper list", "endless list", "endless binary", "no UTF-8", "huge number",
         "float of letters", "too deep", "unknown tag", "nothing"],
)  # fmt: skip
def test_what_clients_may_not_send(term):
    with pytest.raises(BadTerm):
        unpack(b"\x83" + term)


def test_a_term_begins_with_131():
    with pytest.raises(BadTerm, match="131"):
        unpack(pack(1)[1:])


def test_what_is_no_json_cannot_be_packed():
    with pytest.raises(TypeError, match="set"):
        pack({"a": {1}})
