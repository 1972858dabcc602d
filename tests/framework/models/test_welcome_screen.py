"""The welcome screen and the server guide."""

import pytest

from framework.models.welcome_screen import (
    NewMemberAction,
    NewMemberWelcome,
    ResourceChannel,
    WelcomeMessage,
    WelcomeScreen,
    WelcomeScreenChannel,
)


@pytest.mark.parametrize(
    ("model", "component"),
    [
        (NewMemberAction, "NewMemberActionResponse"),
        (NewMemberWelcome, "GuildHomeSettingsResponse"),
        (ResourceChannel, "ResourceChannelResponse"),
        (WelcomeMessage, "WelcomeMessageResponse"),
        (WelcomeScreen, "GuildWelcomeScreenResponse"),
        (WelcomeScreenChannel, "GuildWelcomeScreenChannelResponse"),
    ],
)
def test_discords_schemas_fit(fits, model, component):
    fits(model, component)
