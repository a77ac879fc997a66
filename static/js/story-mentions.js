// "In this story": a name lights up all the words that mean it, with a way from one to the next.
// Without this script its links lead to the first of them.
const nav = document.querySelector(".in-story");
const text = document.querySelector(".prose");
const steps = document.getElementById("steps");

function start() {
  const name = steps.querySelector("b");
  const words = steps.querySelector(".pill-words span");
  let link = null;
  let marks = [];
  let at = 0;

  function marksOf({ dataset }) {
    const first = Number(dataset.first);
    const found = [];
    for (let n = first; n < first + Number(dataset.count); n += 1) {
      const mark = document.getElementById(`m-${n}`);
      if (mark?.textContent) found.push(mark);
    }
    return found.sort((a, b) => (a.compareDocumentPosition(b) & 4 ? -1 : 1));
  }

  function say() {
    name.textContent = link.dataset.name;
    words.textContent = steps.dataset.place
      .replace("%(at)s", at + 1)
      .replace("%(all)s", marks.length);
  }

  function turnOff() {
    for (const mark of marks) mark.classList.remove("is-lit");
    link?.removeAttribute("aria-current");
    link = null;
    marks = [];
    steps.hidden = true;
  }

  function turnOn(chosen) {
    turnOff();
    link = chosen;
    marks = marksOf(chosen);
    for (const mark of marks) mark.classList.add("is-lit");
    link.setAttribute("aria-current", "true");
    at = Math.max(0, marks.findIndex((mark) => `#${mark.id}` === link.hash));
    document.getElementById("continue").hidden = true; // they share a place
    steps.hidden = false;
    for (const button of steps.querySelectorAll("[data-step]")) button.hidden = marks.length < 2;
    say();
  }

  function step(by) {
    at = (at + by + marks.length) % marks.length;
    say();
    // Not a place to come back to one by one: the history keeps the first.
    location.replace(`#${marks[at].id}`);
  }

  nav.addEventListener("click", (event) => {
    const chosen = event.target.closest("a[data-first]");
    if (!chosen) return turnOff();
    if (chosen !== link) return turnOn(chosen);
    event.preventDefault();
    step(1);
  });
  steps.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.step) step(Number(button.dataset.step));
    else if (button) {
      const back = link;
      turnOff();
      back?.focus({ preventScroll: true });
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && link && !document.querySelector(":popover-open")) turnOff();
  });
}

if (nav && text && steps) start();
