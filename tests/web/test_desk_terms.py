"""Termbase and taxonomy on the desk's pages: lists, forms, the effect before saving, and what is sent wrongly."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_visits import Visit, visit
from fastapi import FastAPI
from httpx import Response

from kb.desk.desk import Desk
from kb.desk.lists import Edit, Lists
from kb.desk.rights import Role
from kb.encoder import FakeEncoder
from kb.ingest.progress import Progress
from kb.overlay import TERMS
from kb.repository import Repository
from kb.settings import Settings
from web.app import create_app
from web.limits import RateLimit

CASES = ("th/th-traffy-fondue.md", "id/id-petabencana.md", "ph/ph-project-noah.md", "th/th-hat-yai-flood-warning.md")


@pytest.fixture(scope="module")
def own_app(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> FastAPI:
    """An application over lists of its own and four cases."""
    place = tmp_path_factory.mktemp("terms")
    shutil.copytree(corpus, place / "corpus", ignore=shutil.ignore_patterns("practices"))
    settings = Settings(home=place / "var", index=place / "index", corpus=place / "corpus")
    repository = Repository(settings, FakeEncoder())
    repository.ingest([corpus / "practices" / case for case in CASES], Progress(quiet=True))
    return create_app(repository, limit=RateLimit(rate=0, burst=1))


@pytest.fixture
def editor(own_app: FastAPI, tmp_path: Path) -> Iterator[tuple[Desk, Visit]]:
    with visit(own_app, f"{tmp_path.name}@terms.example", Role.EDITOR) as (desk, visitor):
        yield desk, visitor


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of an entry's form, without its buttons."""
    areas = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    lines = re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page)
    lines += re.findall(r'<input id="(\w+)" name="\w+" value="([^"]*)"', page)
    chosen = re.findall(r'<select id="(\w+)".*?</select>', page, re.DOTALL)
    selects = {
        name: (re.search(rf'<select id="{name}".*?value="([^"]*)" selected', page, re.DOTALL) or ["", ""])[1] for name in chosen
    }
    known = {name: html.unescape(value) for name, value in (*lines, *areas)}
    return {name: value for name, value in (known | selects).items() if name not in ("token", "q")}


def said(answer: Response) -> str:
    found = re.search(r'id="problem"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def test_a_term_is_found_changed_with_its_effect_and_restored(editor: tuple[Desk, Visit]) -> None:
    _, visitor = editor
    assert "/en/desk/terms/terms/nectec" in visitor.get("/en/desk/terms?q=NECTEC").text
    page = "/en/desk/terms/terms/nectec"
    form = form_of(visitor.get(page).text)
    first = form["en"]
    shown = visitor.post(page, **{**form, "en": form["en"] + "\nflood map makers", "reason": "they are called so"})
    assert shown.status_code == 200
    assert "flood map makers" in shown.text
    assert "newly understood:" in shown.text
    assert visitor.get(page).text.count("flood map makers") == 0, "nothing is saved yet"
    saved = visitor.post(page, **form_of(shown.text), do="save")
    assert (saved.status_code, saved.headers["location"]) == (303, f"{page}?done=list-saved")
    after = visitor.get(page)
    assert "flood map makers" in after.text
    assert "they are called so" in after.text
    again = form_of(after.text) | {"en": first, "reason": "not needed"}
    assert visitor.post(page, **again, do="save").status_code == 303
    version = re.search(r"\?version=(\d+)\"", visitor.get(page).text.split("they are called so")[1])
    assert version
    assert "flood map makers" in form_of(visitor.get(f"{page}?version={version[1]}").text)["en"]


def test_pages_and_answers_follow_a_label(own_app: FastAPI, editor: tuple[Desk, Visit]) -> None:
    _, visitor = editor
    page = "/en/desk/terms/priorities/crisis-and-disaster-management"
    form = form_of(visitor.get(page).text)
    assert (
        visitor.post(page, **{**form, "label_en": "Storms & <floods>", "reason": "plain words"}, do="save").status_code == 303
    )
    own_app.state.upkeep.once(own_app.state.current.store)
    assert "Storms &amp; &lt;floods&gt;" in visitor.get("/en/practices/th-hat-yai-flood-warning").text
    assert "Storms &amp; &lt;floods&gt;" in visitor.get("/en/?q=flood").text


def test_a_new_entry_and_taking_it_out(editor: tuple[Desk, Visit]) -> None:
    _, visitor = editor
    page = "/en/desk/terms/regions/new"
    form = form_of(visitor.get(page).text)
    asked = {**form, "new_key": "gulf", "label_th": "อ่าวไทย", "label_en": "Gulf of Thailand", "members": "TH\nKH\nVN\nMY"}
    assert "Gulf of Thailand" in visitor.post(page, **asked).text
    saved = visitor.post(page, **{**asked, "reason": "asked for"}, do="save")
    assert saved.headers["location"].startswith("/en/desk/terms/regions/gulf")
    page = "/en/desk/terms/regions/gulf"
    gone = visitor.post(page, **form_of(visitor.get(page).text) | {"gone": "1"})
    assert "The entry is taken out." in gone.text
    assert visitor.post(page, **{**form_of(gone.text), "reason": "after all not"}, do="save").status_code == 303
    assert "taken out" in visitor.get(page).text
    assert visitor.get("/en/desk/terms/regions/never-there").status_code == 404


WRONG = [
    ("no Thai form", "terms/bma", {"th": " \n"}, "Give at least one form"),
    ("a form that is not listed", "terms/bma", {"ambiguous": "Something else"}, "is no form of this entry"),
    ("half a heading", "terms/bma", {"heading_th": "กทม."}, "Give the heading in both"),
    ("no domain", "terms/bma", {"domain": "poetry"}, "Choose the domain"),
    ("a source that is nowhere", "terms/bma", {"source": "javascript:alert(1)"}, "neither a case here nor"),
    ("a form of another entry", "terms/bma", {"en": "NECTEC"}, "Another entry has the same form"),
    ("nothing changed", "terms/bma", {}, "Nothing was changed"),
    ("a sign and no letter", "terms/bma", {"en": "!!!"}, "A form has no letter"),
    ("a very long form", "terms/bma", {"en": "x" * 201}, "longer than"),
    ("too many lines", "terms/bma", {"en": "\n".join(f"x{n}" for n in range(80))}, "too long"),
    ("no English name", "levels/national", {"label_en": ""}, "Give the name"),
    ("half a definition", "levels/national", {"definition_th": ""}, "Give the definition in both"),
    ("a lonely region", "regions/mainland", {"members": "TH"}, "at least two states"),
    ("an id with a path", "regions/new", {"new_key": "../x"}, "An id has letters"),
    ("an id that is taken", "regions/new", {"new_key": "mainland"}, "with this id already"),
]


@pytest.mark.parametrize(("why", "place", "wrong", "message"), WRONG, ids=[row[0] for row in WRONG])
@pytest.mark.parametrize("do", ["effect", "save"])
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    editor: tuple[Desk, Visit], why: str, place: str, wrong: dict[str, str], message: str, do: str
) -> None:
    _, visitor = editor
    page = f"/en/desk/terms/{place}"
    form = form_of(visitor.get(page).text) | wrong
    answer = visitor.post(page, **{**form, "reason": "a <reason>"}, do=do)
    assert answer.status_code == 422
    assert message in said(answer)
    kept = form_of(answer.text)
    for name, value in wrong.items():
        if name != "domain":
            assert kept[name].strip() == value.strip()
    assert kept["reason"] == "a <reason>"
    thai = visitor.post(page.replace("/en/", "/th/"), **form, do=do)
    assert re.search("[ก-๛]", said(thai)), "and in Thai"


def test_saving_without_a_reason_shows_the_effect_again(editor: tuple[Desk, Visit]) -> None:
    _, visitor = editor
    page = "/en/desk/terms/terms/bma"
    form = form_of(visitor.get(page).text) | {"source": "https://bangkok.example/"}
    answer = visitor.post(page, **form, do="save")
    assert answer.status_code == 422
    assert "Say in a line why" in said(answer)
    assert form_of(answer.text)["source"] == "https://bangkok.example/"
    assert visitor.post(page, **form_of(answer.text) | {"reason": "checked"}, do="save").status_code == 303


def test_two_editors_at_once(editor: tuple[Desk, Visit]) -> None:
    _, visitor = editor
    page = "/en/desk/terms/terms/cgd"
    form = form_of(visitor.get(page).text) | {"reason": "why"}
    assert visitor.post(page, **form | {"source": "https://one.example/"}, do="save").status_code == 303
    late = visitor.post(page, **form | {"source": "https://two.example/"}, do="save")
    assert late.status_code == 409
    assert form_of(late.text)["source"] == "https://two.example/", "the text stays in the form"
    assert visitor.post(page, **form_of(late.text), do="save").status_code == 303


@pytest.mark.parametrize("path", ["terms/nothing", "poems/bma", "status/new", "terms/terms/nothing"])
def test_lists_and_entries_that_are_not_there(editor: tuple[Desk, Visit], path: str) -> None:
    assert editor[1].get(f"/en/desk/terms/{path}").status_code == 404


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_list_has_its_page_and_every_entry_its_form(editor: tuple[Desk, Visit], language: str) -> None:
    _, visitor = editor
    first = visitor.get(f"/{language}/desk/terms").text
    pages = re.findall(rf'href="(/{language}/desk/terms/[a-z_]+)"', first)
    assert len(set(pages)) == 13
    for page in dict.fromkeys(pages):
        listed = visitor.get(page)
        assert listed.status_code == 200
        for entry in re.findall(rf'href="({page}/[A-Za-z0-9-]+)"', listed.text)[:2]:
            assert visitor.get(entry).status_code == 200


def test_kept_searches_on_the_page(editor: tuple[Desk, Visit]) -> None:
    _, visitor = editor
    page = "/en/desk/terms/queries"
    assert visitor.post(page, text="<b>flood</b> maps").status_code == 303
    listed = visitor.get(page).text
    assert "&lt;b&gt;flood&lt;/b&gt; maps" in listed
    assert said(visitor.post(page, text="<b>flood</b>  maps")) == "This question is kept already."
    assert said(visitor.post(page, text=" ")).startswith("Give a question")
    number = re.search(r'name="remove" value="(\d+)"', listed)
    assert number
    assert visitor.post(page, remove=number[1]).status_code == 303
    assert "There are none yet." in visitor.get(page).text


def test_a_server_that_ended_before_it_followed_is_no_obstacle(own_app: FastAPI, editor: tuple[Desk, Visit]) -> None:
    """The next one follows before it answers."""
    desk, _ = editor
    given: Repository = own_app.state.repository
    lists = Lists(given.settings.corpus, given.vocabulary.cache, desk.store)
    row = {"id": "water-gauge", "domain": "crisis", "th": ["มาตรวัดน้ำริมคลอง"], "en": ["canal gauge"]}
    person = desk.accounts.all()[-1]
    lists.save(Edit(TERMS, "water-gauge", row), "killed after this", person)
    late = create_app(Repository(given.settings, FakeEncoder()), limit=RateLimit(rate=0, burst=1))
    repository: Repository = late.state.repository
    assert repository.is_current(late.state.current.store)
    assert late.state.current.get().read("canal gauge").expansions
