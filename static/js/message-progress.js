// Looks again how far a mailing is, ever more seldom, and not while nobody looks. The link "Look again"
// does the same without it. What a screen reader hears is the sentence with role=status, when it differs.
"use strict";
(() => {
  const place = document.querySelector("[data-progress]");
  if (!place) return;
  const first = 2000, longest = 10000;
  let wait = first, spoken = Date.now();
  const look = async () => {
    if (document.hidden) return void setTimeout(look, wait);
    let answer = null;
    try {
      const got = await fetch(place.dataset.progress, { credentials: "same-origin" });
      if (got.ok && !got.redirected) answer = new DOMParser().parseFromString(await got.text(), "text/html").getElementById("progress");
      else if (got.redirected || got.status === 404) return; // signed out: the page stays as it is
    } catch { /* the line was cut: try again */ }
    if (answer) show(answer);
    if (answer && !("moving" in answer.dataset)) return over();
    wait = Math.min(wait * 1.3, longest);
    setTimeout(look, wait);
  };
  // Numbers at once; the sentence, which is read aloud, at most every ten seconds and at the end.
  const show = (answer) => {
    const now = document.getElementById("progress");
    const bar = now.querySelector("progress"), next = answer.querySelector("progress");
    if (bar && next) { bar.max = next.max; bar.value = next.value; }
    const numbers = now.querySelectorAll("dd"), fresh = answer.querySelectorAll("dd");
    if (numbers.length === fresh.length) fresh.forEach((one, k) => { numbers[k].textContent = one.textContent; });
    if (Date.now() - spoken < longest && "moving" in answer.dataset) return;
    const said = now.querySelector("[role=status]"), text = answer.querySelector("[role=status]").textContent;
    if (said.textContent !== text) { said.textContent = text; spoken = Date.now(); }
  };
  // The buttons and the list of letters are others now. Nobody is torn away from what they have in hand.
  const over = () => { if (document.activeElement === document.body && !document.querySelector("details.confirm[open]")) location.reload(); };
  setTimeout(look, wait);
})();
