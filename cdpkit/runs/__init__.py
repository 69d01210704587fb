"""Runs: planning, previewing, committing, recording and taking back."""
