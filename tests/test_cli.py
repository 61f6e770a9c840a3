"""The commands: exit status 0, 1 or 2, errors of one line on standard error, and JSON that programs can rely on.

A tiny model that knows no meaning stands in for the real one, by the setting that any other model would use.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner, Result
from made_records import CASES, small_corpus
from weights_image import weights_image, write_tiny_model

from kb import __version__
from kb.cli import main
from kb.records import LANGUAGES
from kb.repository import Repository
from kb.runtime import MIN_COSINE, processor_kind
from kb.settings import Settings
from kb.store import FACETS

MODEL_NAMES = {"ndcg@10", "mrr@10", "recall@1", "recall@10", "recall@100", "queries"}


@dataclass(frozen=True)
class Place:
    """Folders that the commands work in, named to them through the environment."""

    root: Path
    model: Path

    @property
    def environment(self) -> dict[str, str | None]:
        return dict.fromkeys(name for name in os.environ if name.startswith("KB_")) | {
            "KB_HOME": str(self.root / "var"),
            "KB_INDEX": str(self.root / "index"),
            "KB_CORPUS": str(self.root / "corpus"),
            "KB_MODEL": str(self.model),
        }

    def run(self, *arguments: str | Path, **environment: str) -> Result:
        """A command in this process."""
        return CliRunner().invoke(main, list(map(str, arguments)), env={**self.environment, **environment})

    def json(self, *arguments: str | Path) -> Any:
        ran = self.run(*arguments, "--json")
        assert ran.exit_code in (0, 1), ran.stderr
        return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def filled(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Four practices, read in; tests must not change it."""
    root = tmp_path_factory.mktemp("place")
    place = Place(root, write_tiny_model(root / "models" / "tiny"))
    small_corpus(corpus, root / "corpus")
    ran = place.run("ingest")
    assert ran.exit_code == 0, ran.output
    return place


@pytest.fixture
def own(filled: Place, tmp_path: Path) -> Place:
    """The same, to be changed. Files keep their absolute paths, so reading the corpus in again reads all of it."""
    for name in ("var", "index", "corpus"):
        shutil.copytree(filled.root / name, tmp_path / name)
    return Place(tmp_path, filled.model)


@pytest.fixture
def empty(filled: Place, corpus: Path, tmp_path: Path) -> Place:
    """A corpus, and nothing read in yet."""
    small_corpus(corpus, tmp_path / "corpus")
    return Place(tmp_path, filled.model)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder without a settings file."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


def _commands(group: click.Group, *names: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*names, name)
        if isinstance(command, click.Group):
            yield from _commands(command, *names, name)


def _refused(ran: Result) -> str:
    """The one line of a command that was refused."""
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("kb: ")
    assert ran.stderr.count("\n") == 1
    return ran.stderr


# Help

CONTRACT = {
    ("ingest",), ("search",), ("eval",), ("eval", "beir"), ("eval", "topics"), ("serve",), ("model",), ("check",),
    ("rebuild",), ("export",), ("status",),
}  # fmt: skip
READ_BY_PROGRAMS = (CONTRACT | {("similar",), ("suggest",), ("table", "export"), ("table", "check")}) - {
    ("eval",), ("serve",), ("rebuild",),
}  # fmt: skip


def test_the_commands_are_those_of_the_contract() -> None:
    assert set(_commands(main)) >= CONTRACT


@pytest.mark.parametrize("command", sorted(_commands(main)), ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    ran = CliRunner().invoke(main, [*command, "--help"])
    assert ran.exit_code == 0
    assert f"Example:  kb {' '.join(command)}" in " ".join(ran.stdout.split("\n")).replace("   ", "  ")
    assert ("--json" in ran.stdout) == (command in READ_BY_PROGRAMS)


def test_version() -> None:
    ran = CliRunner().invoke(main, ["--version"])
    assert (ran.exit_code, ran.stdout) == (0, f"kb, version {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["eval"]])
def test_a_group_without_a_command_shows_its_help_and_is_bad_use(arguments: list[str]) -> None:
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Usage: kb")


# Bad use and bad input


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["--colour"], "No such option '--colour'. See: kb --help", id="unknown option"),
        pytest.param(["find"], "No such command 'find'. See: kb --help", id="unknown command"),
        pytest.param(["eval", "trec"], "No such command 'trec'. See: kb eval --help", id="unknown collection"),
        pytest.param(["search"], "Missing argument 'QUERY'. See: kb search --help", id="no question"),
        pytest.param(["search", "น้ำ", "--limit", "สิบ"], "is not a valid integer", id="a limit that is no number"),
        pytest.param(["search", "น้ำ", "--limit", "0"], "limit must be from 1", id="a limit out of range"),
        pytest.param(["search", "น้ำ", "--facet", "country"], "is not NAME=VALUE", id="a facet without a value"),
        pytest.param(["search", "น้ำ", "--facet", "colour=red"], "unknown facet 'colour'", id="an unknown facet"),
        pytest.param(["search", "น้ำ", "--from", "2020", "--to", "2553"], "the years run backwards", id="years"),
        pytest.param(["search", "น้ำ", "--from", "9" * 30], "four digits", id="a year beyond all numbers"),
        pytest.param(["ingest", "/no/such/folder"], "/no/such/folder does not exist", id="nothing to read in"),
        pytest.param(["check", "/no/such/corpus"], "the file is missing", id="no corpus"),
        pytest.param(["eval", "beir", "/no/such"], "corpus.jsonl cannot be read", id="no collection"),
        pytest.param(["eval", "topics", "/no/such.jsonl"], "/no/such.jsonl cannot be read", id="no topics"),
    ],
)
def test_bad_use_is_status_2_and_one_line(filled: Place, arguments: list[str], reason: str) -> None:
    assert reason in _refused(filled.run(*arguments))


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        pytest.param({"KB_MODEL": "/no/such/model"}, "is no folder and no hub id", id="model"),
        pytest.param({"KB_MODEL": "default"}, "run: kb model", id="the default model was not prepared"),
        pytest.param({"KB_RUNTIME": "onnx"}, "runtime must be auto or torch", id="runtime"),
        pytest.param({"KB_PORT": "80a"}, "port must be a whole number", id="port"),
        pytest.param({"KB_SETTINGS": "/no/such.toml"}, "which does not exist", id="settings file"),
        pytest.param({"KB_CORPUS": "/no/such"}, "the file is missing", id="corpus"),
    ],
)
def test_a_bad_setting_is_status_2_and_one_line(empty: Place, environment: dict[str, str], reason: str) -> None:
    assert reason in _refused(empty.run("ingest", **environment))


@pytest.mark.parametrize(("name", "command"), [("KB_HOME", "ingest"), ("KB_INDEX", "ingest")])
def test_a_file_where_a_folder_should_be_is_status_2_and_one_line(empty: Place, name: str, command: str) -> None:
    (empty.root / "file").touch()
    refused = _refused(empty.run(command, "--quiet", **{name: str(empty.root / "file" / "inside")}))
    assert f"set {name} to another folder" in refused


@pytest.mark.parametrize("arguments", [["search", "น้ำ"], ["rebuild"], ["export"], ["eval", "topics", "x.jsonl"]])
def test_without_a_database_commands_say_how_to_make_one(empty: Place, arguments: list[str]) -> None:
    assert "there is no database at" in (refused := _refused(empty.run(*arguments)))
    assert refused.endswith("run: kb ingest\n")
    assert not (empty.root / "var" / "kb.db").exists()


@pytest.mark.parametrize(
    "arguments", [["search", "น้ำ"], ["ingest"], ["rebuild"], ["export"], ["status"], ["eval", "topics", "x.jsonl"]]
)
def test_a_damaged_database_is_status_2_and_one_line(own: Place, arguments: list[str]) -> None:
    (own.root / "var" / "kb.db").write_bytes("ไม่ใช่ฐานข้อมูล".encode() * 500)
    assert "is damaged" in _refused(own.run(*arguments))


def test_a_port_in_use_is_status_2_and_one_line(filled: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "cannot listen on 127.0.0.1" in _refused(filled.run("serve", "--port", str(taken.getsockname()[1])))


def test_several_workers_answer_on_one_port_and_stop_together(own: Place) -> None:
    """The index is made once before they start; who comes early waits."""
    shutil.rmtree(own.root / "index")
    environment = {**os.environ, **{name: value for name, value in own.environment.items() if value is not None}}
    command = [sys.executable, "-m", "kb.cli", "serve", "--workers", "2", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            address = serving.stdout.readline().split()[2].rstrip("/")
            assert httpx.get(f"{address}/healthz", timeout=120).json()["practices"] == 4
            assert httpx.get(f"{address}/api/v1/search", params={"q": "flood"}, timeout=60).json()["hits"]
        finally:
            serving.terminate()
        assert serving.wait(30) in (0, -15)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/healthz", timeout=5)


def test_an_argument_that_is_no_text_is_no_crash(filled: Place) -> None:
    """What a terminal in another encoding hands over."""
    environment = {**os.environ, **{name: value for name, value in filled.environment.items() if value is not None}}
    command = [sys.executable, "-m", "kb.cli", "search", b"flood \xff\xfe", "--json"]
    ran = subprocess.run(command, env=environment, capture_output=True)
    assert ran.returncode in (0, 1), ran.stderr.decode()
    assert json.loads(ran.stdout)["query"] == "flood ??"


# ingest, rebuild, export, check, model, status


def test_ingest_reads_in_once_and_reports(empty: Place) -> None:
    report = empty.json("ingest")
    assert sorted(report["added"]) == list(CASES)
    assert report["embedded"] > 0
    assert report.keys() >= {"updated", "unchanged", "removed", "failed", "skipped", "doubts", "seconds"}
    again = empty.run("ingest")
    assert again.exit_code == 0
    assert again.stdout.startswith("added 0, updated 0, unchanged 4, removed 0, failed 0; 0 passages embedded in ")


def test_ingest_is_status_1_where_a_file_is_refused_and_reads_the_others(empty: Place) -> None:
    files = empty.root / "files"
    files.mkdir()
    (files / "ดี.txt").write_text("รายงานเรื่องน้ำท่วม\nเทศบาลแจ้งเตือนประชาชน", encoding="utf-8")
    (files / "broken.pdf").write_bytes(b"%PDF-1.7 cut off")
    ran = empty.run("ingest", "--quiet", files)
    assert ran.exit_code == 1
    assert ran.stdout.startswith("added 1, updated 0, unchanged 0, removed 0, failed 1;")
    assert ran.stderr.startswith(f"{files / 'broken.pdf'}: ")


def test_rebuild_makes_the_index_again(own: Place) -> None:
    shutil.rmtree(own.root / "index")
    ran = own.run("rebuild", "--quiet")
    assert ran.exit_code == 0
    assert ran.stdout == f"index rebuilt: {own.json('status')['counts']['passages']} passages, 0 embedded anew\n"
    assert own.json("status")["index"].startswith("up to date: en ")


def test_searching_rebuilds_a_damaged_index_and_says_why(own: Place) -> None:
    before = own.json("search", "น้ำท่วม")
    (own.root / "index" / "current" / "th.faiss").write_bytes(b"")
    ran = own.run("search", "น้ำท่วม", "--json")
    assert ran.stderr.startswith("kb: ")
    assert ran.stderr.endswith("th.faiss is damaged; rebuilding it\n")
    assert json.loads(ran.stdout) == before


def test_export_writes_what_was_read_in(own: Place) -> None:
    target = own.root / "out"
    assert own.json("export", target) == {"written": list(CASES), "unchanged": [], "withdrawn": [], "lists": [], "disputed": []}
    assert own.json("export", target) == {"written": [], "unchanged": list(CASES), "withdrawn": [], "lists": [], "disputed": []}
    for path in (own.root / "corpus" / "practices").glob("*/*.md"):
        assert (target / path.parent.name / path.name).read_bytes() == path.read_bytes()
    assert own.run("export", target).stdout == f"written 0, already the same 4, in {target}\n"


LABELLING = tuple(
    "effectiveness efficiency responsiveness accountability public-participation rule-of-law strategic-vision".split()
)
"""Terms that the principles are named by."""


@pytest.fixture
def linted(empty: Place) -> Place:
    """A corpus whose termbase names no other practices than its own, and what the lists take their labels from."""
    path = empty.root / "corpus" / "termbase" / "terms.yaml"
    kept = [line for line in path.read_text(encoding="utf-8").split("\n") if re.search(rf"id: ({'|'.join(LABELLING)}),", line)]
    terms = (
        "".join(f"{line}\n" for line in kept)
        + "- {id: a, domain: agency, th: [กรมทดลอง], en: [Trial Department], source: th-traffy-fondue}\n"
    )
    path.write_text(terms, encoding="utf-8")
    return empty


def test_check_is_status_0_for_a_good_corpus(linted: Place) -> None:
    ran = linted.run("check")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == "4 practices, 8 faces, 8 terms: 0 errors\n"
    assert linted.json("check") == {"practices": 4, "faces": 8, "terms": 1 + len(LABELLING), "findings": []}


def test_check_is_status_1_and_names_file_and_line_for_an_error(linted: Place) -> None:
    path = linted.root / "corpus" / "practices" / "id" / "id-petabencana.md"
    text = path.read_text(encoding="utf-8")
    line = text.split("\n").index("country: ID") + 1
    path.write_text(text.replace("country: ID", "country: XX"), encoding="utf-8")
    ran = linted.run("check")
    assert ran.exit_code == 1
    assert f"{path}:{line}: country 'XX' is unknown; use one of: " in ran.stderr
    findings = linted.json("check")["findings"]
    assert {"path": str(path), "line": line, "error": True}.items() <= findings[0].items()


def test_check_is_status_0_for_a_warning_and_prints_it(linted: Place) -> None:
    path = linted.root / "corpus" / "practices" / "th" / "th-traffy-fondue.md"
    text = path.read_text(encoding="utf-8").replace("## บทเรียน\n\n", "## บทเรียน\n\n- ตามที่ KFW ให้ความเห็นไว้กับผู้จัดทำ\n")
    path.write_text(text.replace("## Lessons\n\n", "## Lessons\n\n- As others have told the editor.\n"), encoding="utf-8")
    ran = linted.run("check")
    assert ran.exit_code == 0
    line = text.split("\n").index("- ตามที่ KFW ให้ความเห็นไว้กับผู้จัดทำ") + 1
    assert ran.stderr.startswith(f"{path}:{line}: warning: the name 'KFW' is in the Thai face only; ")
    assert ran.stdout.endswith(": 0 errors, 1 warnings\n")
    assert [finding["error"] for finding in linted.json("check")["findings"]] == [False]


def test_check_names_the_line_of_a_bad_term(linted: Place) -> None:
    path = linted.root / "corpus" / "termbase" / "terms.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "- {id: b, domain: x, th: ก, en: [B]}\n", encoding="utf-8")
    ran = linted.run("check")
    assert (ran.exit_code, ran.stderr) == (
        1,
        f"{path}:{len(LABELLING) + 2}: entry 'b' lacks forms; give th and en as lists of texts\n",
    )


def test_model_checks_a_model_that_is_set_and_prepares_its_runtime(empty: Place) -> None:
    answer = empty.json("model")
    assert (answer["model"], answer["converted"]) == (str(empty.model), False)
    stamp = answer["runtime"]
    assert (stamp["model"], stamp["kind"], stamp["dimension"]) == (answer["fingerprint"], processor_kind(), 32)
    assert stamp["min_cosine"] >= MIN_COSINE
    assert empty.json("model")["runtime"] is None  # it is there by now
    assert empty.run("model").stdout == f"model {empty.model}: loads, 32 dimensions\n"
    assert empty.json("model", "--force")["runtime"] == stamp


def test_model_says_how_far_the_runtime_agrees(empty: Place) -> None:
    first, second = empty.run("model").stdout.splitlines()
    assert first == f"model {empty.model}: loads, 32 dimensions"
    agrees = r"runtime: (int8|fp16), checked against sentence-transformers \(cosine at least (0\.99|1\.00)\d\d\)"
    assert re.fullmatch(agrees, second)


def test_model_prepares_no_runtime_where_none_is_wanted(empty: Place) -> None:
    ran = empty.run("model", "--json", KB_RUNTIME="torch")
    assert (ran.exit_code, json.loads(ran.stdout).keys()) == (0, {"model", "fingerprint", "converted"})
    assert not (empty.root / "var" / "runtime").exists()


def test_model_tells_where_no_runtime_can_be_made_and_goes_on_without(empty: Place) -> None:
    """The model leaves the tokens of its prompts out of the mean, so that a conversion would give other vectors."""
    model = write_tiny_model(empty.root / "odd", weights_image(hidden=192, mean=0.0))
    pooling = model / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps(json.loads(pooling.read_text()) | {"include_prompt": False}))
    ran = empty.run("model", KB_MODEL=str(model))
    assert (ran.exit_code, ran.stdout) == (0, f"model {model}: loads, 192 dimensions\n")
    told = r"kb: the converted model disagrees with .*; sentence-transformers is used instead, which is slower\n"
    assert re.fullmatch(told, ran.stderr)
    assert empty.run("ingest", "--quiet", KB_MODEL=str(model)).exit_code == 0


LOADED = """
import sys
from kb.cli import main
try:
    main()
except SystemExit as ended:
    print(ended.code, *sorted({"torch", "transformers", "openvino"} & set(sys.modules)), file=sys.stderr)
"""


def test_searching_with_a_prepared_runtime_loads_no_torch(own: Place) -> None:
    assert own.run("model").exit_code == 0
    environment = {name: value for name, value in (os.environ | own.environment).items() if value is not None}
    command = [sys.executable, "-c", LOADED, "search", "น้ำท่วม", "--json"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.stderr in ("0 openvino\n", "1 openvino\n")
    assert {hit["id"] for hit in json.loads(ran.stdout)["hits"]} == set(CASES)


def _with_the_real_model(home: Path, prepared: Settings) -> None:
    """What `kb model` made stands in another data folder too."""
    for name in ("models", "runtime"):
        (home / name).symlink_to((prepared.home / name).resolve())


@pytest.mark.model
def test_model_has_nothing_to_do_where_the_default_one_is_ready(empty: Place, prepared: Settings) -> None:
    home = empty.root / "var"
    home.mkdir()
    _with_the_real_model(home, prepared)
    ran = empty.run("model", KB_MODEL="default")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == f"model: ready in {home / 'models' / 'multilingual-e5-small'}\n"


def test_status_shows_every_setting_with_where_it_came_from(filled: Place, tmp_path: Path) -> None:
    file = tmp_path / "kb.toml"
    file.write_text("port = 8123\nhost = '0.0.0.0'\n")
    ran = filled.run("status", "--json", KB_SETTINGS=str(file), KB_HOST="127.0.0.2")
    status = json.loads(ran.stdout)
    assert (ran.exit_code, status.keys()) == (0, {"settings", "counts", "model", "index"})
    settings = status["settings"]
    assert settings["batch"] == {"value": "32", "from": "default"}
    assert settings["port"] == {"value": "8123", "from": f"file {file}"}
    assert settings["host"] == {"value": "127.0.0.2", "from": "environment KB_HOST"}
    assert settings["home"] == {"value": str(filled.root / "var"), "from": "environment KB_HOME"}
    assert settings.keys() >= {"home", "index", "corpus", "model", "host", "port", "max_file_mb", "threads", "batch"}
    assert settings["runtime"] == {"value": "auto", "from": "default"}
    assert (status["counts"]["practices"], status["counts"]["faces"]) == (4, 8)
    shown = filled.run("status").stdout.splitlines()
    assert [line.split()[0] for line in shown[: len(settings)]] == list(settings)
    assert all(line.endswith(("default", *(f"environment KB_{name}" for name in ("HOME", "INDEX", "CORPUS", "MODEL"))))
               for line in shown[: len(settings)])  # fmt: skip


@pytest.mark.parametrize(("place", "source"), [("filled", "var/kb.db"), ("empty", "corpus")])
def test_status_shows_what_the_records_cover(place: str, source: str, request: pytest.FixtureRequest) -> None:
    """Of the database, or of the corpus folder before anything is read in."""
    here: Place = request.getfixturevalue(place)
    covered = here.json("status", "--coverage")
    assert covered["from"] == str(here.root / source)
    assert {country: count for country, count in covered["practices"].items() if count} == {"ID": 1, "PH": 1, "TH": 2}
    assert covered.keys() >= {"priority", "principle", "decade", "status", "evidence", "unchecked", "thin"}
    shown = here.run("status", "--coverage")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[:2] == [f"from {here.root / source}", "4 practices, 8 faces"]
    assert any(line.startswith("failed ") and line.endswith(str(sum(covered["status"]["failed"].values()))) for line in lines)


def test_status_says_what_is_not_ready(empty: Place) -> None:
    status = json.loads(empty.run("status", "--json", KB_MODEL="default").stdout)
    assert status["model"].startswith("not ready: the default model is not in ")
    assert status["index"] == "not ready: there is no database; run: kb ingest"


# search


def test_search_as_json_has_the_fields_of_the_contract(filled: Place) -> None:
    answer = filled.json("search", "ธงเตือนน้ำท่วม")
    assert answer.keys() >= {"query", "interpretation", "verdict", "hits", "facets"}
    assert answer["query"] == "ธงเตือนน้ำท่วม"
    assert answer["verdict"] in ("match", "no-close-precedent")
    assert list(answer["facets"]) == list(FACETS)
    assert {hit["id"] for hit in answer["hits"]} == set(CASES)
    for hit in answer["hits"]:
        assert hit.keys() >= {"id", "kind", "title", "country", "score", "legs", "passages"}
        assert hit["title"].keys() == set(LANGUAGES)
        for passage in hit["passages"]:
            assert passage.keys() >= {"lang", "section", "text", "highlights"}
            assert all(passage["text"][start:end].strip() for start, end in passage["highlights"])


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        pytest.param([""], set(CASES), id="an empty question lists everything"),
        pytest.param(["", "--facet", "country=TH"], {"th-hat-yai-flood-warning", "th-traffy-fondue"}, id="a facet"),
        pytest.param(["", "--facet", "country=ID", "--facet", "country=PH"], {"id-petabencana", "ph-project-noah"},
                     id="two values of a facet"),
        pytest.param(["", "--facet", "country=TH", "--facet", "status=failed"], {"th-hat-yai-flood-warning"},
                     id="two facets"),
        pytest.param(["", "--from", "2010", "--to", "2010"], {"th-hat-yai-flood-warning"}, id="years CE"),
        pytest.param(["", "--from", "2553", "--to", "2553"], {"th-hat-yai-flood-warning"}, id="years B.E."),
        pytest.param(["", "--facet", "country=LA"], set(), id="nothing passes"),
    ],
)  # fmt: skip
def test_search_filters(filled: Place, arguments: list[str], ids: set[str]) -> None:
    ran = filled.run("search", *arguments, "--json")
    assert {hit["id"] for hit in json.loads(ran.stdout)["hits"]} == ids
    assert ran.exit_code == (0 if ids else 1)


def test_search_prints_both_titles_and_the_limit_holds(filled: Place) -> None:
    answer = filled.json("search", "", "--limit", "2")
    assert len(answer["hits"]) == 2 < answer["total"]
    shown = filled.run("search", "", "--limit", "2").stdout.splitlines()
    first = answer["hits"][0]
    assert shown[0].startswith(f" 1. {first['id']}  (")
    assert shown[1:3] == [f"    {first['title']['th']}", f"    {first['title']['en']}"]


def test_search_prints_the_beginning_of_the_best_passage_on_one_line(filled: Place) -> None:
    query = ("search", "flood warning", "--limit", "10")
    best = [" ".join(hit["passages"][0]["text"].split()) for hit in filled.json(*query)["hits"]]
    shown = filled.run(*query).stdout.splitlines()
    assert any(len(text) > 160 for text in best)
    for text in best:
        (line,) = (
            line.strip()
            for line in shown
            if line.strip().removesuffix(" …") and text.startswith(line.strip().removesuffix(" …"))
        )
        assert line == text or (line.endswith(" …") and len(line) <= 162 and text[len(line) - 2] == " ")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("Hat Yai's flood warning: a praised model, and the day the flag was still green", 0, id="a match"),
        pytest.param("zzzz qqqq", 1, id="nothing close"),
    ],
)
def test_search_status_is_the_verdict(filled: Place, query: str, status: int) -> None:
    ran = filled.run("search", query)
    assert ran.exit_code == status
    assert ("no close precedent; nearest:" in ran.stdout) == bool(status)
    assert filled.json("search", query)["verdict"] == ("match", "no-close-precedent")[status]


@pytest.mark.model
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ประชาชนแจ้งถนนชำรุดผ่านไลน์", "th-traffy-fondue"),
        ("Philippine cash for poor families with school attendance as a condition", "ph-4ps-cash-transfer"),
    ],
)
def test_search_with_the_real_model_from_a_shell(
    real_repository: Repository, prepared: Settings, tmp_path: Path, query: str, expected: str
) -> None:
    settings = real_repository.settings
    shutil.copytree(settings.home, tmp_path / "var")
    _with_the_real_model(tmp_path / "var", prepared)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    environment |= {"KB_HOME": str(tmp_path / "var"), "KB_INDEX": str(settings.index), "KB_CORPUS": str(settings.corpus)}
    command = [sys.executable, "-m", "kb.cli", "search", query, "--json"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    answer = json.loads(ran.stdout)
    assert (answer["verdict"], answer["hits"][0]["id"]) == ("match", expected)
    assert {passage["lang"] for passage in answer["hits"][0]["passages"]} == set(LANGUAGES)


# eval


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    documents = [("d1", "เทศบาลแจ้งเตือนน้ำท่วมด้วยธงสี"), ("d2", "A meter on every water connection")]
    queries = [("q1", "ธงสี"), ("q2", "water meter"), ("q3", "มาตรวัดน้ำ")]
    for name, rows in (("corpus", documents), ("queries", queries)):
        lines = [json.dumps({"_id": key, "title": "", "text": text}, ensure_ascii=False) for key, text in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq3\td2\t1\n")
    return folder


def test_eval_beir(empty: Place, beir: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.trec"
    figures = empty.json("eval", "beir", beir, "--run", run)
    assert figures["overall"].keys() == MODEL_NAMES
    assert figures["by_language"].keys() == {"th->th", "th->en", "en->en"}
    assert all(means.keys() == MODEL_NAMES for means in figures["by_language"].values())
    assert [line.split()[:2] for line in run.read_text().splitlines()] == [[q, "Q0"] for q in ("q1", "q2", "q3") for _ in "12"]
    shown = empty.run("eval", "beir", beir)
    assert shown.exit_code == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()[1:]] == ["overall", "en->en", "th->en", "th->th"]
    assert not (empty.root / "var" / "kb.db").exists()


def test_eval_topics(filled: Place, tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    topics = [
        {"qid": "1", "lang": "th", "kind": "topical", "text": "ธงเตือนน้ำท่วม", "relevant": {"th-hat-yai-flood-warning": 3}},
        {"qid": "2", "lang": "en", "kind": "none", "text": "zzzz qqqq", "relevant": {}},
    ]
    path.write_text("\n".join(json.dumps(topic, ensure_ascii=False) for topic in topics), encoding="utf-8")
    figures = filled.json("eval", "topics", path)
    assert figures.keys() == {"overall", "by_kind", "by_language", "by_both", "no_precedent"}
    assert figures["overall"].keys() == MODEL_NAMES | {"success@1", "success@3"}
    assert (figures["by_kind"].keys(), figures["by_language"].keys()) == ({"topical"}, {"th"})
    assert figures["no_precedent"].keys() >= {"recognised", "false_alarm"}
    shown = filled.run("eval", "topics", path)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[-1].startswith("no precedent: recognised ")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda at: (at / "queries.jsonl").unlink(), id="a file is missing"),
        pytest.param(lambda at: (at / "corpus.jsonl").write_text("{}"), id="a document without an id"),
        pytest.param(lambda at: (at / "qrels" / "test.tsv").write_text("h\nq1 d1"), id="judgements without tabs"),
    ],
)
def test_eval_beir_of_a_bad_folder_is_status_2_and_one_line(empty: Place, beir: Path, damage: Callable[[Path], object]) -> None:
    damage(beir)
    assert str(beir) in _refused(empty.run("eval", "beir", beir))


def test_eval_topics_of_a_bad_file_is_status_2_and_one_line(filled: Place, tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    path.write_text('{"qid": "1"}\n')
    assert "topic '1' lacks a field" in _refused(filled.run("eval", "topics", path))
