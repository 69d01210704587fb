import { combo } from "./combo.js";
import { select } from "./controls.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/**
 * A property: one that there is, or a new one. One that rows are matched on has to be made with its type, here; any
 * other may be left to the run, which knows the values, or be made with a type that is chosen.
 */
export function propertyBox(context, id, spec) {
  const { ui, send } = context;
  const choices = ui.choices ?? {};
  const all = choices.properties ?? [];
  const offered = all.filter((each) => !spec.identifying || each[2]).map(([value, note]) => ({ value, note }));
  const there = all.some((each) => each[0] === spec.value);
  const box = combo(context, id, { placeholder: "Property", free: true, make: spec.existing ? null : (name) => `New property ${name}`, ...spec, choices: offered });
  if (spec.notice) return h("div", { class: "cdp-make", key: `make ${id}` }, box, h("div", { class: "cdp-notice", title: spec.notice }, icon("set"), "Existing property"));
  if (there || !spec.value || spec.value === spec.prefix || !all.length || spec.existing) return box;
  const held = (ui.making ??= {})[id];
  if (!held) {
    return h("div", { class: "cdp-make", key: `make ${id}` }, box,
      h("button", { class: "cdp-button cdp-plain cdp-small", "aria-label": `New property ${spec.value}: choose its type`, onclick: () => {
        ui.making[id] = { type: spec.identifying && /mail/i.test(spec.value) ? "email" : "text", several: false };
        context.redraw();
      } }, spec.identifying ? "Create this property…" : "New property…"));
  }
  return h("div", { class: "cdp-make", key: `make ${id}` }, box,
    h("div", { class: "cdp-bar-row" },
      select(`${id}-type`, held.type, choices.types.map((each) => [each, each]), (value) => { held.type = value; }, { "aria-label": "Type of the new property", style: "width:auto" }),
      !spec.identifying && h("label", { class: "cdp-inline" }, h("input", { type: "checkbox", checked: held.several, onchange: (event) => { held.several = event.target.checked; } }), "several values"),
      h("button", { class: "cdp-button", onclick: () => {
        delete ui.making[id];
        send({ do: "make_property", name: spec.value, type: held.type, several: held.several, identifier: Boolean(spec.identifying), goal: context.view.goal?.id ?? null });
      } }, "Create")));
}
