"""Interactions: somebody used a command, a component or a modal, and waits ("Receiving and Responding")."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec

from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake
from framework.models.channel import Channel
from framework.models.component import Component
from framework.models.entitlement import Entitlement
from framework.models.guild import Guild
from framework.models.member import Member
from framework.models.message import Message, ResolvedData
from framework.models.user import User

__all__ = [
    "ApplicationCommandData",
    "ApplicationCommandDataOption",
    "Interaction",
    "InteractionCallback",
    "InteractionCallbackActivityInstance",
    "InteractionCallbackResource",
    "InteractionCallbackResponse",
    "InteractionCallbackType",
    "InteractionContextType",
    "InteractionData",
    "InteractionType",
    "MessageComponentData",
    "ModalSubmitData",
    "SkuIneligibilityReason",
    "UnknownInteractionData",
]


class InteractionType(IntEnum):
    """What somebody did."""

    PING = 1
    APPLICATION_COMMAND = 2
    MESSAGE_COMPONENT = 3
    APPLICATION_COMMAND_AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5
    SOCIAL_LAYER_SKU_PURCHASE_ELIGIBILITY = 6


class InteractionCallbackType(IntEnum):
    """What the first response is."""

    PONG = 1
    CHANNEL_MESSAGE_WITH_SOURCE = 4
    DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE = 5  # the message comes later; of its flags only EPHEMERAL counts
    DEFERRED_UPDATE_MESSAGE = 6  # the message of the component is edited later
    UPDATE_MESSAGE = 7
    APPLICATION_COMMAND_AUTOCOMPLETE_RESULT = 8
    MODAL = 9  # not after a modal
    LAUNCH_ACTIVITY = 12
    SOCIAL_LAYER_SKU_PURCHASE_ELIGIBILITY = 13


class InteractionContextType(IntEnum):
    """Where an interaction happens, or a command can be used."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2  # any other direct channel


class SkuIneligibilityReason(IntEnum):
    """Why a user may not buy something."""

    OTHER = 0
    OWNS_SKU_OR_BUNDLE_COMPONENT = 1
    PLATFORM_RESTRICTION = 2


class ApplicationCommandDataOption(Model, kw_only=True):
    """An option of a command with its value, or a sub-command with its options."""

    name: str
    type: int  # ApplicationCommandOptionType
    value: Maybe[str | int | float | bool] = UNSET  # users, roles, channels and attachments as the text of their id
    options: Maybe[list[ApplicationCommandDataOption]] = UNSET
    focused: Maybe[bool] = UNSET  # the one that suggestions are wanted for


class InteractionData:
    """What was used, and with which values. Match on the class: `case ApplicationCommandData(name="ban"): …`."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, data: dict[str, Any]) -> InteractionData:
        """What a decoded object is; `UnknownInteractionData` for a kind unknown here."""
        kind = next((kind for field, kind in _KINDS.items() if field in data), None)
        if kind is None:
            return UnknownInteractionData(data)
        made: InteractionData = msgspec.convert(data, kind, strict=False, dec_hook=lambda of, raw: of.from_wire(raw))
        return made


class UnknownInteractionData(dict[str, Any], InteractionData):
    """Data of a kind that came later than this version: its fields as they are on the wire."""

    __slots__ = ()


class ApplicationCommandData(Model, InteractionData, kw_only=True):
    """A command was used, or is being typed."""

    id: Snowflake
    name: str
    type: int  # ApplicationCommandType
    resolved: Maybe[ResolvedData] = UNSET
    options: Maybe[list[ApplicationCommandDataOption]] = UNSET  # while it is typed, those filled in so far
    guild_id: Maybe[Snowflake] = UNSET  # where the command is a guild's
    target_id: Maybe[Snowflake] = UNSET  # the user or message it was used on


class MessageComponentData(Model, InteractionData, kw_only=True):
    """A component of a message was used."""

    custom_id: str
    component_type: int  # ComponentType
    id: Maybe[int] = UNSET  # its number in the message
    values: Maybe[list[str]] = UNSET  # what was chosen in a select menu
    resolved: Maybe[ResolvedData] = UNSET


class ModalSubmitData(Model, InteractionData, kw_only=True):
    """A modal was filled in; the components hold what with."""

    custom_id: str
    components: list[Component]
    resolved: Maybe[ResolvedData] = UNSET


_KINDS: dict[str, type[InteractionData]] = {  # by a field that only this kind has
    "component_type": MessageComponentData,
    "components": ModalSubmitData,
    "name": ApplicationCommandData,
}


class Interaction(Model, kw_only=True):
    """Something to answer: within 3 seconds at first, within 15 minutes with more messages."""

    id: Snowflake
    application_id: Snowflake
    type: int  # InteractionType
    token: str
    version: int
    data: Maybe[InteractionData] = UNSET  # in all but PING
    guild: Maybe[Guild] = UNSET  # id, locale and features
    guild_id: Maybe[Snowflake] = UNSET
    channel: Maybe[Channel] = UNSET
    channel_id: Maybe[Snowflake] = UNSET
    member: Maybe[Member] = UNSET  # who did it in a guild, with their permissions in the channel
    user: Maybe[User] = UNSET  # who did it elsewhere
    message: Maybe[Message] = UNSET  # where the component is
    app_permissions: Bits  # Permissions of the application in the channel
    locale: Maybe[str] = UNSET
    guild_locale: Maybe[str] = UNSET
    entitlements: list[Entitlement]
    authorizing_integration_owners: dict[int, Snowflake]  # by ApplicationIntegrationType: the guild (0: none), the user
    context: Maybe[int] = UNSET  # InteractionContextType
    attachment_size_limit: int  # bytes


class InteractionCallback(Model, kw_only=True):
    """An interaction after its first response."""

    id: Snowflake
    type: int  # InteractionType
    activity_instance_id: Maybe[str | None] = UNSET
    response_message_id: Maybe[Snowflake] = UNSET
    response_message_loading: Maybe[bool] = UNSET
    response_message_ephemeral: Maybe[bool] = UNSET
    channel_id: Maybe[Snowflake] = UNSET
    guild_id: Maybe[Snowflake] = UNSET


class InteractionCallbackActivityInstance(Model, kw_only=True):
    """The activity that was launched."""

    id: str


class InteractionCallbackResource(Model, kw_only=True):
    """What a first response has made or changed."""

    type: int  # InteractionCallbackType
    activity_instance: Maybe[InteractionCallbackActivityInstance] = UNSET
    message: Maybe[Message] = UNSET


class InteractionCallbackResponse(Model, kw_only=True):
    """What Discord tells of a first response when asked to."""

    interaction: InteractionCallback
    resource: Maybe[InteractionCallbackResource] = UNSET
