"""Processors for e-mail addresses and telephone numbers."""

import re
from collections.abc import Mapping

import polars as pl

from cdpkit.core.processors.fields import OnError, attempt_texts, change_texts, without_unseen
from cdpkit.core.processors.options import option
from cdpkit.core.processors.registry import Context, processor
from cdpkit.errors import ConfigurationError

DOMAIN_TYPOS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "gmial.com", "gmai.com", "gamil.com", "gmal.com", "gnail.com", "gmaill.com", "gmali.com", "gmsil.com",
            "gmaul.com", "gmeil.com", "ggmail.com", "gmail.con", "gmail.co", "gmail.cm", "gmail.om", "gmail.vom",
            "gmail.xom", "gmail.comm", "gmail.coom", "gmailcom", "gmail,com",
        ),
        "gmail.com",
    ),
    **dict.fromkeys(
        (
            "hotmial.com", "hotmal.com", "hotmai.com", "hotmil.com", "homail.com", "hotnail.com", "hotmaill.com",
            "htomail.com", "hotmail.con", "hotmail.cm", "hotmail.om", "hotmail.comm", "hotmailcom",
        ),
        "hotmail.com",
    ),
    **dict.fromkeys(
        ("yaho.com", "yahooo.com", "yhoo.com", "yahho.com", "yaoo.com", "yahoo.con", "yahoo.cm", "yahoo.comm"),
        "yahoo.com",
    ),
    **dict.fromkeys(
        ("outlok.com", "outloo.com", "outllok.com", "outlokk.com", "outlook.con", "outlook.cm", "outlook.comm"),
        "outlook.com",
    ),
    **dict.fromkeys(("iclod.com", "icoud.com", "iclud.com", "icloud.con", "icloud.cm", "icloud.co"), "icloud.com"),
    "live.con": "live.com",
    "aol.con": "aol.com",
    "msn.con": "msn.com",
}  # fmt: skip
"""Misspelt domains that belong to nobody's real addresses, with what was meant."""


_OF_A_FLOAT = r"^(\s*\+?[0-9]{7,15})\.0+\s*$"
_TWO_NUMBERS = r"(?:[0-9][^0-9]{0,2}){6}[0-9]\s*(?:[/;|,]|\bor\b|\band\b|\n)\s*[+(]?(?:[0-9][^0-9]{0,2}){6}[0-9]"
_CENTS = r"(?:[0-9][1-9]|[1-9][0-9]?)\s*$"
_AMOUNT = rf"^\s*[0-9]{{1,3}}(?:[. ][0-9]{{3}})*,[0-9]{{1,2}}\s*$|^\s*(?:[0-9]{{1,3}}(?:,[0-9]{{3}})*|[0-9]+)\.{_CENTS}"
_DAY = r"^\s*(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2})\s*$"
_NO_NUMBER = f"{_TWO_NUMBERS}|{_AMOUNT}|{_DAY}"
"""Several numbers in one cell, an amount of money, a date: their digits in a row would be a number that is nobody's."""


@processor("normalize_email")
class NormalizeEmail:
    """Remove white space and unseen characters from e-mail addresses and write them in lower case."""

    fields: tuple[str, ...] = option("The fields with e-mail addresses", names_fields=True)

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with normal addresses; whether they are addresses is not judged."""
        return change_texts(rows, self.fields, lambda text: without_unseen(text).str.to_lowercase(), context)


@processor("email_domain_typos")
class EmailDomainTypos:
    """Mend misspelt domains of e-mail addresses, such as gmial.com."""

    fields: tuple[str, ...] = option("The fields with e-mail addresses", names_fields=True)
    typos: Mapping[str, str] = option("More domains: misspelt to right; they go before the built-in ones", default={})

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with mended domains; the part before the @ and all other addresses stay as they are."""
        table = {**DOMAIN_TYPOS, **{typo.strip().lower(): right.strip() for typo, right in self.typos.items()}}

        def mended(text: pl.Expr) -> pl.Expr:
            domain = text.str.extract(r"@([^@]*)$").str.strip_chars().str.to_lowercase()
            right = domain.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String())
            return pl.when(right.is_not_null()).then(text.str.extract(r"^(.*@)[^@]*$") + right).otherwise(text)

        return change_texts(rows, self.fields, mended, context)


@processor("normalize_phone")
class NormalizePhone:
    """Write telephone numbers as + and 8 to 15 digits, without punctuation."""

    fields: tuple[str, ...] = option("The fields with telephone numbers", names_fields=True)
    country_code: str = option("Put before numbers that begin with neither + nor 00; empty for none", default="")
    national_prefix: str = option("Digits that the country code replaces: 0, in the USA 1; empty for none", default="0")
    on_error: OnError = option(
        "A value that is no telephone number: empty it, exclude the row, or keep it", default="empty"
    )

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(\+?[1-9][0-9]{0,2})?", self.country_code, re.ASCII):
            raise ConfigurationError("option 'country_code' must be 1 to 3 digits, such as '31' or '+31'")
        if not re.fullmatch(r"[0-9]{0,3}", self.national_prefix, re.ASCII):
            raise ConfigurationError("option 'national_prefix' must be at most 3 digits, such as '0'")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with normal numbers; without a country code national numbers stay national."""
        return attempt_texts(rows, self.fields, self._attempt, self.on_error, context)

    def _attempt(self, text: pl.Expr) -> pl.Expr:
        one = pl.when(~text.str.contains(_NO_NUMBER)).then(text.str.replace(_OF_A_FLOAT, "${1}"))
        # "+31 (0)20" writes the prefix that callers from abroad leave out; pasted numbers carry invisible marks.
        bare = (
            one.str.replace(r"^(\s*(?:\+|00)[^(]*)\(0\)", "${1}")
            .str.replace_all(r"[\s\p{P}\p{Cf}]", "")
            .str.replace(r"^00", "+")
        )
        if self.country_code:
            code = f"+{self.country_code.lstrip('+')}"
            national = bare.str.replace(f"^(?:{self.national_prefix})?", code)
            bare = pl.when(bare.str.contains(r"^[0-9]")).then(national).otherwise(bare)
        return pl.when(bare.str.contains(r"^(?:\+[1-9]|[0-9])[0-9]{7,14}$")).then(bare)
