"""How deep a JSON value is nested: what goes deeper than anything of Discord's would exhaust its reader's stack."""

from __future__ import annotations

from typing import Any

__all__ = ["DEPTH_MAX", "is_too_deep"]

DEPTH_MAX = 64


def is_too_deep(value: Any) -> bool:
    """Whether there are values at more than DEPTH_MAX levels."""
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [v for item in level if isinstance(item, dict | list) for v in _inside(item)]
    return bool(level)


def _inside(item: dict[str, Any] | list[Any]) -> Any:
    return item.values() if isinstance(item, dict) else item
