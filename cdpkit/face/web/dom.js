// A view is described anew each time, and what stands in the page is made to be like it: nodes stay where they can,
// so that what has the focus keeps it, and what is being typed is never overwritten. Text is only ever text.

const SVG = new Set(["svg", "path", "circle", "g"]);

/** An element: its tag, its attributes, and what is in it; null and false are left out. */
export function h(tag, props, ...children) {
  return { tag, props: props || {}, key: props && props.key, children };
}

let heard = 0;

/** Make the content of a node be this; what was changed by a message that is not heard yet stays as it is. */
export function draw(parent, upTo, ...children) {
  heard = upTo;
  const focused = document.activeElement;
  const after = [];
  patch(parent, children, after);
  if (focused && focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
  for (const [hook, node] of after) hook(node);
}

/** Make the content of one node be this, and leave the rest of the view as it is. */
export function drawAgain(parent, ...children) {
  draw(parent, heard, ...children);
}

function patch(parent, children, after) {
  const old = new Map();
  let count = 0;
  for (const node of parent.childNodes) old.set(node.cdpKey ?? `#${count++}`, node);
  let at = parent.firstChild;
  count = 0;
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    const key = child.key ?? `#${count++}`;
    let node = old.get(key);
    if (node && fits(node, child)) old.delete(key);
    else node = made(child, key);
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
    update(node, child, after);
  }
  for (const node of old.values()) node.remove();
}

function fits(node, child) {
  return typeof child === "object" ? node.cdpTag === child.tag : node.nodeType === Node.TEXT_NODE;
}

function made(child, key) {
  if (typeof child !== "object") return document.createTextNode("");
  const node = SVG.has(child.tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", child.tag)
    : document.createElement(child.tag);
  node.cdpTag = child.tag;
  if (child.key !== undefined) node.cdpKey = key;
  node.cdpProps = {};
  return node;
}

function update(node, child, after) {
  if (typeof child !== "object") {
    const text = String(child);
    if (node.data !== text) node.data = text;
    return;
  }
  if (!child.props.own) patch(node, child.children, after);
  const before = node.cdpProps;
  for (const name of Object.keys(before)) if (!(name in child.props)) set(node, name, null);
  for (const [name, value] of Object.entries(child.props)) {
    if (before[name] !== value || name === "value" || name === "checked") set(node, name, value);
  }
  node.cdpProps = child.props;
  if (child.props.after) after.push([child.props.after, node]);
}

function set(node, name, value) {
  if (name === "key" || name === "after" || name === "own") return;
  if (name.startsWith("on")) node[name] = value;
  else if ((name === "checked" || name === "value") && node.cdpSaid > heard) return;
  else if (name === "checked") node.checked = Boolean(value);
  else if (name === "value") {
    if (node !== document.activeElement && node.value !== (value ?? "")) node.value = value ?? "";
  } else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}
