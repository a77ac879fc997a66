/* The review queue without reloading: decide with a key or a button, the next one is there. */

const root = document.getElementById("review");
const cards = document.getElementById("cards");
const said = document.getElementById("said");
const recent = document.getElementById("recent");
const keysOn = document.getElementById("keys-on");
const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
const FEW = 6; // fewer cards than this, and the next page is fetched
let last = null; // the decision that u takes back
let busy = false;
let gone = [];

const list = () => [...cards.querySelectorAll(".card")];
const current = () => document.activeElement?.closest?.(".card") ?? list()[0];

function say(words, refused = false) {
  said.textContent = words;
  said.classList.toggle("refused", refused);
}

async function post(url, data) {
  const body = new URLSearchParams(data);
  body.set("csrfmiddlewaretoken", token());
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
  });
  return response.json();
}

async function fill() {
  const next = document.getElementById("next");
  if (!next || list().length >= FEW) return;
  const response = await fetch(next.href);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const card of page.querySelectorAll("#cards > .card")) {
    if (!document.getElementById(card.id)) cards.append(document.importNode(card, true));
  }
  const further = page.getElementById("next");
  if (further) next.href = further.href;
  else next.remove();
}

function remember(decision, words) {
  last = decision;
  const line = document.createElement("li");
  line.dataset.decision = decision;
  const text = document.createElement("span");
  text.textContent = words;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = root.dataset.undoLabel;
  button.setAttribute("aria-label", `${root.dataset.undoLabel}: ${words}`);
  button.addEventListener("click", () => undo(decision));
  line.append(text, " ", button);
  recent.prepend(line);
}

async function decide(form, verdict, card) {
  if (busy) return;
  busy = true;
  try {
    const data = new FormData(form);
    data.set("verdict", verdict);
    const answer = await post(root.dataset.decide, data);
    if (answer.ask) {
      form.requestSubmit(form.querySelector(`[value=${verdict}]`));
      return;
    }
    say(answer.words, !answer.ok);
    if (answer.ok) {
      const following = card.nextElementSibling ?? card.previousElementSibling;
      gone.push({ card, before: card.nextElementSibling, decision: answer.decision });
      card.remove();
      remember(answer.decision, answer.words);
      following?.focus();
      await fill();
      if (!list().length) say(`${answer.words}. ${root.dataset.done}`);
    }
  } catch {
    say(root.dataset.lost, true);
  } finally {
    busy = false;
  }
}

async function undo(decision) {
  if (!decision) {
    say(root.dataset.nothing);
    return;
  }
  try {
    const answer = await post(root.dataset.undo, { decision });
    say(answer.words, !answer.ok);
    if (!answer.ok) return;
    recent.querySelector(`[data-decision="${decision}"]`)?.remove();
    last = Number(recent.querySelector("[data-decision]")?.dataset.decision) || null;
    const entry = gone.find((item) => item.decision === decision);
    if (!entry) {
      location.reload();
      return;
    }
    gone = gone.filter((item) => item !== entry);
    if (entry.before?.isConnected) entry.before.before(entry.card);
    else cards.append(entry.card);
    entry.card.focus();
  } catch {
    say(root.dataset.lost, true);
  }
}

cards.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.target.dataset.asked) return;
  event.preventDefault();
  decideOrAsk(event.target, button.value, event.target.closest(".card"));
});

/* A name that several tags bear is settled on a page of its own: the form goes there as it is. */
async function decideOrAsk(form, verdict, card) {
  form.dataset.asked = "1";
  await decide(form, verdict, card);
  delete form.dataset.asked;
}

function open(card, name, field) {
  const details = card.querySelector(name);
  details.open = true;
  const input = details.querySelector(field);
  input.focus();
  input.select?.();
}

const step = (card, way) => (way > 0 ? card.nextElementSibling : card.previousElementSibling)?.focus();
const verdicts = (card, verdict) => decideOrAsk(card.querySelector(".verdicts"), verdict, card);
const KEYS = {
  c: (card) => verdicts(card, "confirm"),
  x: (card) => verdicts(card, "reject"),
  X: (card) => verdicts(card, "stop"),
  t: (card) => open(card, ".other", "[name=to]"),
  s: (card) => open(card, ".apart", "[name=apart]"),
  j: (card) => step(card, 1),
  k: (card) => step(card, -1),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const card = event.target.closest?.(".card");
    if (card) card.focus();
    return;
  }
  const typing = event.target.matches?.("input:not([type=checkbox]), select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked) return;
  if (event.key === "u") {
    event.preventDefault();
    undo(last);
    return;
  }
  const card = current();
  if (card && KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key](card);
  }
});

try {
  keysOn.checked = localStorage.getItem("dastan-review-keys") !== "off";
  keysOn.addEventListener("change", () =>
    localStorage.setItem("dastan-review-keys", keysOn.checked ? "on" : "off"),
  );
} catch {
  // Without storage the switch holds for this page.
}

let waiting = 0;
cards.addEventListener("input", (event) => {
  const field = event.target;
  if (field.name !== "to") return;
  clearTimeout(waiting);
  waiting = setTimeout(() => suggest(field), 150);
});

async function suggest(field) {
  const term = field.value.trim();
  if (term.length < 2) return;
  const query = new URLSearchParams({
    term,
    app_label: "archive",
    model_name: "tagging",
    field_name: "tag",
  });
  const response = await fetch(`${root.dataset.suggest}?${query}`);
  if (!response.ok) return;
  let choices = document.getElementById("tag-choices");
  if (!choices) {
    choices = document.createElement("datalist");
    choices.id = "tag-choices";
    root.append(choices);
  }
  const kind = field.form.elements.to_kind.selectedOptions[0].textContent.toLowerCase();
  const { results } = await response.json();
  choices.replaceChildren(
    ...results
      .map((result) => result.text.split(" — "))
      .filter(([, its]) => its === kind)
      .map(([name]) => new Option(name, name)),
  );
  field.setAttribute("list", "tag-choices");
}

const first = list()[0];
if (first && !location.hash) first.focus({ preventScroll: true });
