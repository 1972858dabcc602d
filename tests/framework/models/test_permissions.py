"""Permission bits."""

from discord_sim.rules.permissions import Permission
from framework.models.permissions import Permissions


def test_both_sides_know_the_same_bits():
    assert {p.name: int(p) for p in Permissions} == {p.name: int(p) for p in Permission}


def test_a_bit_that_is_unknown_here_is_kept():
    assert int(Permissions(1 << 62 | 1 << 2)) == 1 << 62 | 1 << 2
    assert Permissions.BAN_MEMBERS in Permissions(1 << 62 | 1 << 2)
