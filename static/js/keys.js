/* The keyboard on every page: / ? j k, menus and dialogs. Single keys can be switched off. */

const STORE = "dastan-keys";
const root = document.documentElement;
const help = document.getElementById("keys");

function remembered() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

function remember(on) {
  root.dataset.keys = on ? "on" : "off";
  try {
    localStorage.setItem(STORE, root.dataset.keys);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

root.dataset.keys = remembered() === "off" ? "off" : "on";
const choice = help.querySelector("[data-keys-switch]");
choice.checked = root.dataset.keys === "on";
choice.addEventListener("change", () => remember(choice.checked));

const ENTRY = ".entry, .told";
const titles = () => [...document.querySelectorAll(`:is(${ENTRY}) :is(h2, h3) a`)];

function step(by) {
  const all = titles();
  if (!all.length) return;
  let at = all.findIndex((link) => link.closest(ENTRY).contains(document.activeElement));
  if (at < 0) {
    const below = all.findIndex((link) => link.getBoundingClientRect().top >= 0);
    at = by > 0 ? (below < 0 ? all.length : below) - 1 : below < 0 ? all.length : below;
  }
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  next.focus({ preventScroll: true, focusVisible: true });
  next.closest(ENTRY).scrollIntoView({ block: "center", behavior: "instant" });
}

const ACTIONS = {
  "/": () => {
    const field = document.getElementById("q");
    field?.focus();
    field?.select();
    return Boolean(field);
  },
  "?": () => help.showModal() ?? true,
  j: () => step(1) ?? true,
  k: () => step(-1) ?? true,
};

const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable='false'])";

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
    return;
  }
  const action = Object.hasOwn(ACTIONS, event.key) ? ACTIONS[event.key] : null;
  if (!action || root.dataset.keys === "off" || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && event.key === "?") return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (action()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const target = event.target;
  const opener = target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  // The dialog itself is the target where its backdrop was hit, or its own padding.
  if (target.closest("[data-closes]")) target.closest("dialog").close();
  else if (target.matches("dialog[open]") && outside(target, event)) target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return (
    event.clientX < box.left || event.clientX > box.right ||
    event.clientY < box.top || event.clientY > box.bottom
  );
}

document.addEventListener("focusin", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
