"""Messages after the first response to an interaction, for fifteen minutes ("Receiving and Responding").

The interaction's token is all that is needed. "Original" is the first response, or the message that it changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from framework.models import UNSET, Maybe
from framework.models.component import Component
from framework.models.embed import Embed
from framework.models.message import AllowedMentions, Message
from framework.models.poll import NewPoll
from framework.rest.api._base import Api
from framework.rest.api._messages import Listed, message_body
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["FollowupsApi"]

_INTERACTION = "/webhooks/{application_id}/{interaction_token}"
_ORIGINAL = f"{_INTERACTION}/messages/@original"
_MESSAGE = f"{_INTERACTION}/messages/{{message_id}}"


class FollowupsApi(Api):
    """Answers to interactions after the first."""

    async def get_original_interaction_response(self, application_id: int, interaction_token: str) -> Message:
        """The first response, NotFound before it is there."""
        route = Route.of("GET", _ORIGINAL, application_id=application_id, interaction_token=interaction_token)
        return await self._ask(Message, route)

    async def edit_original_interaction_response(
        self,
        application_id: int,
        interaction_token: str,
        content: Maybe[str | None] = UNSET,
        *,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        poll: Maybe[NewPoll] = UNSET,
        flags: Maybe[int] = UNSET,
    ) -> Message:
        """Change the first response, or give a deferred one its content; only the latter may get a poll."""
        fields = message_body(
            files, attachments, edit=True, content=content, embeds=embeds, allowed_mentions=allowed_mentions,
            components=components, poll=poll, flags=flags,
        )  # fmt: skip
        route = Route.of("PATCH", _ORIGINAL, application_id=application_id, interaction_token=interaction_token)
        return await self._ask(Message, route, json=fields, files=files)

    async def delete_original_interaction_response(self, application_id: int, interaction_token: str) -> None:
        """Delete the first response."""
        await self._do(
            Route.of("DELETE", _ORIGINAL, application_id=application_id, interaction_token=interaction_token)
        )

    async def create_followup_message(
        self,
        application_id: int,
        interaction_token: str,
        content: Maybe[str] = UNSET,
        *,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        poll: Maybe[NewPoll] = UNSET,
        flags: Maybe[int] = UNSET,
        tts: Maybe[bool] = UNSET,
    ) -> Message:
        """Post another message; with the flag EPHEMERAL only the user sees it. After a deferred response, the first of
        these fills it in. Where only the user has installed the application, five can follow (40094)."""
        fields = message_body(
            files, attachments, content=content, embeds=embeds, allowed_mentions=allowed_mentions,
            components=components, poll=poll, flags=flags, tts=tts,
        )  # fmt: skip
        route = Route.of("POST", _INTERACTION, application_id=application_id, interaction_token=interaction_token)
        return await self._ask(Message, route, json=fields, files=files)

    async def get_followup_message(self, application_id: int, interaction_token: str, message_id: int) -> Message:
        """One of the messages after the first."""
        route = Route.of(
            "GET", _MESSAGE,
            application_id=application_id, interaction_token=interaction_token, message_id=message_id,
        )  # fmt: skip
        return await self._ask(Message, route)

    async def edit_followup_message(
        self,
        application_id: int,
        interaction_token: str,
        message_id: int,
        content: Maybe[str | None] = UNSET,
        *,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        flags: Maybe[int] = UNSET,
    ) -> Message:
        """Change one of the messages after the first, or the message of a component."""
        fields = message_body(
            files, attachments, edit=True, content=content, embeds=embeds, allowed_mentions=allowed_mentions,
            components=components, flags=flags,
        )  # fmt: skip
        route = Route.of(
            "PATCH", _MESSAGE,
            application_id=application_id, interaction_token=interaction_token, message_id=message_id,
        )  # fmt: skip
        return await self._ask(Message, route, json=fields, files=files)

    async def delete_followup_message(self, application_id: int, interaction_token: str, message_id: int) -> None:
        """Delete one of the messages after the first."""
        route = Route.of(
            "DELETE", _MESSAGE,
            application_id=application_id, interaction_token=interaction_token, message_id=message_id,
        )  # fmt: skip
        await self._do(route)
