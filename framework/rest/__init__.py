"""REST: one manager, every limit. A stranger to the gateway."""

from framework.rest.core.global_limit import SlidingLimit
from framework.rest.core.route import Route
from framework.rest.errors import (
    BadRequest,
    CloudflareBanned,
    Forbidden,
    FormError,
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
from framework.rest.files import File
from framework.rest.manager import RestManager, RestSnapshot
from framework.rest.priority import Priority, priority
from framework.rest.transport import Reply

__all__ = [
    "BadRequest",
    "CloudflareBanned",
    "File",
    "Forbidden",
    "FormError",
    "InvalidBudgetSpent",
    "LostAnswer",
    "NotFound",
    "Priority",
    "RateLimited",
    "Reply",
    "RequestFailed",
    "RestClosed",
    "RestError",
    "RestManager",
    "RestSnapshot",
    "Route",
    "ServerError",
    "SlidingLimit",
    "Unauthorized",
    "priority",
]
