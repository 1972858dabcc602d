"""Erlang's external term format, as much of it as the gateway speaks with `encoding=etf`.

Maps with binary keys, lists, binaries, numbers, and the atoms `nil`, `true` and `false`; ids go out as 64-bit integers.
What clients may not send (atom keys, compressed terms) is a `BadTerm`, which closes the connection with 4002.

Sources: "External Term Format" of the Erlang documentation; "Encoding and Compression" of Discord's.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Any

__all__ = ["BadTerm", "pack", "unpack"]

VERSION = 131


class _Tag(IntEnum):
    NEW_FLOAT, SMALL_INT, INT, FLOAT_TEXT = 70, 97, 98, 99
    ATOM, SMALL_ATOM, ATOM_UTF8, SMALL_ATOM_UTF8 = 100, 115, 118, 119
    SMALL_TUPLE, LARGE_TUPLE, NIL, STRING, LIST, BINARY = 104, 105, 106, 107, 108, 109
    SMALL_BIG, LARGE_BIG, MAP = 110, 111, 116


_DEPTH_MAX, _BIG_BYTES_MAX = 64, 64
_ID_DIGITS_MIN = 15
_ID_LISTS = ("roles", "ids", "mention_roles", "applied_tags", "exempt_roles", "exempt_channels", "participants")
_WORDS: dict[str, Any] = {"nil": None, "null": None, "undefined": None, "true": True, "false": False}


class BadTerm(ValueError):
    """The bytes are no term, or one that a client may not send."""


def pack(value: Any) -> bytes:
    """A JSON value as a term. Strings that are ids by their key (`id`, `guild_id`, `roles`…) become integers."""
    out = bytearray((VERSION,))
    _pack(out, value, "")
    return bytes(out)


def _pack(out: bytearray, value: Any, key: str) -> None:
    match value:
        case None:
            _pack_atom(out, b"nil")
        case bool():
            _pack_atom(out, b"true" if value else b"false")
        case int():
            _pack_int(out, value)
        case float():
            out += struct.pack(">Bd", _Tag.NEW_FLOAT, value)
        case str() if _is_id(value, key):
            _pack_int(out, int(value))
        case str():
            _pack_binary(out, value.encode())
        case dict():
            out += struct.pack(">BI", _Tag.MAP, len(value))
            for name, item in value.items():
                _pack_binary(out, name.encode())
                _pack(out, item, name)
        case list() | tuple():
            if value:
                out += struct.pack(">BI", _Tag.LIST, len(value))
                for item in value:
                    _pack(out, item, key if key.endswith("_ids") or key in _ID_LISTS else "")
            out.append(_Tag.NIL)
        case _:
            raise TypeError(f"no JSON value: {type(value).__name__}")


def _is_id(text: str, key: str) -> bool:
    named = key == "id" or key.endswith(("_id", "_ids")) or key in _ID_LISTS
    return named and len(text) >= _ID_DIGITS_MIN and text.isascii() and text.isdecimal()


def _pack_atom(out: bytearray, word: bytes) -> None:
    out += struct.pack(">BH", _Tag.ATOM, len(word)) + word


def _pack_binary(out: bytearray, data: bytes) -> None:
    out += struct.pack(">BI", _Tag.BINARY, len(data)) + data


def _pack_int(out: bytearray, value: int) -> None:
    if 0 <= value <= 255:
        out += bytes((_Tag.SMALL_INT, value))
    elif -(1 << 31) <= value < 1 << 31:
        out += struct.pack(">Bi", _Tag.INT, value)
    else:
        data = abs(value).to_bytes((abs(value).bit_length() + 7) // 8, "little")
        out += bytes((_Tag.SMALL_BIG, len(data), value < 0)) + data


def unpack(data: bytes) -> Any:
    """The JSON value of a term. Raises BadTerm."""
    reader = _Reader(data)
    if reader.take(1)[0] != VERSION:
        raise BadTerm("a term begins with 131")
    value = reader.term(0)
    if reader.at != len(data):
        raise BadTerm("bytes after the term")
    return value


class _Reader:
    """A position in bytes. Every length is paid for with bytes that are there, so no claim can cost memory."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if len(piece) < size:
            raise BadTerm("the term is cut off")
        self.at += size
        return piece

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def items(self, count: int, depth: int) -> list[Any]:
        if count > len(self.data) - self.at:
            raise BadTerm("the term is cut off")
        return [self.term(depth + 1) for _ in range(count)]

    def text(self, size: int) -> str:
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            raise BadTerm("a binary that is not UTF-8") from None

    def term(self, depth: int) -> Any:
        if depth > _DEPTH_MAX:
            raise BadTerm("nested too deeply")
        match self.take(1)[0]:
            case _Tag.SMALL_INT:
                return self.number(">B")
            case _Tag.INT:
                return self.number(">i")
            case _Tag.NEW_FLOAT:
                return self.number(">d")
            case _Tag.FLOAT_TEXT:
                return self._float()
            case _Tag.BINARY:
                return self.text(self.number(">I"))
            case _Tag.MAP:
                return self._map(depth)
            case _Tag.LIST:
                values = self.items(self.number(">I"), depth)
                if self.take(1)[0] != _Tag.NIL:
                    raise BadTerm("an improper list")
                return values
            case _Tag.NIL:
                return []
            case _Tag.STRING:
                return list(self.take(self.number(">H")))
            case _Tag.SMALL_TUPLE:
                return self.items(self.number(">B"), depth)
            case _Tag.LARGE_TUPLE:
                return self.items(self.number(">I"), depth)
            case _Tag.SMALL_BIG:
                return self._big(self.number(">B"))
            case _Tag.LARGE_BIG:
                return self._big(self.number(">I"))
            case _Tag.SMALL_ATOM | _Tag.SMALL_ATOM_UTF8:
                return self._atom(self.number(">B"))
            case _Tag.ATOM | _Tag.ATOM_UTF8:
                return self._atom(self.number(">H"))
            case tag:
                raise BadTerm(f"a term of kind {tag} is not accepted")

    def _map(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(self.number(">I")):
            if self.take(1)[0] != _Tag.BINARY:
                raise BadTerm("a key that is no binary")
            name = self.text(self.number(">I"))
            found[name] = self.term(depth + 1)
        return found

    def _big(self, size: int) -> int:
        if size > _BIG_BYTES_MAX:
            raise BadTerm("a number of too many digits")
        negative = self.take(1)[0]
        value = int.from_bytes(self.take(size), "little")
        return -value if negative else value

    def _atom(self, size: int) -> Any:
        word = self.text(size)
        return _WORDS.get(word, word)

    def _float(self) -> float:
        try:
            return float(self.take(31).rstrip(b"\0"))
        except ValueError:
            raise BadTerm("no number") from None
