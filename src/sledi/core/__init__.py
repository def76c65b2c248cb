"""Pure Python: numbers, statuses, timeline, the carriers' port. No framework, no clock, no network."""
