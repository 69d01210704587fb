import { idOf, problemOf } from "./controls.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { orderly } from "./rows.js";

/** Rows of a goal, one below the other, with what adds one and further tools. */
export function rowList(context, shown, item, row, add, tools) {
  const { send } = context;
  const order = orderly(context, `${shown.id} ${item.key}`, item.rows, (each, to) => send({ do: "move_row", id: shown.id, key: item.key, row: each.id, to }));
  const id = idOf(context, `${shown.id} ${item.key}`);
  return h("div", { key: item.key, role: "group", "aria-label": item.label, class: "cdp-rows-part" },
    item.help && h("div", { class: "cdp-help" }, item.help),
    item.rows.length > 0 && h("div", { class: `cdp-row cdp-row-head cdp-of-${row.called}`, "aria-hidden": "true" }, row.heads(shown, context.view).map((head) => h("span", {}, head))),
    h("div", { "data-rows": "", class: `cdp-rows cdp-of-${row.called}` }, item.rows.map((each, at) => h("div", order.props(each, at), row.draw({ context, shown, item, row: each, at, order })))),
    problemOf(id, item.problem),
    h("div", { class: "cdp-bar-row cdp-tools" },
      h("button", { class: "cdp-button", onclick: () => send({ do: "add_row", id: shown.id, key: item.key, values: {} }) }, icon("more"), add),
      tools && tools(context, shown, item)));
}
