"""Telling people what changed: reads the outbox, sends e-mail. A lower app never calls it."""
