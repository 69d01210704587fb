"""The pure core: functions from frames to frames, without files, clock, network or SQL."""
