"""Only what the key has signed passes; whatever else is False, and nothing raises."""

from __future__ import annotations

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from framework.errors import InvalidUse
from framework.interactions import verify

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SECRET.public_key().public_bytes_raw().hex()
BODY = b'{"type":1}'
SIGNATURE = SECRET.sign(b"1700000000" + BODY).hex()


def test_a_genuine_one_passes_in_either_case() -> None:
    assert verify(KEY, SIGNATURE, "1700000000", BODY)
    assert verify(KEY.upper(), SIGNATURE.upper(), "1700000000", BODY)


def test_a_vector_of_the_standard() -> None:
    """RFC 8032, section 7.1, test 3: the message is one after the other, whichever part is longer."""
    key = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    signature = (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    assert verify(key, signature, "", b"\xaf\x82")
    assert not verify(key, signature, "", b"\xaf\x83")


@pytest.mark.parametrize(
    ("key", "signature", "timestamp", "body"),
    [
        (KEY, SIGNATURE, "1700000001", BODY),
        (KEY, SIGNATURE, "1700000000", BODY + b" "),
        (KEY, SIGNATURE, "", BODY),
        (KEY, SIGNATURE[:-1] + "0" * (SIGNATURE[-1] != "0") + "1" * (SIGNATURE[-1] == "0"), "1700000000", BODY),
        (KEY[::-1], SIGNATURE, "1700000000", BODY),
        (KEY, "", "1700000000", BODY),
        (KEY, SIGNATURE[:-2], "1700000000", BODY),
        (KEY, SIGNATURE + "00", "1700000000", BODY),
        (KEY, "x" * 128, "1700000000", BODY),
        (KEY, "٣" * 128, "1700000000", BODY),
        (KEY, " " * 128, "1700000000", BODY),
        (KEY, "00" * 64, "1700000000", BODY),
        (KEY, SIGNATURE, "\udcff", BODY),
        ("", SIGNATURE, "1700000000", BODY),
        ("x" * 64, SIGNATURE, "1700000000", BODY),
        ("ff" * 32, SIGNATURE, "1700000000", BODY),
    ],
)
def test_whatever_else_does_not(key, signature, timestamp, body) -> None:
    assert verify(key, signature, timestamp, body) is False


def test_without_the_extra_the_user_is_told_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(InvalidUse, match=r"discord-sim\[interactions\]"):
        verify(KEY, SIGNATURE, "1700000000", BODY)
