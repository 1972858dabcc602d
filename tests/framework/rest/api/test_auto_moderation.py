"""Auto-moderation of a guild."""

import pytest

from framework.models.auto_moderation import (
    AutoModerationAction,
    AutoModerationActionMetadata,
    AutoModerationActionType,
    AutoModerationEventType,
    AutoModerationKeywordPreset,
    AutoModerationTriggerMetadata,
    AutoModerationTriggerType,
)
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")

BLOCK = AutoModerationAction(type=AutoModerationActionType.BLOCK_MESSAGE)
MESSAGES = AutoModerationEventType.MESSAGE_SEND


def test_a_rule_from_birth_to_death(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        channel_id, role_id = next(iter(guild.channels)), list(guild.roles)[1]
        actions = [
            AutoModerationAction(
                type=AutoModerationActionType.BLOCK_MESSAGE,
                metadata=AutoModerationActionMetadata(custom_message="No cats here."),
            ),
            AutoModerationAction(
                type=AutoModerationActionType.SEND_ALERT_MESSAGE,
                metadata=AutoModerationActionMetadata(channel_id=channel_id),
            ),
            AutoModerationAction(
                type=AutoModerationActionType.TIMEOUT, metadata=AutoModerationActionMetadata(duration_seconds=60)
            ),
        ]
        terms = AutoModerationTriggerMetadata(keyword_filter=["cat*"], regex_patterns=["c.t"], allow_list=["catalogue"])
        rule = await rest.create_auto_moderation_rule(
            guild.id, "no cats", event_type=MESSAGES, trigger_type=AutoModerationTriggerType.KEYWORD,
            trigger_metadata=terms, actions=actions, enabled=True, exempt_roles=[role_id],
            exempt_channels=[channel_id], reason="dogs",
        )  # fmt: skip
        assert (rule.name, rule.guild_id, rule.creator_id) == ("no cats", guild.id, discord.world.bot_id)
        assert (rule.trigger_metadata, rule.actions, rule.enabled) == (terms, actions, True)
        assert (rule.exempt_roles, rule.exempt_channels) == ([role_id], [channel_id])
        assert guild.audit[-1]["reason"] == "dogs"
        assert await rest.get_auto_moderation_rule(guild.id, rule.id) == rule
        assert await rest.list_auto_moderation_rules(guild.id) == [rule]
        changed = await rest.modify_auto_moderation_rule(
            guild.id, rule.id, name="a few cats", enabled=False, exempt_roles=[], reason="well"
        )
        assert (changed.name, changed.enabled, changed.exempt_roles) == ("a few cats", False, [])
        assert (changed.trigger_metadata, changed.actions) == (terms, actions), "what is left out stays"
        assert guild.audit[-1]["reason"] == "well"
        await rest.delete_auto_moderation_rule(guild.id, rule.id, reason="cats")
        assert guild.audit[-1]["reason"] == "cats"
        with pytest.raises(NotFound):
            await rest.get_auto_moderation_rule(guild.id, rule.id)

    talk(story)


@pytest.mark.parametrize(
    ("event", "trigger", "terms", "action"),
    [
        (MESSAGES, AutoModerationTriggerType.SPAM, AutoModerationTriggerMetadata(), BLOCK),
        (
            MESSAGES,
            AutoModerationTriggerType.KEYWORD_PRESET,
            AutoModerationTriggerMetadata(presets=[AutoModerationKeywordPreset.SLURS], allow_list=[]),
            BLOCK,
        ),
        (
            MESSAGES,
            AutoModerationTriggerType.MENTION_SPAM,
            AutoModerationTriggerMetadata(mention_total_limit=5, mention_raid_protection_enabled=True),
            BLOCK,
        ),
        (
            AutoModerationEventType.MEMBER_UPDATE,
            AutoModerationTriggerType.MEMBER_PROFILE,
            AutoModerationTriggerMetadata(keyword_filter=["cat"], regex_patterns=[], allow_list=[]),
            AutoModerationAction(type=AutoModerationActionType.BLOCK_MEMBER_INTERACTION),
        ),
    ],
)
def test_each_type_of_trigger(talk, event, trigger, terms, action):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        rule = await rest.create_auto_moderation_rule(
            guild.id, "rule", event_type=event, trigger_type=trigger, trigger_metadata=terms, actions=[action]
        )
        assert (rule.trigger_type, rule.trigger_metadata, rule.enabled) == (trigger, terms, False)

    talk(story)
