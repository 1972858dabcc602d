"""Interactions: the handlers of commands, components and modals, over a bot's gateway or over HTTP.

Strangers to the gateway: the bot joins them.

interactions = Interactions(auto_register=True)

@interactions.slash("roll", "Roll a die")
async def roll(interaction: Interaction, sides: Annotated[int, Option("How many sides", min_value=2)] = 6) -> str:
    return f"{interaction.invoker.username}: {random.randint(1, sides)}"

bot.use(interactions)  # over the gateway
server = InteractionServer(interactions, RestManager(token), public_key=key)  # or over HTTP
app.router.add_post("/interactions", server.handle)  # or: await server.serve("0.0.0.0", 8080)
"""

from framework.interactions.declared import CommandSettings
from framework.interactions.errors import AlreadyAnswered, InteractionError, InteractionExpired, NotAnswered, Refusal
from framework.interactions.handlers import Interactions
from framework.interactions.interaction import Interaction, Send, by_callback
from framework.interactions.parameters import Option
from framework.interactions.registry import Answer, Handler
from framework.interactions.response import MessageFields, Response
from framework.interactions.server import InteractionServer
from framework.interactions.signature import verify

__all__ = [
    "AlreadyAnswered",
    "Answer",
    "CommandSettings",
    "Handler",
    "Interaction",
    "InteractionError",
    "InteractionExpired",
    "InteractionServer",
    "Interactions",
    "MessageFields",
    "NotAnswered",
    "Option",
    "Refusal",
    "Response",
    "Send",
    "by_callback",
    "verify",
]
