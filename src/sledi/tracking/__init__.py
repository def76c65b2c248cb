"""Watches (carrier + number), raw replies, one ingest path, projection, polling, pushes, carriers' health.

The only place that talks to carriers over the network. Knows nothing of orders, so it works alone as the
universal tracker.
"""
