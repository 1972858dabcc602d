"""From the bytes of a request to what an operation may read: JSON, forms and multipart, checked against the schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from discord_sim.edge.call import Refused, Upload, form_error, refuse
from discord_sim.rules.answers import error
from discord_sim.rules.depth import is_too_deep
from discord_sim.rules.forms import Tree, check, leaf
from discord_sim.rules.multipart import BadForm, parts_of
from discord_sim.spec import Operation, Schema, resolve

__all__ = ["BODY_MAX_BYTES", "Sent", "check_body", "check_query", "parse", "read", "reason_of"]

BODY_MAX_BYTES = 25 << 20  # the whole request, documented
FILE_MAX_BYTES = 10 << 20
FILES_MAX, FIELDS_MAX, REASON_MAX = 10, 1_000, 512
VALUES_MAX = 250_000  # in one JSON text; small values take many times their bytes in memory
_BAD_JSON = error(400, 50109, "The request body contains invalid JSON.")
_TOO_LARGE = error(413, 40005, "Request entity too large")
_TOO_MANY = leaf("BASE_TYPE_MAX_LENGTH", f"Must be {FIELDS_MAX} or fewer in length.")


@dataclass(slots=True)
class Sent:
    """What came: the JSON or form value (None where there was no body) and the files."""

    value: Any = None
    files: list[Upload] = field(default_factory=list)


async def read(request: web.BaseRequest) -> Sent:
    """Read a body of any of the three documented types. Raises Refused with the documented error."""
    if (request.content_length or 0) > BODY_MAX_BYTES:
        raise Refused(_TOO_LARGE)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(_TOO_LARGE) from None
    except (HttpProcessingError, web.RequestPayloadError, web.HTTPException):
        raise Refused(_BAD_JSON) from None
    return parse(body, request.headers.get("Content-Type", ""))


def parse(body: bytes, content_type: str) -> Sent:
    """What a body of a content type holds; none is JSON. Raises Refused with the documented error."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body and kind != "application/json":
        return Sent()
    if kind == "application/x-www-form-urlencoded":
        return Sent(_form(body))
    if kind == "multipart/form-data":
        return _multipart(body, content_type)
    if kind not in ("application/json", ""):
        form_error(leaf("CONTENT_TYPE_INVALID", f"Unsupported content type: {text_of(kind)}"))
    return Sent(_json(body))


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        form_error(_TOO_MANY)
    return {name: values[0] if len(values) == 1 else values for name, values in pairs.items()}


def text_of(header: str) -> str:
    """A header's text; aiohttp leaves bytes that are no UTF-8 as lone surrogates, which no JSON can hold."""
    return header.encode(errors="surrogateescape").decode(errors="replace")


def reason_of(request: web.BaseRequest) -> str | None:
    """The audit log reason, URL-encoded or not. Raises Refused (400 / 50035) beyond 512 characters."""
    header = request.headers.get("X-Audit-Log-Reason")
    if not header:
        return None
    reason = unquote(text_of(header))
    if len(reason) > REASON_MAX:
        form_error({"X-Audit-Log-Reason": leaf("BASE_TYPE_MAX_LENGTH", f"Must be {REASON_MAX} or fewer in length.")})
    return reason or None


def _json(body: bytes) -> Any:
    if body.count(b",") > VALUES_MAX:
        raise Refused(_TOO_LARGE)
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Refused(_BAD_JSON) from None
    if is_too_deep(value):
        raise Refused(_BAD_JSON)
    return value


def _multipart(body: bytes, content_type: str) -> Sent:
    sent = Sent({})
    payload: Any = None
    try:
        parts = parts_of(body, content_type, FIELDS_MAX)
    except BadForm:
        form_error(leaf("MULTIPART_INVALID", "The multipart body could not be read"))
    for part in parts:
        if part.content_type.lower().startswith("multipart/"):
            form_error(leaf("CONTENT_TYPE_INVALID", "Nested multipart bodies are not supported"))
        if part.name == "payload_json":
            payload = _json(part.data)
        elif part.filename is not None:
            if len(part.data) > FILE_MAX_BYTES:
                raise Refused(_TOO_LARGE)
            sent.files.append(Upload(part.name, part.filename, part.content_type, part.data))
        else:
            sent.value[part.name] = part.data.decode("utf-8", "replace")
    if len(sent.files) > FILES_MAX:
        refuse(400, 30015, "Maximum number of attachments in a message reached (10)")
    if payload is not None:
        sent.value = payload
    return sent


def check_query(operation: Operation, request: web.BaseRequest) -> dict[str, Any]:
    """The query parameters an operation knows, read by their schemas. Raises Refused (400 / 50035)."""
    query: dict[str, Any] = {}
    tree: Tree = {}
    if not request.query_string and not any(required for _, required in operation.query.values()):
        return query
    for name, (schema, required) in operation.query.items():
        texts = request.query.getall(name, [])
        if not texts:
            if required:
                tree[name] = leaf("BASE_TYPE_REQUIRED", "This field is required")
            continue
        value: Any = texts[0]
        if _wants_array(schema):
            value = [piece for text in texts for piece in text.split(",") if piece]
        query[name], wrong = check(schema, value)
        if wrong is not None:
            tree[name] = wrong
    if tree:
        form_error(tree)
    return query


def _wants_array(schema: Schema) -> bool:
    schema = resolve(schema)
    kinds = schema.get("type")
    if kinds == "array" or (isinstance(kinds, list) and "array" in kinds):
        return True
    return any(_wants_array(option) for option in schema.get("oneOf", ()) or schema.get("anyOf", ()))


def check_body(operation: Operation, sent: Sent) -> Any:
    """The body as the operation's schema reads it. Raises Refused (400 / 50035) with the nested error tree."""
    schema = operation.body
    if schema is None:
        return sent.value
    value = sent.value
    if value is None:
        value = None if _wants_array(schema) else {}
    if isinstance(value, dict) and sent.files:
        value = {**value, **{f.field: "" for f in sent.files if f.field not in value}}
    cleaned, tree = check(schema, value)
    if tree is not None:
        form_error(tree)
    return cleaned
