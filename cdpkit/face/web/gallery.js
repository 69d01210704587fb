import { connection } from "./form.js";
import { idOf } from "./controls.js";
import { h } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { states, view } from "./view.js";

export default view(gallery, { own: true });

function gallery(context) {
  const shown = context.view;
  if (shown.connection) return opened(context);
  context.ui.inner = null;
  return h("div", { key: "gallery" },
    states(context),
    h("div", { class: "cdp-bar-row cdp-gallery-head" },
      h("h2", {}, "Connections"),
      search(context, "connections", "Search by name, vendor or label"),
      h("span", { class: "cdp-grow" }),
      iconButton("again", "Read again", () => context.send({ do: "refresh" })),
      h("button", { class: "cdp-button cdp-main", "aria-expanded": String(shown.adding), onclick: () => context.send({ do: "gallery", adding: !shown.adding }) }, icon("more"), "Add connection")),
    shown.adding && vendors(context),
    shown.connections.length ? connections(context) : !shown.adding && h("p", { class: "cdp-soft" }, "There is none yet. Add one to bring people in from a vendor, or to send them there."));
}

/** The form of one connection, with a way back. */
function opened(context) {
  const inner = (context.ui.inner ??= Object.create(context, { ui: { value: {} }, view: { get: () => context.view.connection } }));
  return h("div", { key: "opened" },
    h("button", { class: "cdp-button cdp-plain cdp-back", onclick: () => context.send({ do: "back" }) }, icon("left"), "All connections"),
    context.view.failed && states(context)[0],
    connection(inner));
}

function search(context, what, placeholder) {
  const id = idOf(context, `search ${what}`);
  const texts = (context.ui.searched ??= {});
  return h("div", { key: what, class: "cdp-search-box" },
    h("label", { for: id, class: "cdp-hidden" }, `Search the ${what}`),
    h("input", { id, class: "cdp-input", type: "search", placeholder, value: texts[what] ?? "", oninput: (event) => {
      texts[what] = event.target.value;
      context.paint();
    } }));
}

function fits(context, what, ...said) {
  const words = ((context.ui.searched ?? {})[what] ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const all = said.flat().filter(Boolean).join(" ").toLowerCase();
  return words.every((word) => all.includes(word));
}

function vendors(context) {
  const { view: shown, send, ui } = context;
  const all = shown.vendors.filter((each) => (ui.all || !each.missing) && fits(context, "vendors", each.name, each.title, each.help, each.directions));
  return h("section", { key: "vendors", class: "cdp-vendors", "aria-label": "Vendors" },
    h("div", { class: "cdp-bar-row" }, search(context, "vendors", "Search for a vendor"),
      shown.vendors.some((each) => each.missing) && h("label", { class: "cdp-inline" }, h("input", { type: "checkbox", checked: ui.all, onchange: (event) => {
        ui.all = event.target.checked;
        context.redraw();
      } }), "Show all, also those not installed")),
    h("div", { class: "cdp-cards" }, all.map((each) =>
      h("button", { key: each.name, class: "cdp-card", disabled: Boolean(each.missing), onclick: () => send({ do: "connect", vendor: each.name }) },
        h("strong", {}, each.title), h("span", {}, each.missing || each.help),
        h("span", { class: "cdp-soft" }, each.directions.join(" and "))))),
    all.length === 0 && h("p", { class: "cdp-soft" }, "No vendor of this name."));
}

function connections(context) {
  const { view: shown, send } = context;
  const all = shown.connections.filter((each) => fits(context, "connections", each.name, each.title, each.vendor, each.labels));
  return h("div", { class: "cdp-scroll cdp-connections", key: "connections", tabindex: 0, role: "region", "aria-label": "Connections" },
    h("table", { class: "cdp-lines", role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, h("th", { scope: "col", role: "columnheader" }, h("span", { class: "cdp-hidden" }, "Favorite")), ["Name", ...HEADS].map((head) => h("th", { scope: "col", role: "columnheader" }, head)))),
      h("tbody", { role: "rowgroup" }, all.map((each) => h("tr", { key: each.name, role: "row" },
        h("td", { role: "cell" }, h("button", { class: "cdp-button cdp-icon cdp-star", "aria-pressed": String(Boolean(each.favorite)), "aria-label": `${each.name} is a favorite`, title: "Favorite", onclick: () => send({ do: "favorite", name: each.name, favorite: !each.favorite }) }, icon("star"))),
        h("th", { scope: "row", role: "rowheader" }, h("button", { class: "cdp-link cdp-open", onclick: () => send({ do: "edit", name: each.name }) }, each.title || each.name)),
        [each.vendor ?? "its file cannot be read", each.enabled ? "on" : "off", state(each.import), state(each.export),
          each.last || h("span", { class: "cdp-soft" }, "none"), (each.labels ?? []).join(", ")].map((value, at) => h("td", { role: "cell", "data-label": HEADS[at] }, value)))))));
}

const HEADS = ["Vendor", "On", "Import", "Export", "Last run", "Labels"];

const WORDS = { ready: "ready", off: "off", error: "to fix" };

function state(each) {
  return each ? h("span", { class: `cdp-way cdp-is-${each}` }, icon(each === "ready" ? "ok" : each === "error" ? "warn" : "set"), WORDS[each] ?? each) : h("span", { class: "cdp-soft" }, "–");
}
