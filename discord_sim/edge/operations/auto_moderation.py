"""Auto-moderation: its rules, and what they do to messages ("Auto Moderation")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, Refused, form_error, ok, operation, refuse, unknown
from discord_sim.edge.operations.guilds import differences
from discord_sim.rules.answers import Answer, error
from discord_sim.rules.auto_moderation import KEYWORD, MENTIONS, PRESET, PROFILE, SPAM, Hit, is_pattern, judge
from discord_sim.rules.forms import Tree, leaf
from discord_sim.rules.permissions import Permission as P
from discord_sim.spec import skeleton
from discord_sim.world import changes
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Guild, Message
from discord_sim.world.payloads import TEXT_LIKE, Doc
from discord_sim.world.snowflakes import iso

PER_GUILD_MAX = {KEYWORD: 6, SPAM: 1, PRESET: 1, MENTIONS: 1, PROFILE: 1}
ALLOWED_MAX, MENTIONS_DEFAULT = 100, 20
BLOCK, ALERT, TIMEOUT, QUARANTINE = 1, 2, 3, 4
ALERT_MESSAGE = 24
_ON_MESSAGE, _ON_MEMBER = 1, 2
_SHAPES = {
    KEYWORD: ("KeywordRuleResponse", "KeywordTriggerMetadataResponse"),
    SPAM: ("MLSpamRuleResponse", "MLSpamTriggerMetadataResponse"),
    PRESET: ("DefaultKeywordRuleResponse", "DefaultKeywordListTriggerMetadataResponse"),
    MENTIONS: ("MentionSpamRuleResponse", "MentionSpamTriggerMetadataResponse"),
    PROFILE: ("UserProfileRuleResponse", "UserProfileMetadataResponse"),
}
_ONLY_FOR = {TIMEOUT: (KEYWORD, MENTIONS), QUARANTINE: (PROFILE,)}
_NEEDED = {ALERT: "channel_id", TIMEOUT: "duration_seconds"}
_SETTABLE = ("name", "event_type", "enabled", "exempt_roles", "exempt_channels")
_REQUIRED = leaf("BASE_TYPE_REQUIRED", "This field is required")


@operation("list_auto_moderation_rules")
def rules(call: Call) -> Answer:
    return ok(list(call.guild(P.MANAGE_GUILD).rules.values()))


@operation("get_auto_moderation_rule")
def get(call: Call) -> Answer:
    return ok(_rule(call, call.guild(P.MANAGE_GUILD)))


def _rule(call: Call, guild: Guild) -> Doc:
    rule = guild.rules.get(call.id("rule_id"))
    if rule is None:
        refuse(404, 0, "404: Not Found")  # Discord has no code for a rule
    return rule


@operation("create_auto_moderation_rule")
def create(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    kind = call.data["trigger_type"]
    if sum(rule["trigger_type"] == kind for rule in guild.rules.values()) >= PER_GUILD_MAX[kind]:
        message = f"Maximum number of rules with trigger type {kind} is {PER_GUILD_MAX[kind]}"
        form_error(leaf("AUTO_MODERATION_MAX_RULES_OF_TYPE_EXCEEDED", message))
    if call.data.get("actions") is None:
        form_error({"actions": _REQUIRED})
    fields = {"trigger_metadata": _terms(kind, {})} | _fields(call, guild, kind)
    made = call.new_id()
    rule = guild.rules[made] = skeleton(
        _SHAPES[kind][0], id=str(made), guild_id=str(guild.id), creator_id=str(call.me), trigger_type=kind, **fields
    )
    call.emit("AUTO_MODERATION_RULE_CREATE", guild, made, rule, needs=P.MANAGE_GUILD)
    call.log(guild, 140, made, changes=differences({}, {k: rule[k] for k in ("trigger_type", *fields)}))
    return ok(rule)


@operation("update_auto_moderation_rule")
def update(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    rule = _rule(call, guild)
    new = _fields(call, guild, rule["trigger_type"])
    changed = differences(rule, new)
    rule |= new
    if changed:
        call.emit("AUTO_MODERATION_RULE_UPDATE", guild, int(rule["id"]), rule, needs=P.MANAGE_GUILD)
        call.log(guild, 141, int(rule["id"]), changes=changed)
    return ok(rule)


@operation("delete_auto_moderation_rule")
def delete(call: Call) -> Answer:
    guild = call.guild(P.MANAGE_GUILD)
    rule = _rule(call, guild)
    del guild.rules[int(rule["id"])]
    call.emit("AUTO_MODERATION_RULE_DELETE", guild, int(rule["id"]), rule, needs=P.MANAGE_GUILD)
    call.log(guild, 142, int(rule["id"]), changes=[{"key": "name", "old_value": rule["name"]}])
    return NO_CONTENT


# -- what a client sets ----------------------------------------------------------------------------------------


def _fields(call: Call, guild: Guild, kind: int) -> Doc:
    """The fields that a client sets on a rule of this trigger type; refuses what the type does not allow."""
    data = call.data
    fields: Doc = {k: data[k] for k in _SETTABLE if data.get(k) is not None}
    event_type = _ON_MEMBER if kind == PROFILE else _ON_MESSAGE
    if fields.get("event_type", event_type) != event_type:
        form_error({"event_type": leaf("BASE_TYPE_CHOICES", f"Value must be one of {{{event_type}}}.")})
    if data.get("trigger_metadata") is not None:
        fields["trigger_metadata"] = _terms(kind, data["trigger_metadata"])
    if data.get("actions") is not None:
        fields["actions"] = [_action(call, guild, kind, *item) for item in enumerate(data["actions"])]
    return fields


def _terms(kind: int, given: Doc) -> Doc:
    """The complete trigger metadata of a rule."""
    terms = skeleton(_SHAPES[kind][1])
    if kind == MENTIONS:
        terms["mention_total_limit"] = MENTIONS_DEFAULT
    terms |= {k: v for k, v in given.items() if k in terms and v is not None}
    if kind != PRESET and len(terms.get("allow_list", ())) > ALLOWED_MAX:
        too_many = leaf("BASE_TYPE_MAX_LENGTH", f"Must be {ALLOWED_MAX} or fewer in length.")
        form_error({"trigger_metadata": {"allow_list": too_many}})
    for pattern in terms.get("regex_patterns", ()):
        if not is_pattern(pattern):
            refuse(400, 200002, "Invalid regex pattern")
    return terms


def _action(call: Call, guild: Guild, kind: int, index: int, given: Doc) -> Doc:
    """One action of a rule, as it is kept."""

    def wrong(tree: Tree) -> Tree:
        return {"actions": {str(index): tree}}

    does = given["type"]
    terms = {k: v for k, v in (given.get("metadata") or {}).items() if v is not None}
    if kind not in _ONLY_FOR.get(does, (kind,)):
        message = f"Action type {does} cannot be used with trigger type {kind}"
        form_error(wrong({"type": leaf("BASE_TYPE_CHOICES", message)}))
    if does in _ONLY_FOR:
        call.demand(guild, guild.permissions_of(call.me), P.MODERATE_MEMBERS)
    if does in _NEEDED and _NEEDED[does] not in terms:
        form_error(wrong({"metadata": {_NEEDED[does]: _REQUIRED}}))
    if does == ALERT:
        channel = guild.channels.get(int(terms["channel_id"]))
        if channel is None:
            unknown("channel")
        needs = P.VIEW_CHANNEL | P.SEND_MESSAGES
        if channel["type"] not in TEXT_LIKE or guild.permissions_in(channel, call.me) & needs != needs:
            message = "Alerts can only go to a text channel that you can write to"
            no_access = leaf("INVALID_AUTO_MODERATION_CHANNEL_FLAG_ACTION_ACCESS", message)
            form_error(wrong({"metadata": {"channel_id": no_access}}))
    return {"type": does, "metadata": terms}


# -- what the rules do -----------------------------------------------------------------------------------------


def moderate(call: Call, guild: Guild, channel: Doc, content: str) -> list[Hit]:
    """Hold a text that the caller wants to post against the guild's rules. Where one of those it breaks blocks it, all
    of them act and it is refused (200000); otherwise the message is posted, and then given to `flag`.

    Bots and members who manage the guild are exempt.
    """
    if not content or call.me in call.world.bots or guild.permissions_of(call.me) & P.MANAGE_GUILD:
        return []
    hits = judge(guild.rules.values(), content, _places(guild, channel), [str(r) for r in guild.held_roles(call.me)])
    if any(_blocks(hit) for hit in hits):
        told = [event for hit in hits for event in _execute(call, guild, channel, content, hit, None)]
        raise Refused(error(400, 200000, "Message was blocked by automatic moderation"), told)
    return hits


def flag(call: Call, guild: Guild, channel: Doc, message: Message, hits: list[Hit]) -> None:
    """Let the rules act that a posted message breaks."""
    for hit in hits:
        call.events += _execute(call, guild, channel, message.content, hit, message)


def _places(guild: Guild, channel: Doc) -> list[str]:
    """A channel and what it lies in."""
    found = [channel["id"]]
    while channel.get("parent_id") is not None and int(channel["parent_id"]) in guild.channels:
        channel = guild.channels[int(channel["parent_id"])]
        found.append(channel["id"])
    return found


def _blocks(hit: Hit) -> bool:
    return any(action["type"] == BLOCK for action in hit.rule["actions"])


def _execute(call: Call, guild: Guild, channel: Doc, content: str, hit: Hit, message: Message | None) -> list[Event]:
    """Everything that a broken rule does, and one AUTO_MODERATION_ACTION_EXECUTION for each of its actions."""
    events: list[Event] = []
    rule = hit.rule
    for action in rule["actions"]:
        body: Doc = {
            "guild_id": str(guild.id), "action": action, "rule_id": rule["id"],
            "rule_trigger_type": rule["trigger_type"], "user_id": str(call.me), "channel_id": channel["id"],
            "content": content, "matched_keyword": hit.keyword, "matched_content": hit.content,
        }  # fmt: skip
        if message is not None:
            body["message_id"] = str(message.id)
        if action["type"] == ALERT:
            place = int(action["metadata"]["channel_id"])
            if place not in guild.channels:
                continue
            alert = _alert(call, channel, content, hit, message)
            posted, told = changes.say(
                call.world, place, call.me, "", call.epoch_ms, type=ALERT_MESSAGE, embeds=[alert]
            )
            events += told
            body["alert_system_message_id"] = str(posted.id)
        elif action["type"] == TIMEOUT:
            until = iso(call.epoch_ms + action["metadata"]["duration_seconds"] * 1000)
            events += changes.change_member(call.world, guild, call.me, communication_disabled_until=until)
        events.append(_executed(guild, rule["id"], body))
        options = {
            "auto_moderation_rule_name": rule["name"], "channel_id": channel["id"],
            "auto_moderation_rule_trigger_type": str(rule["trigger_type"]),
        }  # fmt: skip
        kind = 142 + action["type"]
        events.append(call.world.log(guild, kind, call.me, call.me, None, call.epoch_ms, options=options))
    return events


def _executed(guild: Guild, rule_id: str, body: Doc) -> Event:
    """The event, whose texts need the message content intent."""
    hidden = {**body, "content": "", "matched_content": ""}
    return Event(
        "AUTO_MODERATION_ACTION_EXECUTION", guild.id, int(rule_id), body, lambda _: hidden, needs=P.MANAGE_GUILD
    )


def _alert(call: Call, channel: Doc, content: str, hit: Hit, message: Message | None) -> Doc:
    """The embed of an alert: what was said, and why it is reported."""
    timeout = next((a["metadata"]["duration_seconds"] for a in hit.rule["actions"] if a["type"] == TIMEOUT), None)
    told = {
        "rule_name": hit.rule["name"], "channel_id": channel["id"], "decision_id": f"{call.new_id():032x}",
        "keyword": hit.keyword, "keyword_matched_content": hit.content,
        "flagged_message_id": None if message is None else message.id, "timeout_duration": timeout,
        "decision_outcome": "blocked" if message is None else "flagged",
    }  # fmt: skip
    fields = [{"name": k, "value": str(v), "inline": False} for k, v in told.items() if v is not None]
    return {"type": "auto_moderation_message", "description": content, "fields": fields}
