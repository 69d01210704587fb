"""How much memory a process held."""

import sys

import psutil


def peak_memory() -> int:
    """The most bytes that this process held so far, mapped files among them."""
    info = psutil.Process().memory_info()
    if hasattr(info, "peak_wset"):
        return int(info.peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
