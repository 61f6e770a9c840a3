"""What a reader can take away, on the page of a practice in real Chromium: layout, copying, JSON-LD under the site's rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.web.test_browser import chromium

pytestmark = pytest.mark.browser

TRAFFY = "th-traffy-fondue"
PAGE = f"practices/{TRAFFY}?view=both"


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    started = chromium(tmp_path_factory.mktemp("copying"), javascript=True)
    yield started
    started.quit()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_fits_and_breaks_no_rule(scripted: webdriver.Chrome, address: str, language: str, width: int) -> None:
    scripted.get_log("browser")
    scripted.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    )
    scripted.get(f"{address}/{language}/{PAGE}")
    assert scripted.execute_script("return document.documentElement.scrollWidth") <= width
    small = scripted.execute_script(
        "return [...document.querySelectorAll('.take-away a, .take-away button, .take-away input')]"
        ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
    )
    assert small == []
    assert [entry for entry in scripted.get_log("browser") if "Content Security Policy" in entry["message"]] == []
    kinds = scripted.execute_script(
        "const data = document.querySelector('script[type=\"application/ld+json\"]').textContent;"
        "return JSON.parse(data)['@graph'].map(node => node['@type'])"
    )
    assert kinds == ["Report", "Report"]
    links = [link.get_attribute("href") for link in scripted.find_elements(By.CSS_SELECTOR, ".take-away a")]
    assert f"{address}/{language}/practices/{TRAFFY}.pdf?view=both" in links
    assert sum(link.startswith("mailto:?") for link in links) == 1


def test_the_citation_is_copied(scripted: webdriver.Chrome, address: str) -> None:
    scripted.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    scripted.get(f"{address}/th/{PAGE}")
    buttons = scripted.find_elements(By.CSS_SELECTOR, "button.copy")
    assert [button.is_displayed() for button in buttons] == [True, True]
    buttons[1].click()
    WebDriverWait(scripted, 10).until(lambda _: buttons[1].text == "คัดลอกแล้ว")
    pasted = scripted.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert pasted == scripted.find_element(By.ID, "cite-apa").text
    assert pasted.startswith("คลังแนวปฏิบัติที่ดีภาครัฐอาเซียน. (ม.ป.ป.).")


def test_without_javascript_there_are_no_buttons(address: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = chromium(tmp_path_factory.mktemp("plain"), javascript=False)
    try:
        plain.get(f"{address}/en/{PAGE}")
        assert not any(button.is_displayed() for button in plain.find_elements(By.CSS_SELECTOR, "button.copy"))
        assert plain.find_element(By.ID, "cite-apa").is_displayed()
    finally:
        plain.quit()
