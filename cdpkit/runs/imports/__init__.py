"""Importing rows: read or pulled, prepared, planned and committed."""
