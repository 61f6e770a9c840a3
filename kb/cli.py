"""The command `kb`. Each command parses, calls one function of the engine, and prints.

Exit status: 0 it worked, 1 it ran and the answer is "no" (nothing close found, a file refused, a corpus error), 2 bad use
or bad input.
"""

from __future__ import annotations

import contextlib
import gc
import json
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from kb import __version__
from kb.cli_table import table
from kb.cli_users import user
from kb.errors import KbError, ModelError, SettingsError
from kb.settings import DEFAULT_MODEL, SECRET, Settings, load_settings

if TYPE_CHECKING:
    from kb.search.engine import Searcher

PATH = click.Path(path_type=Path)
SAMPLES = ("เตือนภัยน้ำท่วมให้ประชาชนทันเวลาได้อย่างไร", "How can we stop complaints getting lost between agencies?")


class _Commands(click.Group):
    """Lists commands in the order of use and turns the engine's errors into one line and exit status 2."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as exc:
            _refuse(ctx, exc)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as exc:
            _refuse(exc.ctx or ctx, exc)
        except KbError as exc:
            click.echo(f"kb: {' '.join(str(exc).split())}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("kb: interrupted; what was finished is kept, run the same command again to go on", err=True)
            ctx.exit(1)


def _refuse(ctx: click.Context, exc: click.UsageError) -> NoReturn:
    """Bad use in one line; a group without a command shows its help, as click has it."""
    if isinstance(exc, click.exceptions.NoArgsIsHelpError):
        raise exc
    click.echo(f"kb: {' '.join(exc.format_message().split())} See: {ctx.command_path} --help", err=True)
    ctx.exit(2)


def _example(text: str) -> dict[str, str]:
    return {"epilog": f"Example:  {text}"}


@click.group("kb", cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kb")
@click.pass_context
def main(ctx: click.Context) -> None:
    """ASEAN public-sector good practices in Thai and English: read in, search, serve."""
    ctx.obj = None


def _settings() -> Settings:
    return load_settings()


def _repository() -> Any:
    from kb.repository import Repository

    return Repository(_settings())


def _existing_repository() -> Any:
    repository = _repository()
    if not repository.settings.database.exists():
        raise KbError(f"there is no database at {repository.settings.database}; run: kb ingest")
    return repository


def _notice(text: str) -> None:
    click.echo(f"kb: {text}", err=True)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


@main.command(**_example("kb model"))
@click.option("--force", is_flag=True, help="Convert again, even if a finished model is there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def model(force: bool, as_json: bool) -> None:
    """Prepare the text model: convert and verify the offline default, or check the one that is set."""
    settings = _settings()
    if settings.model != DEFAULT_MODEL:
        from kb.encoder import open_sentence_transformer

        encoder = open_sentence_transformer(settings)
        encoder.load()
        answer: dict[str, Any] = {"model": settings.model, "fingerprint": encoder.fingerprint, "converted": False}
        text = f"model {settings.model}: loads, {encoder.dimension} dimensions"
    else:
        from kb.model import is_prepared, prepare

        if not force and is_prepared(settings.default_model_folder):
            folder, check = settings.default_model_folder, None
        else:
            _notice("converting the text model (once; about half a minute) ...")
            folder, check = prepare(settings.default_model_folder, force)
        answer = {"model": str(folder), "converted": check is not None, "check": asdict(check) if check else None}
        text = f"model: ready in {folder}"
        if check:
            text += (
                f"; checked on {check.sentences} sentences (cosine at least {check.min_cosine:.4f}, "
                f"{check.token_counts_equal} token counts equal)"
            )
    if settings.runtime == "auto":
        stamp, failure = _prepare_runtime(settings, force)
        answer["runtime"] = asdict(stamp) if stamp else None
        if stamp:
            text += f"\nruntime: {stamp.kind}, checked against sentence-transformers (cosine at least {stamp.min_cosine:.4f})"
        if failure:
            _notice(f"{failure}; sentence-transformers is used instead, which is slower")
    _print_json(answer) if as_json else click.echo(text)


def _prepare_runtime(settings: Any, force: bool) -> tuple[Any, str]:
    """The stamp of a new conversion for this processor, if there was one, and why none could be made."""
    from kb.encoder import prepare_runtime
    from kb.model import check_sentences

    try:
        return prepare_runtime(settings, check_sentences(), force), ""
    except KbError as exc:
        return None, str(exc)


@main.command(**_example("kb ingest corpus/practices reports/"))
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def ingest(paths: tuple[Path, ...], as_json: bool, quiet: bool) -> None:
    """Read files and folders in (default: the corpus). Only what changed is read and embedded."""
    from kb.ingest.progress import Progress

    repository = _repository()
    report = repository.ingest(list(paths) or [repository.settings.corpus / "practices"], Progress(quiet=quiet or as_json))
    if as_json:
        _print_json(asdict(report))
    else:
        for path, reason in sorted(report.failed.items()):
            click.echo(f"{path}: {reason}", err=True)
        for path, reason in sorted(report.doubts.items()):
            click.echo(f"{path}: warning: {reason}", err=True)
        if report.skipped:
            click.echo(f"left out, no reader for them: {', '.join(Path(p).name for p in sorted(report.skipped))}", err=True)
        click.echo(
            f"added {len(report.added)}, updated {len(report.updated)}, unchanged {len(report.unchanged)}, "
            f"removed {len(report.removed)}, failed {len(report.failed)}; "
            f"{report.embedded} passages embedded in {report.seconds:.1f} s"
        )
    sys.exit(1 if report.failed else 0)


@main.command(**_example('kb search "น้ำท่วม แจ้งเตือนประชาชน"'))
@click.argument("query")
@click.option("--limit", default=10, show_default=True, help="Records to print.")
@click.option("--facet", "facets", multiple=True, metavar="NAME=VALUE", help="Keep one value of a facet; may be repeated.")
@click.option("--from", "year_from", type=int, help="Begun in this year or later (CE or B.E.).")
@click.option("--to", "year_to", type=int, help="Begun in this year or earlier (CE or B.E.).")
@click.option("--literal", is_flag=True, help="Read the question word by word: no years, states, corrections or other names.")
@click.option("--undo", multiple=True, metavar="STEP", help="Take one step of the understanding back, such as country:LA.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON.")
def search(
    query: str,
    limit: int,
    facets: tuple[str, ...],
    year_from: int | None,
    year_to: int | None,
    literal: bool,
    undo: tuple[str, ...],
    as_json: bool,
) -> None:
    """Search in Thai or English; finds cases in both. An empty query lists everything."""
    from kb.search.answer import answer_as_json
    from kb.search.engine import Request
    from kb.text.years import to_common_era

    filters: dict[str, tuple[str, ...]] = {}
    for item in facets:
        name, _, value = item.partition("=")
        if not value:
            raise click.BadParameter(f"{item!r} is not NAME=VALUE.", param_hint="--facet")
        filters[name] = (*filters.get(name, ()), value)
    request = Request(
        query,
        filters,
        to_common_era(year_from) if year_from else None,
        to_common_era(year_to) if year_to else None,
        limit=limit,
        undo=frozenset({"all"} if literal else undo),
    )
    repository = _repository()
    with repository.store(readonly=True) as store:
        result = repository.searcher(store, _notice).search(request)
    if as_json:
        _print_json(answer_as_json(result))
    else:
        _print_hits(result, repository)
    sys.exit(0 if result.hits and result.verdict == "match" else 1)


def _print_hits(result: Any, repository: Any) -> None:
    for step in result.query.steps:
        mark = "" if step.applied else " (offered)"
        click.echo(f"อ่านว่า / read as  {step.key}  <- {step.said}{mark}")
    if result.verdict != "match":
        click.echo("ไม่พบกรณีที่ใกล้เคียง / no close precedent; nearest:")
    for number, hit in enumerate(result.hits, 1):
        country = repository.taxonomy.label("countries", hit.country, "en") if hit.country else hit.kind
        click.echo(f"{number:2}. {hit.id}  ({country}, {hit.score:.2f})")
        for language in ("th", "en"):
            title = hit.title.th if language == "th" else hit.title.en
            if title:
                click.echo(f"    {title}")
        for passage in hit.passages[:1]:
            click.echo(f"    {_beginning(passage.text)}")


def _beginning(text: str, most: int = 160) -> str:
    """The beginning of a text on one line, cut at a blank where there is one."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head, _, rest = line[: most + 1].rpartition(" ")
    return f"{head or rest[:most]} …"


@main.group(**_example("kb eval topics bench/topics/practices-dev.jsonl"))
def eval() -> None:  # noqa: A001  # the contract's name
    """Measure relevance on test collections."""


@eval.command(**_example("kb eval beir path/to/iapp-th --json"))
@click.argument("folder", type=PATH)
@click.option("--run", type=PATH, help="Write a TREC run to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def beir(folder: Path, run: Path | None, as_json: bool) -> None:
    """Index a BEIR folder in a throwaway place with the production code, ask its queries, report."""
    from kb.evaluate import evaluate_beir
    from kb.ingest.progress import Progress

    figures = evaluate_beir(folder, _repository(), run, Progress(quiet=as_json))
    _print_json(figures) if as_json else _print_figures(figures)


@eval.command(**_example("kb eval topics bench/topics/practices-dev.jsonl"))
@click.argument("file", type=PATH)
@click.option("--save", type=PATH, help="Write where each topic stands to this file.")
@click.option("--compare", type=PATH, help="Name the topics that stand elsewhere than this file says.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def topics(file: Path, save: Path | None, compare: Path | None, as_json: bool) -> None:
    """Ask judged questions of the present repository, report."""
    from kb.evaluate import ask_topics, moved, read_standings, report_topics, save_standings

    before = read_standings(compare) if compare else {}
    repository = _repository()
    with repository.store(readonly=True) as store:
        asked = ask_topics(file, repository.searcher(store, _notice))
    figures = report_topics(asked)
    changes = moved(asked, before)
    _print_json(figures | ({"moved": changes} if compare else {})) if as_json else _print_figures(figures)
    if compare and not as_json:
        click.echo("\n".join(changes) if changes else "no topic moved")
    if save:
        save_standings(save, asked)


@main.command(**_example("kb similar th-traffy-fondue"))
@click.argument("record", required=False)
@click.option("--file", "file", type=PATH, help="A text file to find similar records for, in place of a record.")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 50), help="Records to print.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON.")
def similar(record: str | None, file: Path | None, limit: int, as_json: bool) -> None:
    """List records like a record, or like a text in Thai or English."""
    from kb.search.similar import similar_to_record, similar_to_text

    if (record is None) == (file is None):
        raise click.UsageError("Give the id of a record, or --file with a text.")
    repository = _existing_repository()
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store, _notice)
        if record is not None:
            if not store.rows([record]):
                raise KbError(f"there is no record {record!r}; look it up with: kb search")
            found = similar_to_record(searcher, record, limit)
        else:
            found = similar_to_text(searcher, _text_of(file), limit)
    if as_json:
        _print_json([asdict(row) for row in found])
        return
    for number, row in enumerate(found, 1):
        click.echo(f"{number:2}. {row.id}  ({row.score:.2f})\n    {row.title.get('th')}\n    {row.title.get('en')}")


def _text_of(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8-sig") if file else ""
    except (OSError, UnicodeDecodeError) as exc:
        raise KbError(f"{file} cannot be read as UTF-8 text; check the path, or save it as UTF-8") from exc


@main.command(**_example('kb suggest "ดำรง"'))
@click.argument("typed")
@click.option("--limit", default=8, show_default=True, type=click.IntRange(1, 20), help="Suggestions to print.")
@click.option("--json", "as_json", is_flag=True, help="Print the suggestions as JSON.")
def suggest(typed: str, limit: int, as_json: bool) -> None:
    """Complete what is typed: titles, terms, agencies and questions, in both scripts."""
    from kb.search import suggest as suggestions

    folder = _existing_repository().index_folder
    found = suggestions.read(folder).suggest(typed, limit)
    if as_json:
        _print_json([asdict(entry) for entry in found])
    else:
        click.echo("\n".join(f"{entry.text}  ({entry.kind})" for entry in found) or "nothing begins so")


def _print_figures(figures: dict[str, Any]) -> None:
    rows: list[tuple[str, dict[str, Any]]] = [("overall", figures["overall"])]
    for group in ("by_kind", "by_language"):
        rows += list(figures.get(group, {}).items())
    names = list(figures["overall"])
    click.echo("".ljust(14) + "".join(name.rjust(12) for name in names))
    for label, means in rows:
        click.echo(label.ljust(14) + "".join(f"{means[name]:12.4g}" for name in names))
    if "no_precedent" in figures:
        click.echo("no precedent: " + ", ".join(f"{name} {value}" for name, value in figures["no_precedent"].items()))


@main.command(**_example("kb serve --port 8080"))
@click.option("--host", help="Address to listen on (default: the setting, 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: the setting, 8000).")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, help="Processes that answer (default: 1); see docs/operating.md."
)
@click.option("--samples", is_flag=True, help="Print the answers to one Thai and one English question.")
def serve(host: str | None, port: int | None, workers: int, samples: bool) -> None:
    """Serve the web application; needs no other server."""
    if workers > 1:
        _serve_many(host, port, workers)
        return
    repository = _repository()
    loading = threading.Thread(target=_load_model, args=(repository,), daemon=True)
    loading.start()  # beside the imports
    from web.app import create_app, server

    host = host or repository.settings.host
    port = repository.settings.port if port is None else port
    app = create_app(repository, _notice)
    app.state.searcher.warm()
    loading.join()
    listener = _listen(host, port)
    gc.freeze()  # what is loaded now stays: no collection has to look through it again
    _say_where(host, listener)
    threading.Thread(target=_after_start, args=(app.state.searcher, samples), daemon=True).start()
    server(app).run(sockets=[listener])


def _serve_many(host: str | None, port: int | None, workers: int) -> None:
    """The same in several processes; who comes before they are ready waits."""
    from web import workers as several

    settings = _settings()
    host = host or settings.host
    listener = _listen(host, settings.port if port is None else port)
    listener.listen(2048)
    _say_where(host, listener)
    several.run(settings, listener, workers)


def _say_where(host: str, listener: socket.socket) -> None:
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"serving on http://{shown}:{listener.getsockname()[1]}/  (stop with Ctrl-C)")
    sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises `SettingsError` where the address cannot be had."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as exc:
        listener.close()
        raise SettingsError(f"cannot listen on {host}:{port} ({exc}); choose another with --host, --port") from exc
    return listener


def _load_model(repository: Any) -> None:
    """Load the model; what is wrong with it is told where it is used."""
    with contextlib.suppress(KbError):
        repository.encoder.warm()


def _after_start(searcher: Searcher, samples: bool) -> None:
    """Read in what only some questions need; with `samples`, print a few questions and their answers."""
    from kb.search.engine import Request

    searcher.warm_rest()
    for question in SAMPLES if samples else ():
        result = searcher.search(Request(question, limit=3))
        click.echo(f"\n? {question}")
        for hit in result.hits:
            click.echo(f"  {hit.score:.2f}  {hit.title.th or hit.title.en}")
            if hit.title.th and hit.title.en:
                click.echo(f"        {hit.title.en}")
        sys.stdout.flush()


@main.command(**_example("kb check"))
@click.argument("corpus", type=PATH, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--index", "with_index", is_flag=True, help="Check instead whether database, desk and index agree.")
def check(corpus: Path | None, as_json: bool, with_index: bool) -> None:
    """Lint the corpus: every practice, the taxonomy and the termbase."""
    from kb.lint import check_folder

    if with_index:
        _check_index(as_json)

    checked = check_folder(corpus or _settings().corpus)
    counts = {"practices": len(checked.practices), "faces": checked.faces, "terms": len(checked.terms)}
    if as_json:
        found = [{"path": str(f.path), "line": f.line, "message": f.message, "error": f.error} for f in checked.findings]
        _print_json({**counts, "findings": found})
    else:
        for finding in checked.findings:
            click.echo(str(finding), err=True)
        warnings = len(checked.findings) - checked.errors
        held = ", ".join(f"{count} {name}" for name, count in counts.items())
        click.echo(f"{held}: {checked.errors} errors" + (f", {warnings} warnings" if warnings else ""))
    sys.exit(1 if checked.errors else 0)


def _check_index(as_json: bool) -> NoReturn:
    from kb.desk.consistency import disagreements

    repository = _existing_repository()
    with repository.store() as store:
        found = list(disagreements(repository, store))
        counts = store.counts()
    if as_json:
        _print_json({**counts, "problems": found})
    else:
        for problem in found:
            click.echo(problem, err=True)
        click.echo(f"{counts['practices']} practices, {counts['passages']} passages: {len(found)} problems")
    sys.exit(1 if found else 0)


@main.command(**_example("kb rebuild"))
@click.option("--quiet", is_flag=True, help="Show no progress.")
def rebuild(quiet: bool) -> None:
    """Make everything derived again from the database: passages, words, missing vectors, index."""
    from kb.ingest.progress import Progress

    repository = _existing_repository()
    report = repository.rebuild(Progress(quiet=quiet))
    counts = repository.manifest().counts
    click.echo(f"index rebuilt: {sum(counts.values())} passages, {report.embedded} embedded anew")


@main.command(**_example("kb export corpus/practices"))
@click.argument("folder", type=PATH, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def export(folder: Path | None, as_json: bool) -> None:
    """Write practices as corpus files; those that did not change here keep their text to the letter."""
    from kb.export import export_practices, export_withdrawn
    from kb.list_files import ListsWritten, export_lists
    from kb.moved import moved_file

    repository = _existing_repository()
    target = folder or repository.settings.corpus / "practices"
    with repository.store() as store:
        written, same = export_practices(store, target)
        withdrawn = export_withdrawn(store, moved_file(repository.settings.corpus)) if folder is None else []
        lists = export_lists(store, repository.settings.corpus) if folder is None else ListsWritten((), ())
    if as_json:
        disputed = [f"{name}:{key}" for name, key in lists.disputed]
        found = {"written": written, "unchanged": same, "withdrawn": withdrawn}
        _print_json({**found, "lists": lists.written, "disputed": disputed})
    else:
        click.echo(f"written {len(written)}, already the same {len(same)}, in {target}")
        if withdrawn:
            click.echo(f"withdrawn, now in moved.yaml; remove their files: {', '.join(withdrawn)}")
        if lists.written:
            click.echo(f"lists written: {', '.join(lists.written)}")
        for name, key in lists.disputed:
            click.echo(f"{name}:{key} was changed at the desk and in its file; left alone: save it at the desk to decide")


@main.command(**_example("kb status --json"))
@click.option("--coverage", is_flag=True, help="Show instead what the records cover: countries by priority, decade and more.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(coverage: bool, as_json: bool) -> None:
    """Show settings with where each came from, what the database holds, and the state of model and index."""
    from kb.store import Store

    settings = _settings()
    repository = _repository()
    if coverage:
        _print_coverage(repository, as_json)
        return
    values = {
        item.name: {"value": _shown(settings, item.name), "from": settings.origins[item.name]}
        for item in fields(settings)
        if item.name != "origins"
    }
    counts: dict[str, int] = {}
    if settings.database.exists():
        with Store(settings.database, readonly=True) as store:
            counts = store.counts()
    states = {"model": _state(lambda: repository.encoder.fingerprint), "index": _state(lambda: _index_state(repository))}
    if as_json:
        _print_json({"settings": values, "counts": counts, **states})
        return
    for name, entry in values.items():
        click.echo(f"{name:12} {entry['value']:32} {entry['from']}")
    for name, count in counts.items():
        click.echo(f"{name:12} {count}")
    for name, state in states.items():
        click.echo(f"{name:12} {state}")


def _shown(settings: Settings, name: str) -> str:
    """A setting for people; of a secret only whether it is set."""
    value = str(getattr(settings, name))
    return ("***" if value else "") if name in SECRET else value


def _print_coverage(repository: Any, as_json: bool) -> None:
    """Of the database, or of the corpus folder where there is none yet."""
    from kb.corpus import practice_files, read_practice
    from kb.coverage import coverage, coverage_as_json, coverage_as_text

    settings = repository.settings
    if settings.database.exists():
        place = settings.database
        with repository.store(readonly=True) as store:
            found = coverage((practice for practice, _, _ in store.practices()), repository.taxonomy)
    else:
        place = settings.corpus
        read = (read_practice(path, repository.taxonomy) for path in practice_files(place))
        found = coverage(read, repository.taxonomy)
    if as_json:
        _print_json({"from": str(place), **coverage_as_json(found)})
        return
    click.echo(f"from {place}")
    for line in coverage_as_text(found):
        click.echo(line)


def _state(read: Any) -> str:
    try:
        return str(read())
    except KbError as exc:
        return f"not ready: {exc}"


def _index_state(repository: Any) -> str:
    from kb.index import open_index

    if not repository.settings.database.exists():
        raise ModelError("there is no database; run: kb ingest")
    with repository.store(readonly=True) as store:
        index = open_index(repository.index_folder, repository.expected(store))
    return "up to date: " + ", ".join(f"{lang} {count}" for lang, count in index.manifest.counts.items())


def run(arguments: Sequence[str]) -> int:
    """Run a command in this process and return its exit status, for tests."""
    try:
        main(list(arguments), standalone_mode=True)
    except SystemExit as exc:
        return int(exc.code or 0)
    return 0


main.add_command(user)
main.add_command(table)


if __name__ == "__main__":
    main()
