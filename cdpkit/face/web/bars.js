import { h } from "./dom.js";

// Bars of HTML: a number that can be read, and how long it is beside the others. Kinds are told by words as well as by
// colour: each part has its name in what a person hears and sees when pointing at it.

/** A bar of parts, `[{label, n}]`, of so many in all. */
export function bar(parts, of) {
  const total = Math.max(of, 1);
  const told = parts.map((part) => `${part.label}: ${part.n.toLocaleString("en")}`).join(", ");
  return h(
    "div",
    { class: "cdp-parts", role: "img", "aria-label": told, title: told },
    parts.map((part, at) => h("div", { class: `cdp-part cdp-kind-${at % 5}`, style: `width:${(100 * part.n) / total}%` })),
  );
}

/** A table of bars, `[{label, parts}]`, with a legend of its kinds and the numbers written out. */
export function bars(caption, lines) {
  const kinds = lines.length ? lines[0].parts.map((part) => part.label) : [];
  const most = Math.max(...lines.map((line) => line.parts.reduce((sum, part) => sum + part.n, 0)), 1);
  return h(
    "table",
    { class: "cdp-bars" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }), h("th", { scope: "col" }, kinds.map((kind, at) =>
      h("span", { class: `cdp-legend cdp-kind-${at % 5}` }, kind))), h("th", { scope: "col" }))),
    h("tbody", {}, lines.map((line) =>
      h("tr", { key: line.label },
        h("th", { scope: "row" }, line.label),
        h("td", {}, bar(line.parts, most)),
        h("td", { class: "cdp-number" }, line.parts.map((part) => part.n.toLocaleString("en")).join(" + "))))),
  );
}
