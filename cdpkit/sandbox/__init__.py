"""Imitations of vendors on loopback, for the demo, notebooks and tests; nothing here is used to talk to real ones."""
