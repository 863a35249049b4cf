// A command line as the palette and the log see it: where its words are, and what the caret stands in.

// Words are split at spaces outside double quotes; `name:` in front of a word makes it an option.
export function words(text) {
  const found = [];
  text = text.replace(/[“”„«»]/g, '"');
  for (const match of text.matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    const [, name = "", rest] = /^([a-z_]+):(.*)$/is.exec(match[0]) ?? [null, "", match[0]];
    found.push({ start: match.index, end: match.index + match[0].length, raw: match[0], name, value: unquote(rest) });
  }
  return found;
}

export const unquote = (text) => text.replaceAll('"', "");
export const quote = (value) => (/[\s:"]/.test(value) || !value ? `"${value.replaceAll('"', "'")}"` : value);

// What the caret stands in:
//   {stage: "command", prefix, start, end}
//   {stage: "value", command, option, prefix, start, end}           after `option:`
//   {stage: "free", command, option, prefix, word, start, wordStart, end, unused}
// `free` is a bare word: it may become a value of the first option (`option`, from `start`), or the name of one of the
// `unused` options (from `wordStart`).
export function caretContext(text, caret, commands) {
  const all = words(text);
  const head = all[0];
  if (!head || caret <= head.end) {
    const typed = text.slice(head?.start ?? 0, caret);
    if (!typed.startsWith("/")) return null;
    return { stage: "command", prefix: typed.slice(1).toLowerCase(), start: head.start, end: head.end };
  }
  const command = commands.find(({ name }) => head.raw.toLowerCase() === `/${name}`);
  if (!command) return null;

  const known = (word) => command.options.some(({ name }) => name === word.name.toLowerCase());
  const rest = all.slice(1);
  const here = rest.find(({ start, end }) => start < caret && caret <= end);
  const end = here ? here.end : caret;
  const waiting = rest.findLast((word) => word.end <= caret && word !== here);
  const named = here && known(here) ? here : waiting?.raw.endsWith(":") && known(waiting) ? waiting : null;
  if (named) {
    const option = command.options.find(({ name }) => name === named.name.toLowerCase());
    const start = named === here ? here.start + here.name.length + 1 : here ? here.start : caret;
    if (caret >= start) return { stage: "value", command, option, prefix: unquote(text.slice(start, caret)), start, end };
  }

  const used = new Set(rest.filter((word) => word !== here && known(word)).map(({ name }) => name.toLowerCase()));
  const unused = command.options.filter(({ name, kind }) => !used.has(name) && kind !== "file");
  // Bare words from the first one to the caret are one value, spaces included: /genre enter sandman
  const before = rest.filter((word) => word.start < caret);
  const run = before.slice(before.findLastIndex(known) + 1);
  const start = run[0]?.start ?? caret;
  const prefix = unquote(text.slice(start, caret)).trim();
  const first = command.options[0];
  const earlierBare = before.some((word) => !known(word) && !run.includes(word));
  const finished = !here && run.length > 0 && (run.at(-1).raw.endsWith('"') || first?.choices.includes(prefix));
  const open = first && !used.has(first.name) && first.kind !== "file" && !earlierBare && !finished;
  return {
    stage: "free",
    command,
    option: open ? first : null,
    prefix,
    word: here ? text.slice(here.start, caret).toLowerCase() : "",
    start,
    wordStart: here ? here.start : caret,
    end,
    // The word under the caret may still become the first option's name; words before it already are its value.
    unused: unused.filter((option) => option !== first || !before.some((word) => word !== here && !known(word))),
  };
}

// The line cut into {text, kind} for highlighting; kind is "command", "name" or "".
export function segments(text) {
  const cut = [];
  let at = 0;
  const push = (end, kind) => {
    if (end > at) cut.push({ text: text.slice(at, end), kind });
    at = end;
  };
  words(text).forEach((word, index) => {
    push(word.start, "");
    if (index === 0 && word.raw.startsWith("/")) push(word.end, "command");
    else if (word.name) push(word.start + word.name.length + 1, "name");
    push(word.end, "");
  });
  push(text.length, "");
  return cut;
}
