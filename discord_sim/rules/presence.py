"""Op 3, Update Presence: what a valid one holds ("Update Presence")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["PRESENCES_MAX", "PRESENCES_WINDOW_MS", "Presence", "parse_presence"]

PRESENCES_MAX, PRESENCES_WINDOW_MS = 5, 20_000
"""Beyond five in twenty seconds an update is dropped without a word (unofficial)."""
_STATUSES = ("online", "dnd", "idle", "invisible", "offline")
_FOR_BOTS = ("name", "type", "url", "state")


@dataclass(frozen=True, slots=True)
class Presence:
    """What others are to see: `invisible` shows as offline."""

    status: str
    activities: tuple[dict[str, Any], ...]


def parse_presence(d: Any) -> Presence | None:
    """Read the `d` of op 3; None where Discord closes with 4001."""
    if not isinstance(d, dict) or d.get("status") not in _STATUSES:
        return None
    activities = d.get("activities") or []
    if not isinstance(activities, list) or not all(isinstance(a, dict) for a in activities):
        return None
    kept = []
    for activity in activities:
        if not isinstance(activity.get("name"), str) or type(activity.get("type", 0)) is not int:
            return None
        kept.append({"type": 0, **{k: activity[k] for k in _FOR_BOTS if activity.get(k) is not None}})
    status = "offline" if d["status"] == "invisible" else d["status"]
    return Presence(status, tuple(kept))
