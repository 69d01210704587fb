import { drawAgain, h } from "./dom.js";

const MOST = 50;

// A text that is searched among many names. The list is only there while it is open, in the top layer of the page, so
// that no output cuts it off; fifty names at most are in it.

/**
 * A combo box.
 *
 * choices: [{value, note}], what can be chosen; free: whether another text may be given; make: a label for a text that
 * is none of them; clears: it is empty again once something is chosen; choose: is given the text that was chosen or, where that may be, typed.
 */
export function combo(context, id, spec) {
  const all = (context.ui.combos ??= {});
  const own = (all[id] ??= { open: false, typed: null, at: 0 });
  own.spec = spec;
  const again = (node) => drawAgain(node.closest(".cdp-combo"), ...combo(context, id, own.spec).children);
  const found = own.open ? matches(spec.choices, own.typed ?? "") : [];
  const typed = (own.typed ?? "").trim();
  const exact = spec.choices.some((choice) => choice.value === typed);
  if (own.open && spec.make && typed && !exact) found.push({ value: typed, make: spec.make(typed) });
  own.at = Math.min(own.at, Math.max(found.length - 1, 0));
  const close = (value) => {
    const chosen = value ?? (spec.free && own.typed !== null ? typed : null);
    if (spec.clears) document.getElementById(id).value = "";
    Object.assign(own, { open: false, typed: null, at: 0 });
    if (chosen !== null && chosen !== spec.value) spec.choose(chosen);
    context.redraw();
  };
  const open = () => {
    if (own.open) return;
    Object.assign(own, { open: true, at: 0 });
    context.redraw();
  };
  const take = (choice, input) => {
    input.value = spec.clears ? "" : choice.value;
    close(choice.value);
  };
  const keys = (event) => {
    const down = event.key === "ArrowDown";
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (down || event.key === "ArrowUp") {
      event.preventDefault();
      if (!own.open) return open();
      own.at = (own.at + (down ? 1 : found.length - 1)) % Math.max(found.length, 1);
      again(event.target);
    } else if (event.key === "Enter" && own.open) {
      event.preventDefault();
      if (own.typed !== null && found[own.at]) take(found[own.at], event.target);
      else if (own.typed === null && found[own.at] && own.moved) take(found[own.at], event.target);
      else close(null);
    } else if (event.key === "Escape" && own.open) {
      event.preventDefault();
      event.target.value = spec.value ?? "";
      Object.assign(own, { open: false, typed: null, at: 0 });
      context.redraw();
    }
    own.moved = down || event.key === "ArrowUp";
  };
  const input = h("input", {
    id, class: "cdp-input", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-expanded": String(own.open), "aria-controls": own.open ? `${id}-list` : null, "aria-autocomplete": "list",
    "aria-activedescendant": own.open && found.length ? `${id}-${own.at}` : null,
    value: own.open && own.typed !== null ? own.typed : spec.value ?? "", placeholder: spec.placeholder,
    title: spec.value && spec.value.length > 20 ? spec.value : null,
    onclick: open,
    onkeydown: keys,
    oninput: (event) => {
      Object.assign(own, { open: true, typed: event.target.value, at: 0 });
      again(event.target);
    },
    onblur: (event) => {
      if (!own.open) return;
      if (!spec.free) event.target.value = spec.value ?? "";
      close(null);
    },
    ...spec.props,
  });
  return h("div", { class: "cdp-combo", key: `combo ${id}` }, input, own.open && list(id, own, found, spec, take));
}

function list(id, own, found, spec, take) {
  return h("div", { id: `${id}-list`, key: "list", role: "listbox", "aria-label": spec.label, popover: "manual", class: "cdp-list", after: place },
    found.map((choice, at) =>
      h("div", {
        key: choice.make ? "make" : choice.value, id: `${id}-${at}`, role: "option", "aria-selected": String(at === own.at), class: "cdp-option",
        onmousedown: (event) => {
          event.preventDefault();
          take(choice, document.getElementById(id));
        },
        after: at === own.at ? (node) => node.scrollIntoView({ block: "nearest" }) : null,
      }, h("span", { class: "cdp-option-name" }, choice.make ?? choice.value), choice.note && h("span", { class: "cdp-soft" }, choice.note))),
    found.length === 0 && h("div", { key: "none", class: "cdp-option cdp-soft", role: "option", "aria-selected": "false", "aria-disabled": "true" }, spec.none ?? "Nothing of this name"));
}

/** Below its text, or above it where there is more room. */
function place(node) {
  if (!node.matches(":popover-open")) node.showPopover();
  const box = node.previousSibling.getBoundingClientRect();
  const below = window.innerHeight - box.bottom - 8;
  const up = below < 180 && box.top > below;
  const tall = Math.min(280, up ? box.top - 8 : below);
  Object.assign(node.style, {
    left: `${Math.max(4, Math.min(box.left, window.innerWidth - Math.max(box.width, 220) - 8))}px`,
    width: `${Math.max(box.width, 220)}px`,
    maxHeight: `${tall}px`,
    top: up ? "auto" : `${box.bottom + 2}px`,
    bottom: up ? `${window.innerHeight - box.top + 2}px` : "auto",
  });
}

function matches(choices, typed) {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return choices.slice(0, MOST);
  const first = [];
  const rest = [];
  for (const choice of choices) {
    const at = choice.value.toLowerCase().indexOf(wanted);
    if (at === 0) first.push(choice);
    else if (at > 0) rest.push(choice);
    if (first.length === MOST) break;
  }
  return [...first, ...rest].slice(0, MOST);
}
