"""Timeline events: what types there are, what a goal makes of its rows, and how they are taken back."""
