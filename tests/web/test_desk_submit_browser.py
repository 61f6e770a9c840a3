"""Handing in a case in real Chromium: a Thai PDF, its proposals, the case that is there already, submission; and the script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from kb.desk.desk import Desk
from kb.desk.rights import Role, State
from tests.web.test_browser import chromium
from tests.web.test_desk_submit import PASSWORD, report

pytestmark = pytest.mark.browser
EMAIL = "driver@submit.example"


@pytest.fixture(scope="module")
def desk(app: FastAPI) -> Iterator[Desk]:
    before = app.state.desk
    app.state.desk = made = Desk(
        app.state.repository, app.state.current.store, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    account = made.accounts.add(EMAIL, "Driver", Role.CONTRIBUTOR, "en")
    made.accounts.set_password(account.id, PASSWORD)
    yield made
    app.state.desk = before


@pytest.fixture(scope="module", params=[False, True], ids=["without JavaScript", "with JavaScript"])
def browser(
    request: pytest.FixtureRequest, desk: Desk, address: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[webdriver.Chrome]:
    driver = chromium(tmp_path_factory.mktemp("chromium"), javascript=request.param)
    driver.set_window_size(360, 800)
    driver.get(f"{address}/en/desk/sign-in")
    driver.find_element(By.ID, "email").send_keys(EMAIL)
    driver.find_element(By.ID, "password").send_keys(PASSWORD + "\n")
    WebDriverWait(driver, 20).until(lambda shown: shown.current_url.endswith("/desk"))
    yield driver
    driver.quit()


def press(browser: webdriver.Chrome, selector: str, until: str) -> None:
    """Press a button, and wait for the page that it leads to."""
    button = browser.find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", button)
    WebDriverWait(browser, 120).until(lambda shown: re.search(until, shown.current_url))
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), "wider than a phone"


def test_a_thai_report_becomes_a_submitted_case(browser: webdriver.Chrome, desk: Desk, address: str, tmp_path: Path) -> None:
    file = tmp_path / "รายงาน.pdf"
    file.write_bytes(report())
    browser.get(f"{address}/en/desk/new")
    browser.find_element(By.ID, "file").send_keys(str(file))
    press(browser, "form[action$='/new/file'] button", "/proposals$")
    assert browser.find_elements(By.CSS_SELECTOR, ".passage mark"), "the passages are marked"
    press(browser, ".proposals .buttons button", "/write")
    number = int(re.findall(r"/entries/(\d+)/", browser.current_url)[0])
    assert "Still" not in browser.title
    fields = {name: browser.find_element(By.NAME, name) for name in ("country", "agencies", "summary", "action")}
    assert fields["summary"].get_attribute("value"), "the summary was taken over"
    if not fields["agencies"].get_attribute("value"):
        fields["agencies"].send_keys("เทศบาลนครหาดใหญ่")
    if not fields["country"].get_attribute("value"):
        browser.find_element(By.CSS_SELECTOR, "#field-country option[value=TH]").click()
    press(browser, "#write button[value=submit]", "/similar")
    title = browser.find_element(By.CSS_SELECTOR, ".near h3 a[href*='/practices/th-hat-yai-flood-warning']")
    assert title.get_attribute("lang") == "en", "the case that is there is told in the reader's language"
    assert desk.entries.required(number).state is State.DRAFT
    while waiting := browser.find_elements(By.CSS_SELECTOR, ".decide textarea"):
        waiting[0].send_keys("Another year and another canal.")
        count = len(waiting)
        button = browser.find_element(By.CSS_SELECTOR, ".decide button")
        browser.execute_script("arguments[0].click()", button)
        WebDriverWait(browser, 60).until(lambda shown: len(shown.find_elements(By.CSS_SELECTOR, ".decide textarea")) < count)  # noqa: B023
    press(browser, "form[action$='/similar/submit'] button", "done=handed-in")
    assert desk.entries.required(number).state is State.SUBMITTED


def test_a_form_is_kept_while_it_is_typed(
    browser: webdriver.Chrome, desk: Desk, address: str, request: pytest.FixtureRequest
) -> None:
    if "without" in request.node.callspec.id:
        pytest.skip("the button saves there; see the other test")
    browser.get(f"{address}/en/desk/new/write?face=en")
    browser.find_element(By.NAME, "title").send_keys("A boat that brings the district office to the villages")
    WebDriverWait(browser, 60).until(lambda shown: "/entries/" in shown.current_url)
    number = int(re.findall(r"/entries/(\d+)/", browser.current_url)[0])
    browser.find_element(By.NAME, "lessons").send_keys("Go in the dry season.")
    WebDriverWait(browser, 60).until(
        lambda _: "dry season" in (desk.entries.autosaved(number, desk.accounts.by_email(EMAIL)) or ("", "", ""))[2]  # type: ignore[arg-type]
    )
    browser.execute_script("window.onbeforeunload = null")
    browser.get(f"{address}/en/desk/entries/{number}/write")
    assert browser.find_element(By.NAME, "lessons").get_attribute("value") == "Go in the dry season."
