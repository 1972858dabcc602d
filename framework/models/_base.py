"""What every model is made of: ids that are `int`, times that are `datetime`, and null apart from absent.

A field that Discord may leave out is `Maybe[...]`, and `UNSET` where it was left out; one that may be null is
`... | None`. Unknown fields are skipped while decoding, in C. Knows msgspec; must not know REST or the gateway.
"""

from __future__ import annotations

import datetime
from typing import Annotated, ClassVar, TypeAlias, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

__all__ = ["UNSET", "Bits", "Maybe", "Model", "Snowflake", "Timestamp", "UnsetType"]

T = TypeVar("T")

Maybe: TypeAlias = T | UnsetType
Snowflake = Annotated[int, Meta(extra={"wire": "text"})]
"""An id: digits in a string on the wire."""
Bits = Annotated[int, Meta(extra={"wire": "text"})]
"""A set of permission bits: digits in a string on the wire."""
Timestamp = Annotated[datetime.datetime, Meta(extra={"wire": "time"})]
"""ISO 8601 on the wire; decoded values know their zone."""


class Model(Struct, kw_only=True):
    """Base of everything a user holds. Equal content is equal; `repr` leaves out what is unset or lets others in."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"token"})

    def __repr__(self) -> str:
        shown = [(f, getattr(self, f)) for f in self.__struct_fields__ if f not in self.SECRETS]
        inside = ", ".join(f"{name}={value!r}" for name, value in shown if value is not UNSET)
        return f"{type(self).__name__}({inside})"
