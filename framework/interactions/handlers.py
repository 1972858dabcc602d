"""Who answers which interaction, and what happens when they are slow, silent or fail.

Knows nothing of how interactions come: `InteractionServer` receives them over HTTP, a bot over the gateway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

from framework.clock import loop_ms
from framework.errors import InvalidUse
from framework.interactions.core.progress import State
from framework.interactions.errors import AlreadyAnswered, InteractionExpired
from framework.interactions.interaction import Interaction, Send
from framework.interactions.response import Response
from framework.models import UNSET
from framework.models.command import ApplicationCommandType
from framework.models.interaction import ApplicationCommandData, InteractionType
from framework.rest.api import Endpoints

__all__ = ["Answer", "Handler", "Interactions"]

_log = logging.getLogger(__name__)
Answer = Response | str | None
Handler = Callable[[Interaction], Awaitable[Answer]]
_Key = tuple[int, int, str]  # type of the interaction, type of the command (0: it is none), name or custom id
_ANY = ""


@dataclass(frozen=True, slots=True)
class _Registered:
    handler: Handler
    ephemeral: bool


class Interactions:
    """The handlers of an application's interactions: `@interactions.command("ping")`.

    A handler takes an Interaction and returns its answer, a text or a Response, or calls the interaction's methods.
    With `ephemeral` only the user sees its answers, unless these say otherwise.

    Args:
        defer_after_s: a handler that has not answered by then is given time: its interaction is deferred, or where
            that cannot be (suggestions while typing) answered with nothing. Below Discord's 3 s by the way there.
        error_message: what the user is told, seen by nobody else, when a handler fails or says nothing.
    """

    def __init__(self, *, defer_after_s: float = 2.0, error_message: str = "Something went wrong.") -> None:
        if defer_after_s <= 0 or not error_message:
            raise InvalidUse("defer_after_s must be positive, and error_message a text")
        self._defer_after_s = defer_after_s
        self._error_message = error_message
        self._handlers: dict[_Key, _Registered] = {}
        self._prefixes: dict[_Key, _Registered] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Interactions handlers={len(self._handlers) + len(self._prefixes)} under way={len(self._tasks)}>"

    # -- registering ---------------------------------------------------------------------------------------

    def command(
        self, name: str, *, type_: int = ApplicationCommandType.CHAT_INPUT, ephemeral: bool = False
    ) -> Callable[[Handler], Handler]:
        """Handle a command or a sub-command ("role add"); one without handler goes to the handler of what it is in."""
        return self._register((InteractionType.APPLICATION_COMMAND, type_, name), ephemeral)

    def autocomplete(self, name: str) -> Callable[[Handler], Handler]:
        """Suggest values for a command's option while it is typed: return `Response.choices(…)`."""
        key = (InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, ApplicationCommandType.CHAT_INPUT, name)
        return self._register(key, ephemeral=False)

    def component(
        self, custom_id: str, *, is_prefix: bool = False, ephemeral: bool = False
    ) -> Callable[[Handler], Handler]:
        """Handle a button or a select menu by its custom id, or by how that begins; the longest prefix counts."""
        return self._register((InteractionType.MESSAGE_COMPONENT, 0, custom_id), ephemeral, is_prefix=is_prefix)

    def modal(
        self, custom_id: str, *, is_prefix: bool = False, ephemeral: bool = False
    ) -> Callable[[Handler], Handler]:
        """Handle a modal by its custom id, or by how that begins."""
        return self._register((InteractionType.MODAL_SUBMIT, 0, custom_id), ephemeral, is_prefix=is_prefix)

    def on(self, type_: int, *, ephemeral: bool = False) -> Callable[[Handler], Handler]:
        """Handle the interactions of a type (InteractionType) that have no handler of their own."""
        return self._register((type_, 0, _ANY), ephemeral, is_prefix=True)

    def _register(self, key: _Key, ephemeral: bool, *, is_prefix: bool = False) -> Callable[[Handler], Handler]:
        known = self._prefixes if is_prefix else self._handlers
        if key in known:
            raise InvalidUse(f"there is a handler of {key[2] or f'type {key[0]}'!r} already")

        def register(handler: Handler) -> Handler:
            known[key] = _Registered(handler, ephemeral)
            return handler

        return register

    # -- dispatching ---------------------------------------------------------------------------------------

    def handle(self, interaction: Interaction, rest: Endpoints, send: Send) -> asyncio.Task[None]:
        """Let its handler answer an interaction that has just come. `send` brings its first response to Discord.

        The task ends when the handler has, and never fails.
        """
        found = self._find(interaction)
        interaction.connect(rest, send, ephemeral=found is not None and found.ephemeral)
        return self._spawn(self._carry(interaction, found))

    async def close(self, wait_s: float = 10.0) -> None:
        """Wait for the handlers that are running, then cancel them."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=wait_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _find(self, interaction: Interaction) -> _Registered | None:
        for key in _keys(interaction):
            if key in self._handlers:
                return self._handlers[key]
        fitting = [
            key for key in self._prefixes
            if key[0] == interaction.type and interaction.name.startswith(key[2])
        ]  # fmt: skip
        return self._prefixes[max(fitting, key=lambda key: len(key[2]))] if fitting else None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _carry(self, interaction: Interaction, found: _Registered | None) -> None:
        work = self._spawn(self._work(interaction, found))
        await asyncio.wait({work}, timeout=self._defer_after_s)
        if interaction.progress.state is State.OPEN and not work.done():
            await self._give(interaction, _stopgap(interaction))
        await asyncio.wait({work})

    async def _work(self, interaction: Interaction, found: _Registered | None) -> None:
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
        except Exception:
            _log.exception("%s was not handled", _shown(interaction))
            if interaction.type in _DEFERRABLE:
                await self._give(interaction, Response.message(self._error_message, ephemeral=True))
            elif interaction.progress.state is State.OPEN:
                await self._give(interaction, _stopgap(interaction))

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


def _keys(interaction: Interaction) -> Iterator[_Key]:
    """What its handler may be registered under, the nearest first."""
    command, name = 0, interaction.name
    if isinstance(interaction.data, ApplicationCommandData):
        command = interaction.data.type
    yield (interaction.type, command, name)
    while command == ApplicationCommandType.CHAT_INPUT and " " in name:
        name = name.rpartition(" ")[0]
        yield (interaction.type, command, name)


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
    return f"interaction {interaction.id} ({interaction.name!r}, type {interaction.type})"


_DEFERRABLE = (
    InteractionType.APPLICATION_COMMAND, InteractionType.MESSAGE_COMPONENT, InteractionType.MODAL_SUBMIT,
)  # fmt: skip
