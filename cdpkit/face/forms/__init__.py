"""Forms as values: what has been filled in, and edits as functions from form to form. No widget, no file, no vendor.

A form keeps what is not finished yet, such as a row without a property; what is wrong with it is told by the core, and
what comes out of it is what `add` and `replace` take.
"""
