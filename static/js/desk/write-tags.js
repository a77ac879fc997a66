// Tags beside the text: names found while they are typed, suggestions decided by key, words lit.
const box = document.querySelector("[data-tags]");
const page = document.querySelector("[data-writing]");
const rows = () => [...box.querySelectorAll("[data-tagging]")];

// Names found while they are typed.
let lists = 0;
function complete(pair) {
  const input = pair.querySelector("input[type=text]");
  const kind = pair.querySelector("select");
  const list = document.createElement("datalist");
  list.id = `names-${(lists += 1)}`;
  pair.append(list);
  input.setAttribute("list", list.id);
  input.autocomplete = "off";
  let found = [];
  let waiting = 0;
  input.addEventListener("input", () => {
    const chosen = found.find((tag) => tag.name === input.value);
    if (chosen) kind.value = chosen.kind;
    clearTimeout(waiting);
    if (chosen || !input.value.trim()) return;
    waiting = setTimeout(async () => {
      const typed = input.value;
      const answer = await fetch(`${box.dataset.tagsUrl}?q=${encodeURIComponent(typed)}`);
      if (!answer.ok || answer.redirected) return;
      found = (await answer.json()).tags;
      list.replaceChildren(
        ...found.map((tag) => {
          const option = document.createElement("option");
          option.value = tag.name;
          option.label = `${tag.name} (${tag.detail})`;
          // Browsers hide what does not contain the very letters; Zurich is Zürich all the same.
          if (!option.label.toLowerCase().includes(typed.toLowerCase())) option.label += ` – ${typed}`;
          return option;
        }),
      );
    }, 150);
  });
}
box.querySelectorAll(".typed").forEach(complete);

// One more row for a new tag.
const add = box.querySelector("[data-add-row]");
const total = box.querySelector("[name$=TOTAL_FORMS]");
add.hidden = false;
add.addEventListener("click", () => {
  const row = box.querySelector("[data-new-row]").content.cloneNode(true);
  for (const element of row.querySelectorAll("[id], [name], [for]")) {
    for (const name of ["id", "name", "for"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace("__prefix__", total.value));
    }
  }
  total.value = Number(total.value) + 1;
  const place = box.querySelector("[data-new-rows]");
  place.append(row);
  complete(place.lastElementChild);
  place.lastElementChild.querySelector("input[type=text]").focus();
});

// The words of a tag light up in the preview, and lead from there to the tag.
let shadow = null;
let lit = null;
const marksOf = (id) => (shadow ? [...shadow.querySelectorAll(`[id^="t${id}-"]`)] : []);
function light(row) {
  lit = row;
  shadow?.querySelectorAll(".is-lit").forEach((mark) => mark.classList.remove("is-lit"));
  rows().forEach((other) => other.classList.toggle("is-lit", other === row));
  if (row) marksOf(row.dataset.tagging).forEach((mark) => mark.classList.add("is-lit"));
}
let turn = new WeakMap();
function show(row) {
  const marks = marksOf(row.dataset.tagging);
  if (!marks.length) return;
  const at = turn.get(row) ?? 0;
  turn.set(row, at + 1);
  marks[at % marks.length].scrollIntoView({ block: "center", behavior: "auto" });
}
page.addEventListener("previewed", (event) => {
  shadow = event.detail.shadow;
  turn = new WeakMap();
  light(lit);
  shadow.querySelectorAll("[id^=t]").forEach((mark) => {
    const id = /^t(\d+)-/.exec(mark.id)?.[1];
    if (!id) return;
    mark.addEventListener("click", (click) => {
      click.preventDefault();
      box.querySelector(`[data-tagging="${id}"]`)?.focus();
    });
  });
});
box.addEventListener("focusin", (event) => light(event.target.closest("[data-tagging]")));
box.addEventListener("pointerover", (event) => {
  const row = event.target.closest("[data-tagging]");
  if (row) light(row);
});

// Decide by key.
function decide(row, state) {
  const choice = row.querySelector(`input[type=radio][value=${state}]`);
  if (!choice) return;
  choice.checked = true;
  choice.dispatchEvent(new Event("input", { bubbles: true }));
  go(row, 1);
}
function go(row, step) {
  const all = rows();
  const next = all[all.indexOf(row) + step];
  if (!next) return;
  for (const other of all) other.tabIndex = other === next ? 0 : -1;
  next.focus();
}
box.querySelector("[data-keys]").hidden = rows().length === 0;
box.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-tagging]");
  if (!row || event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    c: () => decide(row, "confirmed"),
    r: () => decide(row, "rejected"),
    s: () => decide(row, "suggested"),
    j: () => go(row, 1),
    ArrowDown: () => go(row, 1),
    k: () => go(row, -1),
    ArrowUp: () => go(row, -1),
    w: () => show(row),
    Enter: () => show(row),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
