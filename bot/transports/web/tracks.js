// A list of tracks: title, artist, reason, and thumbs that change the next list.

import { drawNext, el, icon, stepButton } from "./dom.js";
import { quote } from "./line.js";
import { rate, readRate, told, verdictOn, watch } from "./verdicts.js";

const THUMB = "M4.5 10.5h3v9h-3zM7.5 10.5l3.6-7a2.1 2.1 0 0 1 2.3 2.4l-.7 3.7h5a2 2 0 0 1 2 2.4l-1.3 5.9a2 2 0 0 1-2 1.6H7.5";
const MEANINGS = {
  up: { hint: "Like", label: (title) => `Like ${title}` },
  down: { hint: "Not for me", label: (title) => `Not for me: ${title}` },
};

// `say(line)` sends a line as if it had been typed; `again()` asks for this list once more.
export function drawTracks(fields, say, again) {
  const rows = fields.map((field) => ({ ...field, ...nameOf(field), ...thumbsOf(field) }));
  const tracks = [...new Set(rows.map(({ track }) => track).filter(Boolean))];
  const list = el("ol", { className: "tracks" }, ...rows.map((row) => drawTrack(row, say)));
  return el("div", { className: "list" }, list, tracks.length ? drawNoted(tracks, again) : null);
}

function drawTrack({ place, title, artist, value, url, track, lines, others }, say) {
  const words = [el("b", {}, title), ...(artist ? [" ", el("span", { className: "track-artist" }, artist)] : [])];
  const safe = /^https?:\/\//.test(url);
  const link = safe ? { href: url, target: "_blank", rel: "noopener noreferrer" } : {};
  const row = el("li", {},
    el("span", { className: "track-place" }, place),
    el(safe ? "a" : "span", { className: "track-name", dir: "auto", ...link }, ...words),
    el("span", { className: "track-why", dir: "auto" }, value),
  );
  if (track) row.append(...drawThumbs(row, track, title, lines));
  if (others.length) row.append(el("div", { className: "next" }, ...others.map((step) => drawNext(step, say))));
  return row;
}

function drawThumbs(row, track, title, lines) {
  const note = el("p", { className: "track-note", role: "status" });
  const buttons = Object.keys(MEANINGS).filter((verdict) => lines[verdict]).map((verdict) => {
    const { hint, label } = MEANINGS[verdict];
    const button = el("button", { className: `thumb ${verdict}`, type: "button", title: hint, "aria-label": label(title) }, icon(THUMB));
    button.addEventListener("click", async () => {
      note.textContent = "";
      note.textContent = await rate(track, verdictOn(track) === verdict ? "clear" : verdict, lines);
    });
    return { button, verdict };
  });
  const redraw = () => {
    row.dataset.verdict = verdictOn(track);
    for (const { button, verdict } of buttons) button.setAttribute("aria-pressed", String(verdictOn(track) === verdict));
  };
  redraw();
  watch(row, redraw);
  return [el("div", { className: "thumbs" }, ...buttons.map(({ button }) => button)), note];
}

// Offers the next list, once the server keeps another verdict on this one's tracks than when it was drawn.
function drawNoted(tracks, again) {
  const before = tracks.map(told);
  const noted = el("div", { className: "noted", hidden: true }, el("p", {}, "Taste noted."), stepButton("Fresh list", again));
  watch(noted, () => {
    noted.hidden = tracks.every((track, index) => told(track) === before[index]);
  });
  return noted;
}

// "3. Title — Artist": titles hold a dash more often than names do.
function nameOf({ name }) {
  const [, place = "", rest] = /^(?:(\d+)\. )?(.*)$/s.exec(name);
  const [, title = rest, artist = ""] = /^(.+) — (.+?)$/s.exec(rest) ?? [];
  return { place, title, artist };
}

// The verdicts a field's buttons give and the lines that say them; `others` are buttons for something else.
function thumbsOf({ next }) {
  const rated = next.map((step) => ({ step, ...readRate(step.line) }));
  const thumbs = rated.filter(({ verdict }) => verdict in MEANINGS);
  const track = thumbs[0]?.track;
  const lines = Object.fromEntries(thumbs.map(({ verdict, step }) => [verdict, step.line]));
  if (track) lines.clear = `/rate track:${quote(track)} verdict:clear`;
  return { track, lines, others: rated.filter((one) => !thumbs.includes(one)).map(({ step }) => step) };
}
