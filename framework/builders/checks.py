"""What Discord demands of embeds, components and modals ("Message", "Components"); the numbers are those of its OpenAPI
document, and what the documentation says beyond it.

A check looks at what was given and says where it is wrong: `embeds[0].fields[3].name has 1 to 256 characters, not 300`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from framework.errors import InvalidUse
from framework.models import UNSET
from framework.models import component as c
from framework.models.embed import Embed

__all__ = ["check_components", "check_embeds", "check_modal"]

EMBEDS_MAX, EMBED_TEXT_MAX, FIELDS_MAX = 10, 6_000, 25
ROWS_MAX, TOTAL_MAX, ROW_WIDTH_MAX, DISPLAYED_MAX = 5, 40, 5, 4_000
MODAL_MAX, TITLE_MAX, CUSTOM_ID_MAX = 5, 45, 100
COLOR_MAX = 0xFFFFFF

# The length of each text, by class and field: least, most.
_TEXTS: dict[type, dict[str, tuple[int, int]]] = {
    Embed: {"title": (0, 256), "description": (0, 4_096), "url": (0, 2_048)},
    c.Button: {"custom_id": (1, CUSTOM_ID_MAX), "label": (0, 80), "url": (1, 512)},
    c.SelectOption: {"label": (1, 100), "value": (1, 100), "description": (0, 100)},
    c.RadioGroupOption: {"label": (1, 100), "value": (1, 100), "description": (0, 100)},
    c.CheckboxGroupOption: {"label": (1, 100), "value": (1, 100), "description": (0, 100)},
    c.TextDisplay: {"content": (1, DISPLAYED_MAX)},
    c.Thumbnail: {"description": (1, 1_024)},
    c.MediaGalleryItem: {"description": (1, 1_024)},
    c.UnfurledMediaItem: {"url": (1, 2_048)},
    c.Label: {"label": (1, 45), "description": (1, 100)},
    c.TextInput: {"label": (1, 45), "placeholder": (0, 100), "value": (0, 4_000)},
}
_OF_MENUS = {"placeholder": (0, 150)}
# How many there are inside, by class and field.
_COUNTS: dict[type, dict[str, tuple[int, int]]] = {
    c.ActionRow: {"components": (1, ROW_WIDTH_MAX)},
    c.Section: {"components": (1, 3)},
    c.Container: {"components": (1, TOTAL_MAX)},
    c.MediaGallery: {"items": (1, 10)},
    c.StringSelect: {"options": (1, 25)},
    c.RadioGroup: {"options": (2, 10)},
    c.CheckboxGroup: {"options": (1, 10)},
}
_NUMBERS: dict[type, dict[str, tuple[int, int]]] = {
    Embed: {"color": (0, COLOR_MAX)},
    c.Container: {"accent_color": (0, COLOR_MAX)},
    c.TextInput: {"min_length": (0, 4_000), "max_length": (1, 4_000)},
    c.FileUpload: {"min_values": (0, 10), "max_values": (1, 10)},
    c.CheckboxGroup: {"min_values": (0, 10), "max_values": (1, 10)},
}
_OF_CHOICES = {"min_values": (0, 25), "max_values": (1, 25)}
_MENUS = (c.StringSelect, c.UserSelect, c.RoleSelect, c.MentionableSelect, c.ChannelSelect)
_LAID_OUT = (c.ActionRow, c.Section, c.TextDisplay, c.MediaGallery, c.FileComponent, c.Separator)
_OPEN = (c.UnknownComponent,)  # what came later than this version is Discord's to judge
# What each may hold.
_INSIDE: dict[tuple[type, str], tuple[type, ...]] = {
    (c.ActionRow, "components"): (c.Button, *_MENUS),
    (c.Section, "components"): (c.TextDisplay,),
    (c.Section, "accessory"): (c.Button, c.Thumbnail),
    (c.Container, "components"): _LAID_OUT,
    (c.Label, "component"): (c.TextInput, *_MENUS, c.FileUpload, c.RadioGroup, c.CheckboxGroup, c.Checkbox),
}


def check_embeds(embeds: Sequence[Embed]) -> None:
    """The embeds of one message: up to 10, with 6000 characters in all. Raises InvalidUse that names the field."""
    _count("embeds", len(embeds), 0, EMBEDS_MAX)
    total = 0
    for number, embed in enumerate(embeds):
        where = f"embeds[{number}]"
        _judge(embed, where)
        texts = [embed.title, embed.description]
        if embed.author is not UNSET:
            texts.append(_length(f"{where}.author.name", embed.author.name, 1, 256))
        if embed.footer is not UNSET:
            texts.append(_length(f"{where}.footer.text", embed.footer.text, 1, 2_048))
        fields = [] if embed.fields is UNSET else embed.fields
        _count(f"{where}.fields", len(fields), 0, FIELDS_MAX)
        for index, field in enumerate(fields):
            texts.append(_length(f"{where}.fields[{index}].name", field.name, 1, 256))
            texts.append(_length(f"{where}.fields[{index}].value", field.value, 1, 1_024))
        if not any([*texts, embed.image, embed.thumbnail]):
            _refuse(where, "is empty: it needs a text or a picture")
        total += sum(len(text) for text in texts if text is not UNSET)
    if total > EMBED_TEXT_MAX:
        _refuse("embeds", f"have {EMBED_TEXT_MAX} characters at most in all, not {total}")


def check_components(components: Sequence[c.Component], *, v2: bool) -> None:
    """The components of one message: with `v2` a layout of up to 40, else up to five rows.

    Raises:
        InvalidUse: a limit is broken, or something is where it cannot be; the message names the place.
    """
    found = list(_walk(components, "components"))
    for where, component in zip(_places(components), components, strict=True):
        _allowed(where, component, (*_LAID_OUT, c.Container) if v2 else (c.ActionRow,))
    if not v2:
        _count("components", len(components), 0, ROWS_MAX)
    _judge_all(found)
    if len(found) > TOTAL_MAX:
        _refuse("components", f"are {TOTAL_MAX} at most, those inside others included, not {len(found)}")
    shown = [part.content for _, part in found if isinstance(part, c.TextDisplay)]
    if (length := sum(len(content) for content in shown if content is not UNSET)) > DISPLAYED_MAX:
        _refuse("components", f"show {DISPLAYED_MAX} characters of text at most in all, not {length}")


def check_modal(custom_id: str, title: str, components: Sequence[c.Component]) -> None:
    """A modal: a title of up to 45 characters, one to five labels or texts. Raises InvalidUse that names the place."""
    _length("custom_id", custom_id, 1, CUSTOM_ID_MAX)
    _length("title", title, 1, TITLE_MAX)
    _count("components", len(components), 1, MODAL_MAX)
    for where, component in zip(_places(components), components, strict=True):
        _allowed(where, component, (c.Label, c.TextDisplay))
    _judge_all(list(_walk(components, "components")))


# -- one component -------------------------------------------------------------------------------------------


def _judge_all(found: list[tuple[str, c.Component]]) -> None:
    taken: dict[tuple[str, Any], str] = {}
    for where, component in found:
        _judge(component, where)
        for field in ("custom_id", "id"):
            value = getattr(component, field, UNSET)
            if value is not UNSET and (first := taken.setdefault((field, value), where)) != where:
                _refuse(f"{where}.{field}", f"is {value!r}, as is that of {first}")


def _judge(part: Any, where: str) -> None:
    kind = type(part)
    texts = _TEXTS.get(kind, {}) | (_OF_MENUS if kind in _MENUS else {})
    if hasattr(part, "custom_id"):
        texts = texts | {"custom_id": (1, CUSTOM_ID_MAX)}
    numbers = _NUMBERS.get(kind, {}) | (_OF_CHOICES if kind in _MENUS else {})
    for field, (least, most) in texts.items():
        if (value := getattr(part, field)) is not UNSET and value is not None:
            _length(f"{where}.{field}", value, least, most)
    for field, (least, most) in numbers.items():
        value = getattr(part, field)
        if value is not UNSET and value is not None and not least <= value <= most:
            _refuse(f"{where}.{field}", f"is {least} to {most}, not {value}")
    for field, (least, most) in _COUNTS.get(kind, {}).items():
        inside = getattr(part, field)
        _count(f"{where}.{field}", 0 if inside is UNSET else len(inside), least, most)
    if kind in _RULES:
        _RULES[kind](part, where)
    for field in ("options", "items"):
        for number, item in enumerate(_listed(part, field)):
            _judge(item, f"{where}.{field}[{number}]")
    for field in ("media", "file"):
        if isinstance(inner := getattr(part, field, None), c.UnfurledMediaItem):
            _judge(inner, f"{where}.{field}")


def _judge_row(row: c.ActionRow, where: str) -> None:
    if len(row.components) > 1 and any(isinstance(inner, _MENUS) for inner in row.components):
        _refuse(where, "holds up to five buttons or one menu, not both")


def _judge_section(section: c.Section, where: str) -> None:
    if section.accessory is UNSET:
        _refuse(f"{where}.accessory", "is missing: a section has a button or a thumbnail; a TextDisplay needs neither")


def _judge_button(button: c.Button, where: str) -> None:
    if button.style not in list(c.ButtonStyle):
        _refuse(f"{where}.style", f"is a ButtonStyle, not {button.style}")
    needed = {c.ButtonStyle.LINK: "url", c.ButtonStyle.PREMIUM: "sku_id"}.get(c.ButtonStyle(button.style), "custom_id")
    for field in ("url", "sku_id", "custom_id"):
        is_there = getattr(button, field) not in (UNSET, None)
        if is_there != (field == needed):
            name = c.ButtonStyle(button.style).name
            _refuse(f"{where}.{field}", f"{'has no place in' if is_there else 'is missing in'} a {name} button")
    if button.style != c.ButtonStyle.PREMIUM and button.label is UNSET and button.emoji is UNSET:
        _refuse(f"{where}.label", "is missing: a button shows a label or an emoji")


def _judge_menu(menu: c.StringSelect, where: str) -> None:
    options = _listed(menu, "options")
    values = [option.value for option in options]
    for number, value in enumerate(values):
        if value in values[:number]:
            _refuse(f"{where}.options[{number}].value", f"is {value!r}, as is that of another option")
    low = 1 if menu.min_values is UNSET else menu.min_values
    high = 1 if menu.max_values is UNSET else menu.max_values
    for field, number in (("min_values", low), ("max_values", high)):
        if number > len(options):
            _refuse(f"{where}.{field}", f"is {number}, but there are {len(options)} options")
    if low > high:
        _refuse(f"{where}.min_values", f"is {low}, above max_values, which is {high}")
    if (chosen := sum(option.default is True for option in options)) > high:
        _refuse(f"{where}.options", f"has {chosen} defaults, but {high} can be chosen")


_RULES: dict[type, Any] = {
    c.ActionRow: _judge_row, c.Section: _judge_section, c.Button: _judge_button, c.StringSelect: _judge_menu,
}  # fmt: skip


# -- going through -------------------------------------------------------------------------------------------


def _walk(components: Sequence[c.Component], where: str) -> Iterator[tuple[str, c.Component]]:
    """Each component with its place, and those inside, which must be what that may hold."""
    for number, component in enumerate(components):
        yield from _below(component, f"{where}[{number}]")


def _below(component: c.Component, where: str) -> Iterator[tuple[str, c.Component]]:
    yield where, component
    for field in ("components", "accessory", "component"):
        inside = getattr(component, field, UNSET)
        if inside is UNSET:
            continue
        listed = inside if isinstance(inside, list) else [inside]
        for number, inner in enumerate(listed):
            place = f"{where}.{field}[{number}]" if isinstance(inside, list) else f"{where}.{field}"
            _allowed(place, inner, _INSIDE.get((type(component), field), ()))
            yield from _below(inner, place)


def _places(components: Sequence[c.Component]) -> list[str]:
    return [f"components[{number}]" for number in range(len(components))]


def _allowed(where: str, component: c.Component, kinds: tuple[type, ...]) -> None:
    if not isinstance(component, kinds + _OPEN):
        names = ", ".join(kind.__name__ for kind in kinds) or "nothing"
        _refuse(where, f"is a {type(component).__name__}; here may be {names}")


def _listed(part: Any, field: str) -> list[Any]:
    found = getattr(part, field, UNSET)
    return found if isinstance(found, list) else []


def _length(where: str, value: str, least: int, most: int) -> str:
    if not least <= len(value) <= most:
        _refuse(where, f"has {least} to {most} characters, not {len(value)}")
    return value


def _count(where: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        _refuse(where, f"are {least} to {most}, not {number}")


def _refuse(where: str, what: str) -> NoReturn:
    raise InvalidUse(f"{where} {what}")
