// The board of one-to-one meetings: looks again, politely, and lets a meeting be dragged to a free time. The
// link "Look again" and the menus do the same without it. What somebody has in hand (focus in it, an open menu)
// is left as it is; what a screen reader hears is one sentence, when it differs, at most every twenty seconds.
"use strict";
(() => {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const said = document.querySelector("[data-said]");
  const often = 15000, seldom = 120000, spoken = 20000;
  let wait = often, told = Date.now(), dragged = null;

  // --- live ---
  const icons = document.querySelector("svg:has(> symbol)"); // the page has those that it began with
  const parts = (root) => new Map([...root.querySelectorAll("[data-live]")].map((e) => [e.dataset.live, e]));
  // What grows above the board moves what the pointer is about to press.
  const pushes = (part) => part.hasAttribute("data-above") && document.querySelector(".board-bar:hover, .split:is(:hover, :focus-within)");
  const inHand = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") || pushes(part);
  // Two forms differ by their token alone: that is no news.
  const plain = (part) => part.innerHTML.replace(/name="csrf_token"[^>]*>/g, "").replace(/ draggable="true"/g, "");

  function show(page) {
    if (dragged) return;
    for (const symbol of page.querySelectorAll("symbol")) if (!document.getElementById(symbol.id)) icons?.append(symbol);
    const here = parts(document), fresh = parts(page);
    let differs = false;
    for (const [name, part] of here) {
      const now = fresh.get(name);
      if (!now) { if (name.startsWith("cell-")) return void stale(); continue; }
      if (plain(part) === plain(now)) continue;
      differs = true;
      if (!inHand(part)) part.replaceChildren(...now.childNodes);
    }
    if ([...fresh.keys()].some((name) => name.startsWith("cell-") && !here.has(name))) return void stale();
    const sentence = here.get("summary")?.textContent || "";
    if (differs && said.textContent !== sentence && Date.now() - told > spoken) { said.textContent = sentence; told = Date.now(); }
    if (differs) lift();
    wait = differs ? often : Math.min(wait * 1.3, seldom);
  }
  // Times or tables were added or taken away: the whole table is another. It is said, and nobody is torn away:
  // whoever reads with a screen reader has the focus nowhere.
  const added = document.querySelector("[data-added]");
  function stale() { added.textContent = added.dataset.added; }

  async function look() {
    if (!document.hidden) try {
      const got = await fetch(board.dataset.board, { credentials: "same-origin" });
      if (got.redirected || got.status === 404) return; // signed out: the page stays as it is
      if (got.ok) show(new DOMParser().parseFromString(await got.text(), "text/html"));
    } catch { /* the line was cut: try again */ }
    setTimeout(look, wait);
  }
  setTimeout(look, wait);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wait = often; });

  // --- drag: only to where the menu leads, too ---
  const lift = () => { for (const e of document.querySelectorAll("[data-move]")) e.draggable = true; };
  lift();
  const goal = (event) => event.target.closest?.("[data-free]");
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-move]");
    if (!dragged) return;
    event.dataTransfer.setData("text/plain", dragged.dataset.slot);
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("is-gone");
  });
  document.addEventListener("dragover", (event) => {
    if (!dragged || !goal(event)) return;
    event.preventDefault();
    goal(event).classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => goal(event)?.classList.remove("is-over"));
  document.addEventListener("dragend", () => {
    for (const e of document.querySelectorAll(".is-over, .is-gone")) e.classList.remove("is-over", "is-gone");
    dragged = null;
  });
  document.addEventListener("drop", (event) => {
    const free = goal(event);
    if (!dragged || !free) return;
    event.preventDefault();
    const way = new URL(dragged.dataset.move, location.href);
    way.searchParams.set("to", free.dataset.slot);
    location.assign(way);
  });
})();
