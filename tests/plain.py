"""Calls to servers of this machine, which speak no TLS."""

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client of httpx is given as `verify`: reading the authorities of the machine takes longer than ten calls."""
