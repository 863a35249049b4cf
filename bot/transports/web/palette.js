// The command palette: completes commands, options and values of the line in the composer (ARIA combobox pattern).
// Nothing is chosen until an arrow key or Tab chooses it, so that Enter sends a line which is complete as it stands.

import { fetchChoices } from "./api.js";
import { el } from "./dom.js";
import { caretContext, quote } from "./line.js";

const DEBOUNCE = 60;
const VALUES_BESIDE_OPTIONS = 6;

export class Palette {
  constructor({ input, panel, hint, list, status }) {
    Object.assign(this, { input, panel, hint, list, status });
    this.commands = [];
    this.items = [];
    this.active = -1;
    this.labels = new Map(); // an id that was chosen -> what it was called
  }

  get open() {
    return !this.panel.hidden;
  }

  // Offer what fits the line and caret as they are now.
  update() {
    clearTimeout(this.timer);
    this.aborter?.abort();
    const context = caretContext(this.input.value, this.input.selectionStart, this.commands);
    if (!context) return this.close();
    const { option } = context;
    if (!option?.suggest) return this.show(context, choicesOf(option, context.prefix));
    // What fits of the last answers stays on screen until the next ones are here: no flicker between keystrokes.
    const last = this.open && this.context?.option === option ? this.values : [];
    const prefix = context.prefix.toLowerCase();
    this.show(context, last.filter(({ label }) => label.toLowerCase().includes(prefix)));
    this.aborter = new AbortController();
    this.timer = setTimeout(() => this.#ask(context, this.aborter.signal), DEBOUNCE);
  }

  async #ask(context, signal) {
    const { command, option, prefix } = context;
    try {
      const choices = await fetchChoices(command.name, option.name, prefix, signal);
      if (!signal.aborted) this.show(context, choices, true);
    } catch {
      // Aborted by the next keystroke, or unreachable: completing is a convenience, sending will say what is wrong.
    }
  }

  show(context, values, keepActive = false) {
    const chosen = keepActive ? this.items[this.active]?.insert : undefined;
    this.context = context;
    this.values = values;
    this.items = itemsOf(context, values, this.commands);
    const hint = hintOf(context);
    if (!this.items.length && !hint) return this.close();
    this.hint.replaceChildren(...hint);
    this.list.replaceChildren(...this.items.map((item, index) => this.#draw(item, index)));
    this.list.hidden = !this.items.length;
    this.panel.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.status.textContent = this.items.length ? `${this.items.length} completions` : "";
    const kept = chosen === undefined ? -1 : this.items.findIndex((item) => item.insert === chosen);
    this.#activate(kept >= 0 || !completesOnEnter(context, this.items) ? kept : 0);
  }

  close() {
    clearTimeout(this.timer);
    this.aborter?.abort();
    this.panel.hidden = true;
    this.items = [];
    this.context = null;
    this.#activate(-1);
    this.input.setAttribute("aria-expanded", "false");
    this.status.textContent = "";
  }

  // Handle a key of the composer; true when the palette used it.
  handleKey(event) {
    if (!this.open || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return false;
    const last = this.items.length - 1;
    if (event.key === "Escape") this.close();
    else if (last < 0) return false;
    else if (event.key === "ArrowDown") this.#activate(this.active >= last ? 0 : this.active + 1);
    else if (event.key === "ArrowUp") this.#activate(this.active <= 0 ? last : this.active - 1);
    else if (event.key === "Tab" && !event.shiftKey) this.accept(Math.max(this.active, 0));
    else if (event.key === "Enter" && this.active >= 0) this.accept(this.active);
    else return false;
    return true;
  }

  accept(index) {
    const item = this.items[index];
    const { value } = this.input;
    const tail = value.slice(item.end);
    const space = item.kind !== "option" && !tail.startsWith(" ") ? " " : "";
    this.input.value = value.slice(0, item.start) + item.insert + space + tail;
    const caret = item.start + item.insert.length + (item.kind === "option" ? 0 : 1);
    this.input.setSelectionRange(caret, caret);
    if (item.kind === "value" && !isReadable(item)) this.labels.set(item.value, item.label);
    this.input.focus();
    this.update();
  }

  #activate(index) {
    this.active = index;
    [...this.list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === index)));
    const node = this.list.children[index];
    if (node) {
      this.input.setAttribute("aria-activedescendant", node.id);
      node.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
      this.list.scrollTop = 0;
    }
  }

  #draw(item, index) {
    const node = el(
      "li",
      { id: `completion-${index}`, role: "option", className: `completion ${item.kind}` },
      el("span", { className: "completion-label", dir: "auto" }, item.label),
      el("span", { className: "completion-detail", dir: "auto" }, item.detail),
    );
    node.addEventListener("pointerdown", (event) => event.preventDefault()); // the composer keeps the focus
    node.addEventListener("click", () => this.accept(index));
    return node;
  }
}

// Enter completes a half-typed name out of a closed list, where sending it could only be an error.
function completesOnEnter(context, items) {
  if (!items.length) return false;
  if (context.stage === "command") return !items.some(({ label }) => label === `/${context.prefix}`);
  const { choices = [] } = context.option ?? {};
  return items[0].kind === "value" && context.prefix !== "" && choices.length > 0 && !choices.includes(context.prefix);
}

function itemsOf(context, values, commands) {
  if (context.stage === "command") {
    return rank(commands, context.prefix, ({ name }) => name).map(({ name, help }) => ({
      kind: "command", label: `/${name}`, detail: help, insert: `/${name}`, start: context.start, end: context.end,
    }));
  }
  const { option, prefix, start, end } = context;
  if (context.stage === "value") return values.map((choice) => valueItem(choice, quote(choice.value), start, end));
  const names = rank(context.unused, context.word, ({ name }) => name);
  const offered = option ? values.slice(0, names.length ? VALUES_BESIDE_OPTIONS : undefined) : [];
  return [
    // A bare word is enough for the first option, unless it is an id, which nobody would recognise without a name.
    ...offered.map((choice) => {
      const name = isReadable(choice) ? "" : `${option.name}:`;
      return valueItem(choice, name + quote(choice.value), start, end);
    }),
    ...names.map(({ name, help }) => ({
      kind: "option", label: `${name}:`, detail: help, insert: `${name}:`, start: context.wordStart, end,
    })),
  ];
}

function isReadable({ label, value }) {
  return label.toLowerCase().startsWith(value.toLowerCase());
}

function valueItem({ label, value }, insert, start, end) {
  // "tempo: beats a minute" is a value and what it means.
  const explained = label.startsWith(`${value}: `);
  return {
    kind: "value", label: explained ? value : label, detail: explained ? label.slice(value.length + 2) : "",
    value, insert, start, end,
  };
}

function choicesOf(option, prefix) {
  if (!option) return [];
  const known = option.choices.length ? option.choices : option.kind === "flag" ? ["yes", "no"] : [];
  return rank(known, prefix.toLowerCase(), (choice) => choice).map((choice) => ({ label: choice, value: choice }));
}

// What starts with the prefix comes before what only contains it.
function rank(things, prefix, nameOf) {
  const place = (thing) => nameOf(thing).toLowerCase().indexOf(prefix);
  const starting = things.filter((thing) => place(thing) === 0);
  return [...starting, ...things.filter((thing) => prefix && place(thing) > 0)];
}

function hintOf(context) {
  if (context.stage === "command") return "";
  const { command, option } = context;
  const about = context.stage === "value" ? option : null;
  const title = el("b", {}, about ? `${about.name}:` : `/${command.name}`);
  const bounds = about ? boundsOf(about) : "";
  return [title, el("span", {}, about ? about.help : command.help), ...(bounds ? [el("span", { className: "bounds" }, bounds)] : [])];
}

function boundsOf({ kind, low, high, unit, default: preset }) {
  const parts = [];
  if (low !== null && high !== null) parts.push(`${low} to ${high}${unit ? ` ${unit}` : ""}`);
  else if (unit) parts.push(unit);
  if (kind === "range" && low !== null && high !== null) {
    const at = (share) => Number((low + (high - low) * share).toPrecision(2));
    parts.push(`>${at(0.8)}`, `${at(0.4)}-${at(0.6)}`);
  }
  if (kind === "years") parts.push("1990s, 1990-1999, 2015");
  if (preset !== null && preset !== "" && kind !== "flag") parts.push(`${preset} if left out`);
  return parts.join(" · ");
}
