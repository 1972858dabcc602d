"""The gateway: shards, the identify pace, resharding. A stranger to REST."""

from framework.gateway.core.session import Session
from framework.gateway.event import GatewayBot, RawEvent
from framework.gateway.manager import GatewayManager, GatewaySnapshot
from framework.gateway.shard import Shard

__all__ = ["GatewayBot", "GatewayManager", "GatewaySnapshot", "RawEvent", "Session", "Shard"]
