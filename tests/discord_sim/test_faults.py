"""The plan of faults by itself: which fault hits what, how often, and what is told instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_sim.faults import DISPATCH_FAULTS, DispatchFault, Faults, RestFault


def numbered(names):
    return [(name, number) for number, name in enumerate(names)]


def told(faults, names):
    plan = Faults(dispatch=faults)
    return [item for name, number in numbered(names) for item in plan.for_dispatch(name, (name, number))]


# -- requests ------------------------------------------------------------------------------------------------


def test_without_a_fault_nothing_goes_wrong():
    assert Faults().for_request("create_message") is None


def test_a_fault_is_spent_by_its_matches():
    plan = Faults(rest=[RestFault("create_message", 2, "reset")])
    seen = [plan.for_request(name) for name in ("get_guild", "create_message", "create_message", "create_message")]
    assert [fault and fault.do for fault in seen] == [None, "reset", "reset", None]
    assert plan.rest == []


def test_a_fault_without_a_number_lives_until_it_is_cleared():
    plan = Faults(rest=[RestFault("*", None, "silence")])
    assert [plan.for_request("get_guild").do for _ in range(50)] == ["silence"] * 50
    plan.clear()
    assert plan.for_request("get_guild") is None


def test_the_first_fault_that_matches_decides_and_the_others_are_kept():
    plan = Faults(rest=[RestFault("get_guild", 1, "delay"), RestFault("*", 1, "reset")])
    assert [plan.for_request("get_guild").do for _ in range(2)] == ["delay", "reset"]


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "*"]), st.integers(1, 3)), max_size=5),
    st.lists(st.sampled_from("abc")),
)
def test_no_fault_hits_more_often_than_planned_nor_what_it_does_not_name(planned, requests):
    plan = Faults(rest=[RestFault(name, times, "reset") for name, times in planned])
    faults = list(plan.rest)
    hits = [(request, plan.for_request(request)) for request in requests]
    for fault, (name, times) in zip(faults, planned, strict=True):
        hit = [request for request, found in hits if found is fault]
        assert len(hit) == times - fault.times
        assert name == "*" or set(hit) <= {name}


@pytest.mark.parametrize(
    ("status", "form", "from_origin", "is_html"),
    [(500, "json", True, False), (503, "text", True, False), (502, "html", True, True), (520, "json", False, True)],
)
def test_the_answer_has_the_form_of_its_status(status, form, from_origin, is_html):
    answer = RestFault(status=status, form=form).answer()
    assert (answer.status, answer.from_origin, answer.invalid) == (status, from_origin, False)
    assert ("text/html" in answer.headers.get("Content-Type", "")) is is_html
    assert isinstance(answer.body, dict) is (form == "json" and from_origin)


# -- events --------------------------------------------------------------------------------------------------

NAMES = st.lists(st.sampled_from("ab"), max_size=30)
PLANS = st.lists(
    st.builds(DispatchFault, st.sampled_from(["a", "b", "*"]), st.integers(1, 4), st.sampled_from(DISPATCH_FAULTS)),
    max_size=4,
)


def test_a_swapped_event_comes_after_its_successor():
    assert told([DispatchFault("a", 1, "swap")], "abb") == [("b", 1), ("a", 0), ("b", 2)]


def test_a_swapped_event_without_a_successor_is_held_back():
    assert told([DispatchFault("*", 1, "swap")], "a") == []


def test_what_follows_a_held_event_may_be_doubled_before_it():
    faults = [DispatchFault("a", 1, "swap"), DispatchFault("b", 1, "duplicate")]
    assert told(faults, "ab") == [("b", 1), ("b", 1), ("a", 0)]


def test_a_lost_event_does_not_release_what_is_held_back():
    faults = [DispatchFault("a", 1, "swap"), DispatchFault("b", 1, "lose")]
    assert told(faults, "aba") == [("a", 2), ("a", 0)]


def test_clearing_forgets_what_is_held_back():
    plan = Faults(dispatch=[DispatchFault("*", 1, "swap")])
    assert plan.for_dispatch("a", 1) == []
    plan.clear()
    assert plan.for_dispatch("a", 2) == [2]


@given(PLANS, NAMES)
def test_each_event_comes_as_often_as_its_faults_say(planned, names):
    lost = sum(f.times for f in planned if f.do == "lose")
    doubled = sum(f.times for f in planned if f.do == "duplicate")
    swapped = sum(f.times for f in planned if f.do == "swap")
    seen = told(planned, names)
    counts = {item: seen.count(item) for item in numbered(names)}
    assert set(counts.values()) <= {0, 1, 2}
    assert list(counts.values()).count(2) <= doubled
    assert list(counts.values()).count(0) <= lost + swapped


@given(NAMES, st.integers(0, 30))
def test_a_plan_of_swaps_loses_nothing_once_another_event_follows(names, times):
    plan = [DispatchFault("*", times, "swap")]
    seen = told(plan, [*names, *"a" * (times + 1)])
    everything = numbered([*names, *"a" * (times + 1)])
    assert sorted(seen, key=lambda item: item[1]) == everything
