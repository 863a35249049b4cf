// Elements are built here and nowhere else, from text only: what comes from data can never become markup.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function stepButton(label, press, properties = {}) {
  const button = el("button", { className: "step", type: "button", ...properties }, label);
  button.addEventListener("click", press);
  return button;
}

// A follow-up of the API as a button that says its line.
export const drawNext = ({ label, line }, say) => stepButton(label, () => say(line), { title: line, dir: "auto" });

export function icon(path) {
  const svg = svgElement("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  svg.append(svgElement("path", { d: path }));
  return svg;
}

export function svgElement(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export const byId = (id) => document.getElementById(id);
