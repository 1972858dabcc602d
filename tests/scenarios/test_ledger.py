"""The ledger finds what was lost, doubled, invented or reordered."""

import pytest

from discord_sim import Record, Trace
from discord_sim.record import Delivery
from discord_sim.world.fanout import Event
from scenarios.ledger import Ledger

SENT = [("A", 1, 10), ("A", 1, 11), ("A", 2, 12), ("B", 1, 13)]


@pytest.fixture
def record():
    record = Record(Trace({}))
    for kind, guild, key in SENT:
        number = record.event(5, Event(kind, guild, key, {}))
        record.delivery(Delivery(5, 1, 0, 1, number, number), kind)
    return record


def balance(record, handled, **options):
    ledger = Ledger()
    for key in handled:
        ledger.note(6, *key)
    return ledger.balance(record, frozenset({"A"}), 0, **options)


def test_each_event_once_and_in_order_is_exact(record):
    result = balance(record, SENT[:3])
    assert result.exact
    assert (result.sent, result.handled, result.out_of_order) == (3, 3, 0)


@pytest.mark.parametrize(
    ("handled", "field", "count"),
    [
        (SENT[:2], "lost", 1),
        ([*SENT[:3], SENT[0]], "doubled", 1),
        ([*SENT[:3], ("A", 9, 9)], "unexpected", 1),
        ([SENT[1], SENT[0], SENT[2]], "out_of_order", 1),
    ],
)
def test_each_fault_is_counted_as_what_it_is(record, handled, field, count):
    result = balance(record, handled)
    assert getattr(result, field) == count
    assert result.exact == (field == "out_of_order")


def test_guilds_do_not_order_each_other(record):
    assert balance(record, [SENT[2], SENT[0], SENT[1]]).out_of_order == 0


def test_events_nobody_was_sent_count_only_when_asked(record):
    record.event(7, Event("A", 3, 99, {}))
    assert balance(record, SENT[:3]).exact
    assert balance(record, SENT[:3], everything=True).lost == 1
