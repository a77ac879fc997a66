/* Files may be dropped on the form; what was chosen is named, and too much is said before it is sent. */

const form = document.getElementById("upload");
const input = document.getElementById("files");
const chosen = document.getElementById("chosen");
const button = form?.querySelector("button[type=submit]");

function problem(files) {
  if (files.length > Number(form.dataset.maxFiles)) return form.dataset.tooMany;
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return bytes > Number(form.dataset.maxBytes) ? form.dataset.tooLarge : "";
}

function show() {
  const files = [...input.files];
  const refused = problem(files);
  const count = files.length === 1 ? form.dataset.one : form.dataset.many.replace("%n", files.length);
  chosen.textContent = refused || (files.length ? `${count}: ${files.slice(0, 4).map((file) => file.name).join(", ")}${files.length > 4 ? " …" : ""}` : "");
  chosen.classList.toggle("refused", Boolean(refused));
  button.disabled = Boolean(refused);
}

if (form) {
  input.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
    }
  });
  form.addEventListener("submit", () => {
    chosen.textContent = form.dataset.working;
    button.disabled = true;
  });
  // Coming back with the browser's button finds a form that can be sent again.
  window.addEventListener("pageshow", () => {
    button.disabled = false;
  });
}
