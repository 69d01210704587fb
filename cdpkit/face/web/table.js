import { h } from "./dom.js";

const ROW = 28;
const TALLEST = 8e6;
const SHOWN = 12;

// A frame of which there are only the rows in sight: more are asked for while it is leafed through. What sorts and
// filters is in the kernel.

/** A table that the kernel offers, by what the view says of it; `pick` is what a click on a row does, `label` what it is called. */
export function table(context, head, caption, { pick, label } = {}) {
  const own = state(context, head);
  const rows = own.total ?? head.rows;
  const tall = Math.min(rows * ROW, TALLEST);
  const scale = tall ? (rows * ROW) / tall : 1;
  const ask = () => request(context, head, own);
  if (own.asked === 0) ask();
  const above = Math.min((own.start * ROW) / scale, Math.max(tall - own.rows.length * ROW, 0));
  const below = Math.max(tall - above - own.rows.length * ROW, 0);
  return h(
    "div",
    { class: "cdp-table", key: `table ${head.table}` },
    h(
      "div",
      { class: "cdp-bar-row cdp-table-head" },
      h("span", { id: `${own.id}-name` }, caption),
      h("span", { class: "cdp-soft", role: "status" },
        (rows === head.rows ? "" : `${rows.toLocaleString("en")} of `) + (head.rows === 1 ? "1 row" : `${head.rows.toLocaleString("en")} rows`)),
      h("span", { class: "cdp-grow" }),
      h("button", { class: "cdp-button cdp-plain", "aria-expanded": String(own.filters), onclick: () => {
        own.filters = !own.filters;
        context.redraw();
      } }, "Filter"),
    ),
    h(
      "div",
      {
        class: "cdp-scroll", tabindex: 0, role: "region", "aria-labelledby": `${own.id}-name`,
        style: `max-height:${SHOWN * ROW + 40}px`,
        onscroll: (event) => {
          own.start = Math.max(0, Math.floor((event.target.scrollTop * scale) / ROW) - 6);
          if (own.start < own.from || own.start + 2 * SHOWN + 6 > own.from + own.rows.length) later(own, ask);
        },
      },
      h(
        "table",
        { "aria-rowcount": rows + 1, "aria-labelledby": `${own.id}-name` },
        h("thead", {},
          h("tr", {}, head.columns.map((column) => heading(column, own, context, ask))),
          own.filters && h("tr", {}, head.columns.map((column) => filter(column, own, context, ask)))),
        h("tbody", {},
          above > 0 && h("tr", { key: "above", "aria-hidden": "true", style: `height:${above}px` }),
          own.rows.map((row, at) =>
            h("tr", { key: own.from + at, "aria-rowindex": own.from + at + 2 }, row.map((value, place) =>
              h("td", { class: kind(head.columns[place], value), title: value && value.length > 40 ? value : null },
                pick && place === 0 ? picks(own, at, value, pick, label) : written(value))))),
          below > 0 && h("tr", { key: "below", "aria-hidden": "true", style: `height:${below}px` })),
      ),
    ),
  );
}

function written(value) {
  return value === null ? h("span", { class: "cdp-none" }, "–") : value;
}

function picks(own, at, value, pick, label) {
  const { sort, down, where } = own;
  return h("button", { class: "cdp-pick", "aria-label": `${label}: ${value ?? "no value"}`,
    onclick: () => pick({ at: own.from + at, sort, down, where }) }, written(value));
}

/** The classes of a cell: numbers stand to the right, and what happened to a value begins with a sign. */
function kind(column, value) {
  const mark = column.name === "what" ? { "+": "cdp-set", "~": "cdp-changed", "-": "cdp-cleared" }[(value ?? "")[0]] : null;
  return [column.number && "cdp-number", mark].filter(Boolean).join(" ") || null;
}

function state(context, head) {
  const all = (context.ui.tables ??= {});
  const held = all[head.table];
  if (held && held.version === head.version) return held;
  const id = held ? held.id : `cdp-${Math.random().toString(36).slice(2)}`;
  const own = { id, version: head.version, asked: 0, start: 0, from: 0, rows: [], sort: "", down: false, where: {}, filters: false };
  if (!held) {
    context.listen((message) => {
      const now = all[head.table];
      if (message.say !== "window" || message.table !== head.table || message.asked !== now.asked) return;
      Object.assign(now, { rows: message.rows, total: message.total, from: message.start, start: message.start });
      context.redraw();
    });
  }
  all[head.table] = own;
  return own;
}

function request(context, head, own) {
  own.asked = (context.ui.asked = (context.ui.asked ?? 0) + 1);
  const { start, sort, down, where } = own;
  context.send({ do: "window", table: head.table, asked: own.asked, start, n: 4 * SHOWN, sort, down, where });
}

function later(own, ask) {
  clearTimeout(own.timer);
  own.timer = setTimeout(ask, 30);
}

function heading(column, own, context, ask) {
  if (column.fixed) return h("th", { scope: "col" }, column.label);
  const sorted = own.sort === column.name;
  return h("th", { scope: "col", "aria-sort": sorted ? (own.down ? "descending" : "ascending") : null, class: column.number ? "cdp-number" : null },
    h("button", { class: "cdp-sort", onclick: () => {
      if (!sorted) Object.assign(own, { sort: column.name, down: false });
      else if (!own.down) own.down = true;
      else Object.assign(own, { sort: "", down: false });
      own.start = 0;
      ask();
      context.redraw();
    } }, column.label, h("span", { "aria-hidden": "true" }, sorted ? (own.down ? " ↓" : " ↑") : "")));
}

function filter(column, own, context, ask) {
  if (column.fixed) return h("td", {});
  return h("th", {}, h("input", {
    class: "cdp-input", type: "search", "aria-label": `Rows in which ${column.label} contains`, placeholder: "contains",
    value: typeof own.where[column.name] === "string" ? own.where[column.name] : "",
    oninput: (event) => {
      own.where = { ...own.where, [column.name]: event.target.value };
      own.start = 0;
      later(own, ask);
    } }));
}
