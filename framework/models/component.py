"""What users press, choose and fill in, and the layout of messages made of components ("Components").

One struct per type. In what a user has submitted, a component holds what was chosen (`value`, `values`) and little
else, so only what is there both ways is required.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.emoji import PartialEmoji

__all__ = [
    "ActionRow",
    "Button",
    "ButtonStyle",
    "ChannelSelect",
    "Checkbox",
    "CheckboxGroup",
    "CheckboxGroupOption",
    "Component",
    "ComponentType",
    "Container",
    "FileComponent",
    "FileUpload",
    "Label",
    "MediaGallery",
    "MediaGalleryItem",
    "MentionableSelect",
    "RadioGroup",
    "RadioGroupOption",
    "RoleSelect",
    "Section",
    "SelectDefaultValue",
    "SelectOption",
    "Separator",
    "SeparatorSpacing",
    "StringSelect",
    "TextDisplay",
    "TextInput",
    "TextInputStyle",
    "Thumbnail",
    "UnfurledMediaItem",
    "UnknownComponent",
    "UserSelect",
]


class ComponentType(IntEnum):
    """What a component is."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


class ButtonStyle(IntEnum):
    """How a button looks, and what it does: the first four send an interaction."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4
    LINK = 5
    PREMIUM = 6


class TextInputStyle(IntEnum):
    """One line or many."""

    SHORT = 1
    PARAGRAPH = 2


class SeparatorSpacing(IntEnum):
    """How much room there is."""

    SMALL = 1
    LARGE = 2


class Component:
    """Any component. Match on the class to know which: `case Button(custom_id=custom_id): …`."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, data: Any) -> Component:
        """The component that a decoded object is, with those in it; `UnknownComponent` for a type unknown here."""
        if not isinstance(data, dict):
            raise TypeError(f"a component is an object, not {type(data).__name__}")
        kind = _KINDS.get(data.get("type"))
        if kind is None:
            return UnknownComponent(data)
        return msgspec.convert(data, kind, strict=False, dec_hook=lambda _, inner: cls.from_wire(inner))


class UnknownComponent(dict[str, Any], Component):
    """A component of a type that came later than this version: its fields as they are on the wire."""

    __slots__ = ()


class _Struct(Model, Component, kw_only=True):
    id: Maybe[int] = UNSET  # a number within the message; Discord counts where it is left out


# -- what holds others ---------------------------------------------------------------------------------------


class ActionRow(_Struct, kw_only=True):
    """Up to five buttons, or one select menu."""

    type: int = ComponentType.ACTION_ROW
    components: list[Component]


class Section(_Struct, kw_only=True):
    """Up to three texts with a button or a thumbnail beside them."""

    type: int = ComponentType.SECTION
    components: list[Component]
    accessory: Maybe[Component] = UNSET


class Container(_Struct, kw_only=True):
    """A box around other components, with a bar of a color."""

    type: int = ComponentType.CONTAINER
    components: list[Component]
    accent_color: Maybe[int | None] = UNSET
    spoiler: Maybe[bool] = UNSET


class Label(_Struct, kw_only=True):
    """The heading of one component in a modal."""

    type: int = ComponentType.LABEL
    label: Maybe[str] = UNSET  # at most 45 characters
    description: Maybe[str | None] = UNSET  # at most 100 characters
    component: Component


# -- what is shown -------------------------------------------------------------------------------------------


class UnfurledMediaItem(Model, kw_only=True):
    """A picture, a video or a file. To send one, set `url`; a file of the message is `attachment://its-name.png`."""

    url: str
    id: Maybe[Snowflake] = UNSET
    proxy_url: Maybe[str] = UNSET
    height: Maybe[int | None] = UNSET
    width: Maybe[int | None] = UNSET
    content_type: Maybe[str | None] = UNSET
    attachment_id: Maybe[Snowflake] = UNSET


class TextDisplay(_Struct, kw_only=True):
    """Text in Markdown. All of a message have about 4000 characters at most."""

    type: int = ComponentType.TEXT_DISPLAY
    content: Maybe[str] = UNSET


class Thumbnail(_Struct, kw_only=True):
    """A small picture beside a section."""

    type: int = ComponentType.THUMBNAIL
    media: UnfurledMediaItem
    description: Maybe[str | None] = UNSET
    spoiler: Maybe[bool] = UNSET


class MediaGalleryItem(Model, kw_only=True):
    """One picture of a gallery."""

    media: UnfurledMediaItem
    description: Maybe[str | None] = UNSET
    spoiler: Maybe[bool] = UNSET


class MediaGallery(_Struct, kw_only=True):
    """One to ten pictures or videos."""

    type: int = ComponentType.MEDIA_GALLERY
    items: list[MediaGalleryItem]


class FileComponent(_Struct, kw_only=True):
    """A file of the message: `file` must be an `attachment://…`."""

    type: int = ComponentType.FILE
    file: UnfurledMediaItem
    spoiler: Maybe[bool] = UNSET
    name: Maybe[str | None] = UNSET
    size: Maybe[int | None] = UNSET


class Separator(_Struct, kw_only=True):
    """Room between two components, with a line or without."""

    type: int = ComponentType.SEPARATOR
    divider: Maybe[bool] = UNSET
    spacing: Maybe[int] = UNSET  # SeparatorSpacing


# -- what is pressed, chosen or filled in --------------------------------------------------------------------


class Button(_Struct, kw_only=True):
    """A button. A LINK needs `url`, a PREMIUM one `sku_id`, all others `custom_id` (at most 100 characters)."""

    type: int = ComponentType.BUTTON
    style: int  # ButtonStyle
    label: Maybe[str] = UNSET  # at most 80 characters
    emoji: Maybe[PartialEmoji] = UNSET
    custom_id: Maybe[str] = UNSET
    sku_id: Maybe[Snowflake] = UNSET
    url: Maybe[str | None] = UNSET
    disabled: Maybe[bool] = UNSET


class SelectOption(Model, kw_only=True):
    """A choice. Label, value and description have at most 100 characters each."""

    label: str
    value: str
    description: Maybe[str] = UNSET
    emoji: Maybe[PartialEmoji] = UNSET
    default: Maybe[bool] = UNSET


class SelectDefaultValue(Model, kw_only=True):
    """Who or what is chosen before anybody has chosen."""

    id: Snowflake
    type: str  # "user", "role" or "channel"


class _Select(_Struct, kw_only=True):
    custom_id: str
    placeholder: Maybe[str] = UNSET
    min_values: Maybe[int] = UNSET  # 0 to 25; 1 where it is left out
    max_values: Maybe[int] = UNSET  # 1 to 25; 1 where it is left out
    required: Maybe[bool] = UNSET  # in modals
    disabled: Maybe[bool] = UNSET  # in messages
    values: Maybe[list[str]] = UNSET  # what has been chosen: values, or ids as text


class StringSelect(_Select, kw_only=True):
    """A menu of up to 25 options."""

    type: int = ComponentType.STRING_SELECT
    options: Maybe[list[SelectOption]] = UNSET


class _EntitySelect(_Select, kw_only=True):
    default_values: Maybe[list[SelectDefaultValue]] = UNSET


class UserSelect(_EntitySelect, kw_only=True):
    """A menu of users."""

    type: int = ComponentType.USER_SELECT


class RoleSelect(_EntitySelect, kw_only=True):
    """A menu of roles."""

    type: int = ComponentType.ROLE_SELECT


class MentionableSelect(_EntitySelect, kw_only=True):
    """A menu of users and roles."""

    type: int = ComponentType.MENTIONABLE_SELECT


class ChannelSelect(_EntitySelect, kw_only=True):
    """A menu of channels."""

    type: int = ComponentType.CHANNEL_SELECT
    channel_types: Maybe[list[int]] = UNSET  # ChannelType


class TextInput(_Struct, kw_only=True):
    """A text to fill in, in a modal."""

    type: int = ComponentType.TEXT_INPUT
    custom_id: str
    style: Maybe[int] = UNSET  # TextInputStyle
    label: Maybe[str | None] = UNSET  # deprecated: wrap it in a Label
    min_length: Maybe[int | None] = UNSET  # 0 to 4000
    max_length: Maybe[int | None] = UNSET  # 1 to 4000
    required: Maybe[bool] = UNSET
    value: Maybe[str] = UNSET  # before anybody has typed; then what was typed
    placeholder: Maybe[str] = UNSET


class FileUpload(_Struct, kw_only=True):
    """Files to be chosen, in a modal."""

    type: int = ComponentType.FILE_UPLOAD
    custom_id: str
    min_values: Maybe[int] = UNSET  # 0 to 10
    max_values: Maybe[int] = UNSET  # 1 to 10
    required: Maybe[bool] = UNSET
    values: Maybe[list[Snowflake]] = UNSET  # the attachments; they are among what the interaction has resolved


class RadioGroupOption(Model, kw_only=True):
    """One of the choices of which one can be made."""

    value: str
    label: str
    description: Maybe[str] = UNSET
    default: Maybe[bool] = UNSET


class RadioGroup(_Struct, kw_only=True):
    """One of two to ten options, in a modal."""

    type: int = ComponentType.RADIO_GROUP
    custom_id: str
    options: Maybe[list[RadioGroupOption]] = UNSET
    required: Maybe[bool] = UNSET
    value: Maybe[str | None] = UNSET  # what was chosen


class CheckboxGroupOption(RadioGroupOption, kw_only=True):
    """One of the choices of which several can be made."""


class CheckboxGroup(_Struct, kw_only=True):
    """Some of up to ten options, in a modal."""

    type: int = ComponentType.CHECKBOX_GROUP
    custom_id: str
    options: Maybe[list[CheckboxGroupOption]] = UNSET
    min_values: Maybe[int] = UNSET
    max_values: Maybe[int] = UNSET
    required: Maybe[bool] = UNSET
    values: Maybe[list[str]] = UNSET  # what was chosen


class Checkbox(_Struct, kw_only=True):
    """Yes or no, in a modal."""

    type: int = ComponentType.CHECKBOX
    custom_id: str
    default: Maybe[bool] = UNSET
    value: Maybe[bool] = UNSET  # whether it was checked


_KINDS: dict[Any, type[Component]] = {
    ComponentType.ACTION_ROW: ActionRow,
    ComponentType.BUTTON: Button,
    ComponentType.STRING_SELECT: StringSelect,
    ComponentType.TEXT_INPUT: TextInput,
    ComponentType.USER_SELECT: UserSelect,
    ComponentType.ROLE_SELECT: RoleSelect,
    ComponentType.MENTIONABLE_SELECT: MentionableSelect,
    ComponentType.CHANNEL_SELECT: ChannelSelect,
    ComponentType.SECTION: Section,
    ComponentType.TEXT_DISPLAY: TextDisplay,
    ComponentType.THUMBNAIL: Thumbnail,
    ComponentType.MEDIA_GALLERY: MediaGallery,
    ComponentType.FILE: FileComponent,
    ComponentType.SEPARATOR: Separator,
    ComponentType.CONTAINER: Container,
    ComponentType.LABEL: Label,
    ComponentType.FILE_UPLOAD: FileUpload,
    ComponentType.RADIO_GROUP: RadioGroup,
    ComponentType.CHECKBOX_GROUP: CheckboxGroup,
    ComponentType.CHECKBOX: Checkbox,
}
