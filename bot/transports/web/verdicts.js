// What this person thinks of tracks. The server keeps it, told by /rate lines; the browser remembers what it was told,
// so that every list can show it.

import { sendMessage, Unreachable } from "./api.js";
import { words } from "./line.js";
import { load, save } from "./store.js";

const MOST = 1000;
const PATIENCE = 30_000; // ms; a server that cannot reach its store says so sooner
const VERDICTS = ["up", "down", "clear"];

let kept = load("verdicts", {}); // track -> "up" or "down", as confirmed by the server
const wanted = new Map(); // track -> the verdict on its way there
const sending = new Map(); // track -> promise
const watchers = new Map(); // node -> what to do when a verdict changed

export const told = (track) => kept[track] ?? "clear"; // what the server is known to keep
export const verdictOn = (track) => wanted.get(track) ?? told(track); // what the person wants

// The track and verdict of a line that rates, else null: /rate track:ID verdict:up
export function readRate(line) {
  const [command, ...options] = words(line);
  if (command?.raw.toLowerCase() !== "/rate") return null;
  const { track, verdict } = Object.fromEntries(options.map(({ name, value }) => [name.toLowerCase(), value]));
  return track && VERDICTS.includes(verdict) ? { track, verdict } : null;
}

// Call `redraw` at every change for as long as the node is on the page.
export function watch(node, redraw) {
  watchers.set(node, redraw);
}

// Show a verdict at once and have the server keep it; resolves to why it was not kept, or to "". Verdicts on a track
// go out one after the other, so that the last one pressed is the last one kept. `lines` are what says each verdict.
export function rate(track, verdict, lines) {
  wanted.set(track, verdict);
  announce();
  if (!sending.has(track)) sending.set(track, deliver(track, lines).finally(() => sending.delete(track)));
  return sending.get(track);
}

// Resolves when no verdict is on its way.
export const settled = () => Promise.allSettled(sending.values());

// A line typed or pressed elsewhere may rate, or have everything forgotten.
export function heard(line) {
  const rated = readRate(line);
  if (rated) keep(rated.track, rated.verdict);
  if (/^\/profile\b.*\bforget\b/i.test(line)) save("verdicts", (kept = {}));
  announce();
}

async function deliver(track, lines) {
  try {
    while (verdictOn(track) !== told(track)) {
      const verdict = wanted.get(track);
      const signal = AbortSignal.timeout(PATIENCE);
      const reply = await sendMessage(lines[verdict], [], { keepalive: true, signal });
      if (reply.error) return reply.text.split("\n")[0];
      keep(track, verdict);
    }
    return "";
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return "Timbre did not answer. Press again to be sure.";
  } finally {
    wanted.delete(track);
    announce();
  }
}

function keep(track, verdict) {
  // Another tab may have rated since: what is stored counts.
  const others = Object.entries(load("verdicts", kept)).filter(([other]) => other !== track);
  const own = verdict === "clear" ? [] : [[track, verdict]];
  kept = Object.fromEntries([...others, ...own].slice(-MOST));
  save("verdicts", kept);
}

function announce() {
  for (const [node, redraw] of watchers) {
    if (node.isConnected) redraw();
    else watchers.delete(node);
  }
}
