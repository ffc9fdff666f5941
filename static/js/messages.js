// The editor of a mailing, of a template and of a letter's own words: while one writes, the server's own answer
// to the "Update" button takes its place beside the text; placeholders are written by a click; what is pasted
// from Word keeps lists, bold and links. Nothing here is needed: every button works without it.
"use strict";
(() => {
  const form = document.querySelector("form[data-writes]");
  if (!form) return;
  const said = document.createElement("p");
  Object.assign(said, { className: "vh" });
  said.setAttribute("role", "status");
  form.append(said);

  // --- beside the text ---
  const icons = document.querySelector("svg:has(> symbol)"); // the page has those that it began with
  let timer = 0, running = null, signedOut = false;
  const wanted = new Set(); // parts that an answer has to bring, until one has
  const parts = () => [...form.querySelectorAll("[data-live]")];

  function swap(part, fresh) {
    if (part.innerHTML === fresh.innerHTML) return;
    const open = [...part.querySelectorAll("details[open]")].map((e) => e.querySelector("summary").textContent);
    const at = part.contains(document.activeElement) ? document.activeElement : null;
    const key = at && (at.id ? "#" + CSS.escape(at.id) : `[name="${at.name}"][value="${CSS.escape(at.value)}"]`);
    const range = at && at.matches("input:not([type]),input[type=text]") ? [at.selectionStart, at.selectionEnd, at.value] : null;
    part.replaceChildren(...fresh.childNodes);
    for (const e of part.querySelectorAll("details")) if (open.includes(e.querySelector("summary").textContent)) e.open = true;
    const goal = key && part.querySelector(key);
    if (!goal) return;
    goal.focus({ preventScroll: true });
    if (range) { goal.value = range[2]; goal.setSelectionRange(range[0], range[1]); }
  }

  // What is worth hearing when it changes: how many get it.
  const heard = () => form.querySelector("#reach-h")?.textContent || "";

  async function look(button, names) {
    ahead(names);
    if (signedOut) return;
    const mine = running = new AbortController();
    const data = new FormData(form);
    for (const name of ["files", "then"]) data.delete(name);
    data.append("then", button);
    const before = heard();
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data, signal: mine.signal, credentials: "same-origin" });
      if (answer.redirected) { signedOut = true; return; } // the session is over: saving brings everything back
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine.signal.aborted) return;
      for (const symbol of page.querySelectorAll("symbol")) if (!document.getElementById(symbol.id)) icons.append(symbol);
      for (const part of parts()) {
        const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
        if (fresh && wanted.has(part.dataset.live)) swap(part, fresh);
      }
      wanted.clear();
      const now = heard();
      if (now !== before) said.textContent = now;
    } catch { /* no line, or something newer is asked: the buttons are there */ }
  }
  // An answer to what the form said before would undo what was ticked since.
  function ahead(names) {
    clearTimeout(timer);
    running?.abort();
    for (const name of names) wanted.add(name);
  }
  function soon(names, wait) {
    ahead(names);
    timer = setTimeout(() => look("update", names), wait);
  }
  const all = ["choices", "reach", "look"], beside = ["reach", "look"];

  form.addEventListener("input", (event) => {
    const e = event.target;
    if (e.type === "file" || e.name === "remove") return;
    soon(e.id !== "as" && "liveNow" in e.dataset ? all : beside, e.matches("textarea,input:not([type=checkbox]):not([type=radio])") ? 600 : 50);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-update],[data-next]");
    if (!button || signedOut) return;
    event.preventDefault();
    look(button.value, all);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "find") return;
    event.preventDefault();
    look("update", all);
  });

  // What the browser, or keep.js, has brought back is more than the server knew when it made the page.
  const changed = (e) => e.type === "checkbox" || e.type === "radio" ? e.checked !== e.defaultChecked
    : e.matches("textarea,input[type=text],input:not([type])") && e.value !== e.defaultValue;
  window.addEventListener("load", () => { if ([...form.elements].some(changed)) look("update", all); });

  // --- placeholders ---
  let last = form.querySelector("textarea");
  form.addEventListener("focusin", (event) => { if (event.target.matches("textarea,input[name^=subject_]")) last = event.target; });
  for (const button of form.querySelectorAll("[data-insert]")) {
    button.hidden = false;
    button.previousElementSibling.hidden = true;
    button.addEventListener("click", () => write(last, button.dataset.insert));
  }
  function write(field, text) {
    field.focus();
    // Keeps the browser's undo; where that is gone, the plain way.
    if (document.execCommand && document.execCommand("insertText", false, text)) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // --- pasting ---
  form.addEventListener("paste", (event) => {
    if (!event.target.matches("textarea") || !event.clipboardData) return;
    const html = event.clipboardData.getData("text/html");
    const text = html && html.length < 2_000_000 ? markdown(html) : "";
    if (!text || !/^\s*(?:[-#>]|\d+\.) |\*\*|\]\(/m.test(text)) return; // nothing that plain text would lose
    event.preventDefault();
    write(event.target, text);
  });

  const BLOCKS = /^(P|DIV|LI|UL|OL|H[1-6]|TABLE|TR|BLOCKQUOTE|PRE|SECTION|ARTICLE|HEADER|FOOTER|DL|DT|DD)$/;
  const SKIPPED = /^(STYLE|SCRIPT|HEAD|TITLE|META|LINK|O:P|TEMPLATE|OBJECT|IMG|SVG)$/;
  // Under another name while it is read: this page lets neither in, and says so for each.
  const harmless = (html) => html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[^>]*>/g, (tag) =>
    tag.replace(/\sstyle\s*=/gi, " data-style=").replace(/[\s"'/]on\w+\s*=/gi, " data-off="));
  const style = (e) => (e.dataset.style || "").toLowerCase();

  function markdown(html) {
    const body = new DOMParser().parseFromString(harmless(html), "text/html").body;
    const lines = [];
    for (const node of body.childNodes) block(node, lines, []);
    const out = [];
    for (const [kind, line] of lines) {
      const before = out.length ? out[out.length - 1][0] : "";
      if (out.length && !(kind === "item" && before === "item")) out.push(["", ""]);
      out.push([kind, line]);
    }
    return out.map(([, line]) => line).join("\n").replace(/\n{3,}/g, "\n\n").replace(/(\S)[ \u00a0]{2,}(?=\S)/g, "$1 ").trim();
  }

  // lists: the signs of the lists around, from the outermost in.
  function block(node, lines, lists) {
    if (node.nodeType === Node.TEXT_NODE || (node.nodeType === Node.ELEMENT_NODE && !BLOCKS.test(node.nodeName) && !SKIPPED.test(node.nodeName) && !hasBlocks(node))) {
      const text = inline(node).trim();
      const last = lines[lines.length - 1];
      if (text && last && last[2] === node.parentNode && last[0] === "text") last[1] += " " + text;
      else if (text) lines.push(["text", text, node.parentNode]);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.test(node.nodeName)) return;
    const word = style(node).match(/mso-list:\s*\S+\s+level(\d)/);
    if (word) { lines.push(["item", wordItem(node, +word[1])]); return; }
    if (/^(UL|OL)$/.test(node.nodeName)) {
      let number = +(node.getAttribute("start") || 1);
      for (const child of node.children) {
        if (child.nodeName === "LI") item(child, lines, [...lists, node.nodeName === "OL" ? `${number++}.` : "-"]);
        else block(child, lines, lists);
      }
      return;
    }
    if (node.nodeName === "TR") { lines.push(["text", [...node.cells].map((c) => inline(c).trim()).filter(Boolean).join(" – ")]); return; }
    if (/^H[1-6]$/.test(node.nodeName)) { lines.push(["text", "## " + inline(node).trim()]); return; }
    if (hasBlocks(node)) { for (const child of node.childNodes) block(child, lines, lists); return; }
    const text = inline(node).trim();
    if (text) lines.push(["text", text]);
  }
  const hasBlocks = (node) => [...node.children].some((e) => BLOCKS.test(e.nodeName) || hasBlocks(e));

  function item(node, lines, lists) {
    const own = [], deeper = [];
    for (const child of node.childNodes) (/^(UL|OL)$/.test(child.nodeName) ? deeper : own).push(child);
    lines.push(["item", "    ".repeat(lists.length - 1) + lists[lists.length - 1] + " " + own.map(inline).join("").trim().replace(/\n/g, " ")]);
    for (const child of deeper) block(child, lines, lists);
  }

  // A paragraph of Word's that is in a list: the bullet is text of its own, in a part to be ignored.
  function wordItem(node, level) {
    let sign = "";
    for (const e of node.querySelectorAll("[data-style]")) if (/mso-list:\s*ignore/.test(style(e))) { sign += e.textContent; e.remove(); }
    const number = sign.match(/^\s*(\d{1,3})[.)]/), letter = sign.match(/^\s*([a-z]|[ivx]{2,5})[.)]/i);
    // Outlook writes the same letter "o" for a bullet, without a dot.
    return "    ".repeat(level - 1) + (number ? number[1] + ". " : letter ? `- ${letter[1]}) ` : "- ") + inline(node).trim().replace(/\n/g, " ");
  }

  function inline(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/[\t\n\r ]+/g, " ").replace(/([\\*])/g, "\\$1");
    if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.test(node.nodeName)) return "";
    if (node.nodeName === "BR") return "\n";
    const inner = [...node.childNodes].map(inline).join("");
    const weight = (style(node).match(/font-weight:\s*(\w+)/) || [])[1] || "";
    const bold = weight ? weight === "bold" || +weight >= 600 : /^(B|STRONG)$/.test(node.nodeName);
    const address = node.nodeName === "A" ? node.getAttribute("href") || "" : "";
    if (/^(https?:|mailto:)/i.test(address)) return around(inner, "[", `](${address.replace(/[()\s]/g, encodeURIComponent).replace(/\(/g, "%28").replace(/\)/g, "%29")})`);
    if (bold && !/\*\*/.test(inner)) return around(inner, "**", "**");
    if (/^(I|EM)$/.test(node.nodeName) && !/\*/.test(inner)) return around(inner, "*", "*");
    return inner;
  }
  // Signs stand close to the words; blanks stay outside.
  function around(text, before, after) {
    const [, lead, words, tail] = text.match(/^(\s*)([\s\S]*?)(\s*)$/);
    return words ? lead + before + words + after + tail : text;
  }
})();
