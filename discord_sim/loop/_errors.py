"""What a simulation can refuse or discover, by fault."""

__all__ = [
    "DeadlockError",
    "LivelockError",
    "SimulationError",
    "SimulationMisuse",
    "UnsupportedInSimulation",
]


class SimulationError(RuntimeError):
    """Base of everything the simulated world raises about itself."""


class SimulationMisuse(SimulationError):
    """The caller asked for something that cannot be: two simulations at once, an unknown host…"""


class UnsupportedInSimulation(SimulationError, NotImplementedError):
    """A call that would leave the simulated world (signals, subprocesses, raw sockets, UDP).

    It is a `NotImplementedError` too, because that is what libraries already catch where a platform lacks
    the call (asyncio's own loops raise it for signals on Windows).
    """


class DeadlockError(SimulationError):
    """Nothing is ready and no timer is set: virtual time could never move again. Names who waits on what."""


class LivelockError(SimulationError):
    """Callbacks run without end while virtual time stands still. Names the callbacks."""
