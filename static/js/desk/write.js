// The page on which a story is written: live preview, unsaved changes, a copy kept in the browser.
const page = document.querySelector("[data-writing]");
const form = page.closest("form");
const body = form.querySelector("#id_body");
const texts = page.dataset;

// What the form would send, without what is new with every page.
const IGNORED = new Set(["csrfmiddlewaretoken", "opened_version"]);
const values = () =>
  [...new FormData(form)].filter(([name, value]) => !IGNORED.has(name) && typeof value === "string");
const fingerprint = () => JSON.stringify(values()).replaceAll("\\r\\n", "\\n");

// Live preview, in a shadow tree with the very style sheets of the story's page.
const frame = page.querySelector("[data-preview]");
const shadow = frame.attachShadow({ mode: "open" });
for (const sheet of texts.sheets.split(" ")) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = sheet;
  shadow.append(link);
}
const prose = document.createElement("div");
prose.className = "prose";
shadow.append(prose);
frame.hidden = false;
page.querySelector("[data-plain-preview]").hidden = true;

let running = null;
async function preview() {
  running?.abort();
  running = new AbortController();
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.set("story", texts.story);
  data.set("body", body.value);
  data.set("language", form.elements.language?.value ?? "");
  try {
    const answer = await fetch(texts.previewUrl, {
      method: "POST",
      body: data,
      headers: { Accept: "application/json" },
      signal: running.signal,
    });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const { html, words } = await answer.json();
    // Sanitised by the server: it is what visitors get.
    prose.innerHTML = html;
    prose.lang = form.elements.language?.value ?? "";
    page.querySelector("[data-words]").textContent = words;
    page.dispatchEvent(new CustomEvent("previewed", { detail: { shadow } }));
  } catch (error) {
    if (error.name !== "AbortError") page.querySelector("[data-words]").textContent = texts.failed;
  }
}
let waiting = 0;
body.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(preview, 400);
});
preview();
// Both sides show the same part of the text.
body.addEventListener("scroll", () => {
  const share = body.scrollTop / Math.max(1, body.scrollHeight - body.clientHeight);
  frame.scrollTop = share * (frame.scrollHeight - frame.clientHeight);
});

// A copy in this browser, offered back after a crash, gone once the text is saved.
const key = `dastan:story:${texts.user}:${texts.story || "new"}`;
const time = (stamp) => new Date(stamp).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
const read = (name) => {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
};
const drop = (name) => {
  try {
    localStorage.removeItem(name);
  } catch {
    // No storage, nothing kept.
  }
};
const opened = fingerprint();
let sending = false;
const dirty = () => Boolean(texts.bound) || fingerprint() !== opened;

let keeping = 0;
function keep(submitted = false) {
  if (!dirty()) return drop(key);
  const copy = { values: values(), stamp: Date.now(), submitted };
  try {
    localStorage.setItem(key, JSON.stringify(copy));
    page.querySelector("[data-kept-at]").textContent = texts.kept.replace("{time}", time(copy.stamp));
  } catch {
    // Full or forbidden: the guard below still warns.
  }
}
form.addEventListener("input", () => {
  clearTimeout(keeping);
  keeping = setTimeout(keep, 800);
});

function offer(copy) {
  const box = page.querySelector("[data-kept-offer]");
  box.querySelector("span").textContent = texts.offer.replace("{time}", time(copy.stamp));
  box.hidden = false;
  box.querySelector("[data-kept-take]").addEventListener("click", () => {
    for (const [name, value] of copy.values) {
      const field = form.elements[name];
      if (!field || IGNORED.has(name)) continue;
      if (field instanceof RadioNodeList) field.value = value;
      else if (field.type === "checkbox") field.checked = true;
      else if (field.type !== "hidden") field.value = value;
    }
    box.hidden = true;
    body.focus();
    form.dispatchEvent(new Event("input"));
    preview();
  });
  box.querySelector("[data-kept-drop]").addEventListener("click", () => {
    drop(key);
    box.hidden = true;
    body.focus();
  });
}
const own = (copy) => Object.fromEntries(copy.values);
const same = (copy) =>
  ["title", "body"].every(
    (name) => own(copy)[name]?.replaceAll("\r\n", "\n").trim() === form.elements[name].value.trim(),
  );
if (!texts.bound) {
  const copy = read(key);
  if (copy && same(copy)) drop(key);
  else if (copy) offer(copy);
  // A new story that was saved is this story now.
  const fresh = `dastan:story:${texts.user}:new`;
  const begun = texts.story && read(fresh);
  if (begun && begun.submitted && same(begun)) drop(fresh);
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-plain-preview")) return;
  sending = true;
  keep(true);
});
window.addEventListener("beforeunload", (event) => {
  if (!sending && dirty()) event.preventDefault();
});
window.addEventListener("pagehide", () => {
  if (!sending) keep();
});
window.addEventListener("pageshow", () => {
  sending = false;
});

// Ctrl+S saves.
form.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[name=_continue]"));
  }
});
