"""Wire to model and back. Decoding is one pass in C; ids and bits become `int` there. Encoding gives ids back as text,
times in Discord's form, and leaves out what is unset, so that wire → model → wire keeps every known field.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct

__all__ = ["decode", "decoder", "to_wire"]

T = TypeVar("T")
Writer = Callable[[Any], Any]


@lru_cache(maxsize=1_024)
def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of a `kind`, made once: for who decodes many."""
    return msgspec.json.Decoder(kind, strict=False, dec_hook=_decode_own)


def _decode_own(kind: Any, data: Any) -> Any:
    """Types that are no structs decode themselves, as components do; and where somebody had put a class of their own in
    the place of `datetime` when the models were made, as tests of time do, it reads what datetime would have."""
    if issubclass(kind, datetime.datetime):
        return kind.fromisoformat(data)
    return kind.from_wire(data)


def decode(kind: type[T], data: bytes) -> T:
    """JSON as a `kind` (a model, a list of models…). Raises msgspec.ValidationError where a field does not fit."""
    hashable: Any = kind
    found: T = decoder(hashable).decode(data)
    return found


def to_wire(model: Any) -> Any:
    """A model (or a list of them) as plain objects for JSON, in Discord's spelling."""
    if isinstance(model, Struct):
        return {
            name: write(value)
            for field, name, write in _plan(type(model))
            if (value := getattr(model, field)) is not UNSET
        }
    if isinstance(model, dict):
        return {str(key): to_wire(value) for key, value in model.items()}
    if isinstance(model, list | tuple):
        return [to_wire(item) for item in model]
    return _time(model) if isinstance(model, datetime.datetime) else model


def _time(value: datetime.datetime) -> str:
    return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=1_024)
def _plan(kind: type[Struct]) -> tuple[tuple[str, str, Writer], ...]:
    hints = get_type_hints(kind, include_extras=True)
    names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    return tuple((field, name, _writer(hints[field])) for field, name in names)


def _writer(hint: Any) -> Writer:
    """How a field's values are written; ids may be inside lists, unions and maps."""
    if get_origin(hint) is Annotated:
        kind, *notes = get_args(hint)
        if any(isinstance(n, Meta) and (n.extra or {}).get("wire") == "text" for n in notes):
            return lambda value: str(int(value)) if value is not None else None
        return _writer(kind)
    inner = [_writer(argument) for argument in get_args(hint)]
    if all(write is to_wire for write in inner):
        return to_wire
    chosen = next(write for write in reversed(inner) if write is not to_wire)
    if get_origin(hint) is list:
        return lambda value: [chosen(item) for item in value]
    if get_origin(hint) is dict:
        return lambda value: {str(key): inner[1](item) for key, item in value.items()}
    return lambda value: None if value is None else chosen(value)
