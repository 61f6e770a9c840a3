"""Imports go one way, and the engine knows no web. Read from the source, so that late imports count too."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WEB_PACKAGES = {"fastapi", "jinja2", "starlette", "uvicorn", "web"}

LAYERS = [
    {"kb", "kb.records", "kb.errors"},
    {
        "kb.text", "kb.settings", "kb.taxonomy", "kb.termbase", "kb.charsmap", "kb.migrations", "kb.model", "kb.corpus",
        "kb.lint", "kb.coverage", "kb.store", "kb.catalogue", "kb.postings", "kb.vectors", "kb.index", "kb.lexicon",
        "kb.encoder", "kb.space", "kb.runtime", "kb.pieces", "kb.cache", "kb.yaml_lists", "kb.fit", "kb.moved",
        "kb.overlay", "kb.list_files", "kb.files", "kb.cells", "kb.windows",
    },
    {"kb.ingest", "kb.search"},
    {"kb.repository", "kb.vocabulary", "kb.evaluate", "kb.export"},
    {"kb.desk"},
    {"kb.cli", "kb.cli_users", "kb.cli_table"},
    {"web"},
]  # fmt: skip
"""From the bottom up. A module may import its own layer, where no cycle comes of it, and the layers below."""

START_OF_THE_SERVER = ("kb.cli", {"web"})
"""`kb serve` starts the web application; it is the one place where the engine's package reaches up."""


def modules() -> dict[str, Path]:
    found = {}
    for package in ("kb", "web"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()
ENGINE = sorted(name for name in MODULES if name.split(".")[0] == "kb")


@cache
def imports(name: str) -> frozenset[str]:
    """Modules that a module imports anywhere: at its top, in a function, or for type checkers only."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (below & set(MODULES)) or {str(node.module)}
    return frozenset(found)


@cache
def run_time_imports(name: str) -> frozenset[str]:
    """Imports that run when the module is loaded: not in functions, not for type checkers only."""
    found: set[str] = set()
    for node in ast.parse(MODULES[name].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (below & set(MODULES)) or {str(node.module)}
    return frozenset(found & set(MODULES))


def layer(name: str) -> int:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        for number, names in enumerate(LAYERS):
            if ".".join(parts[:length]) in names and (length > 1 or parts[0] == "web" or len(parts) == 1):
                return number
    pytest.fail(f"{name} stands in no layer; give it a place in LAYERS")


def test_modules_are_found() -> None:
    assert {"kb.records", "kb.text.normalise", "kb.search.engine", "web.app"} <= set(MODULES)
    assert "kb.errors" in imports("kb.store")


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_imports_no_web(name: str) -> None:
    roots = {module.split(".")[0] for module in imports(name)}
    allowed = START_OF_THE_SERVER[1] if name == START_OF_THE_SERVER[0] else set()
    assert not roots & (WEB_PACKAGES - allowed)


def test_only_the_command_line_starts_the_server() -> None:
    """And does so late: `kb search` works where the web application cannot be imported."""
    name = START_OF_THE_SERVER[0]
    assert not any(module.split(".")[0] == "web" for module in run_time_imports(name))


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_go_one_way(name: str) -> None:
    above = {
        other
        for other in imports(name) & set(MODULES)
        if layer(other) > layer(name) and not (name == START_OF_THE_SERVER[0] and other.split(".")[0] == "web")
    }
    assert not above


def test_values_and_errors_import_nothing_of_the_engine() -> None:
    for name in ("kb.records", "kb.errors"):
        assert not imports(name) & set(MODULES)


def test_text_knows_text_only() -> None:
    for name in ENGINE:
        if name.startswith("kb.text"):
            assert all(other.startswith("kb.text") for other in imports(name) & set(MODULES))


def test_ingestion_and_search_do_not_know_each_other() -> None:
    for one, other in (("kb.ingest", "kb.search"), ("kb.search", "kb.ingest")):
        for name in ENGINE:
            if name.startswith(one):
                assert not any(module.startswith(other) for module in imports(name))


def test_there_are_no_import_cycles() -> None:
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in run_time_imports(name) - {name}:
                visit(other, (*trail, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())
