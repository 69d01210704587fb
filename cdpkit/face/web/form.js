import { chips, idOf, text } from "./controls.js";
import { h } from "./dom.js";
import { goal } from "./goal.js";
import { icon, iconButton } from "./icons.js";
import { orderly } from "./rows.js";
import { setup } from "./setup.js";
import { states } from "./view.js";

/** The form of a connection. */
export function connection(context) {
  const shown = context.view;
  choose(context);
  return h(
    "div",
    { class: "cdp-form" },
    head(context),
    shown.clash && clash(context),
    states(context),
    h("div", { class: "cdp-body" }, panel(context), h("div", { class: "cdp-main-part" }, shown.goal ? goal(context) : setup(context))),
    context.ui.code && code(context),
  );
}

/** What there is to choose comes once, and again when it has changed. */
function choose(context) {
  const { ui, view: shown, send } = context;
  if (!ui.listening) {
    ui.listening = true;
    context.listen((message) => {
      if (message.say === "choices") ui.choices = message;
      if (message.say === "code") ui.code = message.text;
      if (message.say === "login") ui.login = message;
      context.redraw();
    });
  }
  if (shown.goal && ui.wanted !== shown.choices) {
    ui.wanted = shown.choices;
    send({ do: "choices", id: shown.goal.id });
  }
}

function head(context) {
  const { view: shown, send, ui } = context;
  const tell = (key) => (value) => ({ do: "tell", key, value });
  const title = idOf(context, "title");
  return h("header", { class: "cdp-head" },
    h("div", { class: "cdp-bar-row" },
      h("button", { class: "cdp-button cdp-icon cdp-star", "aria-pressed": String(shown.head.favorite), "aria-label": "Favorite", title: "Favorite",
        onclick: () => send(tell("favorite")(!shown.head.favorite)) }, icon("star")),
      h("label", { for: title, class: "cdp-hidden" }, "Name of the connection"),
      text(context, title, shown.head.title, tell("title"), { class: "cdp-input cdp-title cdp-main-title", placeholder: shown.name }),
      h("span", { class: "cdp-soft cdp-vendor", title: shown.about }, shown.vendor),
      h("span", { class: "cdp-grow" }),
      h("label", { class: "cdp-switch" }, h("input", { type: "checkbox", role: "switch", checked: shown.head.enabled, onchange: (event) => send(tell("enabled")(event.target.checked)) }), h("span", {}, shown.head.enabled ? "On" : "Off")),
      h("button", { class: "cdp-button cdp-plain", onclick: () => send({ do: "code" }) }, "Copy as code"),
      shown.unsaved.length > 0 && h("button", { key: "discard", class: "cdp-button cdp-plain", onclick: () => send({ do: "discard" }) }, "Discard"),
      h("button", { key: "save", class: "cdp-button cdp-main", disabled: !shown.unsaved.length, onclick: () => send({ do: "save" }) }, shown.unsaved.length ? "Save" : "Saved")),
    (shown.status.length > 0 || shown.unsaved.length > 0) && h("div", { class: "cdp-bar-row cdp-under", key: "under" },
      shown.status.map((each) => direction(context, each)),
      h("span", { class: "cdp-grow" }),
      shown.unsaved.length > 0 && h("span", { key: "unsaved", class: "cdp-unsaved", role: "status" }, `Not saved: ${shown.unsaved.join(", ")}`)),
    ui.fixes && fixes(context, shown.status.find((each) => each.direction === ui.fixes)),
    h("details", { class: "cdp-more" }, h("summary", {}, "Labels and description", shown.head.labels.length > 0 && h("span", { class: "cdp-soft" }, ` · ${shown.head.labels.join(", ")}`)),
      labels(context), description(context)));
}

function labels(context) {
  const { view: shown, send } = context;
  const all = shown.head.labels;
  const id = idOf(context, "labels");
  const tell = (value) => send({ do: "tell", key: "labels", value });
  return h("div", { class: "cdp-field" }, h("label", { for: id, class: "cdp-label" }, "Labels"),
    chips(all, "labels", (at) => tell(all.filter((_, place) => place !== at)),
      h("input", { id, class: "cdp-input cdp-short", type: "text", autocomplete: "off", placeholder: "Add a label, then Enter", onkeydown: (event) => {
        const value = event.target.value.trim();
        if (event.key !== "Enter" || !value) return;
        event.target.value = "";
        if (!all.includes(value)) tell([...all, value]);
      } })));
}

function description(context) {
  const id = idOf(context, "description");
  return h("div", { class: "cdp-field" }, h("label", { for: id, class: "cdp-label" }, "Description"),
    h("textarea", { id, class: "cdp-input", rows: 2, value: context.view.head.description, oninput: (event) => context.typed(id, { do: "tell", key: "description", value: event.target.value }) }));
}

function direction(context, each) {
  const { ui, redraw } = context;
  const bad = each.state === "error";
  const said = [icon(each.direction === "import" ? "left" : "right"), h("span", {}, each.direction === "import" ? "Import" : "Export"), h("span", { class: "cdp-direction-state" }, bad ? `${each.fix.length} to fix` : each.state)];
  if (!each.fix.length) return h("span", { key: each.direction, class: `cdp-direction cdp-is-${each.state}` }, said);
  return h("button", { key: each.direction, class: `cdp-direction cdp-is-${each.state}`, "aria-expanded": String(ui.fixes === each.direction), onclick: () => {
    ui.fixes = ui.fixes === each.direction ? null : each.direction;
    redraw();
  } }, said);
}

function fixes(context, each) {
  if (!each) return null;
  return h("ul", { class: "cdp-fixes", key: "fixes" }, each.fix.map((fix) => h("li", { key: fix.text },
    h("button", { class: "cdp-link", onclick: () => go(context, fix.goal) }, fix.text))));
}

function panel(context) {
  const { view: shown, send, ui } = context;
  const order = orderly(context, "goals", shown.tabs, (tab, to) => send({ do: "move_goal", id: tab.id, to }));
  return h("nav", { class: "cdp-nav", "aria-label": "Parts of the connection" },
    h("button", { class: "cdp-nav-item", "aria-current": shown.tab === null ? "page" : null, onclick: () => go(context, null) }, icon("set"), "Set up and run"),
    h("div", { class: "cdp-nav-title" }, "Goals"),
    h("div", { "data-rows": "" }, shown.tabs.map((tab, at) => goalTab(context, tab, at, order))),
    orderOf(shown),
    ui.adding
      ? h("div", { key: "adding", class: "cdp-adding" }, shown.kinds.map((kind) => h("button", { key: kind.kind, class: "cdp-button", onclick: () => {
          ui.adding = false;
          send({ do: "add_goal", kind: kind.kind });
        } }, shown.offers[kind.kind] ?? kind.label)), h("button", { class: "cdp-button cdp-plain", onclick: () => toggle(context) }, "Not now"))
      : h("button", { key: "add", class: "cdp-button cdp-plain", onclick: () => toggle(context) }, icon("more"), "Add goal"));
}

/** In which order goals run: kind by kind, whatever their order here. */
function orderOf(shown) {
  const had = shown.kinds.map((kind) => kind.label.toLowerCase()).filter((label) => shown.tabs.some((tab) => tab.kind === label));
  return had.length > 1 && h("p", { key: "order", class: "cdp-soft cdp-nav-note" }, `A run does them kind by kind: ${had.join(", then ")}.`);
}

/** Show another part; code that was shown is that of the part before. */
function go({ ui, send }, id) {
  ui.code = null;
  send({ do: "open", id });
}

function toggle({ ui, redraw }) {
  ui.adding = !ui.adding;
  redraw();
}

function goalTab(context, tab, at, order) {
  const { view: shown, send } = context;
  const props = order.props(tab, at);
  return h("div", { ...props, class: `${props.class} cdp-tab` },
    order.handle(tab, at, tab.name),
    h("input", { type: "checkbox", checked: tab.active, "aria-label": `${tab.name} is active`, title: "Active", onchange: (event) => send({ do: "fill", id: tab.id, key: "active", value: event.target.checked }) }),
    h("button", { class: "cdp-nav-item", "aria-current": shown.tab === tab.id ? "page" : null, onclick: () => go(context, tab.id) },
      icon(tab.direction === "import" ? "left" : "right"),
      h("span", { class: "cdp-nav-name" }, tab.name),
      tab.problems > 0 ? h("span", { class: "cdp-badge cdp-badge-bad", title: `${tab.problems} to fix` }, tab.problems, h("span", { class: "cdp-hidden" }, " to fix")) : tab.unsaved && h("span", { class: "cdp-dot", title: "Not saved" }, h("span", { class: "cdp-hidden" }, "not saved"))),
    h("span", { class: "cdp-tab-tools" }, iconButton("copy", `Copy ${tab.name}`, () => send({ do: "copy_goal", id: tab.id })), iconButton("remove", `Remove ${tab.name}`, () => send({ do: "remove_goal", id: tab.id }))));
}

function clash(context) {
  const { view: shown, send } = context;
  return h("div", { class: "cdp-clash", role: "alert", key: "clash" },
    h("p", {}, shown.clash.said),
    shown.clash.lines.length > 0 && h("table", { class: "cdp-lines" }, h("thead", {}, h("tr", {}, ["", "When you opened it", "Stored now"].map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", {}, shown.clash.lines.map((line) => h("tr", { key: line.key }, h("th", { scope: "row" }, line.key), h("td", {}, line.read), h("td", {}, line.now))))),
    h("div", { class: "cdp-bar-row" },
      h("button", { class: "cdp-button", onclick: () => send({ do: "discard" }) }, "Take what is stored"),
      h("button", { class: "cdp-button", onclick: () => send({ do: "keep_mine" }) }, "Keep mine, to save it over that")));
}

function code(context) {
  const { ui, redraw } = context;
  return h("div", { class: "cdp-code", key: "code", role: "region", "aria-label": "As code" },
    h("div", { class: "cdp-bar-row" }, h("strong", {}, "As code"), h("span", { class: "cdp-grow" }),
      h("button", { class: "cdp-button", onclick: () => navigator.clipboard.writeText(ui.code) }, icon("copy"), "Copy"),
      iconButton("remove", "Close", () => {
        ui.code = null;
        redraw();
      })),
    h("pre", { tabindex: 0, "aria-label": "Code" }, ui.code));
}
