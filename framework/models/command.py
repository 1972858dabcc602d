"""Commands of applications, their options, and who may use them in a guild ("Application Commands")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Required, TypedDict

from framework.models._base import UNSET, Bits, Maybe, Model, Snowflake

__all__ = [
    "ApplicationCommand",
    "ApplicationCommandFields",
    "ApplicationCommandOption",
    "ApplicationCommandOptionChoice",
    "ApplicationCommandOptionType",
    "ApplicationCommandPermission",
    "ApplicationCommandPermissionType",
    "ApplicationCommandType",
    "EntryPointCommandHandler",
    "GuildApplicationCommandPermissions",
    "NewApplicationCommand",
]


class ApplicationCommandType(IntEnum):
    """How a command is used."""

    CHAT_INPUT = 1  # with a slash
    USER = 2
    MESSAGE = 3
    PRIMARY_ENTRY_POINT = 4  # opens the application's activity


class ApplicationCommandOptionType(IntEnum):
    """What an option takes. The first two hold further options."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9  # a user or a role
    NUMBER = 10
    ATTACHMENT = 11


class ApplicationCommandPermissionType(IntEnum):
    """For whom or where a command is allowed or not."""

    ROLE = 1
    USER = 2
    CHANNEL = 3


class EntryPointCommandHandler(IntEnum):
    """Who answers when the entry point is used."""

    APP_HANDLER = 1
    DISCORD_LAUNCH_ACTIVITY = 2


class ApplicationCommandOptionChoice(Model, kw_only=True):
    """One of the only values an option takes."""

    name: str
    name_localizations: Maybe[dict[str, str] | None] = UNSET
    name_localized: Maybe[str] = UNSET
    value: str | int | float  # as the option's type is


class ApplicationCommandOption(Model, kw_only=True):
    """A parameter of a command, or a sub-command with parameters of its own. Required ones come first."""

    type: int  # ApplicationCommandOptionType
    name: str
    name_localizations: Maybe[dict[str, str] | None] = UNSET
    name_localized: Maybe[str] = UNSET
    description: str
    description_localizations: Maybe[dict[str, str] | None] = UNSET
    description_localized: Maybe[str] = UNSET
    required: Maybe[bool] = UNSET
    choices: Maybe[list[ApplicationCommandOptionChoice]] = UNSET  # up to 25; not with `autocomplete`
    options: Maybe[list[ApplicationCommandOption]] = UNSET  # up to 25, of a sub-command or a group
    channel_types: Maybe[list[int]] = UNSET  # ChannelType
    min_value: Maybe[int | float] = UNSET
    max_value: Maybe[int | float] = UNSET
    min_length: Maybe[int] = UNSET
    max_length: Maybe[int] = UNSET
    autocomplete: Maybe[bool] = UNSET
    file_types: Maybe[list[str]] = UNSET  # of an attachment: image, video, audio, or endings like .pdf


class ApplicationCommand(Model, kw_only=True):
    """A command. The `_localizations` are told when asked for, else what is `_localized` for the asker."""

    id: Snowflake
    application_id: Snowflake
    version: Snowflake  # another one after each change
    type: Maybe[int] = UNSET  # ApplicationCommandType; CHAT_INPUT where it is missing
    guild_id: Maybe[Snowflake] = UNSET  # of the only guild it is for
    name: str
    name_localizations: Maybe[dict[str, str] | None] = UNSET
    name_localized: Maybe[str] = UNSET
    description: str  # empty except for CHAT_INPUT
    description_localizations: Maybe[dict[str, str] | None] = UNSET
    description_localized: Maybe[str] = UNSET
    options: Maybe[list[ApplicationCommandOption]] = UNSET
    default_member_permissions: Bits | None  # Permissions; 0 leaves it to administrators
    dm_permission: Maybe[bool] = UNSET  # old form of `contexts`
    default_permission: Maybe[bool | None] = UNSET  # old form of `default_member_permissions`
    nsfw: Maybe[bool] = UNSET
    integration_types: Maybe[list[int]] = UNSET  # ApplicationIntegrationType
    contexts: Maybe[list[int] | None] = UNSET  # InteractionContextType
    handler: Maybe[int] = UNSET  # EntryPointCommandHandler


class ApplicationCommandFields(TypedDict, total=False):
    """What can be said of a command whenever it is made or changed."""

    name_localizations: Maybe[Mapping[str, str] | None]
    description: Maybe[str | None]
    description_localizations: Maybe[Mapping[str, str] | None]
    options: Maybe[Sequence[ApplicationCommandOption] | None]
    default_member_permissions: Maybe[int | None]
    dm_permission: Maybe[bool | None]
    nsfw: Maybe[bool | None]
    integration_types: Maybe[Sequence[int] | None]
    contexts: Maybe[Sequence[int] | None]
    handler: Maybe[int | None]


class NewApplicationCommand(ApplicationCommandFields, total=False):
    """One of many commands that are set together; with an `id`, the command that is to be changed."""

    id: int
    name: Required[str]
    type: int


class ApplicationCommandPermission(Model, kw_only=True):
    """For a role, user or channel a command is allowed or not.

    The id of @everyone is the guild's; the guild's less one stands for all channels.
    """

    id: Snowflake
    type: int  # ApplicationCommandPermissionType
    permission: bool


class GuildApplicationCommandPermissions(Model, kw_only=True):
    """Who may use a command in a guild; with the application's id in place of a command's, all its other commands."""

    id: Snowflake
    application_id: Snowflake
    guild_id: Snowflake
    permissions: list[ApplicationCommandPermission]
