"""sledi follows cross-border orders and parcels from purchase to door."""

__version__ = "0.1.0"
