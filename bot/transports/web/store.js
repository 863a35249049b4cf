// What the browser remembers between visits. Where storage is blocked or damaged, the page works without.

export function load(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(`timbre.${key}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function save(key, value) {
  try {
    localStorage.setItem(`timbre.${key}`, JSON.stringify(value));
  } catch {
    // Remembering is a convenience.
  }
}
