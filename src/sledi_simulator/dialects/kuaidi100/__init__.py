"""Kuaidi100, the aggregator of China's couriers."""

from sledi_simulator.dialects.kuaidi100.api import Kuaidi100, signature

__all__ = ["Kuaidi100", "signature"]
