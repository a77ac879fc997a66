// A card for each marked name: who or what it is, opened by hover, focus or tap.
// Without this script a mark is a plain link to its tag.
const OPEN_AFTER = 300; // milliseconds: a pointer that only passes by opens nothing
const CLOSE_AFTER = 250; // time to cross the gap between the word and its card
const GAP = 8; // CSS pixels
const EDGE = 16;

const store = document.getElementById("cards");
const text = document.querySelector(".prose");

function readCards() {
  const cards = new Map();
  for (const content of store.content.children) {
    const { first, count, url } = content.dataset;
    for (let n = 0; n < Number(count); n += 1) cards.set(`m-${Number(first) + n}`, content);
    // A mark over several elements has its id on the first only; the others share its address.
    cards.set(url, content);
  }
  return cards;
}

function start() {
  const cards = readCards();
  const card = document.createElement("span");
  card.className = "card";
  card.popover = "manual";
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", store.dataset.about);
  let mark = null;
  let timer = 0;
  let touching = false;
  let quiet = false;

  const contentOf = (one) => cards.get(one.id) ?? cards.get(one.getAttribute("href"));
  const later = (delay, action) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };

  function open(target, x) {
    clearTimeout(timer);
    const content = contentOf(target);
    if (!content || mark === target) return;
    close();
    mark = target;
    mark.removeAttribute("title"); // the card says more
    card.replaceChildren(content.cloneNode(true));
    const words = card.querySelector(".card-text");
    words.id = "card-text";
    mark.setAttribute("aria-describedby", words.id);
    // Right behind its word, so that Tab leads into it and out again. Links do not nest.
    (mark.closest("a") ?? mark).after(card);
    card.showPopover();
    place(x);
  }

  function place(x) {
    const word = mark.getBoundingClientRect();
    const lines = [...mark.getClientRects()];
    const line = lines.find((one) => x >= one.left && x <= one.right) ?? lines[0];
    const { width, height } = card.getBoundingClientRect();
    const page = document.documentElement;
    const left = Math.max(EDGE, Math.min(line.left, page.clientWidth - width - EDGE));
    // Above or below all lines of the word, never over it.
    const fitsBelow = word.bottom + GAP + height <= innerHeight;
    const above = !fitsBelow && word.top - GAP - height >= 0;
    const top = above ? word.top - GAP - height : word.bottom + GAP;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${top + scrollY}px`;
  }

  function close() {
    clearTimeout(timer);
    if (!mark) return;
    mark.removeAttribute("aria-describedby");
    if (card.matches(":popover-open")) card.hidePopover();
    card.remove();
    mark = null;
  }

  const markAt = (event) => event.target.closest?.(".mark");

  text.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const over = markAt(event);
    if (over && over !== mark) later(mark ? 120 : OPEN_AFTER, () => open(over, event.clientX));
    else if (over || card.contains(event.target)) clearTimeout(timer);
  });
  text.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse") return;
    const to = event.relatedTarget;
    if (!to?.closest?.(".mark") && !card.contains(to)) later(CLOSE_AFTER, close);
  });
  text.addEventListener("focusin", (event) => {
    const over = markAt(event);
    if (over && !quiet && over.matches(":focus-visible")) open(over);
  });
  text.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && relatedTarget !== mark && !card.contains(relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    touching = event.pointerType !== "mouse";
    if (mark && !card.contains(event.target) && markAt(event) !== mark) close();
  });
  text.addEventListener("click", (event) => {
    const over = markAt(event);
    if (!over || !touching || mark === over || card.contains(event.target)) return;
    if (!contentOf(over)) return;
    event.preventDefault();
    open(over, event.clientX);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !mark) return;
    const from = mark;
    const inside = card.contains(document.activeElement);
    close();
    event.stopPropagation();
    if (!inside) return;
    quiet = true;
    from.focus();
    quiet = false;
  });
  addEventListener("resize", close);
}

if (store && text && "popover" in HTMLElement.prototype) start();
