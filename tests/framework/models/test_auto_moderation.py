"""Rules of auto-moderation."""

import pytest

from framework.models.auto_moderation import (
    AutoModerationAction,
    AutoModerationActionMetadata,
    AutoModerationRule,
    AutoModerationTriggerMetadata,
)

TRIGGERS = ("Keyword", "MLSpam", "DefaultKeyword", "MentionSpam", "UserProfile")
METADATA = (
    "KeywordTriggerMetadata", "MLSpamTriggerMetadata", "DefaultKeywordListTriggerMetadata",
    "MentionSpamTriggerMetadata", "UserProfileMetadata",
)  # fmt: skip
ACTIONS = ("BlockMessage", "FlagToChannel", "UserCommunicationDisabled", "QuarantineUser")


@pytest.mark.parametrize(
    ("model", "components"),
    [
        (AutoModerationRule, [f"{trigger}RuleResponse" for trigger in TRIGGERS]),
        (AutoModerationTriggerMetadata, [f"{metadata}Response" for metadata in METADATA]),
        (AutoModerationAction, [f"{action}ActionResponse" for action in ACTIONS]),
        (AutoModerationActionMetadata, [f"{action}ActionMetadataResponse" for action in ACTIONS]),
    ],
)
def test_discords_schemas_fit(fits, model, components):
    fits(model, *components)
