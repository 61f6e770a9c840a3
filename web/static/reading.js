// Keeps the reading position: a switch of language or view leads to the paragraph that is being read, not to the top.
// A long document opened at a page that is on another of its screens is led there. Without this script the links still work.
"use strict";
(() => {
  const READING_LINE = 0.3; // share of the window above which a section counts as being read in the list of contents
  const article = document.querySelector("article.practice");

  // The id of what stands first in the window: a paragraph of the text, or a section below it. Nothing while the page is at
  // its top. What was led to stands first as well, so that switching twice leads back to the same paragraph.
  const place = () => {
    const box = article.querySelector(".glance").getBoundingClientRect();
    if (box.bottom > innerHeight * 0.4) return box.top > -40 ? "" : "facts-th";
    const blocks = article.querySelectorAll(".part-of h2[id], .part-of [id]:not(mark):not(.cite), .text > section[id]");
    for (const element of blocks) {
      const edge = parseFloat(getComputedStyle(element).scrollMarginTop) + 10;
      if (element.getClientRects().length && element.getBoundingClientRect().bottom > edge) return element.id;
    }
    return "";
  };

  const face = (link) => {
    if (link.dataset.face !== undefined) return link.dataset.face; // a switch of the text; empty: both
    const view = new URL(link.href).searchParams.get("view");
    return view === null ? link.hreflang : view === "both" ? "" : view;
  };

  const keep = (event) => {
    const link = event.target.closest(".views a, .languages a");
    if (!link) return;
    const wanted = face(link);
    link.hash = wanted ? place().replace(/^([a-z]+)-(th|en)(?=-\d+$|$)/, `$1-${wanted}`) : place();
  };

  // Marks in the list of contents which section is being read.
  const follow = () => {
    let now = "";
    for (const element of article.querySelectorAll(".text section[id]")) {
      if (element.getBoundingClientRect().top <= innerHeight * READING_LINE) now = element.id;
    }
    for (const link of article.querySelectorAll(".toc a")) {
      if (link.hash === `#${now}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const toScreen = () => {
    const page = /^#p(\d+)$/.exec(location.hash);
    if (!page || document.getElementById(`p${page[1]}`)) return;
    const address = new URL(location.href);
    if (address.searchParams.get("page") === page[1]) return;
    address.searchParams.set("page", page[1]);
    location.replace(address);
  };

  if (article) {
    for (const kind of ["click", "auxclick"]) document.addEventListener(kind, keep, true);
    let waiting = false;
    const soon = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        follow();
      });
    };
    addEventListener("scroll", soon, { passive: true });
    follow();
    // A list of contents that was opened closes when a section is chosen, so that it does not push the text down.
    for (const list of article.querySelectorAll(".toc-small")) {
      list.addEventListener("click", (event) => {
        if (event.target.closest("a")) list.open = false;
      });
    }
  }
  if (document.querySelector("article.document[data-screens]")) {
    toScreen();
    addEventListener("hashchange", toScreen);
  }
})();
