"""The network: one driver that serves what vendors ask for."""
