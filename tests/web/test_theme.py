"""Light, dark, or as the device: the form in the foot, its cookie, and what caches are told."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from fastapi.testclient import TestClient

from web.theme import MAX_BACK, own_address


def head(html: str) -> tuple[str, str]:
    """The first element of a page, and what it tells browsers of its colours."""
    return re.findall(r"<html[^>]*>|<meta name=\"color-scheme\"[^>]*>", html)[0:2]


@pytest.mark.parametrize(
    ("cookie", "element", "meta", "pressed"),
    [
        ("", '<html lang="en">', "light dark", "device"),
        ("light", '<html lang="en" data-theme="light">', "light", "light"),
        ("dark", '<html lang="en" data-theme="dark">', "dark", "dark"),
        ("device", '<html lang="en">', "light dark", "device"),  # never set by us
        ('dark"><script>', '<html lang="en">', "light dark", "device"),  # somebody's own cookie
        ("x" * 4000, '<html lang="en">', "light dark", "device"),
    ],
    ids=["none", "light", "dark", "by its name", "hostile", "long"],
)
def test_a_page_has_the_colours_of_the_cookie(client: TestClient, cookie: str, element: str, meta: str, pressed: str) -> None:
    html = client.get("/en/help", headers={"cookie": f"theme={cookie}"} if cookie else {}).text
    assert head(html) == [element, f'<meta name="color-scheme" content="{meta}">']
    assert re.findall(r'name="theme" value="(\w+)" aria-pressed="true"', html) == [pressed]


@pytest.mark.parametrize(
    ("theme", "kept"),
    [
        ("light", r"theme=light; Max-Age=31536000; Path=/; SameSite=lax"),
        ("dark", r"theme=dark; Max-Age=31536000; Path=/; SameSite=lax"),
        ("device", r'theme=""; expires=.+; Max-Age=0; Path=/; SameSite=lax'),
    ],
)
def test_a_choice_is_kept_and_leads_back(client: TestClient, theme: str, kept: str) -> None:
    answer = client.post("/th/theme", data={"theme": theme, "back": "/th/?q=flood&country=TH"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/th/?q=flood&country=TH#theme")
    assert re.fullmatch(kept, answer.headers["set-cookie"])
    assert answer.headers["cache-control"] == "no-store"
    client.cookies.clear()


def test_over_an_encrypted_line_the_cookie_travels_on_such_lines_only(client: TestClient) -> None:
    answer = client.post("https://testserver/en/theme", data={"theme": "dark"}, follow_redirects=False)
    assert answer.headers["set-cookie"].endswith("; Secure")
    client.cookies.clear()


@pytest.mark.parametrize(("language", "words"), [("en", "Choose light, dark"), ("th", "กรุณาเลือกพื้นสว่าง")])
@pytest.mark.parametrize("theme", ["", "blue", "dark "])
def test_other_colours_are_refused_in_the_readers_language(client: TestClient, language: str, words: str, theme: str) -> None:
    answer = client.post(f"/{language}/theme", data={"theme": theme})
    assert answer.status_code == 422
    assert words in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("back", "ours"),
    [
        ("/th/", True),
        ("/en", True),
        ("/en/?q=%E0%B8%99%E0%B9%89%E0%B8%B3", True),
        ("/th/practices/th-traffy-fondue?view=both&q=a+b", True),
        ("", False),
        ("/", False),
        ("https://evil.example/th/", False),
        ("//evil.example/th/", False),
        ("/\\evil.example", False),
        ("/th/\\evil.example", False),
        ("/th@evil.example/", False),
        ("/english", False),
        ("/th/\r\nSet-Cookie: a=b", False),
        ("/th/\n", False),
        ("/th/ไทย", False),
        ("/api/v1/search", False),
        ("javascript:alert(1)", False),
        ("/th/?q=" + "x" * MAX_BACK, False),
    ],
)
def test_only_addresses_of_our_pages_are_gone_back_to(client: TestClient, back: str, ours: bool) -> None:
    assert own_address(back) == (back if ours else "")
    answer = client.post("/en/theme", data={"theme": "device", "back": back}, follow_redirects=False)
    assert answer.headers["location"] == (f"{back}#theme" if ours else "/en/")


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/th/", "/th/"),
        ("/en/?q=%E0%B8%99%E0%B9%89%E0%B8%B3&country=TH", "/en/?q=%E0%B8%99%E0%B9%89%E0%B8%B3&amp;country=TH"),
        ("/en/?q=" + "x" * MAX_BACK, "/en/"),
        ("/th/practices/%E0%B9%84%E0%B8%97%E0%B8%A2", "/th/practices/%E0%B9%84%E0%B8%97%E0%B8%A2"),
        ("/en/practices/no%3Fsuch", "/en/practices/no%3Fsuch"),
    ],
    ids=["plain", "question", "too long: without the question", "an error page", "a question mark that asks nothing"],
)
def test_the_form_knows_the_page_that_it_stands_on(client: TestClient, path: str, back: str) -> None:
    assert f'<input type="hidden" name="back" value="{back}">' in client.get(path).text


def test_an_answer_to_a_form_offers_no_choice_that_would_lose_what_was_typed(client: TestClient) -> None:
    assert 'id="theme"' in client.get("/en/similar").text
    assert 'id="theme"' not in client.post("/en/similar", data={"text": "The city warns of floods."}).text


def test_caches_tell_the_colours_apart(client: TestClient) -> None:
    plain, dark = (client.get("/en/help", headers={"cookie": cookie}) for cookie in ("a=b", "theme=dark"))
    assert plain.headers["etag"] != dark.headers["etag"]
    for answer, cookie, other in ((plain, "a=b", "theme=dark"), (dark, "theme=dark", "a=b")):
        assert {"Accept-Language", "Cookie"} <= set(answer.headers["vary"].split(", "))
        known = {"if-none-match": answer.headers["etag"]}
        again = client.get("/en/help", headers={**known, "cookie": cookie})
        assert (again.status_code, again.headers["vary"].split(", ")[:2]) == (304, ["Accept-Language", "Cookie"])
        assert client.get("/en/help", headers={**known, "cookie": other}).status_code == 200


def test_what_looks_the_same_in_all_colours_does_not_vary(client: TestClient) -> None:
    for path in ("/static/style.css", "/api/v1/search?q=flood", "/sitemap.xml", "/th/new.atom"):
        assert "Cookie" not in client.get(path).headers.get("vary", ""), path


def test_dark_is_the_same_whether_asked_for_by_the_device_or_by_the_reader() -> None:
    style = files("web").joinpath("static/style.css").read_text(encoding="utf-8")
    device, chosen = re.findall(r'data-theme="(?:light"\]\)|dark"\]) \{(.*?--sea: #\w+;) \}', style, re.DOTALL)
    assert device == chosen
    light = re.search(r":root \{(.*?)\}", style, re.DOTALL)
    assert light is not None
    colours = set(re.findall(r"(--[\w-]+): #", light[1]))
    assert set(re.findall(r"(--[\w-]+): #", chosen)) == colours, "each colour of the light page has one for the dark page"
