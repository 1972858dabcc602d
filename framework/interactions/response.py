"""What a handler answers with: a value that can be the first response, or what becomes of it when it comes late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from framework.models.command import ApplicationCommandOptionChoice
from framework.models.component import Component
from framework.models.embed import Embed
from framework.models.interaction import InteractionCallbackType
from framework.models.message import AllowedMentions, Attachment, AttachmentRequest, MessageFlags
from framework.models.poll import NewPoll
from framework.rest.api.interactions import callback_body
from framework.rest.files import File, Payload

__all__ = ["MessageFields", "Response"]


class MessageFields(TypedDict, total=False):
    """What a message can hold besides its text; only users are mentioned unless `allowed_mentions` says otherwise."""

    embeds: Sequence[Embed]
    components: Sequence[Component]
    allowed_mentions: AllowedMentions
    files: Sequence[File]
    attachments: Sequence[Attachment | AttachmentRequest]
    poll: NewPoll
    flags: int  # MessageFlags


@dataclass(frozen=True, slots=True)
class Response:
    """One response. `ephemeral`: whether only the user sees it; None is as the handler was registered."""

    type: InteractionCallbackType
    fields: dict[str, Any] = field(default_factory=dict)  # as `create_interaction_response` takes them
    ephemeral: bool | None = None

    @classmethod
    def message(cls, content: str = "", *, ephemeral: bool | None = None, **fields: Unpack[MessageFields]) -> Response:
        """A message in the channel."""
        flags = fields.get("flags", 0)
        if flags & MessageFlags.EPHEMERAL:
            ephemeral, fields["flags"] = True, flags & ~MessageFlags.EPHEMERAL
        text = {"content": content} if content else {}
        return cls(InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE, {**text, **fields}, ephemeral)

    @classmethod
    def update(cls, content: str | None = None, **fields: Unpack[MessageFields]) -> Response:
        """Another content for the message of the component; None leaves the text, "" removes it."""
        text = {} if content is None else {"content": content}
        return cls(InteractionCallbackType.UPDATE_MESSAGE, {**text, **fields})

    @classmethod
    def modal(cls, custom_id: str, title: str, components: Sequence[Component]) -> Response:
        """A form: a title of up to 45 characters, up to 5 components. It cannot come late, nor answer a modal."""
        fields = {"custom_id": custom_id, "title": title, "components": components}
        return cls(InteractionCallbackType.MODAL, fields)

    @classmethod
    def choices(cls, choices: Sequence[ApplicationCommandOptionChoice | str]) -> Response:
        """Up to 25 suggestions for the option that is typed; a text stands for itself."""
        made = [ApplicationCommandOptionChoice(name=c, value=c) if isinstance(c, str) else c for c in choices]
        return cls(InteractionCallbackType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT, {"choices": made})

    @classmethod
    def launch_activity(cls) -> Response:
        """Open the application's activity. It cannot come late."""
        return cls(InteractionCallbackType.LAUNCH_ACTIVITY)

    @property
    def flagged(self) -> dict[str, Any]:
        """The fields, with the flag that says who sees the message."""
        if not self.ephemeral or self.type not in _EPHEMERAL:
            return self.fields
        return {**self.fields, "flags": self.fields.get("flags", 0) | MessageFlags.EPHEMERAL}

    @property
    def payload(self) -> Payload:
        """The first response as it goes over the wire."""
        return Payload(callback_body(self.type, **self.flagged), tuple(self.fields.get("files", ())))


_EPHEMERAL = (
    InteractionCallbackType.CHANNEL_MESSAGE_WITH_SOURCE, InteractionCallbackType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE,
)  # fmt: skip
