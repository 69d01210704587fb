"""Files as people have them: what they are, how they are read, and what was understood of them."""
