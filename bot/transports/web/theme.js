// Runs before the first paint, so that a remembered theme never flashes the other one.
try {
  const wanted = JSON.parse(localStorage.getItem("timbre.theme"));
  if (wanted) document.documentElement.dataset.theme = wanted;
} catch {
  // Storage is blocked: the system's theme it is.
}
