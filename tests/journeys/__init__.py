"""A file per promise, or a few close ones: through pages, API and command line against PostgreSQL and the simulator."""
