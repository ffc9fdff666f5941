// A time that is held while its form is filled in: says how long it still is, warns in time, and holds it
// longer without leaving the page. The focus stays where it is; what is said goes through a polite region.
// Without this script the page says until when, and the same button sends the form.
"use strict";
(() => {
  const box = document.querySelector("[data-left]");
  if (!box) return;
  const say = box.dataset, warnAt = Number(say.warn);
  const left = box.querySelector(".left"), until = box.querySelector(".until"), said = document.getElementById("hold-said");
  const button = box.querySelector("button[value=extend]");
  // The server's seconds, counted from here: what this device's clock shows does not matter.
  let ends = Date.now() + Number(say.left) * 1000, stage = "";

  function tick() {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    const minutes = Math.ceil(seconds / 60);
    left.textContent = seconds === 0 ? say.over : minutes === 1 ? say.minute : say.minutes.replace("NUM", minutes);
    const now = seconds === 0 ? "over" : seconds <= warnAt ? "short" : "";
    box.classList.toggle("is-short", now !== "");
    box.classList.toggle("is-over", now === "over");
    if (now && now !== stage) said.textContent = now === "over" ? say.over : `${say.short} ${say.longer}`;
    stage = now;
  }

  async function extend(event) {
    event.preventDefault();
    if (button.getAttribute("aria-disabled")) return;
    const body = new FormData(button.form);
    body.set("action", "extend");
    try {
      const answer = await fetch(button.form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error("refused");
      const now = await answer.json();
      ends = Date.now() + now.left * 1000;
      until.textContent = now.until;
      tick();
      said.textContent = now.said;
      if (now.again) return;
      say.longer = ""; // the button keeps the focus, and says that it is of no more use
      button.setAttribute("aria-disabled", "true");
    } catch {
      button.removeEventListener("click", extend); // the page will say why; what is typed goes along
      button.click();
    }
  }
  if (button) button.addEventListener("click", extend);
  tick();
  setInterval(tick, 2000);
})();
