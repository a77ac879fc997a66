// The reader's choices, applied before anything is painted: no flash of another theme or size.
(() => {
  const root = document.documentElement;
  try {
    const chosen = JSON.parse(localStorage.getItem("dastan.reader")) ?? {};
    for (const name of ["theme", "size", "measure", "face", "names"]) {
      if (/^[a-z]+$/.test(chosen[name] ?? "")) root.dataset[name] = chosen[name];
    }
  } catch {
    // Storage is full of something else, or shut: the page looks as it does for everybody.
  }
})();
