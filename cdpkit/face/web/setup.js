import { combo } from "./combo.js";
import { check, chips, field, idOf, problemOf, select, text, told } from "./controls.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { table } from "./table.js";

const REFERENCE = /^(env:|file:|keyring:)/;

/** Set up and run: settings, objectives, what can be done, and what was done. */
export function setup(context) {
  const { view, send } = context;
  const often = view.settings.filter((each) => !each.seldom && each.applies);
  const seldom = view.settings.filter((each) => each.seldom && each.applies);
  return h(
    "div",
    { class: "cdp-panel", key: "setup" },
    section("Settings", h("div", { class: "cdp-fields" }, often.map((each) => setting(context, each))),
      h("details", { class: "cdp-more" }, h("summary", {}, "More settings"),
        h("div", { class: "cdp-fields" }, seldom.map((each) => setting(context, each))))),
    view.login && section("Login", login(context)),
    section("Privacy",
      h("p", { class: "cdp-soft" }, `Data of people goes to ${view.vendor}, a third party: ask them for their consent before, and let them take it back.`),
      h("div", { class: "cdp-fields" }, objectives(context),
        view.exposed !== null && check(context, { id: "exposed", label: "Names of segments may be sent", value: view.exposed, help: "By all connections of the workspace, where a goal maps them; stored at once" },
          (value) => send({ do: "expose_segments", on: value })))),
    section("Run",
      view.schedule && h("p", { key: "schedule" }, `The file has a schedule: ${view.schedule}.`),
      h("div", { class: "cdp-bar-row" },
        h("button", { class: "cdp-button", onclick: () => send({ do: "check" }), disabled: busy(view) }, "Check"),
        h("button", { class: "cdp-button", onclick: () => send({ do: "preview" }), disabled: busy(view) || unsaved(view) }, "Preview"),
        h("button", { class: "cdp-button cdp-main", onclick: () => send({ do: "run" }), disabled: busy(view) || unsaved(view) || !ready(view) },
          view.preview ? "Run as previewed" : view.goes_on ? "Go on with the run" : "Run now"),
        unsaved(view) ? h("span", { class: "cdp-soft" }, "Save first: a run does what is stored.") : !ready(view) && h("span", { class: "cdp-soft" }, "It cannot run yet: see above what is missing.")),
      view.checked && checked(view.checked),
      view.preview && report("Preview", view.preview),
      view.run && report(`Run ${view.run.id}`, view.run.report, view.run.state)),
    view.exchange && section("Data exchange", exchange(view.exchange)),
    section("History", view.history.rows > 0 ? table(context, view.history, "Runs, latest first") : h("p", { class: "cdp-soft" }, "There was no run yet.")),
  );
}

function busy(view) {
  return Boolean(view.work.name);
}

function unsaved(view) {
  return view.unsaved.length > 0;
}

function ready(view) {
  return view.status.some((each) => each.state !== "off");
}

function section(title, ...content) {
  return h("section", { key: title, class: "cdp-section" }, h("h3", {}, title), content);
}

function checked(problems) {
  if (!problems.length) return h("div", { class: "cdp-good cdp-note", role: "status" }, icon("ok"), "It can run.");
  return h("ul", { class: "cdp-bad-list", role: "status" }, problems.map((each) => h("li", { key: each }, each)));
}

function report(title, lines, state) {
  return h("div", { class: "cdp-report" }, h("div", { class: "cdp-report-title" }, title, state && h("span", { class: `cdp-state cdp-state-${state}` }, state.replaceAll("_", " "))),
    h("pre", { tabindex: 0, "aria-label": title }, lines));
}

function exchange(counts) {
  return h("div", { class: "cdp-counts" }, counts.map((each) =>
    h("div", { key: each.label }, h("span", {}, each.label), h("strong", {}, each.n.toLocaleString("en")))));
}

function objectives(context) {
  const { view, send } = context;
  const chosen = view.head.objectives;
  const left = view.objectives.filter((each) => !chosen.includes(each));
  return field(context, { id: "objectives", label: "Objectives", help: "People who consented to one of them; everybody, where there is none" }, (id) =>
    chips(chosen, "objectives", (at) => send({ do: "tell", key: "objectives", value: chosen.filter((_, place) => place !== at) }),
      left.length
        ? select(id, "", [["", "Add one…"], ...left.map((each) => [each, each])], (value) => value && send({ do: "tell", key: "objectives", value: [...chosen, value] }))
        : h("span", { id, class: "cdp-soft" }, view.objectives.length ? "" : "The workspace has none.")));
}

function setting(context, spec) {
  const { send } = context;
  const tell = (value) => ({ do: "set", name: spec.name, value });
  const line = { ...spec, label: measured(spec), id: `setting ${spec.name}`, wide: spec.kind === "address" || spec.kind === "secret" };
  if (spec.kind === "switch") {
    return check(context, { ...line, value: spec.value ?? spec.default }, (value) => send(tell(value)));
  }
  return field(context, line, (id) => {
    const props = told(id, spec.problem, spec.help);
    if (spec.kind === "secret") return secret(context, id, spec, props);
    if (spec.kind === "chosen") return chosenSetting(context, id, spec, (value) => send(tell(value)), props);
    if (spec.kind === "choice") {
      const none = spec.required ? [] : [["", spec.default ? `As usual: ${spec.default}` : "As the vendor tells"]];
      return select(id, spec.value ?? "", [...none, ...spec.choices.map((each) => [each, each])], (value) => send(tell(value)), props);
    }
    return text(context, id, spec.value ?? "", (value) => tell(spec.kind === "number" ? number(value) : value), {
      ...props, placeholder: spec.default === null ? "" : String(spec.default), inputmode: spec.kind === "number" ? "decimal" : null,
    });
  });
}

/** One of the things that the vendor has, once it was asked; typed where it was not. */
function chosenSetting(context, id, spec, choose, props) {
  const { view, send } = context;
  return h("div", { class: "cdp-bar-row cdp-nowrap" },
    combo(context, id, { value: spec.value ?? "", label: spec.label, placeholder: `Search for ${spec.things}`, none: "Nothing of this name",
      choices: (spec.offered ?? []).map((value) => ({ value, note: "" })), choose, free: true, props }),
    spec.offered === null && h("button", { class: "cdp-button", disabled: busy(view) || unsaved(view), title: "What is stored is asked with", onclick: () => send({ do: "look" }) }, `Ask for ${spec.things}`));
}

/** Somebody logs in at the vendor's page, which is opened by a link and stands in no notebook. */
function login(context) {
  const { view, send, ui } = context;
  const told = view.login.waiting ? ui.login : null;
  return h("div", { class: "cdp-bar-row" },
    h("button", { class: "cdp-button", disabled: busy(view) || unsaved(view), onclick: () => send({ do: "log_in" }) }, `Connect with ${view.vendor}`),
    told && /^https?:/.test(told.address) && h("a", { class: "cdp-link", href: told.address, target: "_blank", rel: "noopener noreferrer" }, `Open the page of ${view.vendor}, and allow access`),
    told && h("span", { class: "cdp-soft" }, `It comes back to ${told.redirect}, on the machine of this kernel.`),
    h("button", { class: "cdp-button cdp-plain", disabled: busy(view), onclick: () => send({ do: "log_out" }) }, "Reset authentication"));
}

/** What a number is called, with what it counts. */
export function measured(spec) {
  return spec.kind === "number" && spec.unit && !spec.label.toLowerCase().includes(spec.unit) ? `${spec.label} (${spec.unit})` : spec.label;
}

/** A number where it is one; what is none is told by the kernel. */
export function number(value) {
  const plain = value.trim();
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : plain;
}

/** A secret is typed once: it goes to the kernel as a message that is kept nowhere, and its field is empty again. */
function secret(context, id, spec, props) {
  const { send, ui } = context;
  const key = `secret ${spec.name}`;
  if (spec.value && !ui[key]) {
    return h("div", { class: "cdp-bar-row", key: "kept" },
      h("code", { class: "cdp-reference" }, spec.value),
      h("button", { id, class: "cdp-button", ...props, "aria-invalid": null, "aria-label": `Replace ${spec.label}`, onclick: () => {
        ui[key] = true;
        context.redraw();
      } }, "Replace"));
  }
  const keep = () => {
    const input = document.getElementById(id);
    const value = input.value;
    input.value = "";
    ui[key] = false;
    if (value) send(REFERENCE.test(value) ? { do: "set", name: spec.name, value } : { do: "keep_secret", name: spec.name, value });
    context.redraw();
  };
  return h("div", { class: "cdp-bar-row cdp-nowrap", key: "typed" },
    h("input", { id, class: "cdp-input", type: "password", autocomplete: "new-password", placeholder: "Type or paste it once, or a reference such as env:NAME", ...props,
      onkeydown: (event) => event.key === "Enter" && keep() }),
    h("button", { class: "cdp-button", "aria-label": `Keep ${spec.label}`, onclick: keep }, "Keep"));
}
