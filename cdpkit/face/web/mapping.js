import { combo } from "./combo.js";
import { chips, idOf, problemOf, select, text, told } from "./controls.js";
import { h } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { propertyBox } from "./property.js";

// The rows of identifiers and mappings.

function set(context, shown, item, row) {
  return (name, value) => context.send({ do: "set_row", id: shown.id, key: item.key, row: row.id, name, value });
}

/** What rows of pairs have in common. */
export function pairParts({ context, shown, item, row, at }) {
  const bad = row.problems ?? {};
  const id = (name) => idOf(context, `${shown.id} ${item.key} ${row.id} ${name}`);
  const what = `${{ identifiers: "identifier", parameters: "parameter" }[item.key] ?? "mapping"} ${at + 1}${item.of ? ` of ${item.of}` : ""}`;
  const all = Object.entries(bad);
  return {
    bad,
    id,
    what,
    tell: set(context, shown, item, row),
    props: (name, label) => ({ "aria-label": `${label} of ${what}`, ...told(id(name), bad[name] && " ") , "aria-describedby": bad[name] ? `${id("row")}-bad` : null }),
    problem: problemOf(id("row"), all.map(([, said]) => said).join("\n")),
    remove: iconButton("remove", `Remove ${what}`, () => context.send({ do: "remove_row", id: shown.id, key: item.key, row: row.id })),
  };
}

/** A field of the vendor, of those that it told or another. */
export function vendorField(context, id, spec) {
  const choices = context.ui.choices ?? {};
  const names = spec.identifying ? (choices.identifiers ?? []).map((value) => ({ value })) : (choices.fields ?? []).map(([value, note]) => ({ value, note }));
  return combo(context, id, { placeholder: `${context.view.vendor} field`, free: true, choices: names, ...spec });
}

export const pairRow = {
  called: "pairs",
  heads: (shown, view) => (shown.direction === "import" ? ["", `${view.vendor} field`, "", "Property", ""] : ["", "Property", "", `${view.vendor} field`, ""]),
  draw(all) {
    const { context, shown, row, at, order } = all;
    const { id, what, tell, props, problem, remove } = pairParts(all);
    const field = (name) => vendorField(context, id(name), { value: row.values[name] ?? "", label: "Field", identifying: true, choose: (value) => tell(name, value), props: props(name, "Field") });
    const property = (name) => propertyBox(context, id(name), { value: row.values[name] ?? "", label: "Property", identifying: true, choose: (value) => tell(name, value), props: props(name, "Property") });
    const [left, right] = shown.direction === "import" ? [field("from"), property("to")] : [property("from"), field("to")];
    return [order.handle(row, at, what), left, h("span", { class: "cdp-arrow" }, icon("right")), right, remove, h("div", { class: "cdp-below", key: "below" }, problem)];
  },
};

// A property by which a vendor is asked, and the parameter that it fills.
export const parameterRow = {
  called: "pairs",
  heads: (_, view) => ["", "Property", "", `${view.vendor} parameter`, ""],
  draw(all) {
    const { context, row, at, order } = all;
    const { id, what, tell, props, problem, remove } = pairParts(all);
    return [
      order.handle(row, at, what),
      propertyBox(context, id("from"), { value: row.values.from ?? "", label: "Property", choose: (value) => tell("from", value), props: props("from", "Property") }),
      h("span", { class: "cdp-arrow" }, icon("right")),
      vendorField(context, id("to"), { value: row.values.to ?? "", label: "Parameter", identifying: true, choose: (value) => tell("to", value), props: props("to", "Parameter") }),
      remove,
      h("div", { class: "cdp-below", key: "below" }, problem),
    ];
  },
};

export const importRow = {
  called: "imports",
  heads: (_, view) => ["", `${view.vendor} field`, "Rule", "Property", ""],
  draw(all) {
    const { context, shown, row, at, order } = all;
    const { id, what, tell, props, problem, remove } = pairParts(all);
    const rules = (context.ui.choices ?? {}).rules ?? [];
    return [
      order.handle(row, at, what),
      vendorField(context, id("from"), { value: row.values.from ?? "", label: "Field", choose: (value) => tell("from", value), props: props("from", "Field") }),
      select(id("rule"), row.values.rule ?? "set", rules, (value) => tell("rule", value), props("rule", "Rule")),
      propertyBox(context, id("to"), { value: row.values.to ?? "", label: "Property", notice: row.notice, prefix: shown.prefix, choose: (value) => tell("to", value), props: props("to", "Property") }),
      remove,
      h("div", { class: "cdp-below", key: "below" }, problem),
    ];
  },
};

export const exportRow = {
  called: "exports",
  heads: (_, view) => ["", "Value", "", `${view.vendor} field`, ""],
  draw(all) {
    const { context, shown, item, row, at, order } = all;
    const { id, what, tell, props, problem, remove } = pairParts(all);
    const values = (context.ui.choices ?? {}).values ?? [];
    const name = row.values.value ?? "property";
    const type = values.find((each) => each.name === name) ?? { takes: ["from"], help: "" };
    const change = (value) => {
      const next = values.find((each) => each.name === value);
      const kept = Object.fromEntries(Object.entries(row.values).filter(([key]) => ["to", "join", "send_empty"].includes(key) || next.takes.includes(key)));
      context.send({ do: "put_row", id: shown.id, key: item.key, row: row.id, values: { ...kept, value } });
    };
    return [
      order.handle(row, at, what),
      select(id("value"), name, values.map((each) => [each.name, each.name.replaceAll("_", " ")]), change, { ...props("value", "Kind of value"), title: type.help }),
      h("div", { key: `of ${name}` }, given(all, type, id, tell, props)),
      vendorField(context, id("to"), { value: row.values.to ?? "", label: "Field", choose: (value) => tell("to", value), props: props("to", "Field") }),
      remove,
      h("div", { class: "cdp-below", key: "below" }, row.notice && h("div", { class: "cdp-notice" }, icon("set"), `${row.notice[0].toUpperCase()}${row.notice.slice(1)}`), problem),
    ];
  },
};

/** What a kind of value takes: a property, a text, segments. */
function given({ context, shown, item, row }, type, id, tell, props) {
  const choices = context.ui.choices ?? {};
  if (type.takes.includes("from")) {
    return propertyBox(context, id("from"), { value: row.values.from ?? "", label: "Property", identifying: type.name === "identifier", existing: true,
      placeholder: type.needs && type.needs.includes("from") ? "Property" : "The profile's id", choose: (value) => tell("from", value || null), props: props("from", "Property") });
  }
  if (type.takes.includes("text")) {
    return text(context, id("text"), row.values.text ?? "", (value) => ({ do: "set_row", id: shown.id, key: item.key, row: row.id, name: "text", value }), { ...props("text", "Text"), placeholder: "The same text for everybody" });
  }
  if (type.takes.includes("segments")) {
    const chosen = row.values.segments ?? [];
    return chips(chosen, "segments", (at) => tell("segments", chosen.filter((_, place) => place !== at)),
      combo(context, id("segments"), { value: "", clears: true, label: "Segments", placeholder: chosen.length ? "Add a segment" : "All segments",
        choices: (choices.segments ?? []).filter((each) => !chosen.includes(each)).map((value) => ({ value })), choose: (value) => value && tell("segments", [...chosen, value]), props: props("segments", "Segments") }));
  }
  return h("span", { class: "cdp-soft cdp-said" }, type.help);
}

/** Below mappings: the fields that are left, and what may be meant. */
export function mappingTools(context, shown) {
  const { send, ui } = context;
  if (!shown.suggests) return null;
  const rule = idOf(context, `${shown.id} remaining rule`);
  const prefix = idOf(context, `${shown.id} remaining prefix`);
  const importing = shown.direction === "import";
  const rules = (ui.choices ?? {}).rules ?? [];
  return [
    h("button", { key: "suggest", class: "cdp-button", disabled: shown.remaining === null, onclick: () => send({ do: "suggest", id: shown.id }) }, "Suggest"),
    shown.remaining !== null && h("div", { key: "remaining", class: "cdp-remaining", role: "group", "aria-label": "Remaining fields" },
      importing && h("span", {}, h("label", { for: rule }, "Rule"), select(rule, ui.rule ?? "set", rules, (value) => { ui.rule = value; })),
      h("span", {}, h("label", { for: prefix }, "Prefix"),
        text(context, prefix, shown.prefix, (value) => ({ do: "set_prefix", id: shown.id, prefix: value }), { placeholder: "such as it_", style: "width:8em" })),
      h("button", { class: "cdp-button", disabled: shown.remaining === 0, onclick: () => send({ do: "add_remaining", id: shown.id, rule: ui.rule ?? "set" }) },
        `Add remaining fields (${shown.remaining})`)),
    shown.suggested && suggestions(context, shown),
  ];
}

function suggestions(context, shown) {
  const { send } = context;
  const accept = (fields) => send({ do: "accept", id: shown.id, fields });
  if (!shown.suggested.length) return h("p", { key: "suggested", class: "cdp-soft cdp-wide", role: "status" }, "No field is called like a property that is not used yet.");
  return h("div", { key: "suggested", class: "cdp-suggested cdp-wide", role: "group", "aria-label": "Suggestions" },
    h("ul", {}, shown.suggested.map((each) => h("li", { key: each.field }, h("span", {}, each.field), icon("right"), h("span", {}, each.property),
      h("button", { class: "cdp-button cdp-plain", "aria-label": `Map ${each.field} to ${each.property}`, onclick: () => accept([each.field]) }, "Add this one")))),
    h("div", { class: "cdp-bar-row" },
      h("button", { class: "cdp-button", onclick: () => accept(shown.suggested.map((each) => each.field)) }, `Add all ${shown.suggested.length}`),
      h("button", { class: "cdp-button cdp-plain", onclick: () => accept([]) }, "Close")));
}
