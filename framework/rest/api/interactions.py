"""The first response to an interaction ("Receiving and Responding")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framework.models import UNSET, Maybe
from framework.models.command import ApplicationCommandOptionChoice
from framework.models.component import Component
from framework.models.embed import Embed
from framework.models.interaction import InteractionCallbackResponse, InteractionCallbackType
from framework.models.message import AllowedMentions
from framework.models.poll import NewPoll
from framework.rest.api._base import Api, query
from framework.rest.api._messages import Listed, message_body
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["InteractionsApi", "callback_body"]


def callback_body(
    type_: int, *, files: Sequence[File] = (), attachments: Listed = UNSET, **fields: Any
) -> dict[str, Any]:
    """A first response as it goes over the wire, in a call of its own or as the answer to Discord's."""
    data = message_body(files, attachments, edit=type_ == InteractionCallbackType.UPDATE_MESSAGE, **fields)
    return {"type": type_, **({"data": data} if data else {})}


class InteractionsApi(Api):
    """Interactions ("Receiving and Responding" in Discord's documentation). What comes later is sent by webhook."""

    async def create_interaction_response(
        self,
        interaction_id: int,
        interaction_token: str,
        type_: int,
        *,
        content: Maybe[str | None] = UNSET,
        embeds: Maybe[Sequence[Embed] | None] = UNSET,
        components: Maybe[Sequence[Component] | None] = UNSET,
        allowed_mentions: Maybe[AllowedMentions | None] = UNSET,
        attachments: Listed = UNSET,
        files: Sequence[File] = (),
        poll: Maybe[NewPoll | None] = UNSET,
        tts: Maybe[bool | None] = UNSET,
        flags: Maybe[int | None] = UNSET,
        choices: Maybe[Sequence[ApplicationCommandOptionChoice]] = UNSET,
        custom_id: Maybe[str] = UNSET,
        title: Maybe[str] = UNSET,
        eligible: Maybe[bool] = UNSET,
        ineligible_reason: Maybe[int | None] = UNSET,
        ineligible_reason_description: Maybe[str | None] = UNSET,
        with_response: bool = False,
    ) -> InteractionCallbackResponse | None:
        """Respond for the first time, within 3 seconds; `type_` is an InteractionCallbackType and says how.

        A message takes what `create_message` takes; only users are mentioned unless `allowed_mentions` says otherwise,
        and `flags` may hold EPHEMERAL. A modal takes `custom_id`, `title` (up to 45 characters) and up to 5
        `components`, autocompletion up to 25 `choices`, the question whether a user may buy something `eligible` and,
        if not, a SkuIneligibilityReason. What was made is returned only `with_response`.
        """
        template = "/interactions/{interaction_id}/{interaction_token}/callback"
        route = Route.of("POST", template, interaction_id=interaction_id, interaction_token=interaction_token)
        response = callback_body(
            type_, files=files, attachments=attachments, content=content, embeds=embeds, components=components,
            allowed_mentions=allowed_mentions, poll=poll, tts=tts, flags=flags, choices=choices, custom_id=custom_id,
            title=title, eligible=eligible, ineligible_reason=ineligible_reason,
            ineligible_reason_description=ineligible_reason_description,
        )  # fmt: skip
        asked = query(with_response=with_response)
        return await self._ask_if_any(InteractionCallbackResponse, route, json=response, query=asked, files=files)
