"""Whether what a client sent fits a schema, and Discord's nested error tree where it does not.

The schemas are those of the OpenAPI document; the inner codes are the strings seen on the wire (the document types
them as integers, every example and log has strings). Unknown keys are dropped, never an error. Numbers in strings and
snowflakes in numbers are accepted, as the service does ("Reference", "Error Messages").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from discord_sim.rules.ids import id_of
from discord_sim.spec import Schema, resolve

__all__ = ["Tree", "at", "check", "leaf"]

Tree = dict[str, Any]
_TRUE, _FALSE = ("true", "True", "1"), ("false", "False", "0")
_ISO = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_RANGES = {"int32": (-(1 << 31), (1 << 31) - 1), "int64": (-(1 << 63), (1 << 63) - 1)}
_TAGS = ("type", "trigger_type", "entity_type")  # the fields that tell the options of a union apart
_DEPTH_MAX = 64


def leaf(code: str, message: str) -> Tree:
    """One error at one place."""
    return {"_errors": [{"code": code, "message": message}]}


def at(path: Iterable[str | int], tree: Tree) -> Tree:
    """The tree whose only error lies at the end of a path of field names and positions."""
    for key in reversed(list(path)):
        tree = {str(key): tree}
    return tree


_REQUIRED = leaf("BASE_TYPE_REQUIRED", "This field is required")


def check(schema: Schema, value: Any) -> tuple[Any, Tree | None]:
    """`(cleaned value, None)`, or `(what could be read, error tree)`."""
    return _check(schema, value, 0)


def _check(schema: Schema, value: Any, depth: int) -> tuple[Any, Tree | None]:
    if depth > _DEPTH_MAX:
        return None, leaf("BASE_TYPE_MAX_DEPTH", f"Must be nested at most {_DEPTH_MAX} levels deep.")
    schema = resolve(schema)
    kind = schema.get("type")
    kinds: list[Any] = kind if isinstance(kind, list) else [kind]
    options: list[Schema] = schema.get("oneOf") or schema.get("anyOf") or []
    if value is None:
        nullable = "null" in kinds or any(o.get("type") == "null" for o in options)
        return None, None if nullable else _REQUIRED
    if options and "const" not in options[0]:
        return _union([o for o in options if o.get("type") != "null"], value, depth)
    if schema.get("allOf") and kind is None:
        merged: Schema = {"type": "object", "properties": {}, "required": []}
        for part in map(resolve, schema["allOf"]):
            merged["properties"] |= part.get("properties", {})
            merged["required"] += part.get("required", [])
        return _object(merged, value, depth)
    base = next((k for k in kinds if k != "null"), None)
    reader = _READERS.get(base or "")
    if reader is None:
        return value, None
    cleaned, tree = reader(schema, value, depth)
    if tree is None and (choices := _choices(schema, options)) and cleaned not in choices:
        return cleaned, _not_among(choices)
    return cleaned, tree


def _choices(schema: Schema, options: list[Schema]) -> list[Any]:
    return schema.get("enum") or [o["const"] for o in options if "const" in o]


def _not_among(choices: list[Any]) -> Tree:
    shown = ", ".join(repr(c) if isinstance(c, str) else str(c) for c in choices)
    return leaf("BASE_TYPE_CHOICES", f"Value must be one of {{{shown}}}.")


def _union(options: list[Schema], value: Any, depth: int) -> tuple[Any, Tree | None]:
    """The option that fits best: where a field such as `type` tells them apart, the one it names."""
    if len(options) == 1:
        return _check(options[0], value, depth + 1)
    if isinstance(value, dict):
        for field in _TAGS:
            by_value = _by_tag(options, field)
            if not by_value or (field not in value and field != "type"):
                continue
            told = value.get(field)
            told = int(told) if isinstance(told, str) and told.isascii() and told.isdecimal() else told
            if not isinstance(told, int | str) or told not in by_value:
                message = f'Value of field "{field}" must be one of ({", ".join(map(str, by_value))}).'
                return value, {field: leaf("UNION_TYPE_CHOICES", message)}
            return _check(by_value[told], value, depth + 1)
        # Otherwise those that know most of what was sent.
        known = [sum(k in resolve(o).get("properties", {}) for k in value) for o in options]
        options = [o for o, count in zip(options, known, strict=True) if count == max(known)]
    results = [_check(option, value, depth + 1) for option in options]
    fitting = [cleaned for cleaned, tree in results if tree is None]
    if fitting:  # rather one that leaves the value as it is: the text "5" is no number where it may be a text
        return max(fitting, key=lambda c: (type(c) is type(value) and c == value, _size(c))), None
    return min(results, key=lambda result: len(str(result[1])))


def _by_tag(options: list[Schema], field: str) -> dict[Any, Schema]:
    """The options by the values of a field, where each option has its own; else nothing."""
    found: dict[Any, Schema] = {}
    for option in options:
        values = resolve(resolve(option).get("properties", {}).get(field, {})).get("enum", ())
        if not values or found.keys() & set(values):
            return {}
        found |= dict.fromkeys(values, option)
    return found


def _size(value: Any) -> int:
    return len(value) if isinstance(value, dict) else 0


def _object(schema: Schema, value: Any, depth: int) -> tuple[Any, Tree | None]:
    if not isinstance(value, dict):
        return value, leaf("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    properties: dict[str, Schema] = schema.get("properties", {})
    rest = schema.get("additionalProperties")
    cleaned: dict[str, Any] = {}
    tree: Tree = {}
    for name in schema.get("required", ()):
        if name not in value:
            tree[name] = _REQUIRED
    for name, item in value.items():
        inner = properties.get(name, rest if isinstance(rest, dict) else None)
        if inner is None:
            if rest is True or not properties:
                cleaned[name] = item
            continue
        cleaned[name], wrong = _check(inner, item, depth + 1)
        if wrong is not None:
            tree[name] = wrong
    if len(value) > schema.get("maxProperties", len(value)):
        tree |= leaf("DICT_TYPE_MAX_LENGTH", f"Must be {schema['maxProperties']} or fewer in length.")
    return cleaned, tree or None


def _array(schema: Schema, value: Any, depth: int) -> tuple[Any, Tree | None]:
    if not isinstance(value, list):
        return value, leaf("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    if wrong := _length(len(value), schema.get("minItems", 0), schema.get("maxItems")):
        return value, wrong
    cleaned, tree = [], {}
    for index, item in enumerate(value):
        good, wrong = _check(schema.get("items", {}), item, depth + 1)
        cleaned.append(good)
        if wrong is not None:
            tree[str(index)] = wrong
    if not tree and schema.get("uniqueItems") and len(set(map(str, cleaned))) < len(cleaned):
        return cleaned, leaf("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
    return cleaned, tree or None


def _length(length: int, low: int, high: int | None) -> Tree | None:
    if high is not None and low and not low <= length <= high:
        return leaf("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
    if high is not None and length > high:
        return leaf("BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
    if length < low:
        return leaf("BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length.")
    return None


def _string(schema: Schema, value: Any, depth: int) -> tuple[Any, Tree | None]:
    form = schema.get("format")
    if form == "snowflake":
        text = str(value) if type(value) is int else value
        number = id_of(text) if isinstance(text, str) else None
        if number is None:
            return value, leaf("NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return str(number), None
    if not isinstance(value, str):
        if type(value) in (int, float):
            value = str(value)
        else:
            return value, leaf("STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
    if form == "nonce":
        return value, _length(len(value), 0, 25)
    if form == "date-time" and not _ISO.fullmatch(value):
        return value, leaf("DATE_TIME_TYPE_PARSE", f"Could not parse {value}. Should be ISO8601.")
    if form == "uri" and not re.match(r"(https?|attachment|discord)://[^\s/]+", value):
        return value, leaf("URL_TYPE_INVALID_URL", "Not a well formed URL.")
    if schema.get("contentEncoding") == "base64" and not value.startswith("data:"):
        return value, leaf("IMAGE_INVALID", "Invalid image")
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return value, leaf("STRING_TYPE_REGEX", f"String value did not match validation regex: {schema['pattern']}")
    return value, _length(len(value), schema.get("minLength", 0), schema.get("maxLength"))


def _number(schema: Schema, value: Any, depth: int) -> tuple[Any, Tree | None]:
    whole = schema.get("type") == "integer" or "integer" in (schema.get("type") or ())
    word = "int" if whole else "float"
    wrong = leaf("NUMBER_TYPE_COERCE", f'Value "{value}" is not {word}.')
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,20}" if whole else r"-?\d{1,20}(\.\d+)?", value, re.ASCII):
            return value, wrong
        value = int(value) if whole else float(value)
    if isinstance(value, float) and whole and value.is_integer():
        value = int(value)
    if type(value) is not int and (whole or type(value) is not float):
        return value, wrong
    low, high = _RANGES.get(schema.get("format", "int64" if whole else ""), (None, None))
    low, high = schema.get("minimum", low), schema.get("maximum", high)
    if low is not None and value < low:
        return value, leaf("NUMBER_TYPE_MIN", f"{word} value should be greater than or equal to {low}.")
    if high is not None and value > high:
        return value, leaf("NUMBER_TYPE_MAX", f"{word} value should be less than or equal to {high}.")
    return value, None


def _boolean(schema: Schema, value: Any, depth: int) -> tuple[Any, Tree | None]:
    if isinstance(value, bool):
        return value, None
    if str(value) in _TRUE or str(value) in _FALSE:
        return str(value) in _TRUE, None
    return value, leaf("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


_READERS = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
}
