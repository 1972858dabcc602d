"""Webhooks that speak the language of other services: Slack's messages, GitHub's events ("Webhook")."""

from __future__ import annotations

from discord_sim.edge.call import NO_CONTENT, Call, operation, refuse
from discord_sim.edge.operations.guilds import is_forum
from discord_sim.edge.operations.webhooks import by_token, send
from discord_sim.rules.answers import Answer
from discord_sim.world.guild import Guild
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import iso

EMBEDS_MAX, FIELDS_MAX, NAME_MAX, TITLE_MAX, TEXT_MAX, FOOTER_MAX, VALUE_MAX = 10, 25, 80, 256, 4096, 2048, 1024
_YEAR_10000_S = 253_402_300_800


def _service(call: Call) -> tuple[Guild, Doc]:
    guild, hook = by_token(call)
    if is_forum(guild.channels[int(hook["channel_id"])]) and "thread_id" not in call.query:
        refuse(400, 220004, "Webhook services cannot be used in forum channels")
    return guild, hook


def _known(**fields: object) -> Doc:
    """The fields that have a value."""
    return {k: v for k, v in fields.items() if v not in (None, "", [], {})}


def _cut(text: str | None, limit: int) -> str:
    return (text or "").strip()[:limit]


# -- Slack ---------------------------------------------------------------------------------------------------


@operation("execute_slack_compatible_webhook")
def execute_slack(call: Call) -> Answer:
    guild, hook = _service(call)
    data = call.data
    embeds = [_slack_embed(item) for item in (data.get("attachments") or [])[:EMBEDS_MAX]]
    name, picture = _cut(data.get("username"), NAME_MAX) or None, data.get("icon_url")
    message = {"content": data.get("text"), "embeds": [e for e in embeds if e], "username": name}
    send(call, guild, hook, {**message, "avatar_url": picture})
    return Answer(200, "ok")


def _slack_embed(given: Doc) -> Doc:
    ts, color = given.get("ts"), (given.get("color") or "").removeprefix("#")
    text = "\n".join(_known(a=given.get("pretext"), b=given.get("text")).values())
    fields = [
        {"name": _cut(f["name"], TITLE_MAX), "value": _cut(f["value"], VALUE_MAX), "inline": bool(f.get("inline"))}
        for f in given.get("fields") or () if f.get("name") and f.get("value")
    ]  # fmt: skip
    return _known(
        title=_cut(given.get("title"), TITLE_MAX), url=given.get("title_link"), description=_cut(text, TEXT_MAX),
        color=int(color if len(color) == 6 else "".join(c * 2 for c in color), 16) if color else None,
        timestamp=iso(ts * 1000) if ts is not None and 0 <= ts < _YEAR_10000_S else None,
        footer=_known(text=_cut(given.get("footer"), FOOTER_MAX), icon_url=given.get("footer_icon")),
        author=_known(
            name=_cut(given.get("author_name"), TITLE_MAX), url=given.get("author_link"),
            icon_url=given.get("author_icon"),
        ),
        image=_known(url=given.get("image_url")), thumbnail=_known(url=given.get("thumb_url")),
        fields=fields[:FIELDS_MAX],
    )  # fmt: skip


# -- GitHub --------------------------------------------------------------------------------------------------


@operation("execute_github_compatible_webhook")
def execute_github(call: Call) -> Answer:
    guild, hook = _service(call)
    told = _github_event(call.data)
    if told is None:
        return NO_CONTENT  # a ping, or an event that nobody is told of
    title, text, link = told
    repository, sender = (call.data.get("repository") or {}).get("full_name"), call.data["sender"]
    embed = _known(
        title=_cut(f"[{repository}] {title}" if repository else title, TITLE_MAX), description=_cut(text, TEXT_MAX),
        url=link,
        author={
            "name": _cut(sender["login"], TITLE_MAX), "url": sender["html_url"], "icon_url": sender["avatar_url"],
        },
    )  # fmt: skip
    send(call, guild, hook, {"embeds": [embed], "username": "GitHub"})
    return NO_CONTENT


def _github_event(data: Doc) -> tuple[str, str, str | None] | None:
    """Title, text and link of an event. Which event it is shows in what it holds; its header is not looked at."""
    action = data.get("action") or ""
    for name in ("issue", "pull_request", "discussion"):
        if data.get(name) is not None:
            subject = data[name]
            kind = "pull request" if "pull_request" in (name, *subject) else name
            title = f"#{subject['number']} {subject['title']}"
            remark = data.get("comment") or data.get("review") or data.get("answer")
            if remark is not None:
                return f"New comment on {kind} {title}", remark.get("body") or "", remark["html_url"]
            text = subject.get("body") if action in ("opened", "created") else None
            return f"{kind.capitalize()} {action}: {title}", text or "", subject["html_url"]
    if data.get("comment") is not None:
        comment = data["comment"]
        return f"New comment on commit `{(comment.get('commit_id') or '')[:7]}`", comment["body"], comment["html_url"]
    if data.get("commits"):
        commits = data["commits"]
        lines = [f"[`{c['id'][:7]}`]({c['url']}) {_line(c['message'])} - {c['author']['name']}" for c in commits]
        count = f"{len(commits)} new commit{'s' if len(commits) > 1 else ''}"
        branch = (data.get("ref") or "").removeprefix("refs/heads/")
        return f"{count} on {branch}" if branch else count, "\n".join(lines), data.get("compare") or commits[-1]["url"]
    if data.get("release") is not None:
        return f"New release published: {data['release']['tag_name']}", "", data["release"]["html_url"]
    if data.get("forkee") is not None:
        return f"Fork created: {data['forkee']['full_name']}", "", data["forkee"]["html_url"]
    if data.get("member") is not None:
        return f"New collaborator added: {data['member']['login']}", "", data["member"]["html_url"]
    if data.get("check_run") is not None:
        run = data["check_run"]
        return f"{run['name']} {run.get('conclusion') or action}", "", run["html_url"]
    if data.get("check_suite") is not None:
        suite = data["check_suite"]
        return f"Checks {suite.get('conclusion') or action} on {suite['head_sha'][:7]}", "", None
    if data.get("ref_type"):
        return f"New {data['ref_type']} created: {data.get('ref')}", "", None
    return ("New star added", "", None) if action == "started" else None


def _line(text: str) -> str:
    return text.partition("\n")[0]
