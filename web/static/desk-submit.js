// Keeps what is typed and shows similar cases. Everything works without it, by the buttons.
(() => {
  "use strict";
  const form = document.getElementById("write");
  if (!form) return;
  const kept = document.getElementById("kept");
  const alike = document.getElementById("alike");
  let timer = 0, asking = 0, busy = false, changed = false, leaving = false;

  const token = () => form.elements.token.value;
  const sent = () => new URLSearchParams(new FormData(form));
  const words = () => (form.elements.title.value + " " + form.elements.summary.value).trim();

  async function renewed() {  // the page's own token is of a session that ended; a new session has another
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("#write input[name=token]");
    if (!found) return false;
    form.elements.token.value = found.value;
    return true;
  }

  async function post(url) {
    const send = () => fetch(url, { method: "POST", body: sent(), headers: { "X-Form-Token": token() } });
    let answer = await send();
    if ((answer.status === 401 || answer.status === 403) && await renewed()) answer = await send();
    return answer;
  }

  async function first() {  // the first save makes the draft; from then on the form is its own
    const answer = await post(form.getAttribute("action"));  // a field is called "action", so form.action is that field
    const match = /\/entries\/(\d+)\/write/.exec(answer.url);
    if (!answer.ok || !match) return false;
    const address = new URL(answer.url);
    form.setAttribute("action", address.pathname);
    form.dataset.autosave = address.pathname + "/autosave";
    form.elements.number.value = match[1];
    form.elements.base.value = "1";
    history.replaceState(null, "", address.pathname + "?face=" + form.elements.face.value);
    return true;
  }

  async function keep() {
    if (busy || leaving) { timer = setTimeout(keep, 1000); return; }
    busy = true;
    changed = false;
    try {
      const ok = form.dataset.autosave ? (await post(form.dataset.autosave)).ok : words().length < 20 || await first();
      if (!ok) throw new Error("not kept");
      if (form.dataset.autosave) kept.textContent = form.dataset.saved;
    } catch {
      changed = true;
      kept.textContent = form.dataset.lost;
    }
    busy = false;
  }

  async function ask() {
    if (words().length < 40) return;
    let cases = [];
    try {
      const answer = await post(form.dataset.similar);
      if (!answer.ok) return;
      cases = (await answer.json()).cases;
    } catch { return; }
    alike.hidden = !cases.length;
    alike.replaceChildren();
    if (!cases.length) return;
    const heading = document.createElement("h2");
    heading.textContent = form.dataset.alike;
    const list = document.createElement("ul");
    for (const found of cases) {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = found.url;
      link.target = "_blank";
      link.rel = "noopener";
      link.lang = found.language;
      link.textContent = found.title;
      item.append(link, " · " + found.like);
      list.append(item);
    }
    alike.append(heading, list);
  }

  form.addEventListener("input", () => {
    changed = true;
    kept.textContent = form.dataset.leaving;
    clearTimeout(timer);
    clearTimeout(asking);
    timer = setTimeout(keep, 2000);
    asking = setTimeout(ask, 3000);
  });
  form.addEventListener("submit", (event) => {
    if (busy && !leaving) {  // the draft is being made: sending twice would make two
      event.preventDefault();
      const button = event.submitter;
      const wait = setInterval(() => { if (!busy) { clearInterval(wait); form.requestSubmit(button); } }, 100);
      return;
    }
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("beforeunload", (event) => { if (changed && !leaving) event.preventDefault(); });
})();
