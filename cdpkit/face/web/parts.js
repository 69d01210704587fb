import { h } from "./dom.js";
import { table } from "./table.js";
import { parts } from "./told.js";

// Frames of one object, of which one is open: tabs, what the rows have to be, and the rows.

/** Tabs of frames, by what the view says of them; `open` is what a click on a row does, where there is something. */
export function tabs(context, shown, open) {
  if (!shown.parts.length) return h("p", { class: "cdp-soft" }, "There are no rows to look at.");
  const at = shown.parts.findIndex((part) => part.name === shown.open);
  const go = (to) => {
    const name = shown.parts[(to + shown.parts.length) % shown.parts.length].name;
    context.ui.focus = `tab ${name}`;
    context.send({ do: "open", part: name });
  };
  const keys = (event) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.parts.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  return h("div", { class: "cdp-frames", key: "frames" },
    h("div", { role: "tablist", class: "cdp-part-tabs", "aria-label": "Rows", onkeydown: keys }, shown.parts.map((part) =>
      h("button", {
        key: part.name, role: "tab", class: "cdp-part-tab", "aria-selected": String(part.name === shown.open),
        tabindex: part.name === shown.open ? 0 : -1, onclick: () => context.send({ do: "open", part: part.name }),
        after: (node) => {
          if (context.ui.focus !== `tab ${part.name}` || part.name !== shown.open) return;
          context.ui.focus = null;
          node.focus();
        },
      }, part.label, part.rows !== null && h("span", { class: "cdp-count" }, part.rows.toLocaleString("en"))))),
    h("div", { role: "tabpanel", "aria-label": at < 0 ? "Rows" : shown.parts[at].label, key: "panel" },
      shown.table ? [
        filters(context, shown),
        table(context, shown.table, shown.parts[at].label, { pick: shown.picks && open, label: shown.picks }),
      ] : h("p", { class: "cdp-soft", role: "status", key: "found" }, shown.found)));
}

function filters(context, shown) {
  if (!shown.filters.length && !shown.persons) return null;
  return h("div", { class: "cdp-bar-row cdp-filters" },
    shown.filters.map((filter) =>
      h("label", { key: filter.column, class: "cdp-filter" }, filter.label,
        h("select", { class: "cdp-select", value: filter.value, "aria-label": filter.label, onchange: (event) => context.send({ do: "narrow", column: filter.column, value: event.target.value }) },
          h("option", { value: "" }, "all"),
          filter.values.map((value) => h("option", { value, key: value }, value))))),
    shown.persons && h("label", { key: "person", class: "cdp-filter cdp-person" }, "person",
      h("input", { class: "cdp-input", type: "search", "aria-label": "person", placeholder: shown.persons,
        onchange: (event) => context.send({ do: "find", person: event.target.value }) })),
    shown.found && h("span", { class: "cdp-soft", role: "status", key: "found" }, shown.found));
}

/** What was asked for and is kept nowhere, such as what is known of one person: it stands beside the rows until it is closed. */
export function aside(context) {
  if (!context.ui.hears) {
    context.ui.hears = true;
    context.listen((message) => {
      if (message.say !== "card") return;
      context.ui.card = message.told;
      context.ui.focus = "card";
      context.redraw();
    });
  }
  const card = context.ui.card;
  if (!card) return null;
  const close = () => {
    context.ui.card = null;
    context.redraw();
  };
  return h("aside", {
    class: "cdp-card", key: "card", tabindex: -1, "aria-label": card.headline,
    onkeydown: (event) => event.key === "Escape" && close(),
    after: (node) => {
      if (context.ui.focus !== "card") return;
      context.ui.focus = null;
      node.focus();
      node.scrollIntoView({ block: "nearest" });
    },
  },
    h("div", { class: "cdp-bar-row" }, h("h3", { class: "cdp-grow" }, card.headline),
      h("button", { class: "cdp-button cdp-plain", onclick: close }, "Close")),
    parts(card.parts));
}
