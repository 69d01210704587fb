"""Exporting profiles: who is due, how they are rendered, sent and journalled, and what the goal knows after it."""
