"""Running a connection: pull and import, select and export, preview and resume."""
