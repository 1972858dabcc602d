"""An embed in one call."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from framework.builders.checks import check_embeds
from framework.models import UNSET, Maybe
from framework.models.embed import Embed, EmbedAuthor, EmbedField, EmbedFooter, EmbedMedia

__all__ = ["embed"]

Field = EmbedField | tuple[str, str] | tuple[str, str, bool]


def embed(
    *,
    title: Maybe[str] = UNSET,
    description: Maybe[str] = UNSET,
    url: Maybe[str] = UNSET,
    color: Maybe[int] = UNSET,
    timestamp: Maybe[datetime.datetime] = UNSET,
    author: str | EmbedAuthor | None = None,
    footer: str | EmbedFooter | None = None,
    image: str | None = None,
    thumbnail: str | None = None,
    fields: Iterable[Field] = (),
) -> Embed:
    """An embed from plain texts. A field is `(name, value)` or `(name, value, inline)`; pictures are links, or
    `attachment://its-name.png` for a file of the message.

    Raises:
        InvalidUse: a text is too long or missing; the message names the field.
    """
    made = Embed(
        title=title,
        description=description,
        url=url,
        color=color,
        timestamp=timestamp,
        author=UNSET if author is None else EmbedAuthor(name=author) if isinstance(author, str) else author,
        footer=UNSET if footer is None else EmbedFooter(text=footer) if isinstance(footer, str) else footer,
        image=UNSET if image is None else EmbedMedia(url=image),
        thumbnail=UNSET if thumbnail is None else EmbedMedia(url=thumbnail),
        fields=[_field(field) for field in fields] or UNSET,
    )
    check_embeds([made])
    return made


def _field(given: Field) -> EmbedField:
    if isinstance(given, EmbedField):
        return given
    name, value, *inline = given
    return EmbedField(name=name, value=value, inline=bool(inline and inline[0]))
