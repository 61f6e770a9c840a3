// Suggestions under the search box. Without this script the box is an ordinary one.
"use strict";
(() => {
  const box = document.querySelector(".combo");
  if (!box) return;
  const input = box.querySelector("input");
  const list = box.querySelector("ul");
  const status = box.querySelector("[role=status]");
  let chosen = -1, asked = 0, timer = 0;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    status.textContent = "";
  };

  const choose = (index) => {
    const options = [...list.children];
    chosen = options.length ? (index + options.length) % options.length : -1;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) return;
    input.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };

  const take = (option) => {
    input.value = option.dataset.text;
    close();
    input.form.requestSubmit();
  };

  const show = (found) => {
    list.replaceChildren(...found.map((entry, at) => {
      const option = document.createElement("li");
      option.id = `suggestion-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.text = entry.text;
      const text = document.createElement("span");
      text.lang = entry.language;
      text.textContent = entry.text;
      option.append(text);
      if (entry.other) {
        const other = document.createElement("small");
        other.lang = entry.language === "th" ? "en" : "th";
        other.textContent = entry.other;
        option.append(other);
      }
      return option;
    }));
    if (!found.length) return close();
    list.hidden = false;
    chosen = -1;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
    status.textContent = box.dataset.found.replace("{count}", found.length);
  };

  const ask = async () => {
    const typed = input.value.trim();
    const turn = ++asked;
    if (typed.length < 2 || typed.length > 60) return close();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(typed)}`);
      if (answer.ok && turn === asked) show(await answer.json());
    } catch { close(); }
  };

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      choose(chosen < 0 && event.key === "ArrowUp" ? -1 : chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(list.children[chosen]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); take(option); }
  });
  input.addEventListener("blur", () => setTimeout(close, 100));
})();
