"""What is an id, and what is nested too deep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_sim.rules.depth import DEPTH_MAX, is_too_deep
from discord_sim.rules.ids import id_of


@given(st.integers(0, 2**64 - 1))
def test_an_id_is_up_to_64_bits_in_digits(number):
    assert id_of(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "+1", "-1", "1_0", "0x1", "1.0", "²", "٣", "１", str(2**64), "9" * 5_000]
)
def test_anything_else_is_none(text):
    assert id_of(text) is None


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"a": v}, lambda v: [1, v, 2], lambda v: {"a": 1, "b": v}])
def test_a_value_may_have_so_many_levels(wrap):
    value = "the last level"
    for _ in range(DEPTH_MAX - 1):
        value = wrap(value)
    assert not is_too_deep(value)
    assert is_too_deep(wrap(value))


def test_breadth_is_no_depth():
    assert not is_too_deep([[[n]] for n in range(10_000)])
