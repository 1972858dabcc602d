"""Two vocabularies, written separately. Where they speak of the same thing they must say the same."""

import discord_sim.wire as server
import framework.wire as client


def test_opcodes():
    names = {
        "PRESENCE_UPDATE": "PRESENCE",
        "VOICE_STATE_UPDATE": "VOICE_STATE",
        "REQUEST_GUILD_MEMBERS": "REQUEST_MEMBERS",
    }
    ours = {names.get(op.name, op.name): op.value for op in server.Op}
    for op in client.GatewayOp:
        assert ours[op.name] == op.value


def test_intents():
    assert {i.name: 1 << i.value for i in server.Intent} == {i.name: i.value for i in client.Intents}


def test_close_codes_the_client_acts_on_exist():
    known = {int(code) for code in server.CloseCode}
    assert set(client.FATAL_CLOSES) | set(client.FRESH_SESSION_CLOSES) <= known


def test_limits():
    assert (client.SEND_LIMIT, client.SEND_WINDOW_MS) == (server.SENDS_MAX, server.SENDS_WINDOW_MS)
    assert client.IDENTIFY_SPACING_MS == server.IDENTIFY_PERIOD_MS
    assert client.GLOBAL_REQUESTS_PER_S == server.GLOBAL_LIMIT_PER_S
    assert (client.INVALID_BUDGET, client.INVALID_BUDGET_MS) == (
        server.INVALID_REQUESTS_LIMIT,
        server.INVALID_REQUESTS_WINDOW_MS,
    )
