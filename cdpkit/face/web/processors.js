import { combo } from "./combo.js";
import { chips, idOf, problemOf, select, text } from "./controls.js";
import { h } from "./dom.js";
import { iconButton } from "./icons.js";
import { orderly } from "./rows.js";

/** The processors of a goal in their order, each with its options. */
export function processors(context, shown, item) {
  const { send } = context;
  const known = (context.ui.choices ?? {}).processors ?? [];
  const order = orderly(context, `${shown.id} ${item.key}`, item.rows, (row, to) => send({ do: "move_row", id: shown.id, key: item.key, row: row.id, to }));
  const id = idOf(context, `${shown.id} add a processor`);
  return h("div", { key: item.key, role: "group", "aria-label": item.label, class: "cdp-rows-part" },
    h("div", { class: "cdp-help" }, item.help),
    h("div", { "data-rows": "", class: "cdp-rows" }, item.rows.map((row, at) => h("div", order.props(row, at), step(context, shown, item, row, at, order, known)))),
    problemOf(idOf(context, `${shown.id} processors`), item.problem),
    h("div", { class: "cdp-tools cdp-search" },
      combo(context, id, { value: "", clears: true, label: "Processors", placeholder: "Search for a processor", choices: known.map((each) => ({ value: each.name, note: each.help })),
        choose: (name) => known.some((each) => each.name === name) && send({ do: "add_row", id: shown.id, key: item.key, values: { processor: name } }),
        props: { "aria-label": "Search for a processor" } })));
}

function step(context, shown, item, row, at, order, known) {
  const { send } = context;
  const name = row.values.processor ?? "";
  const spec = known.find((each) => each.name === name);
  const id = (part) => idOf(context, `${shown.id} processor ${row.id} ${part}`);
  const tell = (key, value) => send({ do: "set_row", id: shown.id, key: item.key, row: row.id, name: key, value });
  return [
    order.handle(row, at, name),
    h("div", { key: "what", class: "cdp-processor" },
      h("div", {}, h("strong", {}, name), " ", h("span", { class: "cdp-soft" }, spec ? spec.help : "")),
      spec && h("div", { class: "cdp-fields" }, spec.options.map((each) => option(context, shown, item, row, each, id(each.name), tell))),
      problemOf(id("row"), Object.values(row.problems ?? {}).join("\n"))),
    iconButton("remove", `Remove ${name}`, () => send({ do: "remove_row", id: shown.id, key: item.key, row: row.id })),
  ];
}

function option(context, shown, item, row, spec, id, tell) {
  const value = row.values[spec.name];
  const label = h("label", { for: id, class: "cdp-label" }, spec.label, spec.required && h("span", { class: "cdp-soft" }, " (required)"));
  const help = h("div", { id: `${id}-help`, class: "cdp-help" }, spec.help);
  const props = { "aria-describedby": `${id}-help` };
  const typed = (read) => (given) => ({ do: "set_row", id: shown.id, key: item.key, row: row.id, name: spec.name, value: read(given) });
  const names = (context.ui.choices.fields ?? []).map(([each, note]) => ({ value: each, note }));
  let control;
  if (spec.kind === "flag") {
    control = select(id, String(value ?? spec.default ?? false), [["true", "yes"], ["false", "no"]], (given) => tell(spec.name, given === "true"), props);
  } else if (spec.kind === "choice") {
    control = select(id, value ?? spec.default ?? "", spec.choices.map((each) => [each, each]), (given) => tell(spec.name, given), props);
  } else if (spec.kind === "texts") {
    const all = value ?? [];
    control = chips(all, spec.label, (at) => tell(spec.name, all.filter((_, place) => place !== at)),
      combo(context, id, { value: "", clears: true, label: spec.label, placeholder: spec.fields ? "Add a field" : "Add one", free: true, choices: spec.fields ? names : [],
        none: "Type it, then Enter", choose: (given) => given && !all.includes(given) && tell(spec.name, [...all, given]), props }));
  } else if (spec.kind === "table") {
    control = h("textarea", { id, class: "cdp-input", rows: 3, ...props, spellcheck: "false", placeholder: "a line each: this = that",
      value: Object.entries(value ?? {}).map(([key, each]) => `${key} = ${each}`).join("\n"), oninput: (event) => context.typed(id, typed(lines)(event.target.value)) });
  } else if (spec.fields) {
    control = combo(context, id, { value: value ?? "", label: spec.label, placeholder: "Field", free: true, choices: names, choose: (given) => tell(spec.name, given || null), props });
  } else {
    control = text(context, id, value ?? "", typed((given) => (given === "" ? null : spec.kind === "text" ? given : plain(given, spec.kind))), { ...props, placeholder: spec.default === null ? "" : String(spec.default) });
  }
  return h("div", { class: "cdp-field", key: spec.name }, label, control, help);
}

function plain(given, kind) {
  if (kind === "value" && (given === "true" || given === "false")) return given === "true";
  return given.trim() !== "" && Number.isFinite(Number(given)) ? Number(given) : given;
}

function lines(given) {
  const pairs = given.split("\n").map((line) => line.split("=")).filter((pair) => pair.length > 1);
  return Object.fromEntries(pairs.map(([key, ...rest]) => [key.trim(), rest.join("=").trim()]));
}
