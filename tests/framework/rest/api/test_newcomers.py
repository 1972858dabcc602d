"""What awaits new members."""

import pytest

from framework.models.emoji import PartialEmoji
from framework.models.onboarding import OnboardingMode, OnboardingPrompt, OnboardingPromptOption, OnboardingPromptType
from framework.models.welcome_screen import WelcomeScreenChannel
from framework.rest import NotFound

pytestmark = pytest.mark.usefixtures("round_trip")


def test_a_welcome_screen(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        with pytest.raises(NotFound) as caught:
            await rest.get_guild_welcome_screen(guild.id)
        assert caught.value.code == 10069
        channel = WelcomeScreenChannel(channel_id=next(iter(guild.channels)), description="hello", emoji_name="👋")
        screen = await rest.modify_guild_welcome_screen(
            guild.id, enabled=True, description="hi", welcome_channels=[channel], reason="be kind"
        )
        assert (screen.description, screen.welcome_channels) == ("hi", [channel])
        assert guild.audit[-1]["reason"] == "be kind"
        assert await rest.get_guild_welcome_screen(guild.id) == screen
        screen = await rest.modify_guild_welcome_screen(guild.id, description=None)
        assert (screen.description, screen.welcome_channels) == (None, [channel])

    talk(story)


def test_onboarding_can_be_sent_back_as_it_was_read(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        channels = [(await rest.create_guild_channel(guild.id, f"room {n}")).id for n in range(7)]
        role_id = list(guild.roles)[1]
        cats = OnboardingPromptOption(title="cats", role_ids=[role_id], emoji_name="🐈", description="all of them")
        dogs = OnboardingPromptOption(title="dogs", channel_ids=channels[:1])
        prompt = OnboardingPrompt(title="What do you like?", options=[cats, dogs], required=True)
        made = await rest.modify_guild_onboarding(
            guild.id, prompts=[prompt], default_channel_ids=channels, enabled=True, mode=OnboardingMode.ADVANCED,
            reason="ask them",
        )  # fmt: skip
        assert (made.default_channel_ids, made.enabled, made.mode) == (channels, True, 1)
        assert "ask them" in [entry.get("reason") for entry in guild.audit]
        assert made == await rest.get_guild_onboarding(guild.id)
        (asked,) = made.prompts
        assert (asked.title, asked.type, asked.required) == (prompt.title, OnboardingPromptType.MULTIPLE_CHOICE, True)
        assert (asked.single_select, asked.in_onboarding) == (False, True)
        first, second = asked.options
        assert (first.title, first.role_ids, first.description) == ("cats", [role_id], "all of them")
        assert first.emoji == PartialEmoji(id=None, name="🐈", animated=False)
        assert (second.title, second.channel_ids) == ("dogs", channels[:1])

        assert await rest.modify_guild_onboarding(guild.id, prompts=made.prompts) == made
        first.emoji_name = "🐕"
        changed = await rest.modify_guild_onboarding(guild.id, prompts=made.prompts)
        assert changed.prompts[0].options[0].emoji.name == "🐕"
        assert await rest.modify_guild_onboarding(guild.id, enabled=False) != changed

    talk(story)


def test_the_server_guide(talk):
    async def story(rest, discord):
        guild = discord.world.guild_at(0)
        assert await rest.get_guild_new_member_welcome(guild.id) is None
        place = {"channel_id": str(next(iter(guild.channels))), "title": "rules", "description": "read"}
        emoji = {"id": None, "name": "👋", "animated": False}
        guild.settings["new_member_welcome"] = {
            "guild_id": str(guild.id), "enabled": True,
            "welcome_message": {"author_ids": [str(guild.owner_id)], "message": "hi"},
            "new_member_actions": [{**place, "action_type": 1, "emoji": emoji}],
            "resource_channels": [{**place, "icon": "abc"}],
        }  # fmt: skip
        guide = await rest.get_guild_new_member_welcome(guild.id)
        assert (guide.guild_id, guide.enabled, guide.welcome_message.message) == (guild.id, True, "hi")
        assert guide.new_member_actions[0].emoji == PartialEmoji(id=None, name="👋", animated=False)
        assert guide.resource_channels[0].icon == "abc"

    talk(story)
