import { combo } from "./combo.js";
import { chips, field, idOf, problemOf, select, text, told } from "./controls.js";
import { h } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { pairParts, vendorField } from "./mapping.js";
import { rowList } from "./rowlist.js";
import { orderly } from "./rows.js";
import { number } from "./setup.js";

const ALL = "*";

/** The types of timeline events that rows become, each with what fills its properties. */
export function events(context, shown, item) {
  const { send } = context;
  const order = orderly(context, `${shown.id} ${item.key}`, item.rows, (row, to) => send({ do: "move_row", id: shown.id, key: item.key, row: row.id, to }));
  return h("div", { key: item.key, role: "group", "aria-label": item.label, class: "cdp-rows-part" },
    h("div", { class: "cdp-label" }, item.label),
    h("div", { class: "cdp-help" }, item.help),
    h("div", { "data-rows": "", class: "cdp-rows" }, item.rows.map((row, at) => h("div", order.props(row, at), type(context, shown, item, row, at, order)))),
    problemOf(idOf(context, `${shown.id} ${item.key}`), item.problem),
    h("div", { class: "cdp-bar-row cdp-tools" },
      h("button", { class: "cdp-button", onclick: () => send({ do: "add_row", id: shown.id, key: item.key, values: {} }) }, icon("more"),
        item.rows.length ? "Add a timeline event type" : "Import timeline events"),
      item.rows.length > 0 && ownType(context)));
}

function type(context, shown, item, row, at, order) {
  const { send, ui } = context;
  const types = (ui.choices ?? {}).events ?? [];
  const { values } = row;
  const bad = row.problems ?? {};
  const known = types.find((each) => each.name === values.type);
  const called = `event type ${at + 1}`;
  const tell = (name, value) => send({ do: "set_row", id: shown.id, key: item.key, row: row.id, name, value: value || null });
  const key = (name) => `${shown.id} ${item.key} ${row.id} ${name}`;
  const filled = row.pairs.rows.find((each) => known && each.values.to === known.identifier);
  const of = (name, label, help, placeholder) => field(context, { id: key(name), label, help, problem: bad[name] }, (id) =>
    vendorField(context, id, { value: values[name] ?? "", label, placeholder, choose: (value) => tell(name, value), props: { ...told(id, bad[name], help), "aria-label": `${label} of ${called}` } }));
  const where = idOf(context, key("field"));
  const rest = Object.entries(bad).filter(([name]) => !["type", "time", "id"].includes(name)).map(([, said]) => said);
  return [
    order.handle(row, at, called),
    h("div", { key: "what", class: "cdp-event" },
      h("div", { class: "cdp-fields" },
        field(context, { id: key("type"), label: "Type", help: known && known.label.toLowerCase() !== known.name ? known.label : "", problem: bad.type }, (id) =>
          select(id, values.type ?? "", choicesOf(types, values.type), (value) => tell("type", value), { ...told(id, bad.type), "aria-label": `Type of ${called}` })),
        of("time", "Date and time", "The field with the time of the event"),
        of("id", "Event ID", filled ? `Else ${filled.values.from}, which fills ${known.identifier}` : "Left empty, an event is known by all that it holds", "None"),
        h("div", { class: "cdp-field", key: "where" },
          h("label", { for: where, class: "cdp-label" }, "Only rows in which"),
          h("div", { class: "cdp-bar-row cdp-nowrap" },
            vendorField(context, where, { value: values.field ?? "", label: "Field", placeholder: "All rows", choose: (value) => tell("field", value), props: { "aria-label": `Field that tells rows of ${called}` } }),
            values.field && h("span", { class: "cdp-soft" }, "is"),
            values.field && text(context, idOf(context, key("is")), values.is ?? "", (value) => ({ do: "set_row", id: shown.id, key: item.key, row: row.id, name: "is", value }), { "aria-label": `Value that tells rows of ${called}` })))),
      rowList(context, shown, { key: row.pairs.key, rows: row.pairs.rows, label: `Properties of ${called}`, of: called, known }, pairRow, "Add mapping", allOfThem),
      problemOf(idOf(context, key("row")), [...new Set(rest)].join("\n"))),
    iconButton("remove", `Remove ${called}`, () => send({ do: "remove_row", id: shown.id, key: item.key, row: row.id })),
  ];
}

function choicesOf(types, value) {
  const names = types.map((each) => each.name);
  return (value && !names.includes(value) ? [...names, value] : names).map((name) => [name, name]);
}

/** A field that fills a property of events. */
const pairRow = {
  called: "pairs",
  heads: (_, view) => ["", `${view.vendor} field`, "", "Property of the event", ""],
  draw(all) {
    const { context, row, item, at, order } = all;
    const { id, what, tell, props, problem, remove } = pairParts(all);
    const below = h("div", { class: "cdp-below", key: "below" }, problem);
    if (row.values.to === ALL) {
      return [order.handle(row, at, what), h("span", { class: "cdp-said cdp-soft", key: "all from" }, "Fields that are called alike"), h("span", { class: "cdp-arrow" }, icon("right")),
        h("span", { class: "cdp-said", key: "all to" }, "All other properties"), remove, below];
    }
    const choices = (item.known ? item.known.properties : []).map(([value, note]) => ({ value, note }));
    return [
      order.handle(row, at, what),
      vendorField(context, id("from"), { value: row.values.from ?? "", label: "Field", choose: (value) => tell("from", value), props: props("from", "Field") }),
      h("span", { class: "cdp-arrow" }, icon("right")),
      combo(context, id("to"), { value: row.values.to ?? "", label: "Property", placeholder: "Property of the event", free: true, choices, choose: (value) => tell("to", value), props: props("to", "Property") }),
      remove,
      below,
    ];
  },
};

function allOfThem(context, shown, item) {
  const had = item.rows.some((row) => row.values.to === ALL);
  return h("button", { key: "all", class: "cdp-button", disabled: had, onclick: () => context.send({ do: "add_row", id: shown.id, key: item.key, values: { from: ALL, to: ALL } }) },
    "Add all event properties");
}

/** A type of one's own, from the XML of a plug-in. */
function ownType(context) {
  const id = idOf(context, "type from xml");
  return h("span", { key: "xml", class: "cdp-file" },
    h("label", { for: id, class: "cdp-button cdp-plain" }, "Type from a plug-in (XML)…"),
    h("input", { id, type: "file", class: "cdp-hidden", accept: ".xml,text/xml,application/xml", onchange: (event) => {
      const [file] = event.target.files;
      if (file) file.text().then((xml) => context.send({ do: "add_event_type", xml }));
      event.target.value = "";
    } }));
}

/** The types of which events are sent: all, or those that are chosen. */
export function eventTypes(context, shown, item, send) {
  const chosen = item.value ?? [];
  const left = ((context.ui.choices ?? {}).events ?? []).map((each) => each.name).filter((name) => !chosen.includes(name));
  return field(context, { ...item, id: `${shown.id} ${item.key}` }, (id) =>
    chips(chosen, "types of events", (at) => send(chosen.filter((_, place) => place !== at)),
      select(id, "", [["", chosen.length ? "Add one…" : "All types"], ...left.map((name) => [name, name])], (value) => value && send([...chosen, value]), told(id, item.problem, item.help))));
}

const PERIODS = [["", "All time"], ["between", "Between two dates"], ["last", "The last days before the run"]];

/** Of which time events are sent. */
export function period(context, shown, item) {
  const { send, ui } = context;
  const { value } = item;
  const key = `${shown.id} period`;
  const is = value.last_days !== null ? "last" : value.since !== null || value.until !== null ? "between" : "";
  const mode = is || (ui[key] ?? "");
  const fill = (name, given) => ({ do: "fill", id: shown.id, key: name, value: given === "" ? null : given });
  const change = (next) => {
    ui[key] = next;
    for (const name of Object.keys(value)) if (value[name] !== null) send(fill(name, null));
    if (next === "last") send(fill("last_days", 30));
    context.redraw();
  };
  const end = (name, label, read = (given) => given) =>
    h("label", { class: "cdp-inline", key: name }, label, text(context, idOf(context, `${key} ${name}`), value[name] ?? "", (given) => fill(name, read(given)), { class: "cdp-input cdp-short", placeholder: name === "last_days" ? "" : "2026-01-31" }));
  return field(context, { ...item, id: key, wide: true }, (id) => h("div", { class: "cdp-bar-row" },
    h("span", { class: "cdp-period" }, select(id, mode, PERIODS, change, told(id, item.problem, item.help))),
    mode === "between" && [end("since", "From"), end("until", "until, not included")],
    mode === "last" && end("last_days", "Days", number)));
}
