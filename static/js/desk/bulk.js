// A deed on many stories goes on by itself, unless somebody stops it first.
const button = document.querySelector("[data-goes-on]");
const wait = setTimeout(() => {
  button.disabled = true;
  button.form.submit();
}, 400);
button.form.addEventListener("submit", () => clearTimeout(wait));
addEventListener("pagehide", () => clearTimeout(wait));
