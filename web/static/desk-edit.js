// The two-face editor: keeps what is written every few seconds, marks what one side says and the other does not, counts characters.
"use strict";
(() => {
  const form = document.getElementById("editor");
  if (!form) return;
  const AFTER = 2500, say = form.dataset, kept = document.getElementById("kept");
  const lang = document.documentElement.lang;
  const token = () => form.querySelector("input[name=token]").value;
  const areas = [...form.querySelectorAll("textarea[data-limit]")];
  const offered = document.querySelector("[data-offer]") !== null; // older text waits for a decision; it must not be written over
  let dirty = "dirty" in say, sending = false, timer = 0, leaving = false;

  const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const number = (value) => value.toLocaleString(lang === "th" ? "th" : "en");
  const send = (address) => {
    const body = new URLSearchParams(new FormData(form));
    return fetch(address, { method: "POST", body, headers: { "X-Form-Token": token() } });
  };

  // Keeping
  const keep = async () => {
    if (sending) return plan();
    sending = true;
    dirty = false;
    kept.textContent = say.saving;
    try {
      const answer = await send(say.autosave);
      const told = answer.ok ? await answer.json() : null;
      if (!told) throw new Error(String(answer.status));
      const time = new Date().toLocaleTimeString(lang === "th" ? "th" : "en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
      kept.textContent = [fill(say.kept, { time }), told.newer].filter(Boolean).join(" ");
    } catch {
      dirty = true;
      kept.textContent = say.failed;
    }
    sending = false;
  };
  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (dirty && !offered) keep(); compare(); }, AFTER);
  };
  form.addEventListener("input", () => { dirty = true; plan(); });
  form.addEventListener("submit", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
  document.querySelectorAll("[data-offer] form, [data-offer] a").forEach((part) => {
    part.addEventListener(part.tagName === "A" ? "click" : "submit", () => { leaving = true; });
  });
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });

  // Words that one side lacks
  const piece = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });
  const item = (mark, section) => {
    const line = document.createElement("li"), words = piece("span", mark.before && `…${mark.before}`, { lang: mark.language });
    words.append(piece("mark", mark.text), mark.after && `${mark.after}…`);
    const show = piece("button", say.show, { type: "button", className: "small quiet" });
    show.addEventListener("click", () => {
      const area = form.elements[`${mark.language}.${section}`], before = [...area.value].slice(0, mark.start).join("").length;
      area.focus();
      area.setSelectionRange(before, before + mark.text.length);
    });
    line.append(words, " ", piece("span", mark.message, { className: "line" }), show);
    return line;
  };
  let asked = 0;
  const compare = async () => {
    const turn = ++asked;
    let found;
    try {
      const answer = await send(say.mismatches);
      if (!answer.ok) return;
      found = (await answer.json()).sections;
    } catch { return; }
    if (turn !== asked) return;
    form.querySelectorAll("[data-section]").forEach((section) => {
      const key = section.dataset.section, marks = found[key] ?? [], place = section.querySelector("[data-mismatches]");
      const list = document.createElement("ul");
      list.append(...marks.map((mark) => item(mark, key)));
      place.replaceChildren(...(marks.length ? [piece("p", say.only, { className: "line" }), list] : []));
    });
  };

  // Characters
  const count = (area) => {
    const limit = Number(area.dataset.limit), used = [...area.value].length;
    area.counter.textContent = fill(say.count, { count: number(used), limit: number(limit) });
    area.counter.classList.toggle("over", used > limit);
  };
  areas.forEach((area) => {
    area.counter = piece("p", "", { className: "count" });
    area.after(area.counter);
    area.addEventListener("input", () => count(area));
    count(area);
  });

  if (dirty) plan();
  compare();
  document.getElementById("problem")?.focus();
})();
