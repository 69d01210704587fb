"""Files as a vendor."""
