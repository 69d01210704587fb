// What would happen, the rows behind it, and what other mappings would do instead.

import { idOf, select } from "./controls.js";
import { h } from "./dom.js";
import { iconButton } from "./icons.js";
import { aside, tabs } from "./parts.js";
import { parts } from "./told.js";
import { view } from "./view.js";

function page(context) {
  const { view: shown, send } = context;
  const busy = Boolean(shown.work.name);
  const tried = shown.what_if;
  return h("div", { class: "cdp-page" },
    h("div", { class: "cdp-bar-row" },
      h("h2", { class: "cdp-grow" }, shown.told.headline),
      shown.rest && !busy && h("button", { key: "rest", class: "cdp-button", onclick: () => send({ do: "work_out" }) }, "Work out the rest"),
      tried && h("button", { key: "what-if", class: "cdp-button", "aria-expanded": String(Boolean(tried.rows)), onclick: () => send({ do: "suppose", on: !tried.rows }) },
        tried.rows ? "Close what if" : "What if…")),
    tried && tried.rows && suppose(context, tried, busy),
    h("div", { class: "cdp-tiles" }, parts(shown.told.parts)),
    tabs(context, shown, (row) => send({ do: "pick", ...row })),
    aside(context));
}

function suppose(context, tried, busy) {
  const { send, ui } = context;
  const [goal, fields, properties] = ["what if goal", "what if fields", "what if properties"].map((name) => idOf(context, name));
  return h("section", { class: "cdp-card", key: "suppose", "aria-label": "What if" },
    h("h3", {}, "What if the mappings were others?"),
    h("p", { class: "cdp-soft" }, "Tried on the rows that were fetched; nothing is fetched anew, stored or sent."),
    tried.goals.length > 1 && h("div", { class: "cdp-bar-row", key: "goals" }, h("label", { for: goal }, "Import"),
      select(goal, tried.goal, tried.goals.map((each) => [each, each]), (value) => send({ do: "supposed_import", goal: value }))),
    h("datalist", { id: fields, key: "fields" }, tried.fields.map((value) => h("option", { value, key: value }))),
    h("datalist", { id: properties, key: "properties" }, tried.properties.map((value) => h("option", { value, key: value }))),
    h("div", { class: "cdp-tried-rows", key: "rows" }, tried.rows.map((row, at) => mapping(context, tried, row, at + 1, fields, properties))),
    h("div", { class: "cdp-bar-row", key: "tools" },
      h("button", { class: "cdp-button", onclick: () => send({ do: "suppose_row", row: null, name: "from", value: "" }) }, "Add mapping"),
      h("button", { class: "cdp-button", onclick: () => send({ do: "suppose", on: true }) }, "As they are"),
      h("button", { class: "cdp-button cdp-plain", "aria-expanded": String(Boolean(ui.code)), onclick: () => {
        ui.code = !ui.code;
        context.redraw();
      } }, "Copy as code"),
      h("span", { class: "cdp-grow" }),
      h("button", { class: "cdp-button cdp-main", disabled: busy, onclick: () => send({ do: "compare" }) }, "Work it out")),
    ui.code && h("pre", { tabindex: 0, "aria-label": "Code", key: "code" }, tried.code),
    tried.told && h("div", { class: "cdp-section", key: "told" }, h("h3", {}, tried.told.headline),
      h("p", { class: "cdp-soft" }, "Here is the preview below, there are these mappings; the rows that differ are among the tabs."),
      h("div", { class: "cdp-tiles" }, parts(tried.told.parts))));
}

function mapping(context, tried, row, at, fields, properties) {
  const { send, typed } = context;
  const tell = (name, value) => ({ do: "suppose_row", row: row.id, name, value });
  const box = (name, label, list) => h("input", { class: "cdp-input", type: "text", list, autocomplete: "off", "aria-label": `${label} of mapping ${at}`, value: row[name],
    oninput: (event) => typed(`tried ${row.id} ${name}`, tell(name, event.target.value)) });
  return h("div", { class: "cdp-tried", key: row.id },
    box("from", "Field", fields),
    select(null, row.rule || "set", tried.rules, (value) => send(tell("rule", value)), { "aria-label": `Rule of mapping ${at}` }),
    box("to", "Property", properties),
    iconButton("remove", `Remove mapping ${at}`, () => send({ do: "suppose_without", row: row.id })));
}

export default view(page);
