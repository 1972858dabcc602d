"""Discord's own description of its REST API, as data: `discord-openapi.json` is the official document (version 10,
MIT licence, descriptions left out), this module makes it readable. Knows files; must not know rules or the world.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec

__all__ = ["DOCUMENT", "OPERATIONS", "Operation", "resolve", "skeleton"]

Schema = dict[str, Any]

DOCUMENT: dict[str, Any] = msgspec.json.decode(files("discord_sim.spec").joinpath("discord-openapi.json").read_bytes())
_SCHEMAS: dict[str, Schema] = DOCUMENT["components"]["schemas"]


def _amend() -> None:
    """Add what the documentation has, the service takes, and the document leaves out."""
    for kind in ("CreateRequest", "UpdateRequest", "PatchRequestPartial"):
        _SCHEMAS[f"ApplicationCommand{kind}"]["properties"]["nsfw"] = {"type": ["boolean", "null"]}
    file_type = {"type": "string", "pattern": r"image|video|audio|\.\w+"}
    option = _SCHEMAS["ApplicationCommandAttachmentOption"]["properties"]
    option["file_types"] = {"type": ["array", "null"], "items": file_type, "maxItems": 10}
    _SCHEMAS["MessageReferenceType"]["oneOf"].append({"title": "FORWARD", "const": 1})
    bulk = DOCUMENT["paths"]["/channels/{channel_id}/messages/bulk-delete"]["post"]["requestBody"]["content"]
    for bound in ("minItems", "maxItems"):  # a list of a wrong length has an error code of its own
        del bulk["application/json"]["schema"]["properties"]["messages"][bound]
    form = _SCHEMAS["ApplicationFormPartial"]["properties"]
    form["description"] = {"oneOf": [{"type": "null"}, {"type": "string", "maxLength": 400}, form["description"]]}


_amend()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: `auth` holds the accepted kinds, `bot`, `oauth`, `none` and `webhook-token`."""

    id: str
    method: str
    template: str
    auth: frozenset[str]
    body: Schema | None
    media_types: frozenset[str]
    query: dict[str, tuple[Schema, bool]]
    responses: dict[str, Schema | None]


def resolve(schema: Schema) -> Schema:
    """Follow references to the schema they name."""
    while "$ref" in schema:
        schema = _SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return schema


def skeleton(name: str, /, **known: Any) -> dict[str, Any]:
    """An object of the named schema: `known` fields as given, every other required one null, empty, zero or false.

    Raises KeyError for an unknown schema or a field the schema does not have: a typing error, caught by any test.
    """
    required, properties = _fields(_SCHEMAS[name])
    for field in known:
        if field not in properties:
            raise KeyError(f"{name} has no field {field!r}")
    return {**{f: _empty(properties[f]) for f in required if f not in known}, **known}


def _fields(schema: Schema) -> tuple[list[str], dict[str, Schema]]:
    schema = resolve(schema)
    required, properties = list(schema.get("required", ())), dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        more, others = _fields(part)
        required += more
        properties |= others
    return required, properties


def _empty(schema: Schema) -> Any:
    schema = resolve(schema)
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    options = schema.get("oneOf", ()) or schema.get("anyOf", ())
    if "null" in kinds or any(o.get("type") == "null" for o in options):
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    if options and "const" in options[0]:
        return options[0]["const"]
    match kinds[0]:
        case "array":
            return []
        case "object":
            required, properties = _fields(schema)
            return {field: _empty(properties[field]) for field in required}
        case "integer" | "number":
            return 0
        case "boolean":
            return False
        case "string":
            if schema.get("format") == "snowflake":
                return "0"
            return "1970-01-01T00:00:00.000000+00:00" if schema.get("format") == "date-time" else ""
    return _empty(options[0]) if options else {}


def _auth(template: str, security: list[dict[str, Any]]) -> frozenset[str]:
    if "{webhook_token}" in template or "{interaction_token}" in template:
        return frozenset({"webhook-token"})
    names = {"BotToken": "bot", "OAuth2": "oauth"}
    return frozenset(names[next(iter(way))] if way else "none" for way in security) or frozenset({"none"})


def _operations() -> dict[str, Operation]:
    found = {}
    for template, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            content = operation.get("requestBody", {}).get("content", {})
            body = next((content[kind]["schema"] for kind in sorted(content)), None)
            if body is not None and method == "patch" and "required" in resolve(body):
                body = {**resolve(body), "required": []}  # documented: what a PATCH leaves out stays as it is
            query = {
                p["name"]: (p["schema"], bool(p.get("required")))
                for p in operation.get("parameters", ())
                if p["in"] == "query"
            }
            responses = {
                status: next((c.get("schema") for c in answer.get("content", {}).values()), None)
                for status, answer in operation["responses"].items()
                if "$ref" not in answer
            }
            found[operation["operationId"]] = Operation(
                operation["operationId"], method.upper(), template, _auth(template, operation.get("security", [])),
                body, frozenset(content), query, responses,
            )  # fmt: skip
    return found


OPERATIONS: dict[str, Operation] = _operations()
