"""The key pair of each application, from the seed; Discord signs what it sends to an application's endpoint
("Interactions: Overview"). Signing needs the package `cryptography`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["SigningMissing", "sign", "verify_key"]


class SigningMissing(RuntimeError):
    """The package `cryptography` is not installed."""


def _secret(seed: int, application_id: int) -> bytes:
    return hashlib.blake2b(f"{seed}/application/{application_id}".encode(), digest_size=32).digest()


def _key(seed: int, application_id: int) -> Ed25519PrivateKey:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError:
        raise SigningMissing("signing needs cryptography: pip install 'discord-sim[interactions]'") from None
    return Ed25519PrivateKey.from_private_bytes(_secret(seed, application_id))


def sign(seed: int, application_id: int, data: bytes) -> bytes:
    """The Ed25519 signature, 64 bytes. Raises SigningMissing."""
    return _key(seed, application_id).sign(data)


def verify_key(seed: int, application_id: int) -> str:
    """The public key that an application shows: 64 hex digits; made up where nothing can be signed."""
    try:
        return _key(seed, application_id).public_key().public_bytes_raw().hex()
    except SigningMissing:
        return _secret(seed, application_id)[::-1].hex()
