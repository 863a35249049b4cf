// Files on their way to the bot: from the button, or dropped anywhere on the page.

import { byId, el } from "./dom.js";

export class Attachments {
  constructor({ onChange }) {
    this.files = [];
    this.onChange = onChange;
    const picker = byId("file");
    byId("attach").addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      this.add(picker.files);
      picker.value = "";
    });
    this.#listenForDrops(byId("drop"));
  }

  get bytes() {
    return this.files.reduce((sum, { size }) => sum + size, 0);
  }

  add(files) {
    this.set([...this.files, ...files]);
  }

  set(files) {
    this.files = files;
    this.onChange();
  }

  draw() {
    return this.files.map((file, index) => {
      const name = el("span", { className: "chip-name", dir: "auto" }, file.name);
      const remove = el("button", { className: "chip-remove", type: "button" }, "×");
      remove.setAttribute("aria-label", `Remove ${file.name}`);
      remove.addEventListener("click", () => {
        this.set(this.files.filter((_, at) => at !== index));
        byId("line").focus();
      });
      return el("span", { className: "chip" }, name, el("span", { className: "chip-size" }, sizeOf(file)), remove);
    });
  }

  #listenForDrops(overlay) {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    let depth = 0; // dragenter and dragleave fire for every element on the way
    const show = (change) => {
      depth = Math.max(0, depth + change);
      overlay.hidden = depth === 0;
    };
    addEventListener("dragenter", (event) => hasFiles(event) && show(1));
    addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      show(-Infinity);
      this.add(event.dataTransfer.files);
      byId("line").focus();
    });
  }
}

function sizeOf({ size }) {
  return size < 1024 * 1024 ? `${Math.max(1, Math.round(size / 1024))} kB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
