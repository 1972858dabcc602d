"""Interactions: who answers them, and the server that takes them over HTTP. A stranger to the gateway.

interactions = Interactions()

@interactions.command("ping")
async def ping(interaction: Interaction) -> str:
    return f"pong, {interaction.invoker.username}"

server = InteractionServer(interactions, RestManager(token), public_key=key)
app.router.add_post("/interactions", server.handle)  # or: await server.serve("0.0.0.0", 8080)
"""

from framework.interactions.errors import AlreadyAnswered, InteractionError, InteractionExpired, NotAnswered
from framework.interactions.handlers import Answer, Handler, Interactions
from framework.interactions.interaction import Interaction, Send, by_callback
from framework.interactions.response import MessageFields, Response
from framework.interactions.server import InteractionServer
from framework.interactions.signature import verify

__all__ = [
    "AlreadyAnswered",
    "Answer",
    "Handler",
    "Interaction",
    "InteractionError",
    "InteractionExpired",
    "InteractionServer",
    "Interactions",
    "MessageFields",
    "NotAnswered",
    "Response",
    "Send",
    "by_callback",
    "verify",
]
