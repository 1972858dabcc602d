"""Onboarding."""

import pytest

from framework.models import to_wire
from framework.models.onboarding import Onboarding, OnboardingPrompt, OnboardingPromptOption


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (Onboarding, ("GuildOnboardingResponse", "UserGuildOnboardingResponse")),
        (OnboardingPrompt, ("OnboardingPromptResponse",)),
        (OnboardingPromptOption, ("OnboardingPromptOptionResponse",)),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)


def test_prompts_do_not_share_their_lists():
    one, two = OnboardingPromptOption(title="cats"), OnboardingPromptOption(title="dogs")
    one.role_ids.append(5)
    assert two.role_ids == []
    assert to_wire(OnboardingPrompt(title="?", options=[one]))["options"][0]["role_ids"] == ["5"]
