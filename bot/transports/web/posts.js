// What moderators post for everyone: asked for now and then, and shown once.

import { fetchPosts, Unreachable } from "./api.js";
import { el } from "./dom.js";
import { drawLine, drawReply } from "./reply.js";

const EVERY = 15_000;
const SHOWN_FIRST = 3;

// `show(article)` puts a post below the conversation; `say(line)` sends its follow-ups.
export function watchPosts(show, say) {
  const seen = new Set();
  let first = true;
  let timer = 0;

  async function look() {
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      try {
        const posts = (await fetchPosts()).filter(({ key }) => !seen.has(key));
        posts.forEach(({ key }) => seen.add(key));
        for (const post of first ? posts.slice(-SHOWN_FIRST) : posts) show(drawPost(post, say));
        first = false;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error; // sending a line will say so
      }
    }
    timer = setTimeout(look, EVERY);
  }

  document.addEventListener("visibilitychange", look);
  return look();
}

function drawPost({ line, at, reply }, say) {
  const when = new Date(at);
  const clock = when.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const head = el("p", { className: "posted", dir: "auto" }, "Posted ", el("time", { dateTime: at }, clock), " \u00b7 ",
    el("code", {}, ...drawLine(line)));
  return el("article", { className: "exchange" }, head, drawReply(reply, say, () => say(line)));
}
