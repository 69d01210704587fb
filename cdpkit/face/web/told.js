import { h } from "./dom.js";

// What an object tells: a headline, texts, and tables whose numbers have bars; the same as in its static twin.

/** Everything below a headline. */
export function parts(list) {
  return list.map((part, at) => {
    if (typeof part === "string") return h("p", { class: `cdp-note${told(part)}`, key: `part ${at}` }, part);
    if (part.rows) return lines(part, `part ${at}`);
    return h("section", { key: `part ${at}`, class: "cdp-section" }, part.headline && h("h3", {}, part.headline), parts(part.parts));
  });
}

/** What asks to be looked at stands out; it begins with a word that says so. */
function told(part) {
  return part.startsWith("warning: ") ? " cdp-note-warn" : part.startsWith("failed: ") ? " cdp-note-bad" : "";
}

/** A table, with a bar below each number that has one. */
export function lines(table, key) {
  const plain = table.header.every((name) => !name);
  const many = table.header.length > (table.numbers.at(-1) ? 5 : 3);
  const role = (name) => (many ? name : null);
  return h("div", { key, class: "cdp-told", tabindex: 0, role: "region", "aria-label": table.caption || "table" },
    h("table", { class: `cdp-lines${many ? " cdp-many" : ""}`, role: role("table") },
      table.caption && h("caption", {}, table.caption),
      !plain && h("thead", { role: role("rowgroup") }, h("tr", { role: role("row") }, table.header.map((name, at) =>
        h("th", { scope: "col", role: role("columnheader"), class: table.numbers[at] ? "cdp-number" : null }, name)))),
      h("tbody", { role: role("rowgroup") }, table.rows.map((row) => h("tr", { role: role("row") }, row.map((value, at) => cell(table, value, at, row.filter((each) => typeof each !== "string").length, many)))))));
}

function cell(table, value, at, bars, many) {
  const names = at === 0 && table.caption && !table.numbers[0];
  const long = typeof value === "string" && value.length > 60;
  return h(names ? "th" : "td",
    { role: many ? (names ? "rowheader" : "cell") : null, "data-label": many && at ? table.header[at] : null,
      style: typeof value === "string" ? null : `width:${60 / bars}%`, scope: names ? "row" : null, class: [table.numbers[at] && "cdp-number", long && "cdp-long"].filter(Boolean).join(" ") || null },
    typeof value === "string" ? value : [
      h("span", {}, value.text),
      h("div", { class: "cdp-gauge", "aria-hidden": "true" },
        value.percent > 0 && h("div", { class: `cdp-part cdp-kind-${value.kind % 5}`, style: `width:${value.percent}%;margin-left:${value.before}%` })),
    ]);
}
