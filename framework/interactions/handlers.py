"""How an interaction is answered: by its handler, and in its place when that is slow, silent or fails.

Interactions come to `InteractionServer` over HTTP, or to a bot over the gateway: `bot.use(interactions)`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec

from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.interactions.core.progress import State
from framework.interactions.errors import AlreadyAnswered, InteractionExpired, Refusal
from framework.interactions.interaction import Interaction, Send, by_callback
from framework.interactions.registration import register
from framework.interactions.registry import Registered, Registry
from framework.interactions.response import Response
from framework.models import UNSET, decode
from framework.models.command import ApplicationCommand
from framework.models.interaction import InteractionType
from framework.rest.api import Endpoints

__all__ = ["Host", "Interactions"]

_log = logging.getLogger(__name__)


class Host(Protocol):
    """What interactions need of a bot."""

    @property
    def rest(self) -> Endpoints:
        """Calls Discord."""

    def on_raw(self, event: str, take: Callable[[bytes], None]) -> None:
        """Have the data of each dispatch of a name, at once."""


class Interactions(Registry):
    """The handlers of an application's interactions: `@interactions.slash("ping", "Are you there?")`.

    A handler takes an Interaction and returns its answer, a text or a Response, or calls the interaction's methods; it
    raises Refusal to say no. With `ephemeral` only the user sees its answers, unless these say otherwise. Any other
    exception is logged with the interaction's name, id and guild, and stops nothing.

    Args:
        defer_after_s: a handler that has not answered by then is given time: its interaction is deferred, or where
            that cannot be (suggestions while typing) answered with nothing. Below Discord's 3 s by the way there.
        error_message: what the user is told, seen by nobody else, when a handler fails or says nothing.
        auto_register: a bot that uses this has exactly the declared commands registered, globally, when it starts.
    """

    def __init__(
        self,
        *,
        defer_after_s: float = 2.0,
        error_message: str = "Something went wrong.",
        auto_register: bool = False,
    ) -> None:
        if defer_after_s <= 0 or not error_message:
            raise InvalidUse("defer_after_s must be positive, and error_message a text")
        super().__init__()
        self._defer_after_s = defer_after_s
        self._error_message = error_message
        self._auto_register = auto_register
        self._tasks: set[asyncio.Task[None]] = set()
        self._host: Host | None = None

    def __repr__(self) -> str:
        return f"<Interactions handlers={len(self._handlers) + len(self._prefixes)} under way={len(self._tasks)}>"

    # -- with a bot ----------------------------------------------------------------------------------------

    def attach(self, bot: Host) -> None:
        """Take the interactions that come over a bot's gateway: what `bot.use(interactions)` calls.

        They do not wait for the other events of their guild, since Discord gives them three seconds.
        """
        if self._host is not None:
            raise InvalidUse("these interactions have a bot already; each bot uses its own")
        self._host = bot
        bot.on_raw("INTERACTION_CREATE", self._take)

    async def start(self) -> None:
        """Register the commands, if that is wanted. Raises as `register`."""
        if self._auto_register and self._host is not None:
            application = await self._host.rest.get_current_application()
            await self.register(self._host.rest, application.id)

    async def register(
        self, rest: Endpoints, application_id: int, guild_id: int | None = None
    ) -> list[ApplicationCommand]:
        """Have Discord know exactly the commands declared by `slash` and `menu`, globally or in a guild; others of the
        application there are deleted. Asks what is there, and sends nothing where that is the same.

        Raises:
            RequestFailed: Discord refused; its answer names the field.
        """
        return await register(rest, application_id, self.commands(), guild_id)

    def _take(self, data: bytes) -> None:
        assert self._host is not None
        try:
            interaction = decode(Interaction, data)
        except msgspec.DecodeError as error:
            _log.error("an interaction could not be read: %s", error)
            return
        self.handle(interaction, self._host.rest, by_callback(interaction, self._host.rest))

    # -- dispatching ---------------------------------------------------------------------------------------

    def handle(self, interaction: Interaction, rest: Endpoints, send: Send) -> asyncio.Task[None]:
        """Let its handler answer an interaction that has just come. `send` brings its first response to Discord.

        The task ends when the handler has, and never fails.
        """
        found = self.find(interaction)
        interaction.connect(rest, send, ephemeral=found is not None and found.ephemeral)
        return self._spawn(self._carry(interaction, found))

    async def close(self, wait_s: float = 10.0) -> None:
        """Wait for the handlers that are running, then cancel them."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=wait_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _carry(self, interaction: Interaction, found: Registered | None) -> None:
        work = self._spawn(self._work(interaction, found))
        await asyncio.wait({work}, timeout=self._defer_after_s)
        if interaction.progress.state is State.OPEN and not work.done():
            await self._give(interaction, _stopgap(interaction))
        await asyncio.wait({work})

    async def _work(self, interaction: Interaction, found: Registered | None) -> None:
        try:
            if found is None:
                raise InvalidUse("there is no handler for it")
            answer = await found.handler(interaction)
            if answer is None and not interaction.progress.is_settled(loop_ms()):
                answer = _acknowledgement(interaction)
            if answer is not None:
                await interaction.respond(answer)
        except InteractionExpired as error:
            _log.warning("%s was not answered: %s", _shown(interaction), error)
        except Refusal as refusal:
            await self._refuse(interaction, refusal)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise  # by close(); else it comes from something that the handler has waited for
            _log.exception("%s was not handled", _shown(interaction))
            if interaction.type in _DEFERRABLE:
                await self._give(interaction, Response.message(self._error_message, ephemeral=True))
            elif interaction.progress.state is State.OPEN:
                await self._give(interaction, _stopgap(interaction))

    async def _refuse(self, interaction: Interaction, refusal: Refusal) -> None:
        """Tell the user no, whatever was said before."""
        text = str(refusal) or self._error_message
        if interaction.type not in _DEFERRABLE:
            await self._give(interaction, _stopgap(interaction))
        elif interaction.progress.state is not State.ANSWERED:
            await self._give(interaction, Response.message(text, ephemeral=True))
        else:
            try:
                await interaction.followup(text, ephemeral=True)
            except Exception as error:
                _log.warning("%s could not be refused: %s", _shown(interaction), error)

    async def _give(self, interaction: Interaction, response: Response | None) -> None:
        """Answer in its handler's place."""
        if response is None:
            return
        try:
            await interaction.respond(response)
        except AlreadyAnswered:
            return  # by the handler; that will do
        except Exception as error:
            _log.warning("%s could not be answered in place of its handler: %s", _shown(interaction), error)


def _stopgap(interaction: Interaction) -> Response | None:
    """What can be said in time when the handler has not."""
    if interaction.type == InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE:
        return Response.choices([])
    return interaction.deferral() if interaction.type in _DEFERRABLE else None


def _acknowledgement(interaction: Interaction) -> Response:
    """What a handler means that says nothing: a component may be just pressed, but a command wants an answer."""
    if interaction.type in _DEFERRABLE and interaction.message is not UNSET:
        return interaction.deferral(update=True)
    if interaction.type == InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE:
        return Response.choices([])
    raise InvalidUse("its handler returned without an answer")


def _shown(interaction: Interaction) -> str:
    place = "no guild" if interaction.guild_id is UNSET else f"guild {interaction.guild_id}"
    return f"interaction {interaction.id} of {place} ({interaction.name!r}, type {interaction.type})"


_DEFERRABLE = (
    InteractionType.APPLICATION_COMMAND, InteractionType.MESSAGE_COMPONENT, InteractionType.MODAL_SUBMIT,
)  # fmt: skip
