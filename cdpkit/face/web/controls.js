import { h } from "./dom.js";
import { icon } from "./icons.js";

// What people fill in. Each has a label, and what is wrong with it beside it, tied to it for those who hear it.

let count = 0;

/** An id of its own for a control of a view, the same each time it is drawn. */
export function idOf(context, key) {
  const ids = (context.ui.ids ??= {});
  return (ids[key] ??= `cdp-${(count += 1)}-${key.replace(/\W+/g, "-")}`);
}

/** What ties a control to what is wrong with it. */
export function told(id, problem, help) {
  const parts = [problem && `${id}-bad`, help && `${id}-help`].filter(Boolean);
  return { "aria-invalid": problem ? "true" : null, "aria-describedby": parts.join(" ") || null };
}

/** What is wrong with a control. */
export function problemOf(id, problem) {
  return h("div", { key: `${id}-bad`, id: `${id}-bad`, class: "cdp-problem", hidden: !problem }, problem);
}

/** A label, a control, its help, and what is wrong with it, below each other. */
export function field(context, spec, control) {
  const id = idOf(context, spec.id);
  return h(
    "div",
    { class: `cdp-field${spec.wide ? " cdp-wide" : ""}`, key: spec.id },
    h("label", { for: id, class: "cdp-label" }, spec.label, spec.required && h("span", { class: "cdp-soft" }, " (required)")),
    control(id),
    spec.help && h("div", { id: `${id}-help`, class: "cdp-help" }, spec.help),
    problemOf(id, spec.problem),
  );
}

/** A text that is typed; `tell` is given what it is, once nothing more is typed for a moment. */
export function text(context, id, value, tell, props) {
  return h("input", {
    id, class: "cdp-input", type: "text", autocomplete: "off", spellcheck: "false", value,
    oninput: (event) => context.typed(id, tell(event.target.value)), ...props,
  });
}

/** One of some choices, pairs of value and label. */
export function select(id, value, choices, tell, props) {
  return h("select", { id, class: "cdp-select", onchange: (event) => tell(event.target.value), value, ...props,
    after: (node) => { if (node.value !== value && node !== document.activeElement) node.value = value; } },
    choices.map(([each, label]) => h("option", { key: each, value: each, selected: each === value }, label)));
}

/** Something that is on or off, with its label behind it. */
export function check(context, spec, tell) {
  const id = idOf(context, spec.id);
  return h("div", { class: "cdp-field cdp-check", key: spec.id },
    h("input", { id, type: "checkbox", checked: spec.value, onchange: (event) => tell(event.target.checked), ...told(id, spec.problem, spec.help) }),
    h("div", {},
      h("label", { for: id }, spec.label),
      spec.help && h("div", { id: `${id}-help`, class: "cdp-help" }, spec.help),
      problemOf(id, spec.problem)));
}

/** Texts that are chosen, each of which can be taken away, and a control that adds one. */
export function chips(values, label, remove, add) {
  return h("div", { class: "cdp-chips" },
    values.map((value, at) => h("span", { class: "cdp-chip", key: `${at} ${value}` }, value,
      h("button", { class: "cdp-chip-x", "aria-label": `Take ${value} away from ${label}`, onclick: () => remove(at) }, icon("remove")))),
    add);
}
