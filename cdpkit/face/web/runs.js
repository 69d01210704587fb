import { h } from "./dom.js";
import { run } from "./run.js";
import { table } from "./table.js";
import { view } from "./view.js";

function page(context) {
  const shown = context.view;
  return h("div", { class: "cdp-page" },
    h("h2", {}, shown.title),
    shown.runs.rows > 0
      ? table(context, shown.runs, "Runs, latest first", { pick: (row) => context.send({ do: "choose", ...row }), label: "Look at run" })
      : h("p", { class: "cdp-soft" }, "There was no run yet."),
    shown.run && run(context, shown.run));
}

export default view(page);
