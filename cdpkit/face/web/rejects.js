import { idOf, select } from "./controls.js";
import { h } from "./dom.js";
import { table } from "./table.js";
import { states, view } from "./view.js";

// What was refused, on a workbench: groups, the lines of one of them, one line to mend, and what takes them again.

/** The workbench; `context` sends to what holds the lines. */
export function workbench(context) {
  const { view: shown, send } = context;
  const busy = Boolean(shown.work.name);
  listen(context);
  return h("section", { class: "cdp-page", key: "rejects", "aria-label": shown.title },
    h("h3", {}, shown.title),
    states(context),
    shown.run && h("div", { class: "cdp-report", key: "run", role: "status" },
      h("span", { class: `cdp-state cdp-state-${shown.run.state}` }, shown.run.state.replaceAll("_", " ")),
      h("pre", { tabindex: 0, "aria-label": "What was taken again" }, shown.run.report)),
    shown.groups.length ? [
      groups(context),
      h("div", { class: "cdp-bar-row", key: "tools" }, tools(context, busy)),
      shown.said && h("p", { class: "cdp-soft", role: "status", key: "said" }, shown.said),
      table(context, shown.table, shown.chosen ? "Refused: this group" : "Refused: all", {
        pick: (row) => send({ do: "pick", ...row }), label: "Mend this line" }),
      line(context, busy),
    ] : h("p", { class: "cdp-soft", key: "none" }, "Nothing is refused any more."));
}

function listen(context) {
  if (context.ui.mends) return;
  context.ui.mends = true;
  context.listen((message) => {
    if (message.say !== "line") return;
    context.ui.line = message.line;
    context.ui.focus = "line";
    context.redraw();
  });
}

function groups({ view: shown, send }) {
  const several = shown.goals.length > 1;
  const head = [...(several ? ["goal"] : []), "reason", "field", "lines", "profiles", "corrected", "given up"];
  return h("div", { class: "cdp-told", key: "groups", tabindex: 0, role: "region", "aria-label": "Groups" },
    h("table", { class: "cdp-lines cdp-groups" },
      h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col", class: ["goal", "reason", "field"].includes(name) ? null : "cdp-number" }, name)))),
      h("tbody", {}, shown.groups.map((each) => {
        const { goal, reason, field } = each;
        return h("tr", { key: JSON.stringify([goal, reason, field]) },
          several && h("td", {}, goal),
          h("th", { scope: "row" }, h("button", { class: "cdp-pick", "aria-pressed": String(each.chosen), onclick: () => send({ do: "group", goal, reason, field }) },
            each.chosen && h("span", { "aria-hidden": "true" }, "▸ "), each.words)),
          h("td", {}, field ?? ""),
          [each.lines, each.profiles, each.mended, each.dropped].map((n) => h("td", { class: "cdp-number" }, n.toLocaleString("en"))));
      }))));
}

function tools(context, busy) {
  const { view: shown, send, ui } = context;
  const own = (ui.replacing ??= { old: "", new: "" });
  const box = (key, label) => h("input", { key, class: "cdp-input cdp-short", type: "text", "aria-label": label, placeholder: label, value: own[key],
    oninput: (event) => { own[key] = event.target.value; } });
  const held = shown.goals.some((goal) => goal.mended || goal.dropped);
  return [
    h("span", { class: "cdp-inline cdp-replace", key: "replace" }, box("old", "In all of these replace"), box("new", "by"),
      h("button", { class: "cdp-button", disabled: busy, onclick: () => send({ do: "replace", old: own.old, new: own.new }) }, "Replace")),
    shown.goals.some((goal) => !goal.sends) && h("button", { key: "drop", class: "cdp-button", disabled: busy, onclick: () => send({ do: "drop", line: null }) }, "Give all of these up"),
    held && h("button", { key: "forget", class: "cdp-button cdp-plain", disabled: busy, onclick: () => send({ do: "forget" }) }, "Forget corrections"),
    h("span", { class: "cdp-grow", key: "grow" }),
    shown.goals.map((goal) => {
      const what = goal.sends ? "Send again" : "Store again";
      const n = goal.sends && !goal.mended ? goal.lines : goal.mended + goal.dropped;
      return h("button", { key: `take ${goal.name}`, class: "cdp-button cdp-main", disabled: busy || !n, onclick: () => send({ do: "take", goal: goal.name }) },
        `${what} (${n.toLocaleString("en")})${shown.goals.length > 1 ? `: ${goal.name}` : ""}`);
    }),
  ];
}

function line(context, busy) {
  const { ui, send } = context;
  const shown = ui.line;
  if (!shown) return null;
  const id = idOf(context, "correction");
  const of = idOf(context, "property");
  const close = () => {
    ui.line = null;
    context.redraw();
  };
  const keep = () => {
    send({ do: "mend", line: shown.line, value: document.getElementById(id).value, property: document.getElementById(of)?.value ?? "" });
    close();
  };
  const facts = [["person", shown.identifier], ["field", shown.field], ["property", shown.property], ["refused value", shown.value], ["reason", shown.reason], ["row of the source", shown.source_row]];
  return h("aside", { class: "cdp-card", key: `line ${shown.line}`, tabindex: -1, "aria-label": "Mend a line",
    onkeydown: (event) => event.key === "Escape" && close(),
    after: (node) => {
      if (ui.focus !== "line") return;
      ui.focus = null;
      (node.querySelector("input") ?? node).focus();
      node.scrollIntoView({ block: "nearest" });
    } },
    h("div", { class: "cdp-bar-row" }, h("h3", { class: "cdp-grow" }, "Mend a line"),
      h("button", { class: "cdp-button cdp-plain", onclick: close }, "Close")),
    h("div", { class: "cdp-told" }, h("table", { class: "cdp-lines" }, h("tbody", {}, facts.filter(([, value]) => value !== null).map(([name, value]) =>
      h("tr", { key: name }, h("th", { scope: "row" }, name), h("td", {}, value)))))),
    shown.mendable
      ? h("div", { class: "cdp-bar-row", key: "correct" },
        shown.properties.length > 0 && h("label", { for: of, class: "cdp-hidden" }, "Property"),
        shown.properties.length > 0 && select(of, ui.set ?? shown.properties[0], shown.properties.map((each) => [each, each]), (value) => { ui.set = value; }),
        h("label", { for: id }, "Correct value"),
        h("input", { id, class: "cdp-input cdp-short", type: "text", autocomplete: "off", value: shown.mended ?? shown.value ?? "",
          oninput: (event) => { shown.mended = event.target.value; },
          onkeydown: (event) => event.key === "Enter" && keep() }),
        h("button", { class: "cdp-button cdp-main", disabled: busy, onclick: keep }, "Keep"),
        !shown.sends && h("button", { class: "cdp-button", disabled: busy, onclick: () => {
          send({ do: "drop", line: shown.line });
          close();
        } }, "Give this value up"))
      : h("p", { class: "cdp-soft", key: "correct" }, "It belongs to no single profile: correct the source, and load it again."),
  );
}

export default view(workbench, { own: true });
