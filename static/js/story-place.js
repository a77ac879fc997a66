// How far one has read: a line at the top, the chapter in the index, and the way back to where one
// stopped. Places are kept in this browser alone, and forgotten when a story is finished.
const KEY = "dastan.places";
const MOST = 50; // stories
const LONGEST = 180; // days
const TODAY = Math.floor(Date.now() / 86_400_000);

const story = document.querySelector(".story");
const text = document.querySelector(".prose");
const line = document.querySelector(".progress span");
const offer = document.getElementById("continue");

function read() {
  try {
    const places = JSON.parse(localStorage.getItem(KEY)) ?? {};
    const kept = Object.entries(places).filter(
      ([, place]) => Array.isArray(place) && TODAY - place[2] < LONGEST,
    );
    return Object.fromEntries(kept.sort((a, b) => b[1][2] - a[1][2]).slice(0, MOST));
  } catch {
    return {};
  }
}

function write(place) {
  try {
    const places = read();
    delete places[story.dataset.story];
    const all = place ? { [story.dataset.story]: place, ...places } : places;
    if (Object.keys(all).length) localStorage.setItem(KEY, JSON.stringify(all));
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is shut: there is no place to come back to.
  }
}

function start() {
  const long = text.offsetHeight > 2 * innerHeight;
  const chapters = new Map();
  for (const link of document.querySelectorAll(".chapters a")) {
    chapters.set(decodeURIComponent(link.hash.slice(1)), link);
  }
  const headings = [...text.querySelectorAll(":is(h2, h3, h4, h5, h6)[id]")];
  let touched = false;
  let last = scrollY;
  let timer = 0;
  let frame = 0;

  // The paragraph at the top of the window, found by halves: a book has thousands.
  function paragraph() {
    let low = 0;
    let high = text.children.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (text.children[middle].getBoundingClientRect().bottom > 90) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  function share() {
    const { top, height } = text.getBoundingClientRect();
    return Math.min(1, Math.max(0, -top / Math.max(1, height - innerHeight)));
  }

  function draw() {
    frame = 0;
    if (Math.abs(scrollY - last) > 4) {
      document.documentElement.toggleAttribute("data-up", scrollY < last && scrollY > 200);
      last = scrollY;
    }
    line.style.transform = `scaleX(${share()})`;
    if (!chapters.size) return;
    let current = null;
    for (const heading of headings) {
      if (heading.getBoundingClientRect().top > 140) break;
      if (chapters.has(heading.id)) current = heading.id;
    }
    for (const [id, link] of chapters) {
      if (id === current) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  }

  function keep() {
    if (!touched || !long) return;
    const at = paragraph();
    if (share() > 0.97) write(null);
    else if (at > 0) write([at, Math.round(share() * 100), TODAY]);
  }

  function offerPlace() {
    const place = read()[story.dataset.story];
    const target = place && text.children[place[0]];
    if (!long || !target || location.hash || scrollY > 200) return;
    const percent = offer.querySelector("[data-share]");
    percent.textContent = percent.dataset.share.replace("%(percent)s", Number(place[1]));
    offer.hidden = false;
    offer.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      offer.hidden = true;
      target.scrollIntoView({ block: "start" });
      target.tabIndex = -1;
      target.focus({ preventScroll: true });
    });
    offer.querySelector("button").addEventListener("click", () => {
      write(null);
      touched = false;
      offer.hidden = true;
    });
  }

  addEventListener("scroll", () => {
    frame ||= requestAnimationFrame(draw);
    // An offer that was not taken is not a place to forget: only reading on replaces it.
    touched ||= offer.hidden || scrollY > innerHeight;
    if (touched && scrollY > innerHeight) offer.hidden = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  }, { passive: true });
  addEventListener("resize", () => (frame ||= requestAnimationFrame(draw)));
  addEventListener("pagehide", keep);
  addEventListener("dastan:forget", () => {
    touched = false;
    offer.hidden = true;
  });
  draw();
  offerPlace();
}

if (story && text && line && offer) start();
