"""A shard's life as a page: `python -m framework.gateway.diagram > docs/shard-lifecycle.md`, from the table itself."""

from __future__ import annotations

from framework.gateway.core.shard import TABLE, Effect, Input, Phase

__all__ = ["page"]

_CONNECTED = (Phase.GREETING, Phase.IDENTIFYING, Phase.RESUMING, Phase.READY)
_HEAD = """# A shard's life

Generated from `framework/gateway/core/shard.py` by `python -m framework.gateway.diagram > docs/shard-lifecycle.md`.
`connected` stands for the four phases with an open connection. What the table does not list is the server's fault: the
connection is left, and resumed.
"""


def page() -> str:
    """Diagram and table, as Markdown."""
    return "\n".join([_HEAD, "```mermaid", "stateDiagram-v2", *_diagram(), "```", "", *_table(), ""])


def _diagram() -> list[str]:
    lines = ["    [*] --> offline", "    state connected {"]
    inside = [(a, given, step) for (a, given), step in TABLE.items() if a in _CONNECTED and step.to in _CONNECTED]
    lines += [_arrow(_id(a), _id(step.to), given, step.effects, 8) for a, given, step in inside if a is not step.to]
    lines.append("    }")
    seen = set()
    for (phase, given), step in TABLE.items():
        if phase in _CONNECTED and step.to in _CONNECTED:
            continue
        begin = "connected" if phase in _CONNECTED else _id(phase)
        arrow = _arrow(begin, _id(step.to), given, step.effects, 4)
        if arrow not in seen:
            seen.add(arrow)
            lines.append(arrow)
    return [*lines, "    ended --> [*]"]


def _arrow(begin: str, end: str, given: Input, effects: tuple[Effect, ...], indent: int) -> str:
    done = ", ".join(effect.value for effect in effects)
    label = f"{given.value} / {done}" if done else given.value
    return f"{' ' * indent}{begin} --> {end} : {label.replace(':', ',')}"


def _id(phase: Phase) -> str:
    return phase.value.replace(" ", "_")


def _table() -> list[str]:
    rows = ["| phase | input | next phase | effects |", "|---|---|---|---|"]
    rows += [
        f"| {phase.value} | {given.value} | {step.to.value} | {', '.join(effect.value for effect in step.effects)} |"
        for (phase, given), step in TABLE.items()
    ]
    return rows


if __name__ == "__main__":
    print(page(), end="")
