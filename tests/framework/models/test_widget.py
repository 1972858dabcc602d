"""The widget."""

import pytest

from framework.models.widget import Widget, WidgetActivity, WidgetChannel, WidgetMember, WidgetSettings


@pytest.mark.parametrize(
    ("model", "component"),
    [
        (Widget, "WidgetResponse"),
        (WidgetActivity, "WidgetActivity"),
        (WidgetChannel, "WidgetChannel"),
        (WidgetMember, "WidgetMember"),
        (WidgetSettings, "WidgetSettingsResponse"),
    ],
)
def test_discords_schemas_fit(fits, model, component):
    fits(model, component)
