"""17TRACK, the aggregator that knows China Post and Singapore Post."""

from sledi_simulator.dialects.seventeentrack.api import SeventeenTrack, signature

__all__ = ["SeventeenTrack", "signature"]
