"""The carriers' servers on localhost: their protocols, a clock that can run fast, and bad days.

Written from the carriers' contracts, sharing no code with the adapters that are tested against it.

    python -m sledi_simulator --port 8001
"""

from sledi_simulator.limits import GENEROUS, STRICT, Limits
from sledi_simulator.server import Running, running, serve
from sledi_simulator.simulator import Options

__all__ = ["GENEROUS", "STRICT", "Limits", "Options", "Running", "running", "serve"]
