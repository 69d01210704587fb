"""Processors that change texts one by one."""

from collections.abc import Mapping
from typing import Literal

import polars as pl
from polars_hash import CryptographicHashingNameSpace

from cdpkit.core.processors.fields import bare, change_texts, if_present
from cdpkit.core.processors.options import option
from cdpkit.core.processors.registry import Context, processor

_NULL_WORDS = ("null", "none", "nan")


@processor("trim")
class Trim:
    """Remove white space and unseen characters around texts."""

    fields: tuple[str, ...] = option("The fields; empty for every text field", default=(), names_fields=True)

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows, trimmed."""
        return change_texts(rows, self.fields, bare, context)


@processor("change_case")
class ChangeCase:
    """Write texts in lower case, upper case or title case."""

    fields: tuple[str, ...] = option("The fields", names_fields=True)
    case: Literal["lower", "upper", "title"] = option("lower, upper, or title: A Capital For Each Word")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with the fields in the chosen case."""
        return change_texts(rows, self.fields, self._change, context)

    def _change(self, text: pl.Expr) -> pl.Expr:
        match self.case:
            case "lower":
                return text.str.to_lowercase()
            case "upper":
                return text.str.to_uppercase()
            case "title":
                return text.str.to_titlecase()


@processor("drop_null_words")
class DropNullWords:
    """Empty the texts that are only the word null, none or nan, in any case."""

    fields: tuple[str, ...] = option("The fields; empty for every text field", default=(), names_fields=True)

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows without those words; in lists the elements are dropped."""
        return change_texts(rows, self.fields, _without_null_words, context)


def _without_null_words(text: pl.Expr) -> pl.Expr:
    return pl.when(~text.str.strip_chars().str.to_lowercase().is_in(_NULL_WORDS)).then(text)


@processor("convert_values")
class ConvertValues:
    """Replace values by the table of old to new."""

    fields: tuple[str, ...] = option("The fields", names_fields=True)
    values: Mapping[str, str] = option("Old value to new value; values are compared exactly")
    others: Literal["keep", "empty"] = option("What becomes of values that the table does not have", default="keep")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with converted values."""
        return change_texts(rows, self.fields, self._change, context)

    def _change(self, text: pl.Expr) -> pl.Expr:
        old, new = list(self.values), list(self.values.values())
        if self.others == "keep":
            return text.replace(old, new)
        return text.replace_strict(old, new, default=None, return_dtype=pl.String())


@processor("hash")
class Hash:
    """Replace texts by their SHA-256 hash in hexadecimal, made after trimming and lower-casing."""

    fields: tuple[str, ...] = option("The fields", names_fields=True)

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with hashes; empty values stay empty, a hash would be hashed again."""
        return change_texts(rows, self.fields, _sha256, context)


def _sha256(text: pl.Expr) -> pl.Expr:
    # The namespace is called by its class since `pl.element()` has no typed attribute for it.
    return CryptographicHashingNameSpace(if_present(text.str.strip_chars().str.to_lowercase())).sha2_256()
