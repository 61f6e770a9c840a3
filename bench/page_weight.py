"""What a first visit to each type of page costs on a phone, measured in real Chromium with an empty cache.

    python bench/page_weight.py [http://127.0.0.1:8000]

Bytes are those of the answers as they travel, headers and fonts included. Exits with 1 where a page is over a budget. How long
a page takes is not judged: that depends on the machine.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from urllib.parse import quote

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

PAGES = {
    "home": "/{}/",
    "results": "/{}/?q=" + quote("น้ำท่วม เตือนภัย"),
    "practice": "/{}/practices/th-hat-yai-flood-warning",
    "practice, both faces": "/{}/practices/th-hat-yai-flood-warning?view=both",
    "help": "/{}/help",
    "site map": "/{}/site-map",
}
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync".split()
)

_MEASURE = """
const done = arguments[0];
const finish = async () => {
  await document.fonts.ready;
  await new Promise(then => setTimeout(then, 300));
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const shift = await new Promise(then => {
    let total = 0;
    new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) total += e.value; }))
      .observe({type: "layout-shift", buffered: true});
    setTimeout(() => then(total), 100);
  });
  done({
    bytes: entries.reduce((sum, e) => sum + e.transferSize, 0),
    requests: entries.length,
    nodes: document.querySelectorAll("*").length,
    shift,
    foreign: entries.map(e => e.name).filter(name => !name.startsWith(location.origin)),
  });
};
document.readyState === "complete" ? finish() : addEventListener("load", finish);
"""


@dataclass(frozen=True)
class Weight:
    """What a visit costs: bytes as they travel, requests, elements of the page, cumulative layout shift, foreign addresses."""

    bytes: int
    requests: int
    nodes: int
    shift: float
    foreign: tuple[str, ...] = ()


BUDGET = Weight(bytes=300_000, requests=15, nodes=2_500, shift=0.1)
"""The most that a page may cost. A page of 300 kB takes some six seconds on a line of 400 kbit/s; a shift up to 0.1 is what
the Core Web Vitals call good."""


def measure(browser: webdriver.Chrome, address: str) -> Weight:
    """The weight of a first visit to a page."""
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(address)
    found = browser.execute_async_script(_MEASURE)
    return Weight(found["bytes"], found["requests"], found["nodes"], found["shift"], tuple(found["foreign"]))


def over(weight: Weight, budget: Weight = BUDGET) -> list[str]:
    """Which budgets a page exceeds, in words."""
    pairs = [(name, getattr(weight, name), getattr(budget, name)) for name in ("bytes", "requests", "nodes", "shift")]
    exceeded = [f"{name} {value:,} of {most:,}" for name, value, most in pairs if value > most]
    return exceeded + [f"loads {address}" for address in weight.foreign]


def main(base: str = "http://127.0.0.1:8000") -> int:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    failed = False
    try:
        print(f"{'page':28}{'kB':>8}{'requests':>10}{'nodes':>8}{'shift':>8}")
        for name, path in PAGES.items():
            for language in ("th", "en"):
                weight = measure(browser, base + path.format(language))
                exceeded = over(weight)
                failed = failed or bool(exceeded)
                kilobytes = weight.bytes / 1000
                row = f"{name + ', ' + language:28}{kilobytes:8.1f}{weight.requests:10}{weight.nodes:8}{weight.shift:8.3f}"
                print(row + ("  OVER: " + "; ".join(exceeded) if exceeded else ""))
    finally:
        browser.quit()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
