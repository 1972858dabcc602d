"""The methods for guilds and what is in them are all that Discord has of the kind."""

import re

from discord_sim.spec import OPERATIONS
from framework.rest.api.audit_logs import AuditLogsApi
from framework.rest.api.auto_moderation import AutoModerationApi
from framework.rest.api.bans import BansApi
from framework.rest.api.guild_channels import GuildChannelsApi
from framework.rest.api.guild_emojis import GuildEmojisApi
from framework.rest.api.guilds import GuildsApi
from framework.rest.api.join_requests import JoinRequestsApi
from framework.rest.api.members import MembersApi
from framework.rest.api.newcomers import NewcomersApi
from framework.rest.api.roles import RolesApi
from framework.rest.api.scheduled_events import ScheduledEventsApi
from framework.rest.api.soundboard import SoundboardApi
from framework.rest.api.stages import StagesApi
from framework.rest.api.stickers import StickersApi
from framework.rest.api.templates import TemplatesApi
from framework.rest.api.voice import VoiceApi
from framework.rest.api.widgets import WidgetsApi

MIXINS = (
    AuditLogsApi, AutoModerationApi, BansApi, GuildChannelsApi, GuildEmojisApi, GuildsApi, JoinRequestsApi, MembersApi,
    NewcomersApi, RolesApi, ScheduledEventsApi, SoundboardApi, StagesApi, StickersApi, TemplatesApi, VoiceApi,
    WidgetsApi,
)  # fmt: skip
OURS = ("/guilds/", "/soundboard-default-sounds", "/stage-instances", "/sticker", "/voice/")
ELSEWHERE = {"guild_search", "get_active_guild_threads"}  # messages, and threads


def test_every_operation_has_its_method_and_every_method_its_operation(routes_of):
    known = {
        (o.method, re.sub(r"\{.*?\}", "{}", o.template))
        for o in OPERATIONS.values()
        if o.template.startswith(OURS) and o.id not in ELSEWHERE
    }
    assert routes_of(*MIXINS) == known
