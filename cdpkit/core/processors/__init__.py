"""Processors: ordered steps that filter and change rows before they are matched, or before they are sent.

`parse_steps` checks what users write, `process` runs it and accounts for every row. A built-in processor is a class
with the decorator `registry.processor` in one of the modules imported here; its fields are its options, and forms,
documentation and validation are made from them.
"""

from cdpkit.core.processors import columns, contacts, dates, foreign, numbers, rows, texts  # noqa: F401 - registers them
from cdpkit.core.processors.options import Kind, Option
from cdpkit.core.processors.registry import BUILT_INS, BuiltIn, PythonProcessor, RunSql
from cdpkit.core.processors.run import Processed, process
from cdpkit.core.processors.steps import Step, StepSpec, parse_steps, step_problems

__all__ = [
    "BUILT_INS",
    "BuiltIn",
    "Kind",
    "Option",
    "Processed",
    "PythonProcessor",
    "RunSql",
    "Step",
    "StepSpec",
    "parse_steps",
    "process",
    "step_problems",
]
