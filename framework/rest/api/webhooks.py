"""Webhooks, and posting with them ("Webhook"). Calls with the webhook's own token need no permission of the bot's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framework.models import UNSET, Maybe
from framework.models.component import Component
from framework.models.embed import Embed
from framework.models.message import AllowedMentions, Message
from framework.models.poll import NewPoll
from framework.models.webhook import Webhook
from framework.rest.api._base import Api, body, query
from framework.rest.api._messages import Listed, message_body
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["WebhooksApi"]

_WEBHOOK = "/webhooks/{webhook_id}"
_WITH_TOKEN = f"{_WEBHOOK}/{{webhook_token}}"
_MESSAGE = f"{_WITH_TOKEN}/messages/{{message_id}}"


class WebhooksApi(Api):
    """Webhooks."""

    async def create_webhook(
        self, channel_id: int, name: str, *, avatar: Maybe[str | None] = UNSET, reason: str | None = None
    ) -> Webhook:
        """Make a webhook, its avatar a data URI; needs MANAGE_WEBHOOKS. A channel has up to 15 (30007).

        A name has up to 80 characters, and neither "clyde" nor "discord" in it.
        """
        route = Route.of("POST", "/channels/{channel_id}/webhooks", channel_id=channel_id)
        return await self._ask(Webhook, route, json=body(name=name, avatar=avatar), reason=reason)

    async def get_channel_webhooks(self, channel_id: int) -> list[Webhook]:
        """The webhooks of a channel; needs MANAGE_WEBHOOKS."""
        route = Route.of("GET", "/channels/{channel_id}/webhooks", channel_id=channel_id)
        return await self._ask(list[Webhook], route)

    async def get_webhook(self, webhook_id: int) -> Webhook:
        """A webhook; needs MANAGE_WEBHOOKS, unless it is the application's own."""
        return await self._ask(Webhook, Route.of("GET", _WEBHOOK, webhook_id=webhook_id))

    async def get_webhook_with_token(self, webhook_id: int, webhook_token: str) -> Webhook:
        """A webhook by its token, without who made it."""
        route = Route.of("GET", _WITH_TOKEN, webhook_id=webhook_id, webhook_token=webhook_token)
        return await self._ask(Webhook, route)

    async def modify_webhook(
        self,
        webhook_id: int,
        *,
        name: Maybe[str] = UNSET,
        avatar: Maybe[str | None] = UNSET,
        channel_id: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> Webhook:
        """Change a webhook or move it to another channel; needs MANAGE_WEBHOOKS."""
        route = Route.of("PATCH", _WEBHOOK, webhook_id=webhook_id)
        fields = body(name=name, avatar=avatar, channel_id=channel_id)
        return await self._ask(Webhook, route, json=fields, reason=reason)

    async def modify_webhook_with_token(
        self, webhook_id: int, webhook_token: str, *, name: Maybe[str] = UNSET, avatar: Maybe[str | None] = UNSET
    ) -> Webhook:
        """Change a webhook by its token."""
        route = Route.of("PATCH", _WITH_TOKEN, webhook_id=webhook_id, webhook_token=webhook_token)
        return await self._ask(Webhook, route, json=body(name=name, avatar=avatar))

    async def delete_webhook(self, webhook_id: int, *, reason: str | None = None) -> None:
        """Delete a webhook; needs MANAGE_WEBHOOKS."""
        await self._do(Route.of("DELETE", _WEBHOOK, webhook_id=webhook_id), reason=reason)

    async def delete_webhook_with_token(self, webhook_id: int, webhook_token: str) -> None:
        """Delete a webhook by its token."""
        await self._do(Route.of("DELETE", _WITH_TOKEN, webhook_id=webhook_id, webhook_token=webhook_token))

    # -- messages --------------------------------------------------------------------------------------------

    async def execute_webhook(
        self,
        webhook_id: int,
        webhook_token: str,
        content: Maybe[str] = UNSET,
        *,
        wait: bool = False,
        thread_id: int | None = None,
        with_components: bool | None = None,
        username: Maybe[str] = UNSET,
        avatar_url: Maybe[str] = UNSET,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        poll: Maybe[NewPoll] = UNSET,
        flags: Maybe[int] = UNSET,
        tts: Maybe[bool] = UNSET,
        thread_name: Maybe[str] = UNSET,
        applied_tags: Maybe[Sequence[int]] = UNSET,
    ) -> Message | None:
        """Post as a webhook. Returns the message with `wait`; without, None, and it may fail unseen.

        Into a forum it needs a `thread_name` for a new thread, or a `thread_id`. A webhook that belongs to no
        application sends components that do nothing, and only `with_components`.
        """
        fields = message_body(
            files, attachments, content=content, username=username, avatar_url=avatar_url, embeds=embeds,
            allowed_mentions=allowed_mentions, components=components, poll=poll, flags=flags, tts=tts,
            thread_name=thread_name, applied_tags=applied_tags,
        )  # fmt: skip
        route = Route.of("POST", _WITH_TOKEN, webhook_id=webhook_id, webhook_token=webhook_token)
        asked = query(wait=wait, thread_id=thread_id, with_components=with_components)
        return await self._ask_if_any(Message, route, query=asked, json=fields, files=files)

    async def get_webhook_message(
        self, webhook_id: int, webhook_token: str, message_id: int, *, thread_id: int | None = None
    ) -> Message:
        """A message that the webhook has posted."""
        route = Route.of("GET", _MESSAGE, webhook_id=webhook_id, webhook_token=webhook_token, message_id=message_id)
        return await self._ask(Message, route, query=query(thread_id=thread_id))

    async def edit_webhook_message(
        self,
        webhook_id: int,
        webhook_token: str,
        message_id: int,
        content: Maybe[str | None] = UNSET,
        *,
        thread_id: int | None = None,
        with_components: bool | None = None,
        embeds: Maybe[Sequence[Embed]] = UNSET,
        allowed_mentions: Maybe[AllowedMentions] = UNSET,
        components: Maybe[Sequence[Component]] = UNSET,
        files: Sequence[File] = (),
        attachments: Listed = UNSET,
        flags: Maybe[int] = UNSET,
    ) -> Message:
        """Change a message that the webhook has posted. What is left out stays; `files` are added, `attachments` lists
        those that stay, where not all shall."""
        fields = message_body(
            files, attachments, edit=True, content=content, embeds=embeds, allowed_mentions=allowed_mentions,
            components=components, flags=flags,
        )  # fmt: skip
        route = Route.of("PATCH", _MESSAGE, webhook_id=webhook_id, webhook_token=webhook_token, message_id=message_id)
        asked = query(thread_id=thread_id, with_components=with_components)
        return await self._ask(Message, route, query=asked, json=fields, files=files)

    async def delete_webhook_message(
        self, webhook_id: int, webhook_token: str, message_id: int, *, thread_id: int | None = None
    ) -> None:
        """Delete a message that the webhook has posted."""
        route = Route.of("DELETE", _MESSAGE, webhook_id=webhook_id, webhook_token=webhook_token, message_id=message_id)
        await self._do(route, query=query(thread_id=thread_id))

    # -- in the language of other services -------------------------------------------------------------------

    async def execute_slack_compatible_webhook(
        self, webhook_id: int, webhook_token: str, message: Mapping[str, Any], *, thread_id: int | None = None
    ) -> None:
        """Post what would be posted to Slack: text, username, icon_url, attachments."""
        template = f"{_WITH_TOKEN}/slack"
        route = Route.of("POST", template, webhook_id=webhook_id, webhook_token=webhook_token)
        await self._do(route, query=query(thread_id=thread_id), json=dict(message))

    async def execute_github_compatible_webhook(
        self, webhook_id: int, webhook_token: str, event: Mapping[str, Any], *, thread_id: int | None = None
    ) -> None:
        """Post what an event of GitHub's says."""
        template = f"{_WITH_TOKEN}/github"
        route = Route.of("POST", template, webhook_id=webhook_id, webhook_token=webhook_token)
        await self._do(route, query=query(thread_id=thread_id), json=dict(event))
