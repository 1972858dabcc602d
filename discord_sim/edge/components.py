"""Message components: what a client sends, what a message holds, and the rules beyond the schema ("Components")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from discord_sim.edge.call import Call, form_error
from discord_sim.rules.forms import at, leaf
from discord_sim.spec import DOCUMENT, skeleton
from discord_sim.world.payloads import Doc

__all__ = ["components", "media"]

ROWS_MAX, TOTAL_MAX, TEXT_MAX, ROW_WIDTH_MAX = 5, 40, 4_000, 5
ROW, BUTTON, STRING_SELECT, TEXT, THUMBNAIL, GALLERY, FILE = 1, 2, 3, 10, 11, 12, 13
_SELECTS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6
_SHAPES = {
    1: "ActionRowComponentResponse", 2: "ButtonComponentResponse", 3: "StringSelectComponentResponse",
    5: "UserSelectComponentResponse", 6: "RoleSelectComponentResponse", 7: "MentionableSelectComponentResponse",
    8: "ChannelSelectComponentResponse", 9: "SectionComponentResponse", 10: "TextDisplayComponentResponse",
    11: "ThumbnailComponentResponse", 12: "MediaGalleryComponentResponse", 13: "FileComponentResponse",
    14: "SeparatorComponentResponse", 17: "ContainerComponentResponse",
}  # fmt: skip
Path = tuple[str | int, ...]


def components(call: Call, given: list[Doc], files: list[Doc], *, v2: bool) -> tuple[list[Doc], str]:
    """The components of a message, and all text they display; `files` are what `attachment://` may name.

    Raises Refused (400 / 50035) where a rule is broken.
    """
    if not v2:
        _only_rows(given)
    ids = list(_ids(given))
    if len(set(ids)) < len(ids):
        _wrong(("components",), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
    builder = _Builder(call, files, set(ids))
    made = [builder.build(component, ("components", n)) for n, component in enumerate(given)]
    if builder.count > TOTAL_MAX:
        message = f"Total number of components cannot exceed {TOTAL_MAX}"
        _wrong(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    if sum(map(len, builder.texts)) > TEXT_MAX:
        message = f"Components displayable text size exceeds maximum size of {TEXT_MAX}"
        _wrong(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    return made, "\n".join(builder.texts)


def media(url: str, files: list[Doc]) -> Doc:
    """What a link leads to: the named one of `files` behind `attachment://`, else somebody else's."""
    name = url.removeprefix("attachment://")
    file = next((f for f in files if f["filename"] == name), None) if name != url else None
    if file is None:
        return {"url": url, "proxy_url": url}
    return {k: file[k] for k in ("url", "proxy_url", "content_type", "width", "height") if k in file}


def _wrong(path: Path, code: str, message: str) -> NoReturn:
    form_error(at(path, leaf(code, message)))


def _only_rows(given: list[Doc]) -> None:
    if len(given) > ROWS_MAX:
        _wrong(("components",), "BASE_TYPE_MAX_LENGTH", f"Must be {ROWS_MAX} or fewer in length.")
    for n, component in enumerate(given):
        if component["type"] != ROW:
            message = f'Value of field "type" must be one of ({ROW},).'
            _wrong(("components", n, "type"), "UNION_TYPE_CHOICES", message)


def _ids(given: list[Doc]) -> Iterator[int]:
    """The ids that the client chose."""
    for component in given:
        if component.get("id"):
            yield component["id"]
        yield from _ids(component.get("components") or [])
        yield from _ids([component["accessory"]] if component.get("accessory") else [])


@dataclass(slots=True)
class _Builder:
    call: Call
    files: list[Doc]
    taken: set[int]
    custom_ids: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    count: int = 0

    def build(self, given: Doc, path: Path) -> Doc:
        self.count += 1
        kind = given["type"]
        shape = DOCUMENT["components"]["schemas"][_SHAPES[kind]]["properties"]
        fields = _said({k: v for k, v in given.items() if k in shape})
        if not fields.get("id"):
            fields["id"] = next(n for n in range(1, 1 << 30) if n not in self.taken)
            self.taken.add(fields["id"])
        self._judge(kind, fields, path)
        if "components" in fields:
            inner = enumerate(fields["components"])
            fields["components"] = [self.build(c, (*path, "components", n)) for n, c in inner]
        if "accessory" in fields:
            fields["accessory"] = self.build(fields["accessory"], (*path, "accessory"))
        if kind == STRING_SELECT:
            fields["options"] = [_said(option) for option in fields["options"]]
        if kind in _SELECTS:
            fields = {"min_values": 1, "max_values": 1, **fields}
        if kind == TEXT:
            self.texts.append(fields["content"])
        if kind == THUMBNAIL:
            fields = {"description": None, **fields, "media": self._media(fields["media"]["url"], (*path, "media"))}
        if kind == GALLERY:
            fields["items"] = [
                {"media": self._media(item["media"]["url"], (*path, "items", n, "media")),
                 "description": item.get("description"), "spoiler": bool(item.get("spoiler"))}
                for n, item in enumerate(fields["items"])
            ]  # fmt: skip
        if kind == FILE:
            fields["file"] = self._media(fields["file"]["url"], (*path, "file"), own=True)
            file = next(f for f in self.files if f["id"] == fields["file"]["attachment_id"])
            fields |= {"name": file["filename"], "size": file["size"]}
        return skeleton(_SHAPES[kind], **fields)

    def _judge(self, kind: int, fields: Doc, path: Path) -> None:
        if kind == ROW and sum(1 if c["type"] == BUTTON else 5 for c in fields["components"]) > ROW_WIDTH_MAX:
            message = "The specified component exceeds the maximum width"
            _wrong((*path, "components", 1), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        if kind == BUTTON:
            _judge_button(fields, path)
        if kind == STRING_SELECT:
            _judge_options(fields, path)
        if "custom_id" in fields:
            if fields["custom_id"] in self.custom_ids:
                message = "Component custom id cannot be duplicated"
                _wrong((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
            self.custom_ids.add(fields["custom_id"])

    def _media(self, url: str, path: Path, *, own: bool = False) -> Doc:
        found = media(url, self.files)
        file = next((f for f in self.files if f["url"] == found["url"]), None)
        if file is None and (own or url.startswith("attachment://")):
            message = "The referenced attachment was not found"
            _wrong(path, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)
        made = {"id": str(self.call.new_id()), **found}
        return made if file is None else {**made, "attachment_id": file["id"]}


def _said(given: Doc) -> Doc:
    """What was given without nulls, neither in itself nor in its emoji."""
    made = {k: v for k, v in given.items() if v is not None}
    if "emoji" in made:
        made["emoji"] = _said(made["emoji"])
    return made


def _judge_button(fields: Doc, path: Path) -> None:
    style = fields["style"]
    if style in (LINK, PREMIUM):
        needed = "url" if style == LINK else "sku_id"
        if needed not in fields:
            _wrong((*path, needed), "BASE_TYPE_REQUIRED", "This field is required")
    elif "custom_id" not in fields:
        _wrong((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
    if "custom_id" in fields and (style in (LINK, PREMIUM) or "url" in fields):
        message = "A custom id and url cannot both be specified"
        _wrong((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)


def _judge_options(fields: Doc, path: Path) -> None:
    options = fields["options"]
    low, high = fields.get("min_values", 1), fields.get("max_values", 1)
    if low > len(options):
        message = f"min_values value should be less than or equal to {len(options)}."
        _wrong((*path, "min_values"), "NUMBER_TYPE_MAX", message)
    if high > len(options):
        _wrong((*path, "options"), "BASE_TYPE_MIN_LENGTH", f"Must be {high} or more in length.")
    values = [o["value"] for o in options]
    for n, value in enumerate(values):
        if value in values[:n]:
            message = "The specified option value is already used"
            _wrong((*path, "options", n, "value"), "COMPONENT_OPTION_VALUE_DUPLICATED", message)
    if sum(bool(o.get("default")) for o in options) > high:
        message = "The specified number of default values exceeds the specified maximum values"
        _wrong((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message)
