"""The body of a message with its files, for everything that posts or edits one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framework.errors import InvalidUse
from framework.models import UNSET, Maybe, to_wire
from framework.models.message import Attachment, AttachmentRequest
from framework.rest.api._base import body
from framework.rest.files import File, attachments

__all__ = ["Listed", "message_body"]

Listed = Maybe[Sequence[Attachment | AttachmentRequest]]
"""What is to be known about files: new ones by their place among the files sent, old ones that are to stay."""


def message_body(files: Sequence[File], listed: Listed, *, edit: bool = False, **fields: Any) -> dict[str, Any]:
    """A message's fields. `listed` goes before what the files say themselves; without it an edit keeps all old files.

    Raises:
        InvalidUse: a new file of an edit is described, but what happens to the old ones is not said.
    """
    if listed is UNSET and (edit or not files):
        if any(file.description for file in files):
            raise InvalidUse("a file with a description needs attachments=[...], which lists the old files that stay")
        return body(**fields)
    said = [{"id": str(a.id)} if isinstance(a, Attachment) else to_wire(a) for a in listed or ()]
    known = {about["id"] for about in said}
    return body(**fields, attachments=said + [a for a in attachments(list(files)) if a["id"] not in known])
