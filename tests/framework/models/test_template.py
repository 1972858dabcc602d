"""Templates of guilds."""

import pytest

from framework.models.template import GuildTemplate, TemplateChannel, TemplateGuild, TemplateRole, TemplateTag


@pytest.mark.parametrize(
    ("model", "component"),
    [
        (GuildTemplate, "GuildTemplateResponse"),
        (TemplateChannel, "GuildTemplateChannelResponse"),
        (TemplateGuild, "GuildTemplateSnapshotResponse"),
        (TemplateRole, "GuildTemplateRoleResponse"),
        (TemplateTag, "GuildTemplateChannelTags"),
    ],
)
def test_discords_schemas_fit(fits, model, component):
    fits(model, component)
