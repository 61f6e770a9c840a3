// My list: cases and notes kept in this browser. Buttons "Add to my list" on any page, and the page of the list itself.
"use strict";
(() => {
  const KEY = "kb-list", MOST = 100, NOTE = 2000, TITLE = 400, FILE = 1 << 20;
  const ID = /^[a-z0-9][a-z0-9-]{0,79}$/;
  const lang = document.documentElement.lang;
  let memory = null; // the list of this page where the browser keeps nothing

  const clean = (items) => {
    const seen = new Set();
    return (Array.isArray(items) ? items : []).filter((item) => typeof item?.id === "string" && ID.test(item.id) && !seen.has(item.id) && seen.add(item.id))
      .slice(0, MOST).map(({ id, th, en, note }) => ({
        id, th: String(th ?? "").slice(0, TITLE), en: String(en ?? "").slice(0, TITLE), note: String(note ?? "").slice(0, NOTE),
      }));
  };
  const read = () => {
    if (memory) return memory;
    try { return clean(JSON.parse(localStorage.getItem(KEY) || "{}").items); } catch { return []; }
  };
  const write = (items) => {
    if (!memory) {
      try { localStorage.setItem(KEY, JSON.stringify({ version: 1, items })); return true; } catch { memory = items; return false; }
    }
    memory = items;
    return false;
  };
  const kept = (() => {
    try { localStorage.setItem(`${KEY}-try`, "1"); localStorage.removeItem(`${KEY}-try`); return true; } catch { memory = []; return false; }
  })();
  const title = (item) => (lang === "th" ? item.th || item.en : item.en || item.th) || item.id;
  const titleLanguage = (item) => (lang === "th" ? (item.th ? "th" : "en") : item.en ? "en" : "th");

  // Buttons on any page
  const buttons = [...document.querySelectorAll(".add-to-list")];
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  if (buttons.length) document.querySelector("main").append(status);
  const showButtons = () => {
    const items = read(), ids = new Set(items.map(({ id }) => id));
    buttons.forEach((button) => {
      button.dataset.add ??= button.textContent;
      const pressed = ids.has(button.dataset.id);
      button.hidden = false;
      button.setAttribute("aria-pressed", String(pressed));
      button.textContent = pressed ? button.dataset.added || `✓ ${button.dataset.add}` : button.dataset.add;
    });
    document.querySelectorAll("[data-list-count]").forEach((place) => { place.textContent = String(items.length); });
  };
  if (kept) {
    buttons.forEach((button) => button.addEventListener("click", () => {
      const { id, titleTh, titleEn } = button.dataset, items = read();
      const without = items.filter((item) => item.id !== id);
      write(without.length < items.length ? without : clean([...items, { id, th: titleTh, en: titleEn, note: "" }]));
      showButtons();
      status.textContent = `${button.textContent} (${read().length})`;
    }));
    showButtons();
  }

  // The page of the list
  const page = document.getElementById("reading-list");
  if (!page) {
    addEventListener("storage", (event) => { if (kept && (event.key === KEY || event.key === null)) showButtons(); });
    return;
  }
  const texts = page.dataset, list = page.querySelector(".list-items"), form = document.getElementById("list-form");
  const compareForm = document.getElementById("compare-form");
  const live = document.getElementById("list-status"), message = document.getElementById("list-message");
  const undoButton = document.getElementById("list-undo");
  const put = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  let undone = () => {};
  const tell = (text, undo) => {
    message.hidden = false;
    message.querySelector("span").textContent = text;
    live.textContent = text;
    undoButton.hidden = !undo;
    undone = undo || (() => {});
  };
  undoButton.addEventListener("click", () => { message.hidden = true; undone(); });
  document.getElementById("list-close").addEventListener("click", () => { message.hidden = true; });

  compareForm.addEventListener("submit", (event) => {
    const chosen = list.querySelectorAll("input[form=compare-form]:checked").length;
    if (chosen < 2 || chosen > 4) { event.preventDefault(); tell(texts.compare); }
  });

  list.addEventListener("change", () => { if (undoButton.hidden) message.hidden = true; });

  if (texts.shared === "yes") {
    const offers = [...page.querySelectorAll(".offer")], all = document.getElementById("keep-all");
    all.hidden = !kept || !offers.length;
    all.addEventListener("click", () => {
      const items = read(), merged = clean([...items, ...offers.map(({ dataset }) => ({ id: dataset.id, th: dataset.titleTh, en: dataset.titleEn }))]);
      write(merged);
      tell(put(texts.added, { added: merged.length - items.length }));
    });
    return;
  }

  const template = document.getElementById("list-item");
  const counts = new Map();
  const focusOn = (id, selector) => list.querySelector(`[data-item="${id}"] ${selector}`)?.focus();
  const row = (item) => {
    const made = template.content.cloneNode(true), entry = made.querySelector("li"), link = made.querySelector("h2 a");
    entry.dataset.item = item.id;
    link.textContent = title(item);
    link.lang = titleLanguage(item);
    link.href = `/${lang}/practices/${encodeURIComponent(item.id)}`;
    made.querySelector(".fit-counts").textContent = counts.get(item.id) || "";
    made.querySelectorAll(".of").forEach((place) => { place.textContent = title(item); place.lang = titleLanguage(item); });
    made.querySelectorAll("input[name=id]").forEach((input) => { input.value = item.id; });
    made.querySelector("textarea").value = item.note;
    made.querySelector(".moves").hidden = false;
    return made;
  };
  const show = () => {
    const items = read(), chosen = new Set([...list.querySelectorAll("input[form=compare-form]:checked")].map(({ value }) => value));
    list.replaceChildren(...items.map(row));
    list.querySelectorAll("input[form=compare-form]").forEach((box) => { box.checked = chosen.has(box.value); });
    form.hidden = !items.length;
    document.getElementById("list-empty").hidden = items.length > 0;
    document.getElementById("list-take").hidden = false;
    document.getElementById("export-list").disabled = document.getElementById("share-list").disabled = !items.length;
    const address = document.getElementById("share-address");
    address.hidden = !items.length;
    address.href = `/${lang}/list?${items.map(({ id }) => `id=${encodeURIComponent(id)}`).join("&")}`;
    showButtons();
  };
  const swap = (items, from, to) => { const moved = [...items]; moved.splice(to, 0, ...moved.splice(from, 1)); return moved; };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const id = button.closest("li").dataset.item, items = read(), at = items.findIndex((item) => item.id === id), item = items[at];
    if (at < 0) return show();
    if (button.dataset.move === "remove") {
      write(items.filter((other) => other.id !== id));
      show();
      tell(put(texts.removed, { title: title(item) }), () => {
        const now = read();
        write(clean([...now.slice(0, at), item, ...now.slice(at)]));
        show();
        focusOn(id, "h2 a");
      });
      undoButton.focus();
      return;
    }
    const to = at + (button.dataset.move === "up" ? -1 : 1);
    if (to < 0 || to >= items.length) return;
    write(swap(items, at, to));
    show();
    focusOn(id, `[data-move=${button.dataset.move}]`);
    live.textContent = put(texts.moved, { title: title(item), place: to + 1, count: items.length });
  });

  list.addEventListener("input", (event) => {
    if (event.target.name !== "note") return;
    const id = event.target.closest("li").dataset.item;
    write(read().map((item) => (item.id === id ? { ...item, note: event.target.value.slice(0, NOTE) } : item)));
  });

  form.addEventListener("submit", () => {
    const rows = [...list.children], briefed = Number(texts.briefed);
    rows.forEach((entry, at) => entry.querySelectorAll("input[type=hidden], textarea").forEach((field) => { field.disabled = at >= briefed; }));
    if (rows.length > briefed) tell(put(texts.tooMany, { most: briefed }));
    setTimeout(() => list.querySelectorAll(":disabled").forEach((field) => { field.disabled = false; }));
  });

  document.getElementById("export-list").addEventListener("click", () => {
    const data = JSON.stringify({ format: "kb-list", version: 1, items: read() }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
    link.download = "list.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });

  document.getElementById("share-list").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(new URL(document.getElementById("share-address").href, location.href).href);
      tell(texts.copied);
    } catch { document.getElementById("share-address").focus(); tell(texts.failed); }
  });

  document.getElementById("import-list").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > FILE) return tell(texts.tooLarge);
    let given;
    try { given = JSON.parse(await file.text()); } catch { return tell(texts.notAList); }
    event.target.value = "";
    const theirs = given?.format === "kb-list" && given.version === 1 ? clean(given.items) : [];
    if (!theirs.length) return tell(texts.notAList);
    const mine = read(), byId = new Map(theirs.map((item) => [item.id, item]));
    const joined = mine.map((item) => ({ ...item, note: item.note || byId.get(item.id)?.note || "" }));
    const fresh = theirs.filter(({ id }) => !mine.some((item) => item.id === id));
    const merged = clean([...joined, ...fresh]), added = merged.length - mine.length;
    write(merged);
    show();
    const line = put(texts.imported, { added, known: theirs.length - fresh.length });
    tell(added < fresh.length ? `${line} ${put(texts.full, { most: MOST })}` : line);
  });

  document.getElementById("order-by-fit").addEventListener("click", async () => {
    let context = "";
    try { context = localStorage.getItem("kb-context") || ""; } catch { /* none is kept */ }
    if (!context) return tell(texts.noContext);
    const items = read(), ids = items.map(({ id }) => `id=${encodeURIComponent(id)}`).join("&");
    try {
      const answer = await fetch(`/${lang}/fit.json?${ids}&fit=${encodeURIComponent(context)}`);
      if (!answer.ok) throw new Error(answer.status);
      const { practices } = await answer.json(), now = read();
      practices.forEach((found) => counts.set(found.id, put(texts.counts, found)));
      const place = new Map(practices.map(({ id }, at) => [id, at])), last = practices.length;
      write([...now].sort((one, other) => (place.get(one.id) ?? last) - (place.get(other.id) ?? last)));
      show();
      tell(texts.ordered);
    } catch { tell(texts.failed); }
  });

  // Another tab changed the list: show it, but leave a note alone while it is being written here.
  addEventListener("storage", (event) => {
    if (event.key !== KEY && event.key !== null) return;
    const writing = document.activeElement?.name === "note" ? document.activeElement : null;
    const id = writing?.closest("li").dataset.item, start = writing?.selectionStart, text = writing?.value;
    show();
    const again = id && list.querySelector(`[data-item="${id}"] textarea`);
    if (again) { again.value = text; again.focus(); again.setSelectionRange(start, start); }
  });
  show();
  if (!kept) tell(texts.noStorage);
})();
