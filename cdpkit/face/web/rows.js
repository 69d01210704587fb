import { h } from "./dom.js";
import { iconButton } from "./icons.js";

// Rows that are put in order, with a handle that is dragged, and with Alt and an arrow on anything in them.

/** The handle of a row, its keys, and what shows where it would go; `move` is given the place, counted from 0. */
export function orderly(context, name, rows, move) {
  const own = ((context.ui.dragged ??= {})[name] ??= { id: null, to: null });
  return {
    props: (row, at) => ({
      key: row.id,
      "data-row": row.id,
      class: `cdp-row${own.id === row.id ? " cdp-dragged" : ""}${own.id !== null && own.to === at ? " cdp-before" : ""}${own.id !== null && own.to === rows.length && at === rows.length - 1 ? " cdp-behind" : ""}`,
      onkeydown: (event) => {
        if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation(); // rows may stand in a row, that stays where it is
        move(row, event.key === "ArrowUp" ? at - 1 : at + 1);
      },
    }),
    handle: (row, at, label) => iconButton("grip", `Move ${label}, with the arrows or by dragging`, null, {
      class: "cdp-button cdp-icon cdp-handle",
      onkeydown: (event) => {
        if (event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
        event.preventDefault();
        move(row, event.key === "ArrowUp" ? at - 1 : at + 1);
      },
      onpointerdown: (event) => drag(event, context, own, row, at, move),
    }),
  };
}

function drag(event, context, own, row, at, move) {
  const list = event.currentTarget.closest("[data-rows]");
  const handle = event.currentTarget;
  event.preventDefault();
  handle.focus();
  handle.setPointerCapture(event.pointerId);
  handle.onpointermove = (moved) => {
    const all = [...list.children].filter((node) => node.dataset.row !== undefined);
    const to = all.findIndex((node) => {
      const box = node.getBoundingClientRect();
      return moved.clientY < box.top + box.height / 2;
    });
    Object.assign(own, { id: row.id, to: to < 0 ? all.length : to });
    context.redraw();
  };
  handle.onpointerup = handle.onpointercancel = (ended) => {
    const to = own.to;
    handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
    Object.assign(own, { id: null, to: null });
    if (ended.type === "pointerup" && to !== null && to !== at && to !== at + 1) move(row, to > at ? to - 1 : to);
    context.redraw();
  };
}
