// The empty page: what one may ask.

import { byId, el, svgElement } from "./dom.js";
import { drawLine } from "./reply.js";

const SHOWN_FIRST = ["genre", "recommend", "trend", "hitscore", "cluster", "playlist"];
const MOST = 6;
const BARS = 64;

export function drawWelcome(commands, say) {
  const order = ({ name }) => (SHOWN_FIRST.indexOf(name) + 1 || SHOWN_FIRST.length + 1);
  const offered = commands
    .filter(({ example, moderator, private: own }) => example && !moderator && !own)
    .sort((a, b) => order(a) - order(b))
    .slice(0, MOST);
  if (offered.length > 2) offered.length -= offered.length % 2; // they stand in two columns
  byId("examples").replaceChildren(...offered.map((command) => drawExample(command, say)));
}

function drawExample({ help, example }, say) {
  const line = example.startsWith("/") ? example : `/${example}`;
  const button = el("button", { className: "example", type: "button" },
    el("span", { className: "example-help" }, help), el("code", {}, ...drawLine(line)));
  button.addEventListener("click", () => say(line));
  return el("li", {}, button);
}

// A tone as its partials: what makes a timbre.
export function drawSpectrum() {
  const step = 640 / BARS;
  for (let index = 0; index < BARS; index += 1) {
    const x = index / BARS;
    const formants = 0.95 * bump(x, 0.16, 0.07) + 0.7 * bump(x, 0.38, 0.08) + 0.5 * bump(x, 0.62, 0.07) + 0.28 * bump(x, 0.83, 0.06);
    const height = Math.max(4, 92 * formants * (index % 2 ? 0.62 : 1));
    const at = (step * (index + 0.5)).toFixed(1);
    const bar = svgElement("path", { d: `M${at} ${(96 - height).toFixed(1)}V96` });
    bar.style.setProperty("--delay", `${(-index * 0.17) % 3}s`);
    byId("spectrum").append(bar);
  }
}

function bump(x, centre, width) {
  return Math.exp(-(((x - centre) / width) ** 2));
}
