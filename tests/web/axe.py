"""axe-core in a page of real Chromium: what it finds, one line a violation."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from selenium import webdriver

EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What a colour scheme can change."""

_RUN = """
const [runOnly, done] = arguments;
axe.run(document, {runOnly, resultTypes: ["violations"]})
  .then(found => done({violations: found.violations, passes: found.passes.length}), error => done({error: String(error)}));
"""


@cache
def axe_source() -> str:
    """axe-core as a pinned package carries it; the file alone is read, so that what the package depends on is not needed."""
    try:
        return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        if os.environ.get("KB_REQUIRE_BROWSER"):
            pytest.fail("axe-core is required here but not installed: make test installs it (axe-playwright-python, no deps)")
        pytest.skip("axe-core is not installed: pip install --no-deps axe-playwright-python (make test does)")


def violations(browser: webdriver.Chrome, rules: dict[str, Any]) -> list[str]:
    """What axe finds on the page as it is shown now: "rule (impact): element", one line each.

    The script is put in by the driver, which the page's policy does not bind.
    """
    if not browser.execute_script("return 'axe' in window"):
        browser.execute_script(axe_source())
    found: dict[str, Any] = browser.execute_async_script(_RUN, rules)
    if "error" in found:
        raise RuntimeError(found["error"])
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['id']} ({rule['impact']}): {' '.join(map(str, node['target']))}: {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
