"""What happened to what, by whom, when and in which words: append-only, chained by hashes, a chain a business."""

from sledi.history.happened import Actor, Happened

__all__ = ["Actor", "Happened"]
