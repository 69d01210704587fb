"""Where the state of forms lies, and what a click does: each hands what was filled in to the rooms below."""
