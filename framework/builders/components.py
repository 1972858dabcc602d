"""Components that are long to write, and messages and modals made of components."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from framework.builders.checks import check_components, check_modal
from framework.models import UNSET, Maybe
from framework.models.component import (
    ActionRow,
    Button,
    ButtonStyle,
    Component,
    Label,
    MediaGallery,
    MediaGalleryItem,
    SelectOption,
    StringSelect,
    TextDisplay,
    TextInput,
    TextInputStyle,
    UnfurledMediaItem,
)
from framework.models.emoji import PartialEmoji
from framework.models.message import MessageFlags

__all__ = ["Form", "Layout", "button", "form", "gallery", "layout", "link", "rows", "select", "text", "text_input"]


class Layout(TypedDict):
    """What a message made of components has: it can have neither text, embeds nor polls besides."""

    components: Sequence[Component]
    flags: int


class Form(TypedDict):
    """What a modal has."""

    custom_id: str
    title: str
    components: Sequence[Component]


# -- whole messages and modals -------------------------------------------------------------------------------


def layout(*components: Component, flags: int = 0) -> Layout:
    """A message made of components (version 2), for whatever sends or edits one: `respond(**layout(text("Hello")))`.

    Raises:
        InvalidUse: a limit is broken (40 components, 4000 characters…); the message names the place.
    """
    check_components(components, v2=True)
    return {"components": list(components), "flags": flags | MessageFlags.IS_COMPONENTS_V2}


def rows(*rows: Iterable[Component]) -> list[Component]:
    """Up to five rows of up to five buttons, or one menu, under a message's text. Raises as `layout`."""
    made: list[Component] = [ActionRow(components=list(row)) for row in rows]
    check_components(made, v2=False)
    return made


def form(custom_id: str, title: str, *components: Component) -> Form:
    """A modal of up to five labels or texts: `Response.modal(**form("about", "About you", …))`. Raises as `layout`."""
    check_modal(custom_id, title, components)
    return {"custom_id": custom_id, "title": title, "components": list(components)}


# -- parts ---------------------------------------------------------------------------------------------------


def button(
    label: str,
    custom_id: str,
    style: ButtonStyle = ButtonStyle.SECONDARY,
    *,
    emoji: Maybe[PartialEmoji] = UNSET,
    disabled: bool = False,
) -> Button:
    """A button that sends an interaction."""
    return Button(style=style, label=label or UNSET, custom_id=custom_id, emoji=emoji, disabled=disabled or UNSET)


def link(label: str, url: str) -> Button:
    """A button that opens a page."""
    return Button(style=ButtonStyle.LINK, label=label, url=url)


def select(
    custom_id: str,
    options: Iterable[str | tuple[str, str] | SelectOption],
    *,
    placeholder: Maybe[str] = UNSET,
    min_values: Maybe[int] = UNSET,
    max_values: Maybe[int] = UNSET,
) -> StringSelect:
    """A menu of up to 25 options, each a text, or `(label, value)`."""
    made = [_option(option) for option in options]
    return StringSelect(
        custom_id=custom_id, options=made, placeholder=placeholder, min_values=min_values, max_values=max_values
    )


def _option(given: str | tuple[str, str] | SelectOption) -> SelectOption:
    if isinstance(given, SelectOption):
        return given
    label, value = (given, given) if isinstance(given, str) else given
    return SelectOption(label=label, value=value)


def text(content: str) -> TextDisplay:
    """A text in Markdown, in a layout or a modal."""
    return TextDisplay(content=content)


def gallery(*urls: str) -> MediaGallery:
    """One to ten pictures or videos by their links, or `attachment://its-name.png`."""
    return MediaGallery(items=[MediaGalleryItem(media=UnfurledMediaItem(url=url)) for url in urls])


def text_input(
    custom_id: str,
    label: str,
    *,
    style: TextInputStyle = TextInputStyle.SHORT,
    description: Maybe[str] = UNSET,
    required: bool = True,
    min_length: Maybe[int] = UNSET,
    max_length: Maybe[int] = UNSET,
    placeholder: Maybe[str] = UNSET,
    value: Maybe[str] = UNSET,
) -> Label:
    """A text to fill in, in a modal, under its label."""
    field = TextInput(
        custom_id=custom_id, style=style, required=required, min_length=min_length, max_length=max_length,
        placeholder=placeholder, value=value,
    )  # fmt: skip
    return Label(label=label, description=description, component=field)
