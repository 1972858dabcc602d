"""Every call of Discord's REST API as a typed method, one file per resource of its documentation."""

from framework.rest.api.applications import ApplicationsApi
from framework.rest.api.audit_logs import AuditLogsApi
from framework.rest.api.auto_moderation import AutoModerationApi
from framework.rest.api.bans import BansApi
from framework.rest.api.channels import ChannelsApi
from framework.rest.api.commands import ApplicationCommandsApi
from framework.rest.api.followups import FollowupsApi
from framework.rest.api.gateway import GatewayApi
from framework.rest.api.guild_channels import GuildChannelsApi
from framework.rest.api.guild_emojis import GuildEmojisApi
from framework.rest.api.guilds import GuildsApi
from framework.rest.api.interactions import InteractionsApi
from framework.rest.api.invites import InvitesApi
from framework.rest.api.join_requests import JoinRequestsApi
from framework.rest.api.lobbies import LobbiesApi
from framework.rest.api.members import MembersApi
from framework.rest.api.messages import MessagesApi
from framework.rest.api.monetization import MonetizationApi
from framework.rest.api.newcomers import NewcomersApi
from framework.rest.api.oauth2 import OAuth2Api
from framework.rest.api.pins import PinsApi
from framework.rest.api.polls import PollsApi
from framework.rest.api.reactions import ReactionsApi
from framework.rest.api.roles import RolesApi
from framework.rest.api.scheduled_events import ScheduledEventsApi
from framework.rest.api.search import SearchApi
from framework.rest.api.soundboard import SoundboardApi
from framework.rest.api.stages import StagesApi
from framework.rest.api.stickers import StickersApi
from framework.rest.api.templates import TemplatesApi
from framework.rest.api.threads import ThreadsApi
from framework.rest.api.users import UsersApi
from framework.rest.api.voice import VoiceApi
from framework.rest.api.webhooks import WebhooksApi
from framework.rest.api.widgets import WidgetsApi

__all__ = ["Endpoints"]


class Endpoints(
    ApplicationCommandsApi,
    ApplicationsApi,
    AuditLogsApi,
    AutoModerationApi,
    BansApi,
    ChannelsApi,
    FollowupsApi,
    GatewayApi,
    GuildChannelsApi,
    GuildEmojisApi,
    GuildsApi,
    InteractionsApi,
    InvitesApi,
    JoinRequestsApi,
    LobbiesApi,
    MembersApi,
    MessagesApi,
    MonetizationApi,
    NewcomersApi,
    OAuth2Api,
    PinsApi,
    PollsApi,
    ReactionsApi,
    RolesApi,
    ScheduledEventsApi,
    SearchApi,
    SoundboardApi,
    StagesApi,
    StickersApi,
    TemplatesApi,
    ThreadsApi,
    UsersApi,
    VoiceApi,
    WebhooksApi,
    WidgetsApi,
):
    """Everything a bot can ask for."""
