"""The words of fixed choices as types, so that editors offer them; a test keeps them the same as the enumerations."""

from typing import Literal

TypeWord = Literal["text", "email", "number", "decimal", "boolean", "date", "datetime"]
"""Types of properties."""

RuleWord = Literal["set", "set_if_empty", "set_or_clear", "add", "sum"]
"""Merge rules."""

OnMultipleWord = Literal["newest", "skip", "all"]
"""What a row with several matches does."""
