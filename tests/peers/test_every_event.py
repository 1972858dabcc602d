"""Every event that Discord documents really happens in the fake, and no library stumbles over any."""

import asyncio
import base64
import logging

import aiohttp
import msgspec
import pytest

from discord_sim import Link, Simulation, World, start_discord
from discord_sim.rules.intents import ALL_INTENTS

GUILD = (
    "id name icon splash discovery_splash banner description owner_id application_id afk_channel_id afk_timeout "
    "verification_level default_message_notifications explicit_content_filter mfa_level roles emojis features "
    "system_channel_id system_channel_flags rules_channel_id public_updates_channel_id safety_alerts_channel_id "
    "vanity_url_code premium_tier premium_progress_bar_enabled preferred_locale nsfw_level incidents_data"
)
MEMBER = "guild_id user roles joined_at deaf mute flags pending"
CHANNEL = "id type guild_id name position permission_overwrites parent_id"
THREAD = "id type guild_id name parent_id owner_id message_count member_count total_message_sent thread_metadata"
MESSAGE = (
    "id channel_id author content timestamp edited_timestamp tts mention_everyone mentions mention_roles attachments "
    "embeds pinned type"
)
REACTION = "user_id channel_id message_id guild_id emoji burst type"
SCHEDULED = (
    "id guild_id channel_id name scheduled_start_time scheduled_end_time privacy_level status entity_type entity_id "
    "entity_metadata recurrence_rule"
)
STAGE = "id guild_id channel_id topic privacy_level discoverable_disabled guild_scheduled_event_id"
SOUND = "name sound_id volume emoji_id emoji_name available"
INTEGRATION = "id guild_id name type enabled account"
RULE = (
    "id guild_id name creator_id event_type trigger_type trigger_metadata actions enabled exempt_roles exempt_channels"
)
ENTITLEMENT = "id sku_id application_id type deleted starts_at ends_at"
SUBSCRIPTION = (
    "id user_id sku_ids entitlement_ids renewal_sku_ids current_period_start current_period_end status canceled_at"
)
DOCUMENTED = {  # the events, and the fields that each always has in a guild
    "READY": "v user guilds session_id resume_gateway_url application",
    "RESUMED": "",
    "RATE_LIMITED": "opcode retry_after meta",
    "USER_UPDATE": "id username discriminator global_name avatar",
    "GUILD_CREATE": f"{GUILD} joined_at large member_count voice_states members channels threads presences "
    "stage_instances guild_scheduled_events soundboard_sounds",
    "GUILD_UPDATE": GUILD,
    "GUILD_DELETE": "id",
    "GUILD_AUDIT_LOG_ENTRY_CREATE": "guild_id id target_id user_id action_type",
    "GUILD_BAN_ADD": "guild_id user",
    "GUILD_BAN_REMOVE": "guild_id user",
    "GUILD_EMOJIS_UPDATE": "guild_id emojis",
    "GUILD_STICKERS_UPDATE": "guild_id stickers",
    "GUILD_INTEGRATIONS_UPDATE": "guild_id",
    "GUILD_MEMBER_ADD": MEMBER,
    "GUILD_MEMBER_UPDATE": "guild_id user roles joined_at avatar banner",
    "GUILD_MEMBER_REMOVE": "guild_id user",
    "GUILD_MEMBERS_CHUNK": "guild_id members chunk_index chunk_count",
    "GUILD_ROLE_CREATE": "guild_id role",
    "GUILD_ROLE_UPDATE": "guild_id role",
    "GUILD_ROLE_DELETE": "guild_id role_id",
    "GUILD_SCHEDULED_EVENT_CREATE": SCHEDULED,
    "GUILD_SCHEDULED_EVENT_UPDATE": SCHEDULED,
    "GUILD_SCHEDULED_EVENT_DELETE": SCHEDULED,
    "GUILD_SCHEDULED_EVENT_USER_ADD": "guild_scheduled_event_id user_id guild_id",
    "GUILD_SCHEDULED_EVENT_USER_REMOVE": "guild_scheduled_event_id user_id guild_id",
    "GUILD_SOUNDBOARD_SOUND_CREATE": SOUND,
    "GUILD_SOUNDBOARD_SOUND_UPDATE": SOUND,
    "GUILD_SOUNDBOARD_SOUND_DELETE": "sound_id guild_id",
    "GUILD_SOUNDBOARD_SOUNDS_UPDATE": "guild_id soundboard_sounds",
    "SOUNDBOARD_SOUNDS": "guild_id soundboard_sounds",
    "INTEGRATION_CREATE": INTEGRATION,
    "INTEGRATION_UPDATE": INTEGRATION,
    "INTEGRATION_DELETE": "id guild_id",
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE": "id application_id guild_id permissions",
    "WEBHOOKS_UPDATE": "guild_id channel_id",
    "INVITE_CREATE": "channel_id code created_at max_age max_uses temporary uses expires_at",
    "INVITE_DELETE": "channel_id guild_id code",
    "AUTO_MODERATION_RULE_CREATE": RULE,
    "AUTO_MODERATION_RULE_UPDATE": RULE,
    "AUTO_MODERATION_RULE_DELETE": RULE,
    "AUTO_MODERATION_ACTION_EXECUTION": "guild_id action rule_id rule_trigger_type user_id content matched_keyword "
    "matched_content",
    "CHANNEL_CREATE": CHANNEL,
    "CHANNEL_UPDATE": CHANNEL,
    "CHANNEL_DELETE": CHANNEL,
    "CHANNEL_INFO": "guild_id channels",
    "CHANNEL_PINS_UPDATE": "guild_id channel_id last_pin_timestamp",
    "VOICE_CHANNEL_STATUS_UPDATE": "id guild_id status",
    "VOICE_CHANNEL_START_TIME_UPDATE": "id guild_id voice_start_time",
    "THREAD_CREATE": THREAD,
    "THREAD_UPDATE": THREAD,
    "THREAD_DELETE": "id guild_id parent_id type",
    "THREAD_LIST_SYNC": "guild_id threads members",
    "THREAD_MEMBER_UPDATE": "id guild_id user_id join_timestamp flags",
    "THREAD_MEMBERS_UPDATE": "id guild_id member_count",
    "STAGE_INSTANCE_CREATE": STAGE,
    "STAGE_INSTANCE_UPDATE": STAGE,
    "STAGE_INSTANCE_DELETE": STAGE,
    "VOICE_STATE_UPDATE": "guild_id channel_id user_id member session_id deaf mute self_deaf self_mute self_video "
    "suppress request_to_speak_timestamp",
    "VOICE_SERVER_UPDATE": "token guild_id endpoint",
    "VOICE_CHANNEL_EFFECT_SEND": "channel_id guild_id user_id",
    "MESSAGE_CREATE": MESSAGE,
    "MESSAGE_UPDATE": MESSAGE,
    "MESSAGE_DELETE": "id channel_id",
    "MESSAGE_DELETE_BULK": "ids channel_id guild_id",
    "MESSAGE_REACTION_ADD": f"{REACTION} member message_author_id",
    "MESSAGE_REACTION_REMOVE": REACTION,
    "MESSAGE_REACTION_REMOVE_ALL": "channel_id message_id guild_id",
    "MESSAGE_REACTION_REMOVE_EMOJI": "channel_id guild_id message_id emoji",
    "MESSAGE_POLL_VOTE_ADD": "user_id channel_id message_id guild_id answer_id",
    "MESSAGE_POLL_VOTE_REMOVE": "user_id channel_id message_id guild_id answer_id",
    "TYPING_START": "channel_id guild_id user_id timestamp member",
    "PRESENCE_UPDATE": "user guild_id status activities client_status",
    "INTERACTION_CREATE": "id application_id type data guild guild_id channel channel_id member token version "
    "app_permissions locale entitlements authorizing_integration_owners context attachment_size_limit",
    "ENTITLEMENT_CREATE": ENTITLEMENT,
    "ENTITLEMENT_UPDATE": ENTITLEMENT,
    "ENTITLEMENT_DELETE": ENTITLEMENT,
    "SUBSCRIPTION_CREATE": SUBSCRIPTION,
    "SUBSCRIPTION_UPDATE": SUBSCRIPTION,
    "SUBSCRIPTION_DELETE": SUBSCRIPTION,
}


def uri(kind, data):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + (320).to_bytes(4, "big") * 2 + b"IDAT" + bytes(16)
MP3 = uri("audio/mpeg", (b"\xff\xfb\x90\x00" + bytes(413)) * 10)
ADMINISTRATOR, VIEW_CHANNEL = 1 << 3, 1 << 10


class Wire:
    """A gateway session with nothing in between; `frames` are the events it was told."""

    name = "wire"

    def __init__(self, http, token):
        self.http, self.token, self.frames = http, token, []

    async def start(self):
        await self._open(2, {"token": self.token, "intents": ALL_INTENTS, "properties": {}})

    async def resume(self):
        await self.close()
        last = {"session_id": self.frames[0]["d"]["session_id"], "seq": self.frames[-1]["s"]}
        await self._open(6, {"token": self.token, **last})

    async def _open(self, op, data):
        self.socket = await self.http.ws_connect("wss://gateway.discord.gg/?v=10&encoding=json", max_msg_size=0)
        await self.tell_the_gateway(op, data)
        self._reading, self._beating = asyncio.create_task(self._read()), asyncio.create_task(self._beat())

    async def _beat(self):
        while True:
            await asyncio.sleep(40)
            await self.tell_the_gateway(1, None)

    async def _read(self):
        async for message in self.socket:
            frame = msgspec.json.decode(message.data)
            if frame["op"] == 0:
                self.frames.append(frame)

    async def tell_the_gateway(self, op, data):
        await self.socket.send_str(msgspec.json.encode({"op": op, "d": data}).decode())

    async def close(self):
        self._beating.cancel()
        await self.socket.close(code=4000)
        await self._reading

    @property
    def heard(self):
        return [frame["t"] for frame in self.frames]


class Life:
    """Everything that can happen in a guild, in scenes."""

    def __init__(self, fake):
        self.fake, self.guild, self.me = fake, fake.world.guild_at(0), fake.world.bot_id
        self.owner = self.guild.owner_id
        self.ann, self.bob, self.carl = [u for u in fake.world.member_ids(self.guild) if u != self.owner][:3]
        self.channel = next(iter(self.guild.channels))
        self.voice_channel = self.new_channel(2)

    def do(self, operation, data=None, *, by=None, **params):
        """A REST call by the owner, or by somebody else, which must succeed."""
        answer = self.fake.act(by or self.owner, operation, data, **params)
        assert answer.status < 300, (operation, answer.status, answer.body)
        return answer.body

    def in_guild(self, operation, data=None, **params):
        return self.do(operation, data, guild_id=self.guild.id, **params)

    def new_channel(self, kind):
        return int(self.in_guild("create_guild_channel", {"name": "place", "type": kind})["id"])

    def scenes(self):
        return [
            self.people, self.roles_and_settings, self.voice, self.expressions, self.channels, self.threads,
            self.messages, self.polls, self.moderation, self.scheduled_events, self.integrations, self.interactions,
            self.money,
        ]  # fmt: skip

    def people(self):
        fake, guild = self.fake, self.guild
        fake.presence(self.ann, "online", [{"name": "chess", "type": 0}])
        fake.member_left(guild.id, self.carl)
        fake.member_joined(guild.id, self.carl)
        self.in_guild("update_guild_member", {"nick": "Annie"}, user_id=self.ann)
        self.in_guild("ban_user_from_guild", {}, user_id=self.carl)
        self.in_guild("unban_user_from_guild", user_id=self.carl)
        self.do("update_my_user", {"username": "renamed"}, by=self.me)

    def roles_and_settings(self):
        role = int(self.in_guild("create_guild_role", {"name": "guests"})["id"])
        self.in_guild("update_guild_role", {"name": "visitors"}, role_id=role)
        self.in_guild("delete_guild_role", role_id=role)
        self.in_guild("update_guild", {"name": "Renamed"})
        self.fake.guild_outage(0)
        self.fake.guild_recovered(0)

    def expressions(self):
        emoji = self.in_guild("create_guild_emoji", {"name": "wave", "image": uri("image/png", PNG)})
        self.in_guild("delete_guild_emoji", emoji_id=emoji["id"])
        sound = self.in_guild("create_guild_soundboard_sound", {"name": "honk", "sound": MP3})["sound_id"]
        self.in_guild("update_guild_soundboard_sound", {"name": "honks"}, sound_id=sound)
        self.do("send_soundboard_sound", {"sound_id": sound}, by=self.ann, channel_id=self.voice_channel)
        self.in_guild("delete_guild_soundboard_sound", sound_id=sound)
        self.fake.boosted(self.guild.id, 1)
        for number in range(9):  # one more than a guild without boosts may have
            self.in_guild("create_guild_soundboard_sound", {"name": f"honk {number}", "sound": MP3})
        self.fake.boosted(self.guild.id, 0)

    def voice(self):
        self.fake.voice(self.ann, self.guild.id, self.voice_channel)
        self.do("update_voice_channel_status", {"status": "talking"}, channel_id=self.voice_channel)
        stage = self.new_channel(13)
        self.do("create_stage_instance", {"channel_id": str(stage), "topic": "chess"})
        self.do("update_stage_instance", {"topic": "go"}, channel_id=stage)
        self.do("delete_stage_instance", channel_id=stage)

    def channels(self):
        place = self.new_channel(0)
        self.do("update_channel", {"topic": "cats"}, channel_id=place)
        self.do("delete_channel", channel_id=place)
        hook = self.do("create_webhook", {"name": "hook"}, channel_id=self.channel)
        self.do("delete_webhook", webhook_id=hook["id"])
        invite = self.do("create_channel_invite", {}, channel_id=self.channel)
        self.do("invite_revoke", code=invite["code"])

    def threads(self):
        place = self.new_channel(0)
        thread = int(self.do("create_thread", {"name": "thread", "type": 11}, channel_id=place)["id"])
        self.do("add_thread_member", channel_id=thread, user_id=self.me)
        self.do("update_channel", {"archived": True}, channel_id=thread)
        self.do("create_message", {"content": "awake"}, by=self.ann, channel_id=thread)
        role = self.guild.bots[self.me]
        held = int(self.guild.roles[role]["permissions"])
        self.in_guild("update_guild_role", {"permissions": str(held & ~ADMINISTRATOR)}, role_id=role)
        denied = {"type": 1, "deny": str(VIEW_CHANNEL)}
        self.do("set_channel_permission_overwrite", denied, channel_id=place, overwrite_id=self.me)
        self.do("delete_channel_permission_overwrite", channel_id=place, overwrite_id=self.me)
        self.in_guild("update_guild_role", {"permissions": str(held)}, role_id=role)
        self.do("delete_channel", channel_id=thread)

    def say(self, by, **body):
        return int(self.do("create_message", body, by=by, channel_id=self.channel)["id"])

    def messages(self):
        self.do("trigger_typing_indicator", by=self.ann, channel_id=self.channel)
        message = {"channel_id": self.channel, "message_id": self.say(self.ann, content="helo")}
        self.do("update_message", {"content": "hello"}, by=self.ann, **message)
        self.do("create_pin", **message)
        for emoji in ("👍", "👎"):
            self.do("add_my_message_reaction", emoji_name=emoji, by=self.ann, **message)
            self.do("add_my_message_reaction", emoji_name=emoji, **message)
        self.do("delete_my_message_reaction", emoji_name="👍", **message)
        self.do("delete_all_message_reactions_by_emoji", emoji_name="👍", **message)
        self.do("delete_all_message_reactions", **message)
        self.do("delete_message", **message)
        several = [str(self.say(self.ann, content=f"spam {n}")) for n in range(3)]
        self.do("bulk_delete_messages", {"messages": several}, channel_id=self.channel)

    def polls(self):
        answers = [{"poll_media": {"text": text}} for text in ("yes", "no")]
        message = self.say(self.ann, poll={"question": {"text": "Well?"}, "answers": answers})
        for wanted in (True, False):
            self.fake.vote(self.bob, self.channel, message, 1, wanted=wanted)

    def moderation(self):
        alert = {"type": 2, "metadata": {"channel_id": str(self.channel)}}
        rule = {
            "name": "cats only", "event_type": 1, "trigger_type": 1, "trigger_metadata": {"keyword_filter": ["dog"]},
            "actions": [alert], "enabled": True,
        }  # fmt: skip
        made = self.in_guild("create_auto_moderation_rule", rule)["id"]
        self.say(self.ann, content="a dog")
        self.in_guild("update_auto_moderation_rule", {"name": "no dogs"}, rule_id=made)
        self.in_guild("delete_auto_moderation_rule", rule_id=made)

    def scheduled_events(self):
        begin, end = "2100-01-01T00:00:00+00:00", "2100-01-02T00:00:00+00:00"
        event = {
            "name": "party", "privacy_level": 2, "entity_type": 3, "entity_metadata": {"location": "here"},
            "scheduled_start_time": begin, "scheduled_end_time": end,
        }  # fmt: skip
        made = int(self.in_guild("create_guild_scheduled_event", event)["id"])
        for wanted in (True, False):
            self.fake.interested(self.guild.id, made, self.ann, wanted=wanted)
        self.in_guild("update_guild_scheduled_event", {"name": "feast"}, guild_scheduled_event_id=made)
        self.in_guild("delete_guild_scheduled_event", guild_scheduled_event_id=made)

    def integrations(self):
        made = self.fake.integration(self.guild.id, "twitch", "chess_channel")
        self.fake.integration_changed(self.guild.id, made, enabled=False)
        self.in_guild("delete_guild_integration", integration_id=made)

    def interactions(self):
        fake, app = self.fake, {"application_id": self.me}
        option = {"type": 3, "name": "what", "description": "What", "autocomplete": True}
        command = {"name": "ask", "description": "Ask", "options": [option]}
        made = self.do("create_application_command", command, by=self.me, **app)["id"]
        permissions = [{"id": str(self.ann), "type": 2, "permission": False}]
        self.in_guild("set_guild_application_command_permissions", {"permissions": permissions}, command_id=made, **app)

        def answer(interaction, kind, **data):
            names = {"interaction_id": interaction.id, "interaction_token": interaction.token}
            self.do("create_interaction_response", {"type": kind, "data": data}, by=self.me, **names)

        fake.command(self.bob, self.channel, "ask", {"what": "t"}, focused="what")
        asked = fake.command(self.bob, self.channel, "ask", {"what": "the time"})
        button = {"type": 2, "style": 1, "label": "Press", "custom_id": "press"}
        answer(asked, 4, content="panel", components=[{"type": 1, "components": [button]}])
        pressed = fake.component(self.bob, self.channel, asked.original_id, "press")
        text = {"type": 18, "label": "Say", "component": {"type": 4, "style": 1, "custom_id": "said"}}
        answer(pressed, 9, title="Form", custom_id="form", components=[text])
        fake.modal(self.bob, pressed.id, {"said": "yes"})

    def money(self):
        fake, app = self.fake, {"application_id": self.me}
        sku = fake.sku(self.me, "Gold")
        test = {"sku_id": str(sku), "owner_id": str(self.ann), "owner_type": 2}
        made = self.do("create_entitlement", test, by=self.me, **app)["id"]
        self.do("delete_entitlement", by=self.me, entitlement_id=made, **app)
        subscription = fake.subscription(self.ann, sku)
        fake.subscription_changed(subscription, 1)
        fake.subscription_changed(subscription, None)


async def ask(bot, guild):
    """All that a session can ask for; of two full lists of members in half a minute one is too many."""
    for _ in range(2):
        await bot.tell_the_gateway(8, {"guild_id": str(guild.id), "query": "", "limit": 0})
    await bot.tell_the_gateway(31, {"guild_ids": [str(guild.id)]})
    await bot.tell_the_gateway(43, {"guild_id": str(guild.id), "fields": ["status", "voice_start_time"]})


async def live(fake, libraries, patch):
    """Everything happens while everybody is connected; returns the bots as they are at the end."""
    token = fake.settings.token
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {token}"}) as http:
        wire = Wire(http, token)
        bots = [wire, *(library(token, None, patch) for library in libraries)]
        for bot in bots:
            await bot.start()
            await asyncio.sleep(6)  # one identify in five seconds
        life = Life(fake)
        await wire.tell_the_gateway(4, {"guild_id": str(life.guild.id), "channel_id": str(life.voice_channel)})
        for scene in life.scenes():
            scene()
            await asyncio.sleep(1)
        form = aiohttp.FormData({"name": "wave", "tags": "wave", "description": "It waves"})
        form.add_field("file", PNG, filename="wave.png", content_type="image/png")
        async with http.post(f"https://discord.com/api/v10/guilds/{life.guild.id}/stickers", data=form) as answer:
            assert answer.status == 201
        for bot in bots:
            await asyncio.sleep(31)
            await ask(bot, life.guild)
        await asyncio.sleep(1)
        fake.gateway.reconnect()
        await wire.resume()
        await asyncio.sleep(10)
        for bot in bots:
            await bot.close()
    return bots


class Stumbles(logging.Handler):
    """What went wrong while nobody looked: errors that were logged, exceptions that reached the event loop."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.seen = []

    def emit(self, record):
        self.seen.append(record.getMessage())

    def in_the_loop(self, loop, context):
        self.seen.append(repr(context.get("exception", context["message"])))


@pytest.fixture(scope="module")
def lived(libraries):
    """The bots after a full life, and what they stumbled over."""
    stumbles = Stumbles()
    logging.getLogger().addHandler(stumbles)
    with Simulation(1) as sim, pytest.MonkeyPatch.context() as patch:
        sim.network.default_link = Link(30, 10)
        sim.loop.set_exception_handler(stumbles.in_the_loop)

        async def main():
            fake = await start_discord(sim, World(1, guilds=2, members=(30, 60)))
            try:
                return await sim.spawn("bot", lambda: live(fake, libraries, patch))
            finally:
                await fake.stop()

        bots = sim.run(main())
    logging.getLogger().removeHandler(stumbles)
    return bots, stumbles.seen


def test_every_documented_event_happens_and_every_library_is_told(lived):
    bots, _ = lived
    assert [bot.name for bot in bots if set(bot.heard) != set(DOCUMENTED)] == []


def test_no_event_lacks_a_field_that_it_always_has(lived):
    (wire, *_), _ = lived
    lacking = {(f["t"], field) for f in wire.frames for field in DOCUMENTED[f["t"]].split() if field not in f["d"]}
    assert lacking == set()


def test_no_library_stumbles_over_any(lived):
    _, stumbles = lived
    assert stumbles == []
