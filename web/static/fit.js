// Keeps the reader's context on this device and puts it into the pages that use it. Without this script the address carries it.
"use strict";
(() => {
  const KEY = "kb-context";
  const store = {
    get() { try { return localStorage.getItem(KEY) || ""; } catch { return ""; } },
    set(value) { try { value ? localStorage.setItem(KEY, value) : localStorage.removeItem(KEY); } catch { /* the address still has it */ } },
  };
  const lang = document.documentElement.lang;
  const readable = (value) => encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2C", ",");
  const withContext = (url, value) => {
    const address = new URL(url, location.href);
    const rest = [...address.searchParams].filter(([name]) => name !== "fit").map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`);
    return `${address.pathname}?${[...rest, `fit=${readable(value)}`].join("&")}${address.hash}`;
  };
  const here = new URL(location.href).searchParams;

  // The form: what is sent is kept; what was kept fills a form that the address leaves empty.
  const form = document.querySelector("[data-context-form]");
  if (form) {
    form.addEventListener("submit", () => {
      const given = [...new FormData(form)].filter(([name, value]) => value && !["set", "for"].includes(name));
      store.set(given.map(([name, value]) => `${name}:${value}`).join(","));
    });
    document.querySelector("[data-forget-context]")?.addEventListener("click", () => store.set(""));
    if (!here.has("fit") && !here.has("set") && store.get()) location.replace(withContext(location.href, store.get()));
  }

  // Pages about fit that were opened without a context get the one that is kept.
  if (document.querySelector("[data-fit-page=open]") && !here.has("fit") && store.get()) location.replace(withContext(location.href, store.get()));

  if (store.get()) {
    document.querySelectorAll("a[data-fit-link]").forEach((link) => {
      if (!new URL(link.href).searchParams.has("fit")) link.href = withContext(link.href, store.get());
    });
  }

  // The place on a case's page: filled from the server with the box for the kept context.
  const place = document.querySelector("section#fit[data-record]");
  const fill = async () => {
    const url = `/${lang}/practices/${encodeURIComponent(place.dataset.record)}/fit?part=box&fit=${readable(store.get())}`;
    try {
      const answer = await fetch(url);
      if (answer.ok) place.querySelector(".fit-body").innerHTML = await answer.text();
    } catch { /* the invitation stays */ }
  };
  if (place && store.get()) fill();
})();
