"""Sounds."""

import msgspec

from discord_sim.world.catalogue import DEFAULT_SOUNDS
from framework.models import decode, to_wire
from framework.models.soundboard import SoundboardSound


def test_discords_schema_fits(fits):
    fits(SoundboardSound, "SoundboardSoundResponse")


def test_the_default_sounds():
    for body in DEFAULT_SOUNDS.values():
        assert to_wire(decode(SoundboardSound, msgspec.json.encode(body))) == body
