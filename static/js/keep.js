// Keeps unsent text of forms marked data-keep in this tab, so that a lost page or session loses nothing
// that was typed. Everything works without it. Passwords, files and tokens are never kept; "version" is,
// so that text brought back over a colleague's newer save meets the server's own comparison.
"use strict";
(() => {
  const KINDS = /^(text|email|tel|url|number|date|time|datetime-local|search|textarea|select-one|checkbox|radio)$/;
  const fields = (form) => [...form.elements].filter((e) => (KINDS.test(e.type) && e.name && !e.closest(".trap")) || e.name === "version");
  const ticks = (e) => e.type === "checkbox" || e.type === "radio";
  const pristine = (e) => ticks(e) ? e.checked === e.defaultChecked
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
    if (before.length && !document.body.hasAttribute("data-answer")) {
      for (const [name, value, state] of before) {
        for (const e of fields(form)) {
          if (e.name !== name || (ticks(e) && e.value !== value)) continue;
          if (ticks(e)) e.checked = state; else e.value = state;
        }
      }
      const note = form.querySelector("[data-note]");
      if (note) note.hidden = false;
    }
    const save = (sent) => {
      const changed = fields(form).filter((e) => !pristine(e));
      if (changed.every((e) => e.type === "hidden")) return store.removeItem(key);
      put(key, { sent, fields: changed.map((e) => [e.name, ticks(e) ? e.value : null, ticks(e) ? e.checked : e.value]) });
    };
    form.addEventListener("input", () => save(false));
    form.addEventListener("change", () => save(false));
    form.addEventListener("submit", () => save(true));
  }
  // Another page of ours answered: what was sent has arrived.
  for (const key of Object.keys(store)) if (key.startsWith("keep:") && !here.has(key) && get(key).sent) store.removeItem(key);
})();
