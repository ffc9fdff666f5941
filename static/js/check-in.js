// Check-in without a line. A mark is written to this browser first, shown at once and sent as soon as
// the network, or the session, is back; its uid makes a second sending harmless, its time decides.
// One key for each mark, so that two tabs never overwrite each other. Without storage, plain forms.
"use strict";
(() => {
  const form = document.getElementById("door");
  let store;
  try { store = window.localStorage; store.length; } catch { return; }
  if (!form) return;
  const say = form.dataset, PREFIX = "mark:";
  const net = document.getElementById("door-net"), said = document.getElementById("door-said");
  const tally = document.getElementById("door-tally");
  const rows = [...form.querySelectorAll("li[data-person]")];
  let token = form.elements.csrf_token.value, busy = false, timer = 0, pause = 2000, signedOut = false, refused = [];

  const kept = () => Object.keys(store).filter((key) => key.startsWith(PREFIX)).flatMap((key) => {
    try { return [{ ...JSON.parse(store.getItem(key)), uid: key.slice(PREFIX.length) }]; } catch { store.removeItem(key); return []; }
  }).sort((a, b) => a.at - b.at);
  const row = (person) => rows.find((li) => li.dataset.person === person);
  const name = (li) => li.querySelector("b").textContent;
  const tell = (text, li, why) => { said.textContent = text.replace("NAME", () => name(li)).replace("WHY", () => why); };

  function set(li, state, unsent) {
    if (state && li.dataset.state !== state) {
      const had = li.contains(document.activeElement);
      li.dataset.state = state;
      for (const e of li.querySelectorAll("[data-show]")) e.hidden = !e.dataset.show.split(" ").includes(state);
      if (had) li.querySelector("button:not([hidden])").focus();
    }
    let mark = li.querySelector(".unsent");
    if (unsent && !mark) {
      mark = document.createElement("span");
      mark.className = "unsent";
      li.querySelector(".who").append(mark);
    }
    if (mark && !unsent) mark.remove(); else if (mark) mark.textContent = say.unsent;
  }
  const here = () => rows.filter((li) => li.dataset.state === "attended").length;
  let others = tally.querySelector("[data-here]").textContent - here(); // those whom a search leaves out
  const count = () => { tally.querySelector("[data-here]").textContent = others + here(); };

  function mine() { return kept().filter((mark) => mark.occasion === +say.occasion); }
  function show() {
    const last = new Map(mine().map((mark) => [mark.person, mark.state]));
    for (const li of rows) set(li, last.get(li.dataset.person), last.has(li.dataset.person));
    count();
    const number = kept().length, stuck = number && (signedOut || !navigator.onLine || pause > 2000);
    const why = stuck ? (signedOut ? say.signedOut : say.waiting).replace("NUMBER", number) : "";
    const words = [...refused, why].filter(Boolean).join(" ");
    if (net.dataset.words === words) return; // said once
    net.dataset.words = net.textContent = words;
    net.hidden = !words;
    if (stuck && signedOut) {
      const link = document.createElement("a");
      [link.href, link.textContent] = [location.href, say.signIn];
      net.append(" ", link);
    }
  }

  function keep(li, state, source) {
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    const uid = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const mark = { url: say.marks, occasion: +say.occasion, person: li.dataset.person, state, source, at: Date.now() };
    try { store.setItem(PREFIX + uid, JSON.stringify(mark)); } catch { return false; }
    set(li, state, true);
    tell(state === "attended" ? say.isHere : say.isNot, li);
    count();
    send();
    return true;
  }

  async function ask(url, options) {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(15000), ...options });
    signedOut = answer.type === "opaqueredirect";
    return answer;
  }
  async function refresh() {
    const answer = await ask(say.states);
    if (!answer.ok) return;
    const now = await answer.json(), unsent = new Set(mine().map((mark) => mark.person));
    token = now.token;
    for (const li of rows) if (!unsent.has(li.dataset.person)) set(li, now.states[li.dataset.person]);
    others = now.here - rows.filter((li) => now.states[li.dataset.person] === "attended").length;
    tally.querySelector("[data-places]").textContent = now.places;
  }
  async function deliver(url, marks) {
    const body = JSON.stringify({ csrf_token: token, clock: Date.now(), marks });
    const answer = await ask(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (!answer.ok) return false;
    for (const { uid, person, state, why } of (await answer.json()).told) {
      store.removeItem(PREFIX + uid);
      const li = row(person);
      if (!li || url !== say.marks) continue;
      if (!why) { set(li, state); continue; }
      tell(say.refused, li, why);
      refused.push(said.textContent);
    }
    return true;
  }
  async function send() {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    let done = true;
    try {
      for (const url of new Set(kept().map((mark) => mark.url))) {
        const marks = () => kept().filter((mark) => mark.url === url).slice(0, 200);
        while (done && marks().length) {
          done = await deliver(url, marks());
          if (!done && !signedOut) { await refresh(); done = !signedOut && await deliver(url, marks()); }
        }
      }
    } catch { done = false; }
    busy = false;
    pause = done ? 2000 : Math.min(pause * 2, 60000);
    show();
    if (kept().length) timer = setTimeout(send, done ? 0 : pause);
  }
  const look = async () => { if (!busy && !document.hidden) { try { await refresh(); } catch { /* no line */ } show(); } };

  form.addEventListener("submit", (event) => {
    const [person, state] = (event.submitter?.value || "").split(":");
    const li = row(person);
    if (li && keep(li, state, "door")) event.preventDefault();
  });
  const codes = document.getElementById("door-code");
  const clean = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "").replace(/[1I]/g, "L");
  function found(code) {
    const li = rows.find((one) => one.dataset.code === clean(code));
    if (li && li.dataset.state === "attended") tell(say.wasHere, li);
    else if (li) keep(li, "attended", "code");
    if (li) { li.hidden = false; li.scrollIntoView({ block: "center" }); }
    return li;
  }
  codes.addEventListener("submit", (event) => {
    if (!found(codes.elements.code.value)) return; // the server knows more than this list
    event.preventDefault();
    codes.elements.code.value = "";
  });
  const search = document.getElementById("q");
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    const all = [...form.querySelectorAll("li[data-find]")];
    for (const li of all) li.hidden = !words.every((word) => li.dataset.find.includes(word));
    document.getElementById("door-none").hidden = all.some((li) => !li.hidden);
  });

  const scan = document.getElementById("door-scan"), camera = document.getElementById("door-camera");
  let stream = null, previous = "";
  async function watch() {
    const video = document.createElement("video");
    try {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      [video.srcObject, video.muted, video.playsInline] = [stream, true, true];
      camera.replaceChildren(video);
      await video.play();
      opened(true);
      while (stream) {
        for (const { rawValue } of await detector.detect(video)) {
          if (rawValue === previous) continue;
          previous = rawValue;
          if (!found(rawValue)) said.textContent = say.nobody;
          navigator.vibrate?.(80);
        }
        await new Promise((again) => setTimeout(again, 250));
      }
    } catch { said.textContent = say.noCamera; close(); }
  }
  function opened(is) {
    camera.hidden = !is;
    said.classList.toggle("vh", !is); // beside the camera one looks here
    scan.querySelector("[data-on]").hidden = is;
    scan.querySelector("[data-off]").hidden = !is;
  }
  function close() { stream?.getTracks().forEach((track) => track.stop()); stream = null; previous = ""; opened(false); }
  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    scan.hidden = false;
    scan.addEventListener("click", () => (stream ? close() : watch()));
  }

  addEventListener("online", () => { pause = 2000; send(); });
  addEventListener("offline", show);
  addEventListener("storage", () => show());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) kept().length ? send() : look(); });
  setInterval(look, 15000);
  show();
  send();
})();
