"""Reading multipart/form-data ("Uploading Files"; RFC 7578)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

__all__ = ["BadForm", "Part", "parts_of"]

_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)', re.IGNORECASE)
_HEAD_MAX_BYTES = 8_192
_PARAMETER = re.compile(rb';\s*(name|filename\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
_EXTENDED = re.compile(rb"utf-8'[^']*'(.*)", re.IGNORECASE)


class BadForm(ValueError):
    """The bytes are no form of several parts."""


class Part(NamedTuple):
    """One part. What is no UTF-8 in its header has been replaced."""

    name: str
    filename: str | None
    content_type: str
    data: bytes


def parts_of(body: bytes, content_type: str, most: int) -> list[Part]:
    """The parts of a body, of which there may be so many. Raises BadForm."""
    found = _BOUNDARY.search(content_type)
    if found is None or not (found[1] or found[2]).isascii():
        raise BadForm("no boundary")
    delimiter = b"\r\n--" + (found[1] or found[2]).encode()
    before, *pieces = (b"\r\n" + body).split(delimiter, most + 2)
    if len(pieces) > most + 1:
        raise BadForm("too many parts")
    if before or not pieces or not pieces[-1].startswith(b"--"):
        raise BadForm("not from boundary to boundary")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> Part:
    head, blank, data = piece.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n") or len(head) > _HEAD_MAX_BYTES:
        raise BadForm("a part without a header, or with too long a one")
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    fields = {name.lower(): value.translate(None, b"\r\n\0") for name, _, value in lines}
    said: dict[bytes, str] = {}
    for key, quoted, plain in _PARAMETER.findall(fields.get(b"content-disposition", b"")):
        said.setdefault(key.lower(), (re.sub(rb"\\(.)", rb"\1", quoted) or plain).decode(errors="replace"))
    filename = said.get(b"filename")
    if (extended := _EXTENDED.fullmatch(said.get(b"filename*", "").encode())) is not None:
        filename = unquote_to_bytes(extended[1]).decode(errors="replace")
    kind = fields.get(b"content-type", b"").strip().decode(errors="replace")
    return Part(said.get(b"name", ""), filename, kind, data)
