import { combo } from "./combo.js";
import { check, chips, field, idOf, problemOf, select, text, told } from "./controls.js";
import { h } from "./dom.js";
import { events, eventTypes, period } from "./events.js";
import { icon } from "./icons.js";
import { exportRow, importRow, mappingTools, pairRow, parameterRow, vendorField } from "./mapping.js";
import { processors } from "./processors.js";
import { propertyBox } from "./property.js";
import { rowList } from "./rowlist.js";
import { measured, number } from "./setup.js";

/** A goal: its name, and its steps. */
export function goal(context) {
  const { view } = context;
  const shown = view.goal;
  const id = idOf(context, `goal ${shown.id} name`);
  return h(
    "div",
    { class: "cdp-panel", key: `goal ${shown.id}` },
    h("div", { class: "cdp-goal-head" },
      h("label", { for: id, class: "cdp-hidden" }, "Name of the goal"),
      text(context, id, shown.name, (value) => ({ do: "fill", id: shown.id, key: "name", value }), { class: "cdp-input cdp-title", ...told(id, shown.named) }),
      h("span", { class: "cdp-grow" }), h("span", { class: "cdp-soft" }, shown.kind)),
    problemOf(id, shown.named),
    shown.problems.length > 0 && h("ul", { class: "cdp-bad-list" }, shown.problems.map((each) => h("li", { key: each }, each))),
    shown.steps.map((step, at) =>
      h("section", { key: step.name, class: "cdp-step", "aria-labelledby": idOf(context, `step ${step.name}`) },
        h("div", { class: "cdp-step-head" },
          h("span", { class: "cdp-step-number", "aria-hidden": "true" }, at + 1),
          h("h3", { id: idOf(context, `step ${step.name}`) }, h("span", { class: "cdp-hidden" }, `Step ${at + 1}: `), step.label),
          step.problems > 0 && h("span", { class: "cdp-badge cdp-badge-bad" }, `${step.problems} to fix`)),
        h("div", { class: "cdp-step-body" }, step.items.map((item) => control(context, shown, item))))),
    h("section", { key: "run", class: "cdp-step", "aria-labelledby": idOf(context, "step run") },
      h("div", { class: "cdp-step-head" }, h("span", { class: "cdp-step-number", "aria-hidden": "true" }, shown.steps.length + 1),
        h("h3", { id: idOf(context, "step run") }, h("span", { class: "cdp-hidden" }, `Step ${shown.steps.length + 1}: `), "Run the connection")),
      h("div", { class: "cdp-step-body" },
        h("p", { class: "cdp-soft" }, "Save it, switch it on, preview it, then run it."),
        h("div", { class: "cdp-bar-row" },
          h("button", { class: "cdp-button", onclick: () => context.send({ do: "open", id: null }) }, icon("set"), "Go to set up and run")))),
  );
}

function control(context, shown, item) {
  const { send, ui } = context;
  const fill = (value) => ({ do: "fill", id: shown.id, key: item.key, value });
  const line = { ...item, id: `${shown.id} ${item.key}` };
  const choices = ui.choices ?? {};
  switch (item.control) {
    case "switch":
      return check(context, line, (value) => send(fill(value)));
    case "choice":
      return field(context, line, (id) => select(id, item.value, item.choices, (value) => send(fill(value)), told(id, item.problem, item.help)));
    case "property":
      return field(context, line, (id) => propertyBox(context, id, { value: item.value ?? "", label: item.label, choose: (value) => send(fill(value || null)), props: told(id, item.problem, item.help) }));
    case "segment":
      return [field(context, line, (id) => combo(context, id, {
        value: item.value ?? "", label: item.label, placeholder: "Search for a segment", none: "No such segment",
        choices: (choices.segments ?? []).map((value) => ({ value, note: "" })), choose: (value) => send(fill(value)), props: told(id, item.problem, item.help) })),
        item.value && h("div", { key: "count" }, h("button", { class: "cdp-button", onclick: () => send({ do: "count", id: shown.id }) }, "Count profiles"),
          shown.available && h("pre", { role: "status" }, shown.available))];
    case "group":
      return field(context, line, (id) => combo(context, id, {
        value: item.value ?? "", label: item.label, placeholder: "Search for a type", none: "No such type of groups",
        choices: (choices.groups ?? []).map((value) => ({ value, note: "" })), choose: (value) => send(fill(value)), props: told(id, item.problem, item.help) }));
    case "field":
      return field(context, line, (id) => vendorField(context, id, { value: item.value ?? "", label: item.label, choose: (value) => send(fill(value)), props: told(id, item.problem, item.help) }));
    case "options":
      return h("div", { key: item.key, class: "cdp-fields" }, item.options.filter((each) => each.applies).map((each) => option(context, shown, item.key, each)),
        problemOf(idOf(context, line.id), item.problem));
    case "pairs":
      return rowList(context, shown, item, pairRow, "Add an identifier");
    case "parameters":
      return rowList(context, shown, item, parameterRow, "Add a parameter");
    case "number":
      return field(context, line, (id) => text(context, id, item.value ?? "", (value) => fill(number(value)), told(id, item.problem, item.help)));
    case "mappings":
      return rowList(context, shown, item, shown.direction === "import" ? importRow : exportRow, "Add mapping", mappingTools);
    case "events":
      return events(context, shown, item);
    case "event_types":
      return eventTypes(context, shown, item, (value) => send(fill(value)));
    case "period":
      return period(context, shown, item);
    case "processors":
      return processors(context, shown, item);
    default:
      return field(context, line, (id) => text(context, id, item.value ?? "", fill, told(id, item.problem, item.help)));
  }
}

function option(context, shown, key, spec) {
  const { send, ui } = context;
  const tell = (value) => ({ do: "choose", id: shown.id, key, option: spec.name, value });
  const line = { ...spec, label: measured(spec), id: `${shown.id} ${key} ${spec.name}`, wide: spec.kind === "chosen" };
  if (spec.kind === "switch") return check(context, { ...line, value: spec.value ?? spec.default }, (value) => send(tell(value)));
  return field(context, line, (id) => {
    const props = told(id, spec.problem, spec.help);
    if (spec.kind === "choice") {
      return select(id, spec.value ?? spec.default ?? "", [...(spec.required ? [] : [["", "–"]]), ...spec.choices.map((each) => [each, each])], (value) => send(tell(value)), props);
    }
    if (spec.kind === "chosen") return chosen(context, id, spec, (value) => send(tell(value)), props);
    if (spec.kind === "range") return range(context, id, spec, tell, props);
    return text(context, id, spec.value ?? "", (value) => tell(spec.kind === "number" ? number(value) : value), { ...props, placeholder: spec.default === null ? "" : String(spec.default) });
  });
}

function chosen(context, id, spec, tell, props) {
  const things = ((context.ui.choices ?? {}).things ?? {})[spec.things] ?? [];
  const choices = things.filter((each) => !spec.target || each[3]).map(([, name, kind]) => ({ value: name, note: kind }));
  const search = (choose, value, clears) => combo(context, id, { value, clears, label: spec.label, placeholder: `Search for ${spec.things}`, choices, choose, free: true, props });
  if (!spec.several) return search(tell, spec.value ?? "");
  const values = spec.value ?? [];
  return chips(values, spec.label, (at) => tell(values.filter((_, place) => place !== at)), search((value) => value && !values.includes(value) && tell([...values, value]), "", true));
}

function range(context, id, spec, tell, props) {
  const value = spec.value ?? {};
  const end = (name, typed) => {
    const ends = { ...value, [name]: number(typed) };
    if (typed.trim() === "") delete ends[name];
    return tell(Object.keys(ends).length ? ends : null);
  };
  return h("div", { class: "cdp-bar-row cdp-nowrap" },
    text(context, id, value.from ?? "", (typed) => end("from", typed), { ...props, placeholder: "from" }),
    h("span", { class: "cdp-soft" }, "to"),
    text(context, `${id}-to`, value.to ?? "", (typed) => end("to", typed), { placeholder: "to", "aria-label": `${spec.label}, to` }),
    spec.unit && h("span", { class: "cdp-soft" }, spec.unit));
}
