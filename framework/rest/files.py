"""Files to upload."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec

__all__ = ["File", "Payload", "attachments"]

_WHOLE_MAX_BYTES = 1 << 20  # aiohttp writes more in pieces if it is a stream, and warns if it is bytes


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """One file of a message or other upload. `field` is the form's name of it; by default `files[n]` in order."""

    name: str
    data: bytes = dataclasses.field(repr=False)
    content_type: str = "application/octet-stream"
    description: str | None = None
    field: str | None = None


def attachments(files: list[File]) -> list[dict[str, Any]]:
    """The `attachments` of a body that goes with new files."""
    return [
        {"id": str(n), "filename": file.name, **({"description": file.description} if file.description else {})}
        for n, file in enumerate(files)
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class Payload:
    """What a request carries; built anew for each try, since a form can be read once only."""

    json: Any = None
    files: tuple[File, ...] = ()
    query: Sequence[tuple[str, str]] | None = None
    raw: tuple[bytes, str] | None = (
        None  # a body and its content type, passed on as they are; `json` says what it holds
    )

    @property
    def headers(self) -> dict[str, str]:
        """The content type where it is not the form's."""
        if self.raw is not None:
            return {"Content-Type": self.raw[1]}
        return {"Content-Type": "application/json"} if self.json is not None and not self.files else {}

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the body's fields: hidden limits depend on what a call changes."""
        return tuple(sorted(self.json)) if isinstance(self.json, dict) else ()

    @property
    def is_enforced(self) -> bool:
        """Whether Discord itself makes sure that sending it twice does it once."""
        return isinstance(self.json, dict) and self.json.get("enforce_nonce") is True and "nonce" in self.json

    def body(self) -> bytes | io.BytesIO | aiohttp.FormData | None:
        """JSON, or a form of `payload_json` and files; beside files with a `field` of their own it is form fields."""
        if self.raw is not None:
            return _in_pieces(self.raw[0])
        if not self.files:
            return None if self.json is None else msgspec.json.encode(self.json)
        form = aiohttp.FormData(default_to_multipart=True)
        if any(file.field for file in self.files):
            for name, value in (self.json or {}).items():
                form.add_field(name, str(value))
        elif self.json is not None:
            form.add_field("payload_json", msgspec.json.encode(self.json).decode(), content_type="application/json")
        for number, file in enumerate(self.files):
            name = file.field or f"files[{number}]"
            form.add_field(name, _in_pieces(file.data), filename=file.name, content_type=file.content_type)
        return form


def _in_pieces(data: bytes) -> bytes | io.BytesIO:
    return io.BytesIO(data) if len(data) > _WHOLE_MAX_BYTES else data
