// What Timbre says: a reply of the API drawn as a card.

import { byId, el, icon } from "./dom.js";
import { segments } from "./line.js";

const DOWNLOAD = "M12 4v11M7 10.5 12 15.5l5-5M5 19.5h14";

export function drawLine(text) {
  return segments(text).map(({ text: part, kind }) => (kind ? el("span", { className: `line-${kind}` }, part) : part));
}

// `say(line)` sends a follow-up as if it had been typed.
export function drawReply(reply, say) {
  const card = el("div", { className: reply.error ? "card trouble" : "card" });
  card.append(...drawText(reply));
  const charts = el("div", { className: "charts" }, ...reply.charts.map(drawChart));
  const parts = [reply.charts.length ? charts : null, reply.fields.length ? drawFields(reply.fields) : null];
  // A list of tracks is the answer itself; facts are read beside their chart.
  if (isTrackList(reply)) parts.reverse();
  card.append(...parts.filter(Boolean));
  if (reply.files.length) card.append(el("div", { className: "files" }, ...reply.files.map(drawFile)));
  if (reply.next.length) card.append(el("div", { className: "next" }, ...reply.next.map((step) => drawNext(step, say))));
  return card;
}

// The first line is the finding; what follows explains it. Lines that stand below as buttons are not said twice.
function drawText({ text, next }) {
  const offered = new Set(next.map(({ line }) => `Try: ${line}`));
  const [lead, ...rest] = text.trim().split(/\n+/).filter((line) => !offered.has(line));
  const body = rest.map((line) => el("p", { className: "body", dir: "auto" }, line));
  return [el("p", { className: "lead", dir: "auto" }, lead), ...body];
}

const isTrackList = ({ fields }) => fields.some(({ url }) => url);

function drawFields(fields) {
  if (isTrackList({ fields })) return el("ol", { className: "tracks" }, ...fields.map(drawTrack));
  const rows = fields.map(({ name, value }) =>
    el("div", {}, el("dt", { dir: "auto" }, name), el("dd", { dir: "auto" }, value)),
  );
  return el("dl", { className: "facts" }, ...rows);
}

function drawTrack({ name, value, url }) {
  const [, place = "", what] = /^(?:(\d+)\. )?(.*)$/s.exec(name);
  const safe = /^https?:\/\//.test(url);
  const title = safe ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, what) : el("span", {}, what);
  title.classList.add("track-name");
  title.dir = "auto";
  return el("li", {}, el("span", { className: "track-place" }, place), title, el("span", { className: "track-why", dir: "auto" }, value));
}

function drawChart({ url, alt }) {
  const image = el("img", { src: url, alt, decoding: "async" });
  const button = el("button", { className: "chart", type: "button", title: "Enlarge" }, image);
  button.addEventListener("click", () => enlarge(url, alt));
  // Charts live in the server's memory: an old one may be gone, its words stay.
  image.addEventListener("error", () => button.replaceWith(el("p", { className: "chart-gone" }, alt)));
  return button;
}

function enlarge(url, alt) {
  const viewer = byId("viewer");
  const close = el("button", { className: "quiet", type: "button" }, "Close");
  viewer.replaceChildren(
    el("div", { className: "frame" }, el("img", { src: url, alt })),
    el("div", { className: "words" }, el("p", {}, alt), close),
  );
  viewer.onclick = (event) => {
    if (event.target === viewer || event.target === close) viewer.close();
  };
  viewer.showModal();
}

function drawFile({ url, name }) {
  return el("a", { className: "file", href: url, download: name }, icon(DOWNLOAD), el("span", {}, name));
}

function drawNext({ label, line }, say) {
  const button = el("button", { className: "step", type: "button", title: line, dir: "auto" }, label);
  button.addEventListener("click", () => say(line));
  return button;
}
