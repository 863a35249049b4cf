// The calls of the server's API.

import { load, save } from "./store.js";

export const MAX_BYTES = 25 * 1024 * 1024;

export class Unreachable extends Error {}

export async function fetchCommands() {
  return (await request("/api/commands")).json();
}

// What moderators posted for everyone, the newest last; none where that cannot be said.
export async function fetchPosts() {
  const response = await request("/api/posts", { cache: "no-cache" });
  return response.ok ? response.json() : [];
}

const remembered = new Map();

export async function fetchChoices(command, option, prefix, signal) {
  const url = `/api/suggest?${new URLSearchParams({ command, option, prefix })}`;
  if (!remembered.has(url)) {
    const response = await request(url, { signal });
    if (!response.ok) return [];
    if (remembered.size > 300) remembered.clear();
    remembered.set(url, await response.json());
  }
  return remembered.get(url);
}

// `extra` goes to fetch: a signal that gives up, `keepalive` for what must arrive though the page is left.
export async function sendMessage(text, files = [], extra = {}) {
  let options = { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user, text }) };
  if (files.length) {
    const form = new FormData();
    form.append("user", user);
    form.append("text", text);
    for (const file of files) form.append("file", file);
    options = { body: form };
  }
  const response = await request("/api/messages", { method: "POST", ...options, ...extra });
  try {
    return { ...(await response.json()), refused: !response.ok };
  } catch {
    throw new Unreachable("the answer could not be read");
  }
}

async function request(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error.message);
  }
}

// Tells people apart for ratings and taste, and says nothing about who they are. Whoever knows it can read and delete
// that taste, so it is a secret: 128 random bits, shown to nobody else. (crypto.randomUUID is missing on plain http pages.)
const known = load("user", "");
const user = typeof known === "string" && known.length > 0 && known.length <= 100 ? known : randomName();
save("user", user);

function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
