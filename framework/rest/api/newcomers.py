"""What awaits new members: the welcome screen, onboarding, the server guide ("Guild")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framework.models._base import UNSET, Maybe
from framework.models.codec import to_wire
from framework.models.onboarding import Onboarding, OnboardingPrompt, OnboardingPromptOption
from framework.models.welcome_screen import NewMemberWelcome, WelcomeScreen, WelcomeScreenChannel
from framework.rest.api._base import Api, body
from framework.rest.core.route import Route

__all__ = ["NewcomersApi"]


class NewcomersApi(Api):
    """The welcome screen, onboarding and the server guide. To read one that is not enabled needs MANAGE_GUILD."""

    async def get_guild_welcome_screen(self, guild_id: int) -> WelcomeScreen:
        """The welcome screen, NotFound (10069) where none was made."""
        route = Route.of("GET", "/guilds/{guild_id}/welcome-screen", guild_id=guild_id)
        return await self._ask(WelcomeScreen, route)

    async def modify_guild_welcome_screen(
        self,
        guild_id: int,
        *,
        enabled: Maybe[bool] = UNSET,
        welcome_channels: Maybe[Sequence[WelcomeScreenChannel]] = UNSET,
        description: Maybe[str | None] = UNSET,
        reason: str | None = None,
    ) -> WelcomeScreen:
        """Change the welcome screen; needs MANAGE_GUILD."""
        route = Route.of("PATCH", "/guilds/{guild_id}/welcome-screen", guild_id=guild_id)
        fields = body(enabled=enabled, welcome_channels=welcome_channels, description=description)
        return await self._ask(WelcomeScreen, route, json=fields, reason=reason)

    async def get_guild_onboarding(self, guild_id: int) -> Onboarding:
        """What newcomers are asked."""
        return await self._ask(Onboarding, Route.of("GET", "/guilds/{guild_id}/onboarding", guild_id=guild_id))

    async def modify_guild_onboarding(
        self,
        guild_id: int,
        *,
        prompts: Maybe[Sequence[OnboardingPrompt]] = UNSET,
        default_channel_ids: Maybe[Sequence[int]] = UNSET,
        enabled: Maybe[bool] = UNSET,
        mode: Maybe[int] = UNSET,
        reason: str | None = None,
    ) -> Onboarding:
        """Change what newcomers are asked; needs MANAGE_GUILD and MANAGE_ROLES.

        `prompts` is the complete list, up to 15; those of `get_guild_onboarding` can be sent back as they are. While it
        is enabled there must be 7 channels that everybody sees, 5 of them to write in.
        """
        route = Route.of("PUT", "/guilds/{guild_id}/onboarding", guild_id=guild_id)
        asked = UNSET if prompts is UNSET else [_prompt(prompt) for prompt in prompts]
        fields = body(prompts=asked, default_channel_ids=default_channel_ids, enabled=enabled, mode=mode)
        return await self._ask(Onboarding, route, json=fields, reason=reason)

    async def get_guild_new_member_welcome(self, guild_id: int) -> NewMemberWelcome | None:
        """The server guide; None where there is none."""
        route = Route.of("GET", "/guilds/{guild_id}/new-member-welcome", guild_id=guild_id)
        return await self._ask_if_any(NewMemberWelcome, route)


def _prompt(prompt: OnboardingPrompt) -> dict[str, Any]:
    return {**to_wire(prompt), "options": [_option(option) for option in prompt.options]}


def _option(option: OnboardingPromptOption) -> dict[str, Any]:
    """An option as it is sent: the emoji that Discord told has other names there."""
    fields: dict[str, Any] = to_wire(option)
    emoji = fields.pop("emoji", {})
    return {**{f"emoji_{key}": value for key, value in emoji.items()}, **fields}
