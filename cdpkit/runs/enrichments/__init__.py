"""Asking a vendor that is paid for each question: whom, at what cost, what it answered, and the import of that."""
