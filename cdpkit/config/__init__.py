"""The settings of a workspace: one file that forms, editors and git share."""
