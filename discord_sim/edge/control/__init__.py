"""The operator's API under `/_sim/`: everything an operator can do, for clients in any language.

`actions.py` says what there is, `document.py` describes it as OpenAPI, `door.py` serves it.
"""

from discord_sim.edge.control.door import CONTROL_PREFIX, Control

__all__ = ["CONTROL_PREFIX", "Control"]
