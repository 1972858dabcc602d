"""Requests to join a guild that lets nobody in unasked ("Guild")."""

from __future__ import annotations

from enum import StrEnum

from framework.models._base import UNSET, Maybe, Model, Snowflake, Timestamp
from framework.models.user import User

__all__ = ["JoinRequest", "JoinRequestAnswer", "JoinRequestStatus", "JoinRequests"]


class JoinRequestStatus(StrEnum):
    """How far a request has come."""

    STARTED = "STARTED"
    SUBMITTED = "SUBMITTED"
    REJECTED = "REJECTED"
    APPROVED = "APPROVED"


class JoinRequestAnswer(Model, kw_only=True):
    """A field of the guild's form, and what was answered."""

    field_type: str  # TERMS, TEXT_INPUT, PARAGRAPH or MULTIPLE_CHOICE
    label: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    required: Maybe[bool] = UNSET
    placeholder: Maybe[str] = UNSET  # of the two kinds of text
    choices: Maybe[list[str]] = UNSET  # of a multiple choice
    values: Maybe[list[str]] = UNSET  # the terms
    response: Maybe[bool | int | str] = UNSET  # accepted or not; the number of the choice; the text


class JoinRequest(Model, kw_only=True):
    """Somebody wants to join."""

    id: Snowflake
    created_at: Timestamp
    reviewed_at: Timestamp | None
    application_status: str | None  # JoinRequestStatus
    rejection_reason: str | None
    guild_id: Snowflake
    user_id: Snowflake
    user: Maybe[User | None] = UNSET
    form_responses: Maybe[list[JoinRequestAnswer] | None] = UNSET
    actioned_by_user: Maybe[User | None] = UNSET


class JoinRequests(Model, kw_only=True):
    """One page of requests, and how many there are in all."""

    total: Maybe[int] = UNSET
    guild_join_requests: Maybe[list[JoinRequest]] = UNSET
