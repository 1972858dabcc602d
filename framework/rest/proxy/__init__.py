"""The central proxy: one place that keeps the limits of all workers, in whatever language they are written."""

from framework.rest.proxy.server import RestProxy

__all__ = ["RestProxy"]
