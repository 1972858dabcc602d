"""The audit log of a guild, with the things its entries speak of ("Audit Log")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from discord_sim.edge.call import Call, ok, operation
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.world.commands import commands_of
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import DISCORD_EPOCH_MS

KEPT_MS = 45 * 86_400_000
_ABOUT_USERS = (20, 22, 23, 24, 25, 28, 72, 74, 75, 143, 144, 145, 146)
_ABOUT_WEBHOOKS = (50, 51, 52)
_ABOUT_INTEGRATIONS = (80, 81, 82)
_ABOUT_EVENTS = (100, 101, 102, 200, 201, 202)
_ABOUT_THREADS = (110, 111)
_ABOUT_COMMANDS = (121,)
_ABOUT_RULES = (140, 141, 142)
_PARTIAL = ("id", "type", "name", "account")


@operation("list_guild_audit_log_entries")
def entries(call: Call) -> Answer:
    guild = call.guild(P.VIEW_AUDIT_LOG)
    query, limit = call.query, call.query.get("limit", 50)
    oldest = max(0, call.epoch_ms - KEPT_MS - DISCORD_EPOCH_MS) << 22
    low = max(oldest - 1, int(query.get("after", 0)))
    high = int(query.get("before", 1 << 64))
    wanted = {k: query[k] for k in ("user_id", "action_type", "target_id") if k in query}
    found = [
        e for e in guild.audit if low < int(e["id"]) < high and all(e[k] == value for k, value in wanted.items())
    ]  # fmt: skip
    found.sort(key=lambda e: int(e["id"]), reverse="after" not in query)
    return ok({"audit_log_entries": found[:limit], **_referenced(call, guild, found[:limit])})


def _referenced(call: Call, guild: Guild, page: list[Doc]) -> Doc:
    """What the entries are about, where it still exists."""

    def targets(actions: tuple[int, ...]) -> dict[int, None]:
        return dict.fromkeys(int(e["target_id"]) for e in page if e["action_type"] in actions and e["target_id"])

    people = dict.fromkeys(int(e["user_id"]) for e in page) | targets(_ABOUT_USERS)
    commands: dict[int, Doc] = {}
    for application_id in {int(e["options"]["application_id"]) for e in page if e["action_type"] in _ABOUT_COMMANDS}:
        commands |= commands_of(call.world, application_id, None) | commands_of(call.world, application_id, guild.id)
    integrations = call.world.integrations(guild)
    return {
        "users": [call.person(u) for u in people if call.world.user_exists(u)],
        "integrations": [_partial(i) for i in _known(integrations, targets(_ABOUT_INTEGRATIONS))],
        "webhooks": [_without_token(h) for h in _known(guild.webhooks, targets(_ABOUT_WEBHOOKS))],
        "guild_scheduled_events": _known(guild.events, targets(_ABOUT_EVENTS)),
        "threads": _known(guild.channels, targets(_ABOUT_THREADS)),
        "application_commands": _known(commands, targets(_ABOUT_COMMANDS)),
        "auto_moderation_rules": _known(guild.rules, targets(_ABOUT_RULES)),
    }


def _known(things: Mapping[int, Doc], ids: Iterable[int]) -> list[Doc]:
    return [things[i] for i in ids if i in things]


def _without_token(webhook: Doc) -> Doc:
    return {k: v for k, v in webhook.items() if k not in ("token", "url")}


def _partial(integration: Doc) -> Doc:
    shown = {k: integration[k] for k in _PARTIAL}
    return shown | {"application_id": integration["application"]["id"]} if "application" in integration else shown
