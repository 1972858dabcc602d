"""A session is plain data, ready to be stored."""

from __future__ import annotations

from dataclasses import asdict

from framework.gateway.core.session import Session


def test_a_session_survives_being_stored_as_plain_data() -> None:
    session = Session("abc", 7, "wss://resume", 3, 16)
    assert Session(**asdict(session)) == session
