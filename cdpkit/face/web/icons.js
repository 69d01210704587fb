import { h } from "./dom.js";

const PATHS = {
  up: "M4 10l4-4 4 4",
  down: "M4 6l4 4 4-4",
  right: "M3 8h10M9 4l4 4-4 4",
  left: "M13 8H3M7 4L3 8l4 4",
  remove: "M4 4l8 8M12 4l-8 8",
  copy: "M6 6h7v7H6zM3 10V3h7",
  more: "M8 3v10M3 8h10",
  grip: "M6 4v.01M10 4v.01M6 8v.01M10 8v.01M6 12v.01M10 12v.01",
  star: "M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z",
  ok: "M3 8.5l3.2 3.2L13 5",
  warn: "M8 2.5L14.5 13.5h-13zM8 6.5v3.2M8 11.8v.01",
  again: "M13 8a5 5 0 1 1-1.5-3.6M13 2.5v3h-3",
  set: "M8 5.5v.01M8 8v3M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
};

/** A picture that says nothing by itself; a word is beside it, or in what it labels. */
export function icon(name) {
  return h("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", class: `cdp-i-${name}` }, h("path", { d: PATHS[name] }));
}

/** A button that is a picture, with its name for those who point at it or hear it. */
export function iconButton(name, label, onclick, props) {
  return h("button", { class: "cdp-button cdp-icon", "aria-label": label, title: label, onclick, ...props }, icon(name));
}
