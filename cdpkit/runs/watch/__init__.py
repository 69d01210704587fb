"""Following the commits: goals that are carried out as soon as somebody changes, for those alone who have."""
