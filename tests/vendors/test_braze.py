"""Braze by itself, beside what the conformance suite shows of every vendor."""
