"""Sounds of a guild, default sounds, and playing them."""

import base64

import pytest

from discord_sim.rules.permissions import Permission as P
from discord_sim.world.payloads import channel as new_channel
from discord_sim.world.voice import join_voice

FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # 26 ms of MP3
MP3 = FRAME * 10
VOICE = P.VIEW_CHANNEL | P.CONNECT | P.SPEAK | P.USE_SOUNDBOARD


def uri(data):
    return "data:audio/mpeg;base64," + base64.b64encode(data).decode()


def names(told):
    return [name for name, _ in told]


def make(api, name="honk", guild="{g}", **more):
    return api.ok("POST", f"/guilds/{guild}/soundboard-sounds", {"name": name, "sound": uri(MP3), **more})


@pytest.fixture
def voice(api):
    """A voice channel with the bot in it."""
    made = api.ok("POST", "/guilds/{g}/channels", {"name": "voice", "type": 2})
    join(api, api.names["me"], made)
    return made


def join(api, user_id, channel, **more):
    join_voice(api.fake.world, api.guild, user_id, channel, api.fake.clock.epoch_ms, **more)


def test_a_sound_from_birth_to_death(api):
    wanted = {"name": "honk", "sound": uri(MP3), "volume": 0.5, "emoji_name": "🦆"}
    sound, told = api.told("POST", "/guilds/{g}/soundboard-sounds", wanted, reason="loud")
    assert (sound["name"], sound["volume"], sound["emoji_name"], sound["emoji_id"]) == ("honk", 0.5, "🦆", None)
    assert (sound["guild_id"], sound["user"]["id"]) == (str(api.guild.id), str(api.names["me"]))
    assert names(told) == ["GUILD_SOUNDBOARD_SOUND_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == sound
    entry = told[1][1]
    assert (entry["action_type"], entry["target_id"], entry["reason"]) == (130, sound["sound_id"], "loud")
    path = f"/guilds/{{g}}/soundboard-sounds/{sound['sound_id']}"
    assert api.ok("GET", path) == sound
    assert api.ok("GET", "/guilds/{g}/soundboard-sounds") == {"items": [sound]}
    assert api.fake.rest.media.find(f"/soundboard-sounds/{sound['sound_id']}") == ("audio/mpeg", MP3)

    changed, told = api.told("PATCH", path, {"name": "toot", "volume": None})
    assert (changed["name"], changed["volume"], changed["emoji_name"]) == ("toot", 1, "🦆")
    assert names(told) == ["GUILD_SOUNDBOARD_SOUND_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert told[0][1] == changed
    assert told[1][1]["action_type"] == 131
    assert api.told("PATCH", path, {"name": "toot"})[1] == [], "no change, no event"

    _, told = api.told("DELETE", path)
    gone = {"sound_id": sound["sound_id"], "guild_id": str(api.guild.id)}
    assert told[0] == ("GUILD_SOUNDBOARD_SOUND_DELETE", gone)
    assert told[1][1]["action_type"] == 132
    assert api.error("GET", path) == (404, 10097)


def test_a_sound_has_one_kind_of_emoji(api):
    api.guild.emojis[5] = {"id": "5", "name": "honk", "animated": False}
    sound = make(api, emoji_name="🦆")
    path = f"/guilds/{{g}}/soundboard-sounds/{sound['sound_id']}"
    custom = api.ok("PATCH", path, {"emoji_id": "5"})
    assert (custom["emoji_id"], custom["emoji_name"]) == ("5", None)
    assert api.ok("PATCH", path, {"emoji_name": None})["emoji_id"] is None
    assert api.error("PATCH", path, {"emoji_id": "6"}) == (400, 10014)
    assert api.error("PATCH", path, {"emoji_name": "duck"}) == (400, 10014)


@pytest.mark.parametrize(("data", "error"), [
    (b"no sound", (400, 50123)), (b"\x89PNG\r\n\x1a\n", (400, 50123)), (b"OggS without length", (400, 50192)),
    (FRAME * 200, (400, 50124)), (MP3.ljust((512 << 10) + 1, b"\0"), (413, 50045)),
])  # fmt: skip
def test_a_file_that_cannot_be_a_sound(api, data, error):
    assert api.error("POST", "/guilds/{g}/soundboard-sounds", {"name": "honk", "sound": uri(data)}) == error
    assert api.guild.sounds == {}


def test_a_sound_that_cannot_be_read(api):
    status, answer = api("POST", "/guilds/{g}/soundboard-sounds", {"name": "honk", "sound": "data:audio/mpeg,honk"})
    assert (status, list(answer["errors"])) == (400, ["sound"])


def test_slots_grow_with_boosts(api):
    first = int(make(api)["sound_id"])
    for n in range(7):
        api.guild.sounds[n] = dict(api.guild.sounds[first], sound_id=str(n))
    assert api.error("POST", "/guilds/{g}/soundboard-sounds", {"name": "more", "sound": uri(MP3)}) == (400, 30045)
    api.guild.doc["premium_tier"] = 1
    make(api)


def test_who_creates_sounds_changes_only_their_own(api):
    mine, other = make(api)["sound_id"], make(api)["sound_id"]
    api.guild.makers[int(other)] = api.names["m1"]
    api.strip_permissions(P.CREATE_GUILD_EXPRESSIONS)
    api.ok("PATCH", f"/guilds/{{g}}/soundboard-sounds/{mine}", {"name": "still mine"})
    assert api.error("PATCH", f"/guilds/{{g}}/soundboard-sounds/{other}", {"name": "taken"}) == (403, 50013)
    assert api.error("DELETE", f"/guilds/{{g}}/soundboard-sounds/{other}") == (403, 50013)
    api.strip_permissions(P.MANAGE_GUILD_EXPRESSIONS)
    del api.guild.makers[int(other)]
    assert "user" not in api.ok("PATCH", f"/guilds/{{g}}/soundboard-sounds/{other}", {"name": "ours"})
    api.ok("DELETE", f"/guilds/{{g}}/soundboard-sounds/{other}")
    assert api.error("POST", "/guilds/{g}/soundboard-sounds", {"name": "more", "sound": uri(MP3)}) == (403, 50013)
    api.strip_permissions(P.VIEW_CHANNEL)
    assert "user" not in api.ok("GET", f"/guilds/{{g}}/soundboard-sounds/{mine}")


# -- playing -------------------------------------------------------------------------------------------------


def test_everybody_has_the_default_sounds(api):
    sounds = {s["sound_id"]: s["name"] for s in api.ok("GET", "/soundboard-default-sounds")}
    assert sounds["1"] == "quack"


def test_a_sound_is_told_to_the_bots_in_the_channel(api, voice):
    path = f"/channels/{voice['id']}/send-soundboard-sound"
    other_bot = list(api.fake.world.bots)[1]
    token = next(t for t, bot in api.fake.tokens.items() if bot == other_bot)
    elsewhere = api.connect(token)
    del elsewhere[:]
    _, told = api.told("POST", path, {"sound_id": "1"})
    assert told == [("VOICE_CHANNEL_EFFECT_SEND", {
        "channel_id": voice["id"], "guild_id": str(api.guild.id), "user_id": str(api.names["me"]),
        "emoji": {"id": None, "name": "🦆"}, "sound_id": 1, "sound_volume": 1.0,
    })]  # fmt: skip
    assert elsewhere == [], "who is not in the channel does not hear it"
    join(api, other_bot, voice)
    api.ok("POST", path, {"sound_id": "1"})
    assert names(elsewhere)[-1] == "VOICE_CHANNEL_EFFECT_SEND"


def test_a_sound_of_the_guild_comes_with_its_emoji(api, voice):
    api.guild.emojis[5] = {"id": "5", "name": "honk", "animated": True, "roles": []}
    sound = make(api, emoji_id="5", volume=0.25)
    path = f"/channels/{voice['id']}/send-soundboard-sound"
    _, told = api.told("POST", path, {"sound_id": sound["sound_id"]})
    assert told[0][1]["emoji"] == {"id": "5", "name": "honk", "animated": True}
    assert (told[0][1]["sound_id"], told[0][1]["sound_volume"]) == (sound["sound_id"], 0.25)
    del api.guild.emojis[5]
    assert api.told("POST", path, {"sound_id": sound["sound_id"]})[1][0][1]["emoji"] is None


def test_a_sound_from_elsewhere_needs_its_guild_and_permission(api, voice):
    sound = make(api, guild="{g1}")
    path = f"/channels/{voice['id']}/send-soundboard-sound"
    body = {"sound_id": sound["sound_id"], "source_guild_id": str(api.names["g1"])}
    api.strip_permissions(VOICE)
    assert api.error("POST", path, {"sound_id": sound["sound_id"]}) == (404, 10097)
    assert api.error("POST", path, body) == (403, 50013)
    api.strip_permissions(VOICE | P.USE_EXTERNAL_SOUNDS)
    api.ok("POST", path, body)
    assert api.error("POST", path, {**body, "source_guild_id": "123456789012345678"}) == (404, 10004)


@pytest.mark.parametrize("bit", [P.SPEAK, P.USE_SOUNDBOARD])
def test_playing_needs_speaking_and_the_soundboard(api, voice, bit):
    api.strip_permissions(VOICE & ~bit)
    assert api.error("POST", f"/channels/{voice['id']}/send-soundboard-sound", {"sound_id": "1"}) == (403, 50013)


def test_only_who_is_connected_and_can_be_heard_plays(api, voice):
    path = f"/channels/{voice['id']}/send-soundboard-sound"
    for field in ("deaf", "self_deaf", "mute", "suppress"):
        state = api.guild.voice_states[api.names["me"]]
        state[field] = True
        assert api.error("POST", path, {"sound_id": "1"}) == (400, 50167)
        state[field] = False
    join(api, api.names["me"], new_channel(7, 2, "elsewhere", api.guild.id))
    assert api.error("POST", path, {"sound_id": "1"}) == (400, 40032)
    assert api.error("POST", "/channels/{c}/send-soundboard-sound", {"sound_id": "1"}) == (400, 50024)
