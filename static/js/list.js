/* Filtering at once: the same pages, fetched and put in place. Whatever fails becomes a plain visit. */

const list = document.querySelector("[data-list]");
const PARTS = ["head", "rail", "body"];
const NARROW = matchMedia("(width < 60rem)");
/** Parameters of which an address has one at most. */
const SINGLE = /^(sort|per_page)$/;
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

let request = null;
let shown = location.pathname + location.search;
/** The address still on its way, and the query of what stands on the page. */
let pending = null;
let drawn = location.search;
let steps = 0;
/** How far down each entry of the history was read, by its mark. */
const offsets = new Map();
let mark = history.state?.list ?? newMark();
let recording = true;

function newMark() {
  steps += 1;
  return `${performance.timeOrigin}-${steps}`;
}

function part(of, name) {
  return of.querySelector(`[data-list] [data-part="${name}"]`);
}

/** What a link asks for, together with what was chosen since the page it stands on was drawn. */
function joined(url) {
  if (!pending) return url.href;
  const pairs = (query) => [...new URLSearchParams(query)];
  const has = (all, [name, value]) => all.some((pair) => pair[0] === name && pair[1] === value);
  const now = pairs(drawn);
  const asked = pairs(url.search);
  const added = asked.filter((pair) => !has(now, pair));
  const removed = now.filter((pair) => !has(asked, pair));
  const once = (name) => SINGLE.test(name) && added.some((pair) => pair[0] === name);
  const kept = pairs(new URL(pending).search).filter(
    (pair) => pair[0] !== "page" && !once(pair[0]) && !has(added, pair) && !has(removed, pair),
  );
  return `${url.origin}${url.pathname}?${new URLSearchParams([...kept, ...added])}`;
}

/** Fetch *url* and show it. With *back* it is already in the history. */
async function visit(url, { key = "", back = false, top = false, offset = null } = {}) {
  request?.abort();
  const mine = new AbortController();
  request = mine;
  pending = url;
  list.setAttribute("aria-busy", "true");
  let next;
  try {
    const response = await fetch(url, { signal: mine.signal });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    next = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!PARTS.every((name) => part(next, name))) throw new Error("another page");
  } catch {
    if (mine.signal.aborted) return;
    if (back) location.reload();
    else location.assign(url);
    return;
  }
  if (mine.signal.aborted) return;
  if (!back) {
    mark = newMark();
    history.pushState({ list: mark }, "", url);
    history.scrollRestoration = "manual";
  }
  shown = location.pathname + location.search;
  const put = () => {
    swap(next, key, top, offset);
    drawn = new URL(url).search;
    if (request === mine) pending = null;
  };
  if (document.startViewTransition && !CALM.matches && !sheet?.open) {
    const transition = document.startViewTransition(put);
    transition.ready.catch(() => {});
    transition.finished.catch(() => {});
  } else {
    put();
  }
}

function swap(next, key, top, offset) {
  const scrolled = sheet?.scrollTop ?? 0;
  for (const name of PARTS) part(document, name).replaceWith(part(next, name));
  document.title = next.title;
  const words = next.getElementById("q");
  if (words) document.getElementById("q").value = words.value;
  list.removeAttribute("aria-busy");
  if (sheet?.open) {
    fillSheet();
    sheet.scrollTop = scrolled;
  }
  refocus(key);
  if (offset !== null) scrollTo({ top: offset, behavior: "instant" });
  else if (top) scrollTo({ top: 0, behavior: "instant" });
  recording = true;
  document.getElementById("announcer").textContent = list.querySelector("h1").textContent;
}

/** Focus the control that was used, or what stands in its place. */
function refocus(key) {
  const place = sheet?.open ? sheet : list;
  const same = key && place.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const sibling = key.startsWith("chip ") && place.querySelector(".chip");
  const target = same || sibling || place.querySelector(sheet?.open ? "h2" : "h1");
  target.focus({ preventScroll: true });
}

function isHere(url) {
  return url.origin === location.origin && url.pathname === location.pathname;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!list.contains(link) && !sheet?.contains(link)) return;
  const url = new URL(link.href);
  if (!isHere(url) || url.hash || link.target) return;
  event.preventDefault();
  const { key = "" } = link.dataset;
  const paging = key === "page";
  visit(paging || key === "clear" ? url.href : joined(url), { key: paging ? "" : key, top: paging });
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const url = new URL(form.action, location.href);
  if (form.method !== "get" || !isHere(url)) return;
  event.preventDefault();
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  url.search = new URLSearchParams(fields);
  sheet?.close();
  visit(url.href, { top: true });
});

addEventListener("popstate", (event) => {
  if (shown === location.pathname + location.search) return;
  recording = false;
  mark = event.state?.list ?? mark;
  visit(location.href, { back: true, offset: offsets.get(mark) ?? 0 });
});

addEventListener("scroll", () => recording && offsets.set(mark, scrollY), { passive: true });
// From another page the browser itself leads back to where one was.
addEventListener("pagehide", () => (history.scrollRestoration = "auto"));
history.replaceState({ ...history.state, list: mark }, "");

/* The sheet of filters on a small screen. */

let sheet = null;

function makeSheet(filters) {
  sheet = document.createElement("dialog");
  sheet.className = "float sheet";
  const head = document.createElement("div");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.id = "sheet-title";
  title.tabIndex = -1;
  title.textContent = filters.dataset.sheet;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "text-button";
  close.dataset.closes = "";
  close.setAttribute("aria-label", filters.dataset.close);
  close.textContent = "×";
  head.append(title, close);
  const foot = document.createElement("div");
  foot.className = "sheet-foot";
  const show = document.createElement("button");
  show.type = "button";
  show.className = "button is-first";
  show.dataset.closes = "";
  foot.append(show);
  sheet.setAttribute("aria-labelledby", title.id);
  sheet.append(head, foot);
  sheet.addEventListener("close", emptySheet);
  document.body.append(sheet);
}

function fillSheet() {
  const filters = list.querySelector(".filters");
  sheet.querySelector(".facets")?.remove();
  if (!filters) return;
  sheet.querySelector(".dialog-head").after(filters.querySelector(".facets"));
  sheet.querySelector(".sheet-foot button").textContent = filters.dataset.show;
}

function emptySheet() {
  const facets = sheet.querySelector(".facets");
  const filters = list.querySelector(".filters");
  if (facets && filters) filters.append(facets);
  filters?.querySelector("summary").focus({ preventScroll: true });
}

list.addEventListener("click", (event) => {
  const summary = event.target.closest(".filters > summary");
  if (!summary || !NARROW.matches) return;
  event.preventDefault();
  if (!sheet) makeSheet(summary.parentElement);
  fillSheet();
  sheet.showModal();
});
NARROW.addEventListener("change", () => sheet?.close());
