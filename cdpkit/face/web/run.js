import { h } from "./dom.js";
import { aside, tabs } from "./parts.js";
import { workbench } from "./rejects.js";
import { parts } from "./told.js";
import { view } from "./view.js";

const SIGNS = { succeeded: "✓", succeeded_with_warnings: "!", failed: "✕", stopped: "■", running: "…", skipped: "–" };

/** A state, as a sign and in words. */
export function state(name) {
  return h("span", { class: `cdp-state cdp-state-${name}` }, h("span", { "aria-hidden": "true" }, `${SIGNS[name] ?? ""} `), name.replaceAll("_", " "));
}

/** A run: its numbers, its rows, and taking it back. */
export function run(context, shown) {
  const busy = Boolean(context.view.work.name);
  return h("div", { class: "cdp-page", key: `run ${shown.id}` },
    h("div", { class: "cdp-bar-row" },
      h("h2", { class: "cdp-grow" }, shown.title),
      state(shown.state),
      shown.state === "running" && h("button", { class: "cdp-button", onclick: () => context.send({ do: "again" }) }, "Look again"),
      shown.can_mend && !shown.rejects && h("button", { key: "mend", class: "cdp-button", disabled: busy, onclick: () => context.send({ do: "look_at_rejects" }) }, "Mend what was refused…"),
      shown.can_undo && !shown.undo && h("button", { class: "cdp-button", disabled: busy, onclick: () => {
        context.ui.focus = "undo";
        context.send({ do: "look_at_undo" });
      } }, "Take back…")),
    shown.undo && undo(context, shown.undo, busy),
    h("div", { class: "cdp-tiles" }, parts(shown.told.parts)),
    shown.rejects && workbench(inner(context, shown.rejects)),
    tabs(context, shown, (row) => context.send({ do: "pick", ...row })),
    aside(context));
}

/** The context of a part that has a kernel side of its own, to which its messages go. */
function inner(context, shown) {
  const to = (message) => ({ do: "rejects", message });
  return Object.create(context, {
    view: { value: shown },
    send: { value: (message) => context.send(to(message)) },
    typed: { value: (id, message) => context.typed(id, to(message)) },
  });
}

function undo(context, told, busy) {
  return h("section", { class: "cdp-card", key: "undo", tabindex: -1, "aria-label": told.headline, after: (node) => {
    if (context.ui.focus !== "undo") return;
    context.ui.focus = null;
    node.focus();
  } },
    h("h3", {}, told.headline),
    parts(told.parts),
    h("div", { class: "cdp-bar-row" },
      h("button", { class: "cdp-button cdp-main", disabled: busy, onclick: () => context.send({ do: "undo" }) }, "Take back"),
      h("button", { class: "cdp-button", disabled: busy, onclick: () => context.send({ do: "leave" }) }, "Leave as it is")));
}

function page(context) {
  return run(context, context.view.run);
}

export default view(page);
