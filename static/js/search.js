/* Suggestions under a search field: an ARIA combobox. Without them the field is a plain form. */

/** Milliseconds of rest before the archive is asked. */
const REST = 120;
const LEAST = 2;

for (const form of document.querySelectorAll("form.search[data-suggest]")) {
  const input = form.querySelector("input[type=search]");
  if (form.dataset.suggest && input) combobox(form, input);
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function combobox(form, input) {
  const list = element("div", "float suggestions");
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.label);
  list.hidden = true;
  form.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let timer = 0;
  let request = null;
  let active = -1;
  const options = () => [...list.children];

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(at) {
    active = at;
    options().forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === at));
    });
    const option = options()[at];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function show(suggestions) {
    const rows = suggestions.map(({ kind, name, detail, url }, number) => {
      const option = element("div", `kind-${kind}`);
      option.id = `${list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = url;
      option.append(
        element("span", "kind-sign"),
        element("span", "name", name),
        " ",
        element("span", "detail", detail),
      );
      return option;
    });
    list.replaceChildren(...rows);
    list.hidden = !rows.length;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    choose(-1);
    if (rows.length) document.getElementById("announcer").textContent = form.dataset.some;
  }

  async function ask() {
    const words = input.value.trim();
    if (words.length < LEAST) return close();
    request?.abort();
    request = new AbortController();
    try {
      const url = `${form.dataset.suggest}?q=${encodeURIComponent(words)}`;
      const response = await fetch(url, { signal: request.signal });
      const answer = response.ok ? await response.json() : { suggestions: [] };
      if (document.activeElement === input) show(answer.suggestions);
    } catch {
      // Overtaken by the next letter, or no connection: the field still searches.
    }
  }

  function open(option) {
    const url = new URL(option.dataset.url, location.href);
    close();
    if (url.origin === location.origin) location.assign(url);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  });
  input.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : options().length;
    if (event.key === "ArrowDown" && !count) {
      ask();
    } else if (event.key === "ArrowDown") {
      choose(active + 1 < count ? active + 1 : -1);
    } else if (event.key === "ArrowUp" && count) {
      choose(active < 0 ? count - 1 : active - 1);
    } else if (event.key === "Enter" && active >= 0) {
      open(options()[active]);
    } else if (event.key === "Escape" && count) {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
  form.addEventListener("submit", close);
  input.addEventListener("blur", close);
  // The field keeps the focus while a suggestion is pressed, by mouse or finger.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) open(option);
  });
}
