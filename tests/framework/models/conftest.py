"""`fits(Model, "Component", …)`: a struct can hold whatever Discord's own schemas of the object allow."""

from __future__ import annotations

import typing
from collections.abc import Callable

import pytest

from discord_sim.spec import DOCUMENT, resolve
from framework.models import UnsetType


def properties_of(schema):
    schema = resolve(schema)
    required, properties = set(schema.get("required", ())), dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        more, others = properties_of(part)
        required |= more
        properties |= others
    return required, properties


def may_be_null(schema):
    schema = resolve(schema)
    kinds = [schema.get("type")] if isinstance(schema.get("type"), str) else schema.get("type", [])
    return "null" in kinds or any(may_be_null(o) for key in ("oneOf", "anyOf") for o in schema.get(key, ()))


@pytest.fixture
def fits() -> Callable[..., None]:
    """Every field of the components is there; one that may be left out or be null may be so here too."""

    def check(model: type, *components: str) -> None:
        hints = typing.get_type_hints(model)
        fields = dict(zip(model.__struct_encode_fields__, model.__struct_fields__, strict=True))
        for name in components:
            required, properties = properties_of(DOCUMENT["components"]["schemas"][name])
            assert properties.keys() <= fields.keys(), (name, properties.keys() - fields.keys())
            for field, schema in properties.items():
                kinds = typing.get_args(hints[fields[field]]) or (hints[fields[field]],)
                assert not may_be_null(schema) or type(None) in kinds, f"{name}.{field} may be null"
                assert field in required or UnsetType in kinds, f"{name}.{field} may be left out"

    return check
