// Light, dark, or as the device, without loading the page again: nothing typed is lost. Without scripts the form does the same.
"use strict";
(() => {
  const form = document.getElementById("theme"), root = document.documentElement;
  const kept = () => (document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/) || ["", "device"])[1];
  const show = (theme) => {
    if (theme === "device") root.removeAttribute("data-theme");
    else root.dataset.theme = theme;
    document.querySelector("meta[name=color-scheme]").content = theme === "device" ? "light dark" : theme;
    if (form) form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.value === theme)));
  };
  // A page from the browser's memory was made before the last choice.
  addEventListener("pageshow", () => show(kept()));
  if (form) form.addEventListener("submit", (event) => {
    if (!event.submitter) return; // an old browser: the form is sent
    event.preventDefault();
    const theme = event.submitter.value, body = new URLSearchParams(new FormData(form));
    body.set("theme", theme);
    fetch(form.action, { method: "POST", body, redirect: "manual" })
      .then((answer) => { if (answer.type !== "opaqueredirect") throw new Error(String(answer.status)); show(theme); })
      .catch(() => {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name: "theme", value: theme });
        form.append(field);
        form.submit();
      });
  });
})();
