"""Polls: votes, who voted, and their end ("Poll")."""

from __future__ import annotations

from discord_sim.edge.call import Call, ok, operation, refuse, unknown
from discord_sim.edge.compose import Draft
from discord_sim.edge.operations.messages import post, shown
from discord_sim.edge.operations.reactions import page, told, where
from discord_sim.rules.answers import Answer
from discord_sim.rules.permissions import Permission as P
from discord_sim.world import changes
from discord_sim.world.fanout import Event
from discord_sim.world.guild import Message
from discord_sim.world.payloads import Doc
from discord_sim.world.snowflakes import epoch_ms_of, iso
from discord_sim.world.world import World

POLL_RESULT = 46


def vote(world: World, message: Message, user_id: int, answer_id: int, *, wanted: bool) -> list[Event]:
    """Somebody votes, or takes a vote back; without multiple choice a second vote replaces the first."""
    events = []
    votes = message.votes.setdefault(answer_id, {})
    if (user_id in votes) == wanted:
        return []
    if wanted and not message.doc["poll"]["allow_multiselect"]:
        for other in [a for a, voters in message.votes.items() if user_id in voters]:
            events += vote(world, message, user_id, other, wanted=False)
    if wanted:
        votes[user_id] = None
    else:
        del votes[user_id]
    name = "MESSAGE_POLL_VOTE_ADD" if wanted else "MESSAGE_POLL_VOTE_REMOVE"
    body = {"user_id": str(user_id), **where(message), "answer_id": answer_id}
    return [*events, told(world, name, message, body)]


@operation("get_answer_voters")
def voters(call: Call) -> Answer:
    message = call.message(P.READ_MESSAGE_HISTORY)
    if "poll" not in message.doc:
        unknown("message")
    return ok({"users": page(call, message.votes.get(call.id("answer_id"), {}))})


@operation("poll_expire")
def end(call: Call) -> Answer:
    message = call.message()
    if "poll" not in message.doc:
        refuse(400, 520006, "Cannot expire a non-poll message")
    if message.author_id != call.me:
        refuse(403, 50005, "Cannot edit a message authored by another user")
    poll = message.doc["poll"]
    if epoch_ms_of(poll["expiry"]) <= call.epoch_ms:
        refuse(400, 520001, "Poll expired")
    counts = [{"id": a, "count": len(v), "me_voted": False} for a, v in sorted(message.votes.items()) if v]
    results = {"is_finalized": True, "answer_counts": counts}
    message.doc["poll"] = {**poll, "expiry": iso(call.epoch_ms), "results": results}
    call.events.append(changes.message_event(call.world, "MESSAGE_UPDATE", message))
    reference = {"type": 0, "channel_id": str(message.channel_id), "message_id": str(message.id)}
    notice = Draft({"embeds": [_result(message.doc["poll"])], "mentions": [message.doc["author"]]})
    post(call, message.channel_id, call.me, notice, type=POLL_RESULT, message_reference=reference)
    return ok(shown(call, message))


def _result(poll: Doc) -> Doc:
    """The embed that tells how a poll ended; without a winner where the first places are shared."""
    counts = {c["id"]: c["count"] for c in poll["results"]["answer_counts"]}
    most = max(counts.values(), default=0)
    winners = [a for a in poll["answers"] if most and counts.get(a["answer_id"]) == most]
    facts = {
        "poll_question_text": poll["question"]["text"], "victor_answer_votes": most,
        "total_votes": sum(counts.values()),
    }  # fmt: skip
    if len(winners) == 1:
        said = winners[0]["poll_media"]
        emoji = said.get("emoji") or {}
        facts |= {
            "victor_answer_id": winners[0]["answer_id"], "victor_answer_text": said.get("text"),
            "victor_answer_emoji_id": emoji.get("id"), "victor_answer_emoji_name": emoji.get("name"),
        }  # fmt: skip
    fields = [{"name": k, "value": str(v), "inline": False} for k, v in facts.items() if v is not None]
    return {"type": "poll_result", "fields": fields}
