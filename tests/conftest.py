"""For all tests: examples of property-based tests have no deadline, since machines are noisy."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
