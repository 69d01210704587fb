"""A view in a browser without JupyterLab around it: the same module and style, and a desk in this process.

Quick enough to look at many views; what only JupyterLab does is tried there.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from playwright.sync_api import Browser, Page

from cdpkit.face import views
from cdpkit.face.desk import Desk
from cdpkit.face.web import module, style

_LIGHT = {
    "--jp-ui-font-color1": "rgba(0,0,0,.87)",
    "--jp-layout-color0": "#fff",
    "--jp-layout-color1": "#fff",
    "--jp-ui-font-family": "system-ui, sans-serif",
}
_DARK = _LIGHT | {"--jp-ui-font-color1": "#fff", "--jp-layout-color0": "#111", "--jp-layout-color1": "#212121"}
_MODEL = """
async (text) => {
  const {default: made} = await import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
  const heard = {"change:view": new Set(), "msg:custom": new Set()};
  let view = {};
  const told = (events) => {
    for (const [kind, content] of JSON.parse(events)) {
      if (kind === "view") { view = content; for (const f of heard["change:view"]) f(); }
      else for (const f of heard["msg:custom"]) f(content);
    }
  };
  const model = {
    get: () => view,
    send: (message) => { hear(message).then(told); },
    on: (name, f) => heard[name].add(f),
    off: (name, f) => heard[name].delete(f),
  };
  told(await hear(null));
  made.render({model, el: document.querySelector("main")});
  setInterval(() => hear(null).then(told), 40);
}
"""


class Alone:
    """A view that is drawn.

    Attributes:
        page: The page.
        desk: What it talks with.
        sent: How many bytes went to the browser.
        errors: What scripts complained about.
    """

    def __init__(self, page: Page, desk: Desk) -> None:
        self.page, self.desk = page, desk
        self.sent = 0
        self.errors = list[str]()
        self._events = list[tuple[str, Any]]()
        self._lock = Lock()
        desk.join(lambda drawn: self._tell("view", drawn), lambda message: self._tell("said", message))

    def hear(self, message: Mapping[str, Any] | None) -> str:
        """Carry out a message, if there is one; what has come up since goes to the browser."""
        if message is not None:
            self.desk.hear(message)
        with self._lock:
            events, self._events = self._events, []
        text = json.dumps(events)
        self.sent += len(text.encode()) - 2
        return text

    def settled(self) -> None:
        """Wait until nothing is at work any more, and what came of it is drawn."""
        self.desk.work.wait()
        seq = self.desk.drawn()["seq"]
        self.page.wait_for_function("seq => Number(document.querySelector('.cdp')?.dataset.drawn) >= seq", arg=seq)

    def _tell(self, kind: str, content: Mapping[str, Any]) -> None:
        with self._lock:
            self._events.append((kind, json.loads(json.dumps(content))))


@contextmanager
def alone(
    browser: Browser, thing: object, *, dark: bool = False, width: int = 860, height: int = 1100
) -> Iterator[Alone]:
    """The view of an object; what its scripts complain about fails the test."""
    view = views.view_of(thing)
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    one = Alone(page, view.desk(thing))
    page.on("pageerror", lambda error: one.errors.append(str(error)))
    colours = ";".join(f"{name}:{value}" for name, value in (_DARK if dark else _LIGHT).items())
    page.set_content(
        f"<!doctype html><html lang=en><title>view</title><style>{style(view.web)}"
        f"body{{background:var(--jp-layout-color1)}}</style><body data-jp-theme-light={'false' if dark else 'true'} "
        f"style='{colours}'><main></main></body>"
    )
    page.expose_function("hear", one.hear)
    try:
        page.evaluate(_MODEL, module(view.web))
        page.locator(".cdp").wait_for()
        yield one
    finally:
        context.close()
    assert one.errors == []
