// Signs of life of an open form, and who else has it open.
const box = document.querySelector("[data-presence]");
const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
const EVERY = 30_000;

function data(leave) {
  const form = new FormData();
  form.set("csrfmiddlewaretoken", token);
  if (leave) form.set("leave", "1");
  return form;
}
async function tell() {
  try {
    const answer = await fetch(box.dataset.presence, { method: "POST", body: data(false) });
    if (!answer.ok || answer.redirected) return;
    const { others } = await answer.json();
    box.querySelector("span").textContent = box.dataset.words.replace("{names}", others.join(", "));
    box.hidden = others.length === 0;
  } catch {
    // The next one will tell.
  }
}
tell();
const timer = setInterval(tell, EVERY);
window.addEventListener("pagehide", () => {
  clearInterval(timer);
  navigator.sendBeacon(box.dataset.presence, data(true));
});
