"""Renders docs/fidelity.md from the `fidelity` markers of the tests beside this file: what of Discord is emulated, how
well it is known, and which test shows it. `python tests/conformance/fidelity.py` writes the page."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "fidelity.md"

CONFIDENCE = {
    "D": "documented by Discord, in the documentation or the OpenAPI document",
    "U": "documented unofficially (userdoccers) and not contradicted",
    "O": "observed on the wire: issue threads, logs, or code of a widely used client that depends on it",
    "K": "known among bot authors, without a line to cite",
    "L": "low: a single old report, or an inference",
    "X": "sources disagree",
}
SECTIONS = {
    "A": "REST", "B": "Rate limits", "C": "Gateway", "D": "Events", "E": "Interactions", "F": "Bans, kicks and prunes",
    "G": "Objects", "H": "Routes", "I": "Acceptance: each promise once, from end to end",
}  # fmt: skip
PARTS = {
    "A.1": "versions, transport, consistency", "A.2": "authentication", "A.3": "headers and encodings", "A.5": "errors",
    "A.7": "ids", "A.9": "nonces", "B.1": "headers", "B.2": "answers without headers", "B.3": "forms of a 429",
    "B.4": "bucket identity", "B.5": "window models", "B.6": "global limit", "B.7": "invalid requests and bans",
    "B.8": "limits per route", "B.10": "order of checks", "C.1": "address", "C.2": "payloads and frames",
    "C.3": "opcodes", "C.4": "close codes", "C.5": "heartbeats", "C.6": "identify", "C.7": "READY",
    "C.8": "sessions, op 7, op 9", "C.9": "send limits", "C.10": "session starts", "C.11": "shards",
    "C.12": "compression and encoding", "C.13": "intents", "C.14": "requests", "C.15": "message content",
    "C.16": "availability of guilds", "D.2": "guilds and members", "D.3": "channels, threads, voice",
    "D.4": "messages", "D.5": "applications and money", "E.3": "answers and follow-ups", "F.2": "events of a ban",
    "F.3": "bulk ban", "F.4": "prune", "G.4": "permissions", "H.1": "table of routes",
    **{f"I.{row}": f"row {row}" for row in range(1, 26)},
}  # fmt: skip
NOT_EMULATED = (
    "TLS fingerprints, HTTP/2 and HTTP/3, compressed answers, Cloudflare's cookies and other decoration.",
    "API versions below 9 at the gateway; over REST, 6 to 8 are answered as 10 is, rate-limit numbers included.",
    "Hosts with a global counter of their own: discordapp.com and canary.discord.com are the same Discord here.",
    "Voice servers: a bot is told where it would connect, and nobody is there.",
    "User accounts: bare tokens, their opcodes (12 to 30, 32 to 42), their intents and events.",
    "The OAuth2 web flow and its token route: the operator hands out access tokens.",
    "Webhook events: the address of an application is kept, and nothing is posted to it.",
    "The search index that is not ready (202, code 110000): a search is answered at once.",
    "The restriction of clients that keep calling a webhook which is gone.",
    "Buckets that tell nothing on some routes or guilds: only the first response to an interaction does not.",
    "Limits without a number: opening direct messages (40003), reading ban lists (30037), prunes (30040).",
    "Deletions of messages that do not exist, all booked in one bucket: they are booked by the age of the id.",
    "Eventual consistency beyond the faults an operator plans: reads are never stale, nothing is late by itself.",
    "Guilds beyond 75,000 members, whose GUILD_CREATE names nobody for their presence.",
    "PRESENCE_UPDATE in guilds that nobody has looked at: worlds are built where they are touched.",
    "A guild in outage is unavailable at the gateway only; REST goes on answering for it.",
    "Embeds of links in messages, and the MESSAGE_UPDATE that would bring them.",
    "What happens by itself when time has passed: INVITE_DELETE, the end of a poll, the start of a scheduled event.",
    "Audit log entries that are merged by raising their count.",
    "Verification levels, users who close their direct messages, spam beyond its test string.",
)
LEAD = """\
# Fidelity

What of Discord the fake emulates, how well each fact is known, and the test that shows it. Where sources disagree the
fake follows the first one named; most such choices are [settings](../discord_sim/edge/settings.py).

This page is made by `python tests/conformance/fidelity.py` from the markers of the tests; do not edit it.
"""


class Fact(NamedTuple):
    """One marker of one test."""

    section: str
    confidence: str
    source: str
    test: str

    @property
    def order(self):
        letter, _, part = self.section.partition(".")
        return letter, int(part), self.test

    @property
    def behaviour(self):
        """The test's name as a sentence."""
        words = self.test.rpartition("::test_")[2].replace("_", " ")
        return re.sub(r"(row \d\d)", r"\1:", words[0].upper() + words[1:], flags=re.IGNORECASE)


def facts(path):
    """The facts of a file. Raises ValueError for a test that has none, or one that cannot be."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        test = f"{path.relative_to(ROOT).as_posix()}::{node.name}"
        marks = [d for d in node.decorator_list if ast.unparse(d).startswith("pytest.mark.fidelity(")]
        if not marks:
            raise ValueError(f"{test} has no fidelity marker")
        for mark in marks:
            section, confidence, source = (ast.literal_eval(argument) for argument in mark.args)
            if section not in PARTS or not set(confidence.split("/")) <= CONFIDENCE.keys() or not source:
                raise ValueError(f"{test}: no such section or confidence: {section!r}, {confidence!r}, {source!r}")
            found.append(Fact(section, confidence, source, test))
    return found


def page():
    """The whole page."""
    known = sorted((fact for path in HERE.glob("test_*.py") for fact in facts(path)), key=lambda fact: fact.order)
    lines = [LEAD, "| Confidence | Meaning |", "|---|---|", *(f"| {k} | {v} |" for k, v in CONFIDENCE.items())]
    for letter, title in SECTIONS.items():
        lines += ["", f"## {letter}. {title}", "", "| Behaviour | About | Confidence | Source | Test |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| {f.behaviour} | {PARTS[f.section]} | {f.confidence} | {f.source} | `{f.test}` |"
            for f in known
            if f.section.startswith(letter)
        ]
    lines += ["", "## What is not emulated", "", *(f"- {item}" for item in NOT_EMULATED)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
