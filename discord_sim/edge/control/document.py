"""The OpenAPI document of the operator's API, made from the table of its actions."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from discord_sim.edge.control.actions import ACTIONS

__all__ = ["document"]

_ID = {"type": "string", "pattern": r"^\d+$"}
_ERROR = {"description": "What was wrong, in `message`", "content": {"application/json": {"schema": {
    "type": "object", "required": ["message"], "properties": {"message": {"type": "string"}},
}}}}  # fmt: skip
_AS_USER = "Any call of Discord's REST API, carried out as this user: no token, no limits; answered as Discord answers"


def document(prefix: str) -> dict[str, Any]:
    """The whole document, for the paths below `prefix`."""
    bodies = [action.body for action in ACTIONS if action.body is not None]
    _, schemas = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for action in ACTIONS:
        operation: dict[str, Any] = {
            "operationId": action.do.__name__,
            "summary": action.summary,
            "parameters": _parameters(action.path),
            "responses": {
                "200": {"description": "Done, with an answer", "content": {"application/json": {"schema": {}}}},
                "204": {"description": "Done"},
                "400": _ERROR, "401": _ERROR, "404": _ERROR,
            },
        }  # fmt: skip
        if action.body is not None:
            schema = {"$ref": f"#/components/schemas/{action.body.__name__}"}
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        paths.setdefault(prefix + action.path, {})[action.method.lower()] = operation
    as_user = {"summary": _AS_USER, "responses": {"default": {"description": "As Discord answers this user"}}}
    place = f"{prefix}/as/{{user_id}}/{{path}}"
    for method in ("get", "post", "put", "patch", "delete"):
        parameters = _parameters("/{user_id}/{path}")
        paths.setdefault(place, {})[method] = {**as_user, "operationId": f"as_user_{method}", "parameters": parameters}
    return {
        "openapi": "3.1.0",
        "info": {"title": "discord-sim control API", "version": "1"},
        "paths": paths,
        "security": [{"secret": []}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {"secret": {"type": "apiKey", "in": "header", "name": "X-Sim-Secret"}},
        },
    }


def _parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name, "in": "path", "required": True,
            "schema": _ID if name.endswith(("_id", "index")) else {"type": "string"},
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]  # fmt: skip
