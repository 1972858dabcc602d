"""Discord signs what it sends to an application's endpoint ("Interactions: Overview").

Needs the extra `interactions`, which is the package `cryptography`.
"""

from __future__ import annotations

from framework.errors import InvalidUse

__all__ = ["verify"]

_KEY_DIGITS, _SIGNATURE_DIGITS = 64, 128


def verify(public_key_hex: str, signature_hex: str, timestamp: str, body: bytes) -> bool:
    """Whether the application's key has signed a timestamp and a body: Ed25519 over one after the other, as they came.

    Whatever is malformed is False, as a wrong signature is.

    Raises:
        InvalidUse: the package `cryptography` is not installed.
    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise InvalidUse("verifying needs cryptography: pip install 'discord-sim[interactions]'") from None
    if len(public_key_hex) != _KEY_DIGITS or len(signature_hex) != _SIGNATURE_DIGITS:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key_hex))
        key.verify(bytes.fromhex(signature_hex), timestamp.encode() + body)
    except (ValueError, InvalidSignature):
        return False
    return True
