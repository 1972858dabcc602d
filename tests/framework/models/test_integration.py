"""Integrations."""

import pytest

from framework.models.integration import Integration, IntegrationAccount, IntegrationApplication

KINDS = ("Discord", "ExternalConnection", "GuildSubscription")


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (Integration, [f"{part}{kind}IntegrationResponse" for kind in KINDS for part in ("", "Partial")]),
        (IntegrationAccount, ["AccountResponse"]),
        (IntegrationApplication, ["IntegrationApplicationResponse"]),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)
