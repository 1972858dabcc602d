"""Voice states and regions."""

import msgspec
import pytest

from discord_sim.world.catalogue import REGIONS
from framework.models import UNSET, decode, to_wire
from framework.models.voice import VoiceRegion, VoiceState


@pytest.mark.parametrize(
    ("model", "component"), [(VoiceState, "VoiceStateResponse"), (VoiceRegion, "VoiceRegionResponse")]
)
def test_discords_schemas_fit(fits, model, component):
    fits(model, component)


def test_the_regions():
    assert to_wire(decode(list[VoiceRegion], msgspec.json.encode(REGIONS))) == REGIONS


def test_a_state_inside_a_guild():
    switches = dict.fromkeys(("deaf", "mute", "self_deaf", "self_mute", "self_video", "suppress"), False)
    body = {
        "user_id": "1", "channel_id": None, "session_id": "f" * 32, **switches,
        "request_to_speak_timestamp": "2026-03-01T12:00:00.123000+00:00",
    }  # fmt: skip
    state = decode(VoiceState, msgspec.json.encode(body))
    assert (state.guild_id, state.channel_id) == (UNSET, None)
    assert to_wire(state) == body
