"""Wire to model and back, whatever the surroundings."""

from __future__ import annotations

import datetime
import subprocess
import sys

from framework.models import codec
from framework.models._base import Model

LATE = """
from discord_sim import Simulation

WIRE = b'{"invites_disabled_until":"2026-11-30T12:00:00.500000+00:00","dms_disabled_until":null}'


def there_and_back():
    from framework.models import codec
    from framework.models.guild import IncidentsData

    found = codec.decode(IncidentsData, WIRE)
    assert found.invites_disabled_until.timestamp() == 1796040000.5
    print(codec.to_wire(found))


with Simulation(seed=1) as sim:

    async def main():
        there_and_back()

    sim.run(main())
there_and_back()
"""


class Stopped(datetime.datetime):
    """What a test puts in the place of `datetime`."""


class Dated(Model, kw_only=True):
    at: Stopped | None


def test_times_are_read_by_a_class_that_stands_in_for_datetime() -> None:
    found = codec.decode(Dated, b'{"at":"2026-11-30T12:00:00.500000+00:00"}')
    assert found.at == datetime.datetime(2026, 11, 30, 12, 0, 0, 500_000, datetime.UTC)
    assert codec.to_wire(found) == {"at": "2026-11-30T12:00:00.500000+00:00"}
    assert codec.decode(Dated, b'{"at":null}').at is None


def test_models_that_are_imported_inside_a_simulation_read_times_there_and_after_it() -> None:
    told = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True).stdout
    once = "{'invites_disabled_until': '2026-11-30T12:00:00.500000+00:00', 'dms_disabled_until': None}"
    assert told.splitlines() == [once, once]
