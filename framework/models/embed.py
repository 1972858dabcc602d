"""Embeds: the framed parts of a message ("Message")."""

from __future__ import annotations

from framework.models._base import UNSET, Maybe, Model, Timestamp
from framework.models.component import Component

__all__ = ["Embed", "EmbedAuthor", "EmbedField", "EmbedFooter", "EmbedMedia", "EmbedProvider"]


class EmbedMedia(Model, kw_only=True):
    """A picture or video. To send one, set `url`; a file of the message is `attachment://its-name.png`."""

    url: Maybe[str] = UNSET
    proxy_url: Maybe[str] = UNSET
    height: Maybe[int] = UNSET
    width: Maybe[int] = UNSET
    content_type: Maybe[str] = UNSET
    placeholder: Maybe[str] = UNSET
    placeholder_version: Maybe[int] = UNSET
    description: Maybe[str] = UNSET
    flags: Maybe[int] = UNSET


class EmbedProvider(Model, kw_only=True):
    """Where the content of a link comes from."""

    name: Maybe[str | None] = UNSET
    url: Maybe[str | None] = UNSET


class EmbedAuthor(Model, kw_only=True):
    """The line above the title; at most 256 characters."""

    name: str
    url: Maybe[str] = UNSET
    icon_url: Maybe[str] = UNSET
    proxy_icon_url: Maybe[str] = UNSET


class EmbedFooter(Model, kw_only=True):
    """The line at the end; at most 2048 characters."""

    text: str
    icon_url: Maybe[str] = UNSET
    proxy_icon_url: Maybe[str] = UNSET


class EmbedField(Model, kw_only=True):
    """A heading of at most 256 characters over a text of at most 1024. Up to three `inline` ones share a line."""

    name: str
    value: str
    inline: Maybe[bool] = UNSET


class Embed(Model, kw_only=True):
    """A framed part of a message. A bot sets neither `type`, `provider` nor `video`.

    All texts of all embeds of a message have at most 6000 characters.
    """

    title: Maybe[str] = UNSET  # at most 256 characters
    type: Maybe[str] = UNSET  # "rich" for what bots send; "image", "video", "gifv", "article", "link", "poll_result"
    description: Maybe[str] = UNSET  # at most 4096 characters
    url: Maybe[str] = UNSET
    timestamp: Maybe[Timestamp] = UNSET
    color: Maybe[int] = UNSET
    footer: Maybe[EmbedFooter] = UNSET
    image: Maybe[EmbedMedia] = UNSET
    thumbnail: Maybe[EmbedMedia] = UNSET
    video: Maybe[EmbedMedia] = UNSET
    provider: Maybe[EmbedProvider] = UNSET
    author: Maybe[EmbedAuthor] = UNSET
    fields: Maybe[list[EmbedField]] = UNSET  # at most 25
    flags: Maybe[int | None] = UNSET
    components: Maybe[list[Component]] = UNSET
