"""One section of a guild: compressed, changed entity by entity, read as any type."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.bot.cache import entities as module
from framework.bot.cache.entities import Entities
from framework.bot.cache.guild import LAYOUTS
from framework.bot.cache.policy import Section
from framework.bot.cache.storage import Storage
from framework.models import UNSET, Emoji, UnsetType

encode = msgspec.json.encode


class Named(msgspec.Struct):
    id: int
    name: str | UnsetType | None = UNSET
    other: str | UnsetType | None = UNSET


class Parent(msgspec.Struct):
    name: str | None = None


def thing(entity_id: int, **fields: Any) -> dict[str, Any]:
    return {"id": str(entity_id), **fields}


def section(found: list[dict[str, Any]], storage: Storage | None = None) -> Entities:
    return Entities(LAYOUTS[Section.ROLES], storage or Storage(100_000), encode(found))


def as_dicts(held: Entities) -> dict[int, Any]:
    return {key: msgspec.to_builtins(value) | {"id": str(value.id)} for key, value in held.all(Named).items()}


def test_what_was_null_stays_null_and_what_was_absent_stays_absent() -> None:
    held = section([thing(1, name=None), thing(2), thing(3, name="x", other="y")])
    assert [held.get(key, Named).name for key in (1, 2, 3)] == [None, UNSET, "x"]
    held.amend(3, b'{"name":null}')
    assert (held.get(3, Named).name, held.get(3, Named).other) == (None, "y")
    held.put(encode(thing(3)))
    assert (held.get(3, Named).name, held.get(3, Named).other) == (UNSET, UNSET)


def test_only_what_is_there_can_be_amended() -> None:
    held = section([thing(1)])
    held.delete(1)
    assert not held.amend(1, b'{"name":"x"}')
    assert not held.amend(2, b'{"name":"x"}')
    assert held.ids() == []


def test_the_same_entities_are_read_as_any_type() -> None:
    held = section([thing(1, name="wave", animated=True)])
    assert held.get(1, Named) == Named(1, "wave")
    assert held.get(1, Emoji) == Emoji(id=1, name="wave", animated=True)
    assert held.raw(1) == b'{"id":"1","name":"wave","animated":true}'


def test_what_is_read_again_is_not_decoded_again_as_long_as_there_is_room() -> None:
    storage = Storage(1_000)
    first, second = (section([thing(key, name="x" * 500)], storage) for key in (1, 2))
    assert first.get(1, Named) is first.get(1, Named)
    kept = first.get(1, Named)
    assert 500 < storage.bytes_decoded < 1_000
    second.get(2, Named)
    assert storage.bytes_decoded < 1_000
    assert first.get(1, Named) is not kept
    first.release()
    assert storage.bytes_decoded == 0


def test_room_for_nothing_decoded_still_reads() -> None:
    held = section([thing(1, name="x")], Storage(0))
    assert held.get(1, Named) == Named(1, "x")


def test_a_change_is_not_lost_in_what_was_decoded_before() -> None:
    held = section([thing(1, name="old"), thing(2)])
    assert held.get(1, Named).name == "old"
    held.put(encode(thing(1, name="new")))
    held.delete(2)
    assert held.all(Named) == {1: Named(1, "new")}
    assert (held.get(1, Named).name, held.get(2, Named)) == ("new", None)


def test_changes_are_folded_before_they_take_more_than_half_the_room_of_what_they_change() -> None:
    held = section([thing(key, name=f"{key * 7919:x}" * 9) for key in range(40)])
    base = held.size
    for turn in range(2_000):
        held.put(encode(thing(turn % 40, name=f"{turn * 104_729:x}" * 9)))
        assert held.size < 2 * base + module.PATCHES_MIN
    assert as_dicts(held)[39] == thing(39, name=f"{1_999 * 104_729:x}" * 9)


def test_deleting_what_is_not_there_leaves_nothing_behind() -> None:
    held = section([])
    for key in range(5_000):
        held.delete(key)
    assert held.size < 2 * module.PATCHES_MIN
    assert held.ids() == []


def test_a_large_section_is_in_blocks_and_one_change_folds_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [thing(key, name=f"{key * 7919:x}" * 20) for key in range(3_000)]
    held = section(found[::-1])
    assert len(held._blocks) > 5
    assert all(len(held._storage.unpack(block.blob)) <= module.BLOCK_MAX for block in held._blocks)
    assert as_dicts(held) == {int(one["id"]): one for one in found}
    folded: list[int] = []
    cut = Entities._cut
    monkeypatch.setattr(
        Entities, "_cut", lambda self, first, found: folded.append(len(found)) or cut(self, first, found)
    )
    for turn in range(400):
        held.put(encode(thing(7, name=f"{turn * 104_729:x}" * 300)))
    assert folded
    assert max(folded) < 1_000


STEPS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 30), st.sampled_from([None, "a", "bb" * 40, "c" * 300])),
    st.tuples(st.just("delete"), st.integers(0, 30), st.none()),
    st.tuples(st.just("amend"), st.integers(0, 30), st.sampled_from([None, "z" * 20])),
    st.tuples(st.just("where"), st.none(), st.sampled_from([None, "a", "bb" * 40])),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 30), unique=True, max_size=31),
    st.lists(STEPS, max_size=60),
    st.sampled_from([200, 1_500, 64_000]),
    st.sampled_from([0, 400]),
)
def test_a_section_equals_a_plain_dict_after_any_changes(
    begin: list[int], steps: list[tuple[str, Any, Any]], block_max: int, patches_min: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_MAX", block_max)
        patch.setattr(module, "PATCHES_MIN", patches_min)
        model = {key: thing(key, name="begin") for key in begin}
        held = section(list(model.values()))
        for step, key, value in steps:
            if step == "put":
                model[key] = thing(key, name=value)
                held.put(encode(model[key]))
            elif step == "delete":
                model.pop(key, None)
                held.delete(key)
            elif step == "amend":
                assert held.amend(key, encode({"other": value})) == (key in model)
                if key in model:
                    model[key] = {**model[key], "other": value}
            else:
                held.delete_where(Parent, lambda one, value=value: one.name == value)
                model = {key: one for key, one in model.items() if one["name"] != value}
            assert as_dicts(held) == model
            assert sorted(held.ids()) == sorted(model)
            assert {key: msgspec.json.decode(held.raw(key) or b"{}") for key in model} == model
            assert all(held.raw(key) is None and held.get(key, Named) is None for key in set(range(31)) - set(model))
            assert held.size == held._measure()


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    one, many = section([thing(1)]), section([thing(1)])
    found = [encode(thing(key, name="x" * 100)) for key in range(100)]
    for data in found:
        one.put(data)
    many.put_all(found)
    assert as_dicts(one) == as_dicts(many)
    assert len(many.ids()) == 100
