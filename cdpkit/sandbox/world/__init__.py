"""What imitations are made of: invented people, lists, typed fields, jobs, files, pages; no vendor's dialect."""
