"""How things of a workspace show themselves: the words of `cdpkit.show`."""

from cdpkit.show.text import counted, text_table

__all__ = ["counted", "text_table"]
