// The sheet where readers choose how pages look. Choices stay in this browser.
const KEYS = ["dastan.reader", "dastan.places"];
const root = document.documentElement;
const form = document.querySelector(".reader-form");

function chosen() {
  const found = {};
  for (const input of form.querySelectorAll("input:checked")) {
    if (!input.defaultChecked) found[input.name] = input.value;
  }
  return found;
}

function apply(choices) {
  for (const { name } of form.querySelectorAll("input[type=radio]")) {
    if (choices[name]) root.dataset[name] = choices[name];
    else delete root.dataset[name];
  }
}

function show() {
  for (const input of form.querySelectorAll("input")) {
    input.checked = root.dataset[input.name]
      ? root.dataset[input.name] === input.value
      : input.defaultChecked;
  }
}

function keep(choices) {
  try {
    if (Object.keys(choices).length) localStorage.setItem(KEYS[0], JSON.stringify(choices));
    else localStorage.removeItem(KEYS[0]);
  } catch {
    // It holds for this page, then.
  }
}

if (form) {
  show();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    // What stands at the top of the window stays there while the text is set anew.
    const anchor = document.elementFromPoint(innerWidth / 2, 120)?.closest(".prose > *");
    const before = anchor?.getBoundingClientRect().top;
    apply(chosen());
    keep(chosen());
    if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: "instant" });
  });
  form.querySelector("[data-forget]").addEventListener("click", () => {
    try {
      for (const key of KEYS) localStorage.removeItem(key);
    } catch {
      // Nothing was kept.
    }
    form.reset();
    apply({});
    dispatchEvent(new Event("dastan:forget"));
  });
  // Another window of the archive has chosen.
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== KEYS[0] && key !== null) return;
    try {
      apply(JSON.parse(newValue) ?? {});
    } catch {
      return;
    }
    show();
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      if (!document.execCommand("copy")) return;
    }
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = words;
    }, 2000);
  });
}
