"""Embeds, messages of components and modals, short to write and checked before they are sent.

await bot.rest.create_message(channel_id, embeds=[embed(title="Report", fields=[("Bans", "12")])])
await interaction.respond(**layout(Container(components=[text("# Report"), gallery("attachment://graph.png")])))
await interaction.respond("Sure?", components=rows([button("Yes", "yes"), button("No", "no")]))
return Response.modal(**form("about", "About you", text_input("name", "Name")))

The models of `framework.models` are what is built, and can be mixed in everywhere. What Discord would refuse is an
InvalidUse that names the place. Knows the models and nothing else.
"""

from framework.builders.checks import check_components, check_embeds, check_modal
from framework.builders.components import (
    Form,
    Layout,
    button,
    form,
    gallery,
    layout,
    link,
    rows,
    select,
    text,
    text_input,
)
from framework.builders.embeds import embed

__all__ = [
    "Form",
    "Layout",
    "button",
    "check_components",
    "check_embeds",
    "check_modal",
    "embed",
    "form",
    "gallery",
    "layout",
    "link",
    "rows",
    "select",
    "text",
    "text_input",
]
