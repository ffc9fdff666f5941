// Keeps unsent text of forms marked data-keep in this tab, so that a lost page or session loses nothing
// that was typed. Everything works without it. Passwords, files and tokens are never kept; "version" is,
// so that text brought back over a colleague's newer save meets the server's own comparison.
// What the fresh page has no field for, such as a colleague's card added later, is kept in hidden fields:
// it goes along when the form is sent, and the button of [data-more] lets the server show it.
"use strict";
(() => {
  const KINDS = /^(text|email|tel|url|number|date|time|datetime-local|search|textarea|select-one|checkbox|radio)$/;
  const fields = (form) => [...form.elements].filter((e) => (KINDS.test(e.type) && e.name && !e.closest(".trap")) || e.name === "version");
  const ticks = (e) => e.type === "checkbox" || e.type === "radio";
  // In the answer to a post everything came from its writer, whatever the page calls its default.
  const answers = document.body.hasAttribute("data-answer");
  const pristine = (e) => answers ? false : ticks(e) ? e.checked === e.defaultChecked
    : e.options ? [...e.options].every((o) => o.selected === o.defaultSelected)
    : e.type !== "hidden" && e.value === e.defaultValue;
  let store;
  try { store = window.sessionStorage; store.length; } catch { return; }
  const put = (key, kept) => { try { store.setItem(key, JSON.stringify(kept)); } catch { /* full: the server still has its say */ } };
  const get = (key) => { try { return JSON.parse(store.getItem(key)) || {}; } catch { return {}; } };

  const here = new Set();
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = "keep:" + form.dataset.keep;
    const before = get(key).fields || [];
    here.add(key);
    // The same page says that what was sent has arrived.
    if (form.hasAttribute("data-arrived") && get(key).sent) { store.removeItem(key); before.length = 0; }
    // The answer to a post carries what was typed already, perhaps in other rows: the server's copy wins.
    if (before.length && !answers) {
      let more = false;
      for (const [name, value, state] of before) {
        const mine = fields(form).filter((e) => e.name === name && (!ticks(e) || e.value === value));
        for (const e of mine) {
          if (ticks(e)) e.checked = state; else e.value = state;
          // Nothing is sent that is not seen.
          for (let shut; state && (shut = e.closest("details:not([open])")); ) shut.open = true;
        }
        if (mine.length || !state || form.elements[name]) continue;
        const kept = document.createElement("input");
        Object.assign(kept, { type: "hidden", name, value: value ?? state });
        kept.dataset.kept = value === null ? "text" : "tick";
        form.append(kept);
        more = true;
      }
      const note = form.querySelector("[data-note]");
      if (note) note.hidden = false;
      const button = form.querySelector("[data-more]");
      if (button && more) button.hidden = false;
      // It was not answered: the line was cut, or its writer came back. It is unsent again.
      put(key, { sent: false, fields: before });
    }
    const save = (sent) => {
      const changed = fields(form).filter((e) => !pristine(e));
      const elsewhere = [...form.querySelectorAll("[data-kept]")].map((e) =>
        e.dataset.kept === "tick" ? [e.name, e.value, true] : [e.name, null, e.value]);
      if (!elsewhere.length && changed.every((e) => e.type === "hidden")) return store.removeItem(key);
      const present = changed.map((e) => [e.name, ticks(e) ? e.value : null, ticks(e) ? e.checked : e.value]);
      put(key, { sent, fields: [...present, ...elsewhere] });
    };
    form.addEventListener("input", () => save(false));
    form.addEventListener("change", () => save(false));
    form.addEventListener("submit", () => save(true));
  }
  // Another page of ours answered, and we were sent here by the server: what was sent has arrived. A page
  // gone to by hand after the line was cut says nothing of the kind.
  const [arrival] = performance.getEntriesByType("navigation");
  if (arrival && arrival.redirectCount === 0) return;
  for (const key of Object.keys(store)) if (key.startsWith("keep:") && !here.has(key) && get(key).sent) store.removeItem(key);
})();
