import { draw, h } from "./dom.js";

const WAIT = 150;

// What every view has: it is drawn when the kernel shows something new or when something in the browser has changed,
// tells what failed and what is at work, and keeps its keys to itself.

/**
 * The module of a view, from a function that describes it: it is given the view's context. What failed and what is at
 * work stand above it, unless it says with `own` that it places `states(context)` itself.
 */
export function view(describe, { own = false } = {}) {
  return { render: ({ model, el }) => mount(describe, own, model, el) };
}

/** What failed, and what is at work. */
export function states(context) {
  return [failure(context.view), working(context)];
}

function mount(describe, own, model, el) {
  const root = document.createElement("div");
  el.append(root);
  const pending = new Map();
  const heard = new Set();
  const by = Math.random().toString(36).slice(2);
  let sent = 0;
  let timer = 0;
  let asked = 0;
  const tell = (message) => {
    model.send({ ...message, _by: by, _n: (sent += 1) });
    root.dataset.sent = sent;
  };
  const flush = () => {
    clearTimeout(timer);
    for (const message of pending.values()) tell(message);
    pending.clear();
  };
  const said = (event) => {
    event.target.cdpSaid = sent + pending.size + 1;
  };
  const context = {
    ui: {},
    root,
    get view() {
      return model.get("view");
    },
    /** Tell the kernel; what was typed before goes first. */
    send(message) {
      flush();
      tell(message);
    },
    /** Tell the kernel once nothing more is typed for a moment. */
    typed(id, message) {
      pending.set(id, message);
      clearTimeout(timer);
      timer = setTimeout(flush, WAIT);
    },
    /** Be given the messages that are no view. */
    listen(listener) {
      heard.add(listener);
    },
    redraw() {
      if (asked) return;
      asked = requestAnimationFrame(paint);
    },
    paint: () => paint(),
  };
  function paint() {
    cancelAnimationFrame(asked);
    asked = 0;
    const shown = context.view;
    if (!shown || shown.seq === undefined) return;
    draw(root, shown.heard[by] ?? 0, own ? null : states(context), describe(context));
    root.className = "cdp cdp-in-VIEW";
    root.dataset.drawn = shown.seq;
    root.dataset.heard = shown.heard[by] ?? 0;
  }
  const custom = (message) => {
    for (const listener of heard) listener(message);
  };
  const keys = (event) => {
    if (!((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s")) event.stopPropagation();
  };
  root.addEventListener("keydown", keys);
  for (const kind of ["input", "change"]) root.addEventListener(kind, said, { capture: true });
  root.addEventListener("focusout", () => {
    flush();
    context.redraw();
  });
  model.on("change:view", paint);
  model.on("msg:custom", custom);
  paint();
  return () => {
    flush();
    model.off("change:view", paint);
    model.off("msg:custom", custom);
  };
}

function failure(shown) {
  return h("div", { role: "alert", class: "cdp-alert", key: "failed", hidden: !shown.failed }, shown.failed);
}

function working({ view: shown, send }) {
  const work = shown.work;
  if (!work.name) return h("div", { role: "status", key: "work" });
  return h(
    "div",
    { role: "status", key: "work", class: "cdp-work" },
    h(
      "div",
      { class: "cdp-bar-row" },
      h("strong", {}, work.name),
      h("span", { class: "cdp-grow" }),
      h("button", { class: "cdp-button", disabled: work.stopping, onclick: () => send({ do: "stop" }) },
        work.stopping ? "Stopping…" : "Stop"),
    ),
    work.stages.map((stage) =>
      h(
        "div",
        { key: stage.stage, class: "cdp-stage" },
        h("span", { class: "cdp-stage-name" }, stage.stage),
        stage.total ? h("progress", { value: stage.done, max: stage.total, "aria-label": stage.stage }) : null,
        h("span", { class: "cdp-soft" }, stage.text),
      ),
    ),
  );
}
