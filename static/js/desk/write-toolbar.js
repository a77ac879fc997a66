// Formatting of the text by buttons and keys; the browser's own undo takes every step back.
const bar = document.querySelector(".toolbar");
const body = document.querySelector("#id_body");
const words = document.querySelector("[data-writing]").dataset;
bar.hidden = false;

function put(start, end, text, from, to) {
  body.focus();
  body.setSelectionRange(start, end);
  // The only way to write into a field that keeps its undo.
  if (!document.execCommand("insertText", false, text)) {
    body.setRangeText(text, start, end, "end");
    body.dispatchEvent(new Event("input", { bubbles: true }));
  }
  body.setSelectionRange(from, to);
}

function around(sign) {
  const { selectionStart: start, selectionEnd: end, value } = body;
  const inner = value.slice(start, end);
  const n = sign.length;
  if (value.slice(start - n, start) === sign && value.slice(end, end + n) === sign) {
    put(start - n, end + n, inner, start - n, end - n);
  } else {
    put(start, end, `${sign}${inner}${sign}`, start + n, end + n);
  }
}

function lines(change) {
  const { value } = body;
  const start = value.lastIndexOf("\n", body.selectionStart - 1) + 1;
  const next = value.indexOf("\n", body.selectionEnd);
  const end = next < 0 ? value.length : next;
  const text = change(value.slice(start, end).split("\n")).join("\n");
  put(start, end, text, start, start + text.length);
}

function prefix(sign) {
  lines((all) =>
    all.every((line) => line.startsWith(sign))
      ? all.map((line) => line.slice(sign.length))
      : all.map((line) => sign + line.replace(/^(#+|>|-) /, "")),
  );
}

const actions = {
  bold: () => around("**"),
  italic: () => around("*"),
  heading: () => prefix("## "),
  quote: () => prefix("> "),
  list: () => prefix("- "),
  verse: () => lines((all) => all.map((line, n) => line.trimEnd() + (n < all.length - 1 ? "  " : ""))),
  link() {
    const { selectionStart: start, selectionEnd: end } = body;
    const text = body.value.slice(start, end) || words.word;
    const at = start + text.length + 3;
    put(start, end, `[${text}](${words.address})`, at, at + words.address.length);
  },
  footnote() {
    const { selectionEnd: at, value } = body;
    let number = 1;
    while (value.includes(`[^${number}]`)) number += 1;
    put(at, at, `[^${number}]`, at, at);
    const start = body.value.length;
    const gap = body.value.endsWith("\n\n") ? "" : body.value.endsWith("\n") ? "\n" : "\n\n";
    const text = `${gap}[^${number}]: ${words.noteWord}`;
    put(start, start, text, start + text.length - words.noteWord.length, start + text.length);
  },
};

bar.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) actions[button.dataset.do]();
});
// One stop of the Tab key, arrows inside, as toolbars do.
bar.addEventListener("keydown", (event) => {
  const buttons = [...bar.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = buttons[(to + buttons.length) % buttons.length];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
});
const KEYS = { b: "bold", i: "italic", k: "link" };
body.addEventListener("keydown", (event) => {
  const name = KEYS[event.key];
  if (!name || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  actions[name]();
});
