"""Files: what clients upload, and the CDN that gives it back ("Image Formatting", "Uploading Files")."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass, field

from discord_sim.edge.call import Upload, form_error
from discord_sim.rules.forms import leaf
from discord_sim.world.payloads import Doc

__all__ = ["CDN_PATH", "Media", "decode", "dimensions", "sniff"]

CDN_PATH = re.compile(
    r"/(attachments|icons|splashes|discovery-splashes|banners|avatars|embed/avatars|emojis|stickers|role-icons|"
    r"app-icons|app-assets|soundboard-sounds|guild-events|team-icons|avatar-decoration-presets|ephemeral-attachments)/"
    r"|/guilds/\d+/users/\d+/(avatars|banners)/"
)
_KEPT_BYTES = 64 << 20
_LINK_LIVES_S = 86_400
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"\xff\xfa", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"), (b"\xff\xf2", "audio/mpeg"), (b"%PDF", "application/pdf"),
)  # fmt: skip
_DEFAULT_PICTURE = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def sniff(data: bytes) -> str | None:
    """The content type that the first bytes tell, if any."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)


@dataclass(slots=True)
class Media:
    """What was uploaded lately (64 MiB of it), by path without host and query."""

    seed: int
    files: OrderedDict[str, tuple[str, bytes]] = field(default_factory=OrderedDict)
    held_bytes: int = 0

    def keep(self, path: str, content_type: str, data: bytes) -> None:
        """Store a file; the oldest leave when there is no room."""
        _, before = self.files.pop(path, ("", b""))
        self.files[path] = (content_type, data)
        self.held_bytes += len(data) - len(before)
        while self.held_bytes > _KEPT_BYTES and len(self.files) > 1:
            _, (_, old) = self.files.popitem(last=False)
            self.held_bytes -= len(old)

    def find(self, path: str) -> tuple[str, bytes] | None:
        """The file at a path of the CDN; pictures answer to any extension."""
        path = path.strip("/")
        if path.startswith("embed/avatars/"):
            return "image/png", _DEFAULT_PICTURE
        return self.files.get(path) or self.files.get(path.rpartition(".")[0])

    def picture(
        self, field_name: str, text: str | None, kind: str, owner: int | str, *, by_id: bool = False
    ) -> str | None:
        """Store a picture sent as a data URI for `/{kind}/{owner}/{hash}` (or `/{kind}/{owner}`); returns its hash.

        Raises Refused (400 / 50035, IMAGE_INVALID) where the text is no picture.
        """
        if text is None:
            return None
        data = decode(text)
        content_type = sniff(data) if data is not None else None
        if data is None or content_type is None:
            form_error({field_name: leaf("IMAGE_INVALID", "Invalid image data")})
        name = ("a_" if content_type == "image/gif" else "") + hashlib.blake2b(data, digest_size=16).hexdigest()
        self.keep(f"{kind}/{owner}" if by_id else f"{kind}/{owner}/{name}", content_type, data)
        return name

    def attachment(self, cdn_url: str, channel_id: int, attachment_id: int, upload: Upload, epoch_ms: int) -> Doc:
        """Store an uploaded file; returns its attachment object with a link that expires in a day."""
        name = re.sub(r"[^\w.\-]", "", upload.filename.replace(" ", "_")) or "unknown"
        path = f"attachments/{channel_id}/{attachment_id}/{name}"
        content_type = upload.content_type or sniff(upload.data) or "application/octet-stream"
        self.keep(path, content_type, upload.data)
        issued = epoch_ms // 1000
        signature = hashlib.blake2b(f"{self.seed}/{path}/{issued}".encode()).hexdigest()[:64]
        query = f"?ex={issued + _LINK_LIVES_S:x}&is={issued:x}&hm={signature}&"
        body: Doc = {
            "id": str(attachment_id), "filename": name, "size": len(upload.data), "url": f"{cdn_url}/{path}{query}",
            "proxy_url": f"{cdn_url}/{path}{query}", "content_type": content_type,
        }  # fmt: skip
        if name != upload.filename:
            body["title"] = upload.filename
        if size := dimensions(upload.data):
            body |= {"width": size[0], "height": size[1]}
        return body


def decode(text: str) -> bytes | None:
    """The bytes of a data URI; None where it is none."""
    head, comma, payload = text.partition(",")
    if not comma or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        return None


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or GIF, told by its header."""
    if data.startswith(b"\x89PNG") and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data.startswith(b"GIF8") and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return None
