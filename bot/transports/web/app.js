// The page: the composer, its history, and the conversation.

import { fetchCommands, MAX_BYTES, sendMessage, Unreachable } from "./api.js";
import { Attachments } from "./attach.js";
import { byId, el, stepButton } from "./dom.js";
import { words } from "./line.js";
import { Palette } from "./palette.js";
import { watchPosts } from "./posts.js";
import { drawLine, drawReply } from "./reply.js";
import { load, save } from "./store.js";
import { heard, settled } from "./verdicts.js";
import { drawSpectrum, drawWelcome } from "./welcome.js";

const HISTORY_LENGTH = 50;

const input = byId("line");
const log = byId("log");
const palette = new Palette({
  input, panel: byId("palette"), hint: byId("palette-hint"), list: byId("palette-list"), status: byId("status"),
});
const attachments = new Attachments({ onChange: drawChips });
const history = load("history", []);
let recalled = history.length;

// Send one line and show its answer below it; what could not be delivered goes back into the composer.
async function say(line, files = []) {
  remember(line);
  const pending = el("div", { className: "thinking" }, ...Array.from({ length: 5 }, () => el("i")),
    el("span", { className: "unseen" }, "Thinking"));
  const exchange = el("article", { className: "exchange" }, drawMine(line, files), pending);
  byId("welcome").hidden = true;
  byId("fresh").hidden = false;
  log.append(exchange);
  exchange.scrollIntoView({ block: "start" });
  try {
    await settled(); // a thumb counts for the very next list
    const reply = await sendMessage(line, files);
    pending.replaceWith(drawReply(reply, say, () => say(line, files)));
    if (reply.refused) giveBack(line, files);
    if (!reply.error) heard(line);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    pending.replaceWith(drawReply(unreachable(line), () => say(line, files)));
    giveBack(line, files);
  }
  exchange.scrollIntoView({ block: "start" });
}

function unreachable(line) {
  const text = "Timbre cannot be reached.\nYour line is back in the message box; is the server still running?";
  return { text, fields: [], charts: [], files: [], next: [{ label: "Try again", line }], private: false, error: true };
}

function giveBack(line, files) {
  if (input.value) return;
  input.value = line;
  attachments.set(files);
}

function drawMine(line, files) {
  const mine = el("div", { className: "mine" }, el("p", { dir: "auto" }, ...drawLine(line)));
  const named = words(line).map(({ value }) => palette.labels.get(value)).filter(Boolean);
  const notes = [...named, ...files.map(({ name }) => name)];
  if (notes.length) mine.append(el("p", { className: "mine-note", dir: "auto" }, notes.join(" · ")));
  return mine;
}

function remember(line) {
  if (history.at(-1) !== line) history.push(line);
  recalled = history.length;
  save("history", history.slice(-HISTORY_LENGTH));
}

// Step through earlier lines; only when nothing of one's own would be lost.
function recall(step) {
  const untouched = input.value === "" || input.value === history[recalled];
  const at = Math.min(history.length, Math.max(0, recalled + step));
  if (!untouched || at === recalled) return false;
  recalled = at;
  input.value = history[at] ?? "";
  input.setSelectionRange(input.value.length, input.value.length);
  palette.close();
  return true;
}

function drawChips() {
  const taking = palette.commands.filter(({ options }) => options.some(({ kind }) => kind === "file")).slice(0, 4);
  const start = ({ name }) => stepButton(`/${name}`, () => submit(`/${name}`));
  const offers = attachments.files.length ? taking.map(start) : [];
  byId("chips").replaceChildren(...attachments.draw(), ...offers);
  byId("chips").hidden = !attachments.files.length;
  if (attachments.bytes > MAX_BYTES) complain("That is over 25 MB, more than Timbre takes in one message. A shorter clip will do.");
}

function complain(text) {
  const complaint = { text, fields: [], charts: [], files: [], next: [], private: false, error: true };
  byId("welcome").hidden = true;
  log.append(el("article", { className: "exchange" }, drawReply(complaint, say)));
  attachments.set([]);
}

function submit(line) {
  const { files } = attachments;
  input.value = "";
  attachments.set([]);
  palette.close();
  return say(line, files);
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.value.trim()) submit(input.value.trim());
  input.focus();
});

input.addEventListener("keydown", (event) => {
  const used = palette.handleKey(event)
    || (event.key === "ArrowUp" && recall(-1))
    || (event.key === "ArrowDown" && recall(1));
  if (used) event.preventDefault();
});
input.addEventListener("input", () => palette.update());
input.addEventListener("click", () => input.value && palette.update());
input.addEventListener("blur", () => palette.close());

// Typing anywhere goes to the composer, as in every chat.
addEventListener("keydown", (event) => {
  const typing = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (typing && !byId("viewer").open) input.focus();
});

byId("fresh").addEventListener("click", () => {
  log.replaceChildren();
  byId("welcome").hidden = false;
  byId("fresh").hidden = true;
  input.focus();
});

byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  save("theme", root.dataset.theme);
});

drawSpectrum();
if (matchMedia("(hover: hover)").matches) input.focus(); // on a phone this would raise the keyboard unasked
try {
  palette.commands = await fetchCommands();
  drawWelcome(palette.commands, say);
} catch (error) {
  if (!(error instanceof Unreachable)) throw error;
  // The page works without completion; sending will say what is wrong.
}
await watchPosts((article) => {
  byId("fresh").hidden = false;
  log.append(article);
}, say);
