"""An interaction with the means to answer it, whichever way it came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, Unpack

from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.interactions.core.progress import Progress, Step
from framework.interactions.errors import InteractionExpired, Refusal
from framework.interactions.response import MessageFields, Response
from framework.models import UNSET
from framework.models import interaction as models
from framework.models.command import ApplicationCommandOptionType as OptionType
from framework.models.component import Component
from framework.models.member import Member
from framework.models.message import Message
from framework.models.permissions import Permissions, missing_permissions
from framework.models.user import User
from framework.rest.api import Endpoints
from framework.rest.errors import NotFound, RequestFailed

__all__ = ["Interaction", "Send", "by_callback"]

T = TypeVar("T")
Send = Callable[[Response], Awaitable[None]]
"""How the first response gets to Discord: over the gateway's callback route, or as the answer to Discord's request."""
_GROUPS = (OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP)
_IDS = (OptionType.USER, OptionType.CHANNEL, OptionType.ROLE, OptionType.MENTIONABLE, OptionType.ATTACHMENT)
_NOT_YET = (10008, 10015)  # unknown message, unknown webhook: what is told before the first response


class Interaction(models.Interaction, kw_only=True, dict=True):
    """Somebody used a command, a component or a modal; `respond`, `defer`, `followup` and `edit_original` answer.

    A response that comes after a deferral, the handler's own or one made for it, becomes the content of the deferred
    one, or another message where the two are not seen by the same people.
    """

    def connect(self, rest: Endpoints, send: Send, *, ephemeral: bool = False) -> None:
        """Give it the means to answer; `ephemeral` is what answers are unless they say otherwise."""
        self._rest = rest
        self._send = send
        self.is_ephemeral = ephemeral
        self.progress = Progress(loop_ms())

    # -- what was done -----------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The command with its sub-commands ("role add"), or the custom id."""
        match self.data:
            case models.ApplicationCommandData():
                return " ".join(self._path()[0])
            case models.MessageComponentData(custom_id=custom_id) | models.ModalSubmitData(custom_id=custom_id):
                return custom_id
        return ""

    @property
    def options(self) -> dict[str, str | int | float | bool]:
        """The command's options by name; users, channels, roles, mentionables and attachments are ids."""
        return {
            option.name: int(option.value) if option.type in _IDS else option.value
            for option in self._path()[1]
            if option.value is not UNSET
        }

    @property
    def inputs(self) -> dict[str, Any]:
        """What was put into a modal, by custom id: a text, a list of what was chosen, or whether it was checked."""
        return dict(_inputs(self.data.components)) if isinstance(self.data, models.ModalSubmitData) else {}

    @property
    def values(self) -> list[str]:
        """What was chosen in a select menu: values, or ids as text."""
        chosen = self.data.values if isinstance(self.data, models.MessageComponentData) else UNSET
        return [] if chosen is UNSET else chosen

    @property
    def focused(self) -> tuple[str, str]:
        """The option that is being typed, and what it holds so far: what suggestions are wanted for."""
        found = next((option for option in self._path()[1] if option.focused is True), None)
        return ("", "") if found is None else (found.name, str(found.value))

    @property
    def invoker(self) -> User:
        """Who did it, in a guild or elsewhere."""
        found = self.user if self.member is UNSET else self.member.user
        assert found is not UNSET
        return found

    @property
    def in_guild(self) -> tuple[int, Member]:
        """The guild's id, and who did it as a member there, with their permissions in the channel.

        Raises:
            Refusal: it was done in a direct channel; the user is told.
        """
        if self.guild_id is UNSET or self.member is UNSET:
            raise Refusal("This can be used in a server only.")
        return self.guild_id, self.member

    def demand(self, needs: Permissions | int) -> None:
        """Go on only if the invoker has all these permissions in the channel.

        Raises:
            Refusal: some are missing, or it was done in a direct channel; the user is told.
        """
        held = self.in_guild[1].permissions
        if missing := missing_permissions(0 if held is UNSET else held, needs):
            names = ", ".join(str(bit.name).replace("_", " ").capitalize() for bit in missing)
            raise Refusal(f"This needs what you may not do here: {names}.")

    def _path(self) -> tuple[list[str], list[models.ApplicationCommandDataOption]]:
        """The names of the command and its sub-commands, and the options of the last."""
        if not isinstance(self.data, models.ApplicationCommandData):
            return [], []
        names, options = [self.data.name], self.data.options or []
        while options and options[0].type in _GROUPS:
            names.append(options[0].name)
            options = options[0].options or []
        return names, options

    # -- answering ---------------------------------------------------------------------------------------

    async def respond(
        self, answer: Response | str = "", *, ephemeral: bool | None = None, **fields: Unpack[MessageFields]
    ) -> None:
        """Answer, once: with a message, or with any other Response.

        Raises:
            AlreadyAnswered, InteractionExpired: nothing was sent.
            RequestFailed: Discord refused it (where it was no first response over HTTP, whose fate nobody tells).
        """
        if not isinstance(answer, Response):
            answer = Response.message(answer, ephemeral=ephemeral, **fields)
        elif fields or ephemeral is not None:
            raise InvalidUse("respond() takes a Response, or the fields of a message, not both")
        await self._answer(partial(self.progress.respond, answer.type), answer)

    async def defer(self, *, ephemeral: bool | None = None, update: bool | None = None) -> None:
        """Answer later: with a message, or (`update`) by changing the component's, which is what happens where there is
        one and `ephemeral` is not asked for. What follows is ephemeral as this is. Raises as `respond`."""
        response = self.deferral(ephemeral=ephemeral, update=update)
        await self.respond(response)
        self.progress.is_promised = True
        if response.ephemeral is not None:
            self.is_ephemeral = response.ephemeral

    async def followup(
        self, content: str = "", *, ephemeral: bool | None = None, **fields: Unpack[MessageFields]
    ) -> Message:
        """Post another message, for fifteen minutes; the first one after a deferral is what was deferred.

        Raises:
            NotAnswered, InteractionExpired: nothing was sent.
            RequestFailed: Discord refused it.
        """
        message = await self._answer(self.progress.follow, Response.message(content, ephemeral=ephemeral, **fields))
        assert message is not None
        return message

    async def edit_original(self, content: str | None = None, **fields: Unpack[MessageFields]) -> Message:
        """Change the first response, or the message of the component, for fifteen minutes; None leaves the text.
        Raises as `followup`."""
        text: dict[str, Any] = {} if content is None else {"content": content}
        response = Response(models.InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE, {**text, **fields})
        message = await self._answer(self.progress.edit, response)
        assert message is not None
        return message

    def deferral(self, *, ephemeral: bool | None = None, update: bool | None = None) -> Response:
        """The response that `defer` gives."""
        unseen = self.is_ephemeral if ephemeral is None else ephemeral
        if update if update is not None else self.message is not UNSET and not unseen:
            return Response(models.InteractionCallbackType.DEFERRED_UPDATE_MESSAGE)
        return Response(models.InteractionCallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE, ephemeral=unseen)

    # -- how it is sent ------------------------------------------------------------------------------------

    async def _answer(self, decide: Callable[..., Step], response: Response) -> Message | None:
        """Say it as `decide(now_ms, ephemeral=…)` tells."""
        if response.ephemeral is None:
            response = replace(response, ephemeral=self.is_ephemeral)
        while True:
            before = self.progress.state
            step = decide(loop_ms(), ephemeral=bool(response.ephemeral))
            try:
                made = await self._say(step, response)
            except RequestFailed:
                self.progress.state = before  # what Discord has refused was not said
                raise
            if step is not Step.CLEAR:
                return made

    async def _say(self, step: Step, response: Response) -> Message | None:
        rest, fields = self._rest, response.fields
        whose = (self.application_id, self.token)
        match step:
            case Step.FIRST:
                await self._send(response)
            case Step.FILL:  # there are no files yet, so that nothing has to be said of old ones
                fields = {"attachments": (), **fields}
                return await self._in_time(lambda: rest.edit_original_interaction_response(*whose, **fields))
            case Step.EDIT:
                return await self._in_time(lambda: rest.edit_original_interaction_response(*whose, **fields))
            case Step.CLEAR:
                await self._in_time(lambda: rest.delete_original_interaction_response(*whose))
            case Step.FOLLOW:
                return await self._in_time(lambda: rest.create_followup_message(*whose, **response.flagged))
        return None

    async def _in_time(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call Discord, again where it was too early, while the interaction lives."""
        limit = asyncio.timeout((self.progress.limit_ms - loop_ms()) / 1000)
        try:
            async with limit:
                while True:
                    try:
                        return await call()
                    except NotFound as error:
                        at_ms = self.progress.again_ms(loop_ms())
                        if error.code not in _NOT_YET or at_ms is None:
                            raise
                    await asyncio.sleep((at_ms - loop_ms()) / 1000)
        except TimeoutError:
            if not limit.expired():
                raise
            raise InteractionExpired("the interaction ended before Discord had answered") from None


def _inputs(components: Iterable[Component]) -> Iterator[tuple[str, Any]]:
    for component in components:
        inner = getattr(component, "component", None)
        yield from _inputs([inner] if inner else getattr(component, "components", ()))
        for field in ("value", "values"):
            if (value := getattr(component, field, UNSET)) is not UNSET:
                yield getattr(component, "custom_id", ""), value


def by_callback(interaction: Interaction, rest: Endpoints) -> Send:
    """The way of the first response for an interaction that came over the gateway: a call of its own."""

    async def send(response: Response) -> None:
        await rest.create_interaction_response(interaction.id, interaction.token, response.type, **response.flagged)

    return send
