"""Stickers ("Sticker")."""

from __future__ import annotations

from enum import IntEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake
from framework.models.user import User

__all__ = ["Sticker", "StickerFormatType", "StickerItem", "StickerPack", "StickerType"]


class StickerType(IntEnum):
    """Where a sticker comes from."""

    STANDARD = 1
    GUILD = 2


class StickerFormatType(IntEnum):
    """What kind of file a sticker is."""

    PNG = 1
    APNG = 2
    LOTTIE = 3
    GIF = 4


class Sticker(Model, kw_only=True):
    """A sticker of a guild, or a standard one, which is in a pack."""

    id: Snowflake
    pack_id: Maybe[Snowflake] = UNSET
    name: str
    description: str | None
    tags: str  # the name of a unicode emoji for a guild's, words between commas for a standard one
    type: int  # StickerType
    format_type: int | None  # StickerFormatType
    available: Maybe[bool] = UNSET  # False while the guild has too few boosts
    guild_id: Maybe[Snowflake] = UNSET
    user: Maybe[User] = UNSET  # who made it, for those who make or manage expressions
    sort_value: Maybe[int] = UNSET


class StickerItem(Model, kw_only=True):
    """As much of a sticker as it takes to show it in a message."""

    id: Snowflake
    name: str
    format_type: int  # StickerFormatType


class StickerPack(Model, kw_only=True):
    """Standard stickers that belong together."""

    id: Snowflake
    stickers: list[Sticker]
    name: str
    sku_id: Snowflake
    cover_sticker_id: Maybe[Snowflake] = UNSET
    description: str | None
    banner_asset_id: Maybe[Snowflake] = UNSET
