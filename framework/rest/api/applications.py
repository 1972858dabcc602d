"""Applications: what they are, their emojis, attachments and activities, and what they tell of users ("Application",
"Emoji", "Application Role Connection Metadata").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

from framework.models import UNSET, Maybe, to_wire
from framework.models.application import (
    ActivityInstance,
    Application,
    ApplicationIntegrationTypeConfiguration,
    ApplicationRoleConnection,
    ApplicationRoleConnectionMetadata,
    InstallParams,
)
from framework.models.emoji import Emoji
from framework.models.message import Attachment
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route
from framework.rest.files import File

__all__ = ["ApplicationChanges", "ApplicationsApi"]


class ApplicationChanges(TypedDict, total=False):
    """What can be changed of an application. Pictures are data URIs."""

    description: Maybe[str | None]
    icon: Maybe[str | None]
    cover_image: Maybe[str | None]
    flags: Maybe[int | None]  # of ApplicationFlags the `_LIMITED` intents
    tags: Maybe[Sequence[str] | None]  # up to 5
    custom_install_url: Maybe[str | None]
    install_params: Maybe[InstallParams | None]
    integration_types_config: Maybe[Mapping[int, ApplicationIntegrationTypeConfiguration | None] | None]
    role_connections_verification_url: Maybe[str | None]
    interactions_endpoint_url: Maybe[str | None]  # is asked at once, and must answer as it should
    event_webhooks_url: Maybe[str | None]
    event_webhooks_status: Maybe[int | None]  # ApplicationEventWebhookStatus
    event_webhooks_types: Maybe[Sequence[str] | None]
    explicit_content_filter: Maybe[int | None]  # ApplicationExplicitContentFilter
    max_participants: Maybe[int | None]
    team_id: Maybe[int | None]
    type: Maybe[int | None]


class ApplicationsApi(Api):
    """Applications ("Application" in Discord's documentation)."""

    async def get_current_application(self) -> Application:
        """The bot's application, as its owner sees it."""
        return await self._ask(Application, Route.of("GET", "/applications/@me"))

    async def edit_current_application(self, **changes: Unpack[ApplicationChanges]) -> Application:
        """Change the bot's application."""
        return await self._ask(Application, Route.of("PATCH", "/applications/@me"), json=body(**changes))

    async def get_application(self, application_id: int) -> Application:
        """The bot's application by its id."""
        route = Route.of("GET", "/applications/{application_id}", application_id=application_id)
        return await self._ask(Application, route)

    async def edit_application(self, application_id: int, **changes: Unpack[ApplicationChanges]) -> Application:
        """Change the bot's application by its id."""
        route = Route.of("PATCH", "/applications/{application_id}", application_id=application_id)
        return await self._ask(Application, route, json=body(**changes))

    async def get_application_activity_instance(self, application_id: int, instance_id: str) -> ActivityInstance:
        """An activity that is running now, and who takes part."""
        template = "/applications/{application_id}/activity-instances/{instance_id}"
        route = Route.of("GET", template, application_id=application_id, instance_id=instance_id)
        return await self._ask(ActivityInstance, route)

    async def upload_application_attachment(
        self, application_id: int, file: File, *, bearer: str | None = None
    ) -> Attachment:
        """Upload a file that an activity can show; it is gone after some time."""
        route = Route.of("POST", "/applications/{application_id}/attachment", application_id=application_id)
        answer = await self._ask(dict[str, Attachment], route, files=[replace(file, field="file")], bearer=bearer)
        return answer["attachment"]

    # -- emojis ----------------------------------------------------------------------------------------------

    async def list_application_emojis(self, application_id: int) -> list[Emoji]:
        """The application's own emojis, up to 2000."""
        route = Route.of("GET", "/applications/{application_id}/emojis", application_id=application_id)
        return (await self._ask(dict[str, list[Emoji]], route))["items"]

    async def get_application_emoji(self, application_id: int, emoji_id: int) -> Emoji:
        """One of the application's emojis."""
        template = "/applications/{application_id}/emojis/{emoji_id}"
        return await self._ask(Emoji, Route.of("GET", template, application_id=application_id, emoji_id=emoji_id))

    async def create_application_emoji(self, application_id: int, *, name: str, image: str) -> Emoji:
        """Make an emoji of 2 to 32 letters, digits and underscores; `image` is a data URI of up to 256 KiB."""
        route = Route.of("POST", "/applications/{application_id}/emojis", application_id=application_id)
        return await self._ask(Emoji, route, json=body(name=name, image=image))

    async def modify_application_emoji(self, application_id: int, emoji_id: int, *, name: Maybe[str] = UNSET) -> Emoji:
        """Rename an emoji."""
        template = "/applications/{application_id}/emojis/{emoji_id}"
        route = Route.of("PATCH", template, application_id=application_id, emoji_id=emoji_id)
        return await self._ask(Emoji, route, json=body(name=name))

    async def delete_application_emoji(self, application_id: int, emoji_id: int) -> None:
        """Delete an emoji."""
        template = "/applications/{application_id}/emojis/{emoji_id}"
        await self._do(Route.of("DELETE", template, application_id=application_id, emoji_id=emoji_id))

    # -- role connections ------------------------------------------------------------------------------------

    async def get_application_role_connection_metadata_records(
        self, application_id: int
    ) -> list[ApplicationRoleConnectionMetadata]:
        """What guilds can ask for of the application's users before they give a role."""
        template = "/applications/{application_id}/role-connections/metadata"
        route = Route.of("GET", template, application_id=application_id)
        return await self._ask(list[ApplicationRoleConnectionMetadata], route)

    async def update_application_role_connection_metadata_records(
        self, application_id: int, records: Sequence[ApplicationRoleConnectionMetadata]
    ) -> list[ApplicationRoleConnectionMetadata]:
        """Replace what guilds can ask for: up to 5 records."""
        template = "/applications/{application_id}/role-connections/metadata"
        route = Route.of("PUT", template, application_id=application_id)
        return await self._ask(list[ApplicationRoleConnectionMetadata], route, json=to_wire(list(records)))

    async def get_current_user_application_role_connection(
        self, application_id: int, *, bearer: str
    ) -> ApplicationRoleConnection:
        """What the application has told of a user; needs the scope `role_connections.write`."""
        template = "/users/@me/applications/{application_id}/role-connection"
        route = Route.of("GET", template, application_id=application_id)
        return await self._ask(ApplicationRoleConnection, route, bearer=bearer)

    async def update_current_user_application_role_connection(
        self,
        application_id: int,
        *,
        bearer: str,
        platform_name: Maybe[str | None] = UNSET,
        platform_username: Maybe[str | None] = UNSET,
        metadata: Maybe[Mapping[str, str] | None] = UNSET,
    ) -> ApplicationRoleConnection:
        """Tell anew of a user; needs the scope `role_connections.write`. Values of `metadata` have up to 100
        characters."""
        template = "/users/@me/applications/{application_id}/role-connection"
        route = Route.of("PUT", template, application_id=application_id)
        told = body(platform_name=platform_name, platform_username=platform_username, metadata=metadata)
        return await self._ask(ApplicationRoleConnection, route, json=told, bearer=bearer)

    async def delete_current_user_application_role_connection(self, application_id: int, *, bearer: str) -> None:
        """Take back what was told of a user; needs the scope `role_connections.write`."""
        template = "/users/@me/applications/{application_id}/role-connection"
        await self._do(Route.of("DELETE", template, application_id=application_id), bearer=bearer)
