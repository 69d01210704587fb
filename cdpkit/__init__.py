"""Customer profiles as Parquet tables: merged, previewed, undone, and queried from notebooks.

```python
import cdpkit

ws = cdpkit.create("profiles")
ws.properties.add("email", type="email", identifier=True)
ws.load("crm.csv", identifiers={"email": "email"}, mappings=[{"from": "plan", "to": "plan", "rule": "set"}])
ws.sql("select plan, count(*) from profiles group by plan")
```
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cdpkit import errors
    from cdpkit.core.frames import Merged, merge
    from cdpkit.core.properties import Property
    from cdpkit.runs.preview import Preview
    from cdpkit.runs.progress import RunEvent
    from cdpkit.runs.run import Run
    from cdpkit.workspace import Workspace, create, open  # noqa: A004
    from cdpkit.workspace.connection import Connection

__all__ = [
    "Connection",
    "Merged",
    "Preview",
    "Property",
    "Run",
    "RunEvent",
    "Workspace",
    "__version__",
    "create",
    "errors",
    "merge",
    "open",
]

_HOMES = {
    "Connection": "cdpkit.workspace.connection",
    "Merged": "cdpkit.core.frames",
    "Preview": "cdpkit.runs.preview",
    "Property": "cdpkit.core.properties",
    "Run": "cdpkit.runs.run",
    "RunEvent": "cdpkit.runs.progress",
    "Workspace": "cdpkit.workspace",
    "create": "cdpkit.workspace",
    "merge": "cdpkit.core.frames",
    "open": "cdpkit.workspace",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("cdpkit")
    if name in {"errors", "goals"}:
        return import_module(f"cdpkit.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'cdpkit' has no attribute {name!r}; it has: {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
