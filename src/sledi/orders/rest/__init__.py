"""REST: the same reads and acts as the pages, as JSON."""
