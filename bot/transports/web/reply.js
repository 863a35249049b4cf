// What Timbre says: a reply of the API drawn as a card.

import { byId, drawNext, el, icon } from "./dom.js";
import { segments } from "./line.js";
import { drawTracks } from "./tracks.js";

const KINDS = { csv: "Table", json: "Data", m3u: "Playlist", m3u8: "Playlist" };
const DOWNLOAD = "M12 4v11M7 10.5 12 15.5l5-5M5 19.5h14";

export function drawLine(text) {
  return segments(text).map(({ text: part, kind }) => (kind ? el("span", { className: `line-${kind}` }, part) : part));
}

// `say(line)` sends a follow-up as if it had been typed; `again()` asks once more for this very reply.
export function drawReply(reply, say, again) {
  const card = el("div", { className: reply.error ? "card trouble" : "card" });
  card.append(...drawText(reply));
  const charts = el("div", { className: "charts" }, ...reply.charts.map(drawChart));
  // A list of tracks is the answer itself; facts are read beside their chart.
  const tracks = reply.fields.filter(isTrack);
  const facts = reply.fields.filter((field) => !isTrack(field));
  const list = tracks.length ? drawTracks(tracks, say, again) : null;
  const table = facts.length ? drawFacts(facts) : null;
  const shown = reply.charts.length ? charts : null;
  card.append(...(list ? [table, list, shown] : [shown, table]).filter(Boolean));
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

const isTrack = ({ url, next }) => url || next.length;

function drawFacts(fields) {
  const rows = fields.map(({ name, value }) =>
    el("div", {}, el("dt", { dir: "auto" }, name), el("dd", { dir: "auto" }, value)),
  );
  return el("dl", { className: "facts" }, ...rows);
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
  const kind = KINDS[name.split(".").at(-1).toLowerCase()];
  const words = el("span", { className: "file-words" }, el("span", { className: "file-name", dir: "auto" }, name));
  if (kind) words.append(el("span", { className: "file-kind" }, kind));
  return el("a", { className: "file", href: url, download: name }, icon(DOWNLOAD), words);
}
