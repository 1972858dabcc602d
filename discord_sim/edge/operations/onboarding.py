"""What awaits new members: the welcome screen, onboarding, the server guide ("Guild")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, ok, operation, refuse, unknown
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world import changes
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc

DEFAULT_CHANNELS_MIN, WRITABLE_MIN = 7, 5
_ADVANCED = 1  # the mode in which the channels of prompts count too
_WELCOME = "WELCOME_SCREEN_ENABLED"
_ANYBODY = 0  # no user, with what @everyone has


# -- the welcome screen ------------------------------------------------------------------------------------------


@operation("get_guild_welcome_screen")
def welcome_screen(call: Call) -> Answer:
    guild = call.guild(read=True)
    if _WELCOME not in guild.doc["features"]:
        call.demand(guild, guild.permissions_of(call.me), P.MANAGE_GUILD)
    if "welcome_screen" not in guild.settings:
        unknown("guild welcome screen")
    return ok(guild.settings["welcome_screen"])


@operation("update_guild_welcome_screen")
def update_welcome_screen(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    data = call.data
    new: Doc = {"description": data["description"]} if "description" in data else {}
    if "welcome_channels" in data:
        new["welcome_channels"] = [_welcome_channel(guild, given) for given in data["welcome_channels"] or ()]
    screen = guild.settings.setdefault("welcome_screen", skeleton("GuildWelcomeScreenResponse"))
    screen |= new
    features = set(guild.doc["features"])
    if data.get("enabled") is not None:
        features = features | {_WELCOME} if data["enabled"] else features - {_WELCOME}
    if changed := differences(guild.doc, {"features": sorted(features)}):
        guild.doc["features"] = sorted(features)
        call.events.append(changes.guild_updated(guild))
        call.log(guild, 1, guild.id, changes=changed)
    return ok(screen)


def _welcome_channel(guild: Guild, given: Doc) -> Doc:
    if int(given["channel_id"]) not in guild.channels:
        unknown("channel")
    emoji = _emoji(guild, given.get("emoji_id"), given.get("emoji_name"))
    return skeleton(
        "GuildWelcomeScreenChannelResponse", channel_id=given["channel_id"], description=given["description"],
        emoji_id=emoji["id"], emoji_name=emoji["name"],
    )  # fmt: skip


def _emoji(guild: Guild, emoji_id: str | None, name: str | None, *, animated: bool = False) -> Doc:
    """An emoji as settings show it; one of the guild's own has the name it has there."""
    known = guild.emojis.get(int(emoji_id or 0))
    if known is not None:
        name, animated = known["name"], known["animated"]
    return {"id": emoji_id, "name": name, "animated": animated}


# -- onboarding --------------------------------------------------------------------------------------------------


@operation("get_guilds_onboarding")
def get(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = _onboarding(guild)
    if not found["enabled"]:
        call.demand(guild, guild.permissions_of(call.me), P.MANAGE_GUILD)
    return ok(found)


@operation("put_guilds_onboarding")
def update(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD | P.MANAGE_ROLES)
    data, before = call.data, _onboarding(guild)
    new: Doc = {k: data[k] for k in ("enabled", "mode") if data.get(k) is not None}
    if data.get("default_channel_ids") is not None:
        _check_ids(guild, data["default_channel_ids"], [])
        new["default_channel_ids"] = data["default_channel_ids"]
    if data.get("prompts") is not None:
        old = {prompt["id"]: prompt for prompt in before["prompts"]}
        new["prompts"] = [_prompt(call, guild, given, old) for given in data["prompts"]]
    after = before | new
    if after["enabled"] and not _is_enough(guild, after):
        if before["enabled"]:
            refuse(400, 350001, "Cannot update onboarding while below requirements")
        refuse(400, 350000, "Cannot enable onboarding, requirements are not met")
    is_first = "onboarding" not in guild.settings
    guild.settings["onboarding"] = after
    _log(call, guild, before, after, is_first=is_first)
    return ok(after)


def _onboarding(guild: Guild) -> Doc:
    return guild.settings.get("onboarding") or skeleton("GuildOnboardingResponse", guild_id=str(guild.id))


def _check_ids(guild: Guild, channels: list[str], roles: list[str]) -> None:
    if any(int(channel_id) not in guild.channels for channel_id in channels):
        unknown("channel")
    if any(int(role_id) not in guild.roles for role_id in roles):
        unknown("role")


def _prompt(call: Call, guild: Guild, given: Doc, old: dict[str, Doc]) -> Doc:
    """A prompt as it is kept; what has no id that is known yet gets one."""
    before = old.get(given["id"])
    known = {option["id"] for option in before["options"]} if before else set()
    options = []
    for option in given["options"]:
        channels, roles = option.get("channel_ids") or [], option.get("role_ids") or []
        _check_ids(guild, channels, roles)
        emoji = _emoji(
            guild, option.get("emoji_id"), option.get("emoji_name"), animated=bool(option.get("emoji_animated"))
        )
        made = option["id"] if option.get("id") in known else str(call.new_id())
        options.append(skeleton(
            "OnboardingPromptOptionResponse", id=made, title=option["title"], channel_ids=channels, role_ids=roles,
            description=option.get("description") or "", emoji=emoji,
        ))  # fmt: skip
    switches = {k: bool(given.get(k)) for k in ("single_select", "required", "in_onboarding")}
    return skeleton(
        "OnboardingPromptResponse", id=given["id"] if before else str(call.new_id()), title=given["title"],
        type=given.get("type") or 0, options=options, **switches,
    )  # fmt: skip


def _is_enough(guild: Guild, onboarding: Doc) -> bool:
    """Whether newcomers get to see enough channels, and to write in enough of them."""
    ids = set(onboarding["default_channel_ids"])
    if onboarding["mode"] == _ADVANCED:
        ids |= {c for prompt in onboarding["prompts"] for option in prompt["options"] for c in option["channel_ids"]}
    channels = [guild.channels[int(i)] for i in ids if int(i) in guild.channels]
    writable = [c for c in channels if guild.permissions_in(c, _ANYBODY) & P.SEND_MESSAGES]
    return len(channels) >= DEFAULT_CHANNELS_MIN and len(writable) >= WRITABLE_MIN


def _log(call: Call, guild: Guild, before: Doc, after: Doc, *, is_first: bool) -> None:
    """One entry for each prompt that came, changed or went, and one for the onboarding itself."""
    old, new = ({prompt["id"]: prompt for prompt in onboarding["prompts"]} for onboarding in (before, after))
    for prompt_id in old | new:
        was, now = old.get(prompt_id, {}), new.get(prompt_id)
        if now is None:
            call.log(guild, 165, int(prompt_id), changes=[{"key": "title", "old_value": was["title"]}])
        elif changed := differences(was, now):
            call.log(guild, 164 if was else 163, int(prompt_id), changes=changed)
    shown = {k: after[k] for k in ("enabled", "mode", "default_channel_ids")}
    if changed := differences({} if is_first else before, shown):
        call.log(guild, 166 if is_first else 167, guild.id, changes=changed)


# -- the server guide --------------------------------------------------------------------------------------------


@operation("get_guild_new_member_welcome")
def new_member_welcome(call: Call) -> Answer:
    guild = call.guild(read=True)
    found = guild.settings.get("new_member_welcome")
    if found is None or not found["enabled"]:
        call.demand(guild, guild.permissions_of(call.me), P.MANAGE_GUILD)
    return NO_CONTENT if found is None else ok(found)
