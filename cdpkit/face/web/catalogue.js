import { h } from "./dom.js";
import { aside } from "./parts.js";
import { parts } from "./told.js";
import { view } from "./view.js";

// A catalogue in numbers, and some of those who are in a segment.

function page(context) {
  const shown = context.view;
  return h("div", { class: "cdp-page" },
    h("div", { class: "cdp-bar-row" },
      h("h2", { class: "cdp-grow" }, shown.told.headline),
      h("button", { class: "cdp-button cdp-plain", disabled: Boolean(shown.work.name), onclick: () => context.send({ do: "count" }) }, "Count again")),
    parts(shown.told.parts),
    shown.samples.length > 0 && h("div", { class: "cdp-bar-row", role: "group", "aria-label": "Samples of segments" },
      h("span", { class: "cdp-soft" }, "Look at some of"),
      shown.samples.map((name) => h("button", { key: name, class: "cdp-button cdp-wraps", onclick: () => context.send({ do: "sample", name }) }, name))),
    aside(context));
}

export default view(page);
