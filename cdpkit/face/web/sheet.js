// What an object tells, and the frames behind it.

import { h } from "./dom.js";
import { aside, tabs } from "./parts.js";
import { parts } from "./told.js";
import { view } from "./view.js";

function page(context) {
  const shown = context.view;
  return h("div", { class: "cdp-page" },
    h("h2", {}, shown.told.headline),
    h("div", { class: "cdp-tiles" }, parts(shown.told.parts)),
    tabs(context, shown, (row) => context.send({ do: "pick", ...row })),
    aside(context));
}

export default view(page);
