"""The only tables and the only SQL: profiles in layers, their history, and how all of it is committed."""
