"""REST: one manager, every limit. A stranger to the gateway."""

from framework.rest.core.global_limit import SmoothLimit
from framework.rest.core.route import Route
from framework.rest.errors import (
    BadRequest,
    CloudflareBanned,
    Forbidden,
    InvalidBudgetSpent,
    LostAnswer,
    NotFound,
    RateLimited,
    RequestFailed,
    RestClosed,
    RestError,
    ServerError,
    Unauthorized,
)
from framework.rest.manager import RestManager, RestSnapshot

__all__ = [
    "BadRequest",
    "CloudflareBanned",
    "Forbidden",
    "InvalidBudgetSpent",
    "LostAnswer",
    "NotFound",
    "RateLimited",
    "RequestFailed",
    "RestClosed",
    "RestError",
    "RestManager",
    "RestSnapshot",
    "Route",
    "ServerError",
    "SmoothLimit",
    "Unauthorized",
]
