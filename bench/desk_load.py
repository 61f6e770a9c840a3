"""Writers and readers at once: 20 people who edit the same few entries, and 200 who read, for five minutes on one machine.

    python bench/desk_load.py                   a copy of the present data, `kb serve` on a free port
    also: --seconds 300, --writers 20, --readers 200, --entries 5, --pause 20 (mean seconds between a reader's pages)

Each writer adds a sentence with a word of its own to an entry that others edit too, and brings both texts together where
somebody else was faster, as the pages offer it. What the server confirmed has to stand in the entry's newest revision at the
end: anything else is a lost update. Readers search with questions that never come twice, open cases and the first page. The
generator shares the machine with the server. Exit status 1 where an update was lost or an answer was a 5xx.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
import numpy as np
from bench_questions import distinct_questions

from kb.desk.accounts import Account
from kb.desk.consistency import disagreements
from kb.desk.desk import Desk
from kb.desk.rights import Role
from kb.repository import Repository
from kb.settings import Settings, load_settings

PASSWORD = "a long enough sentence of words"
WRITER_PAUSE = 3.0
_FORM = re.compile(r'<form class="editor.*?</form>', re.DOTALL)
_FIELD = re.compile(
    r'<textarea[^>]*?name="(?P<area>[^"]+)"[^>]*>\n?(?P<text>.*?)</textarea>|<input(?P<input>[^>]*)>'
    r'|<select[^>]*name="(?P<select>[^"]+)"[^>]*>(?P<options>.*?)</select>',
    re.DOTALL,
)


@dataclass
class Seen:
    """What happened: latencies in ms by kind of request, statuses, words that the server confirmed, by entry."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    confirmed: dict[int, list[str]] = field(default_factory=dict)
    merged: int = 0
    again: int = 0

    async def ask(self, kind: str, request: httpx.Request, client: httpx.AsyncClient) -> httpx.Response | None:
        """Send and time one request; `None` where the connection failed."""
        started = time.perf_counter()
        try:
            answer = await client.send(request)
        except httpx.HTTPError as exc:
            self.failed[type(exc).__name__] += 1
            return None
        self.latencies.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
        self.statuses[answer.status_code] += 1
        return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default in (("seconds", 300), ("writers", 20), ("readers", 200), ("entries", 5), ("pause", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        settings = copy_of(load_settings(), Path(place))
        repository = Repository(settings)
        with repository.store() as store:
            desk = Desk(repository, store)
            repository.ensure_index(store)
            numbers = prepare(desk, asked.writers, asked.entries)
            seen = Seen()
            server, port = serve(settings)
            try:
                asyncio.run(everybody(seen, port, numbers, asked, settings))
                memory = peak_memory(server.pid)
            finally:
                server.terminate()
                server.wait()
            lost = sum(missing(desk, number, words) for number, words in seen.confirmed.items())
            problems = [line for line in disagreements(repository, store) if not line.startswith("index")]
            revisions = sum(desk.entries.required(number).revision for number in numbers)
    return report(seen, asked, lost, problems, (revisions, memory))


def copy_of(given: Settings, place: Path) -> Settings:
    """A data folder of its own: a copy of the database and the index, the same model."""
    home = place / "var"
    home.mkdir()
    for name in ("models", "runtime", "spaces"):
        if (given.home / name).exists():
            (home / name).symlink_to((given.home / name).resolve())
    with closing(sqlite3.connect(given.database)) as source, closing(sqlite3.connect(home / "kb.db")) as target:
        source.backup(target)
    shutil.copytree(given.index, place / "index")
    return Settings(home=home, index=place / "index", corpus=given.corpus.resolve())


def prepare(desk: Desk, writers: int, entries: int) -> list[int]:
    """Accounts of the writers, and the entries of some published cases."""
    people: list[Account] = []
    for number in range(writers):
        person = desk.accounts.add(f"writer{number}@load.example", f"Writer {number}", Role.EDITOR, "en")
        desk.accounts.set_password(person.id, PASSWORD)
        people.append(person)
    records = sorted(desk.store.practice_hashes())[:entries]
    return [desk.entries.open(record, people[0]).number for record in records]


def serve(settings: Settings) -> tuple[subprocess.Popen[bytes], int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    known = {"KB_HOME": settings.home, "KB_INDEX": settings.index, "KB_CORPUS": settings.corpus, "KB_PORT": port, "KB_RATE": 0}
    environment = os.environ | {name: str(value) for name, value in known.items()}
    server = subprocess.Popen([sys.executable, "-m", "kb.cli", "serve"], env=environment, stdout=subprocess.DEVNULL)
    for _ in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return server, port
        except httpx.HTTPError:
            time.sleep(0.2)
    raise SystemExit("the server did not start within two minutes")


async def everybody(seen: Seen, port: int, numbers: list[int], asked: argparse.Namespace, settings: Settings) -> None:
    """Writers and readers until the time is over; all have their own connection and cookies."""
    base = f"http://127.0.0.1:{port}"
    until = time.monotonic() + asked.seconds
    questions = distinct_questions(settings.corpus)
    with closing(sqlite3.connect(settings.database)) as database:
        cases = [row[0] for row in database.execute("SELECT id FROM records WHERE kind = 'practice'")]
    tasks = [write(seen, base, person, numbers, (until, asked.pause)) for person in range(asked.writers)]
    tasks += [read(seen, base, random.Random(n), questions, cases, (until, asked.pause)) for n in range(asked.readers)]
    await asyncio.gather(*tasks)


async def read(seen: Seen, base: str, draw: random.Random, questions, cases: list[str], times: tuple[float, float]) -> None:  # type: ignore[no-untyped-def]
    """One reader: a page, a pause, the next page."""
    until, pause = times
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        await asyncio.sleep(draw.uniform(0, pause))
        while time.monotonic() < until:
            language, question = next(questions)
            kind = draw.choices(("results", "case", "home"), (5, 4, 1))[0]
            query = urlencode({"q": question})
            path = {
                "results": f"/{language}/?{query}",
                "case": f"/{language}/practices/{draw.choice(cases)}",
                "home": f"/{language}/",
            }
            await seen.ask(kind, client.build_request("GET", path[kind]), client)
            await asyncio.sleep(draw.expovariate(1 / pause))


async def write(seen: Seen, base: str, person: int, numbers: list[int], times: tuple[float, float]) -> None:
    """One writer: opens an entry, adds a sentence, saves, and decides where somebody else was faster."""
    (until, pause), draw = times, random.Random(1000 + person)
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        await asyncio.sleep(draw.uniform(0, pause))
        page = await client.get("/en/desk/sign-in")
        form = {"token": token_of(page.text), "email": f"writer{person}@load.example", "password": PASSWORD}
        await client.post("/en/desk/sign-in", data=form)
        turn = 0
        while time.monotonic() < until:
            number, word = draw.choice(numbers), f"zq{person}n{turn}"
            turn += 1
            path = f"/en/desk/entries/{number}/edit"
            page = await seen.ask("edit form", client.build_request("GET", path), client)
            await asyncio.sleep(draw.uniform(0.2, WRITER_PAUSE))
            if page is not None and page.status_code == 200 and await save(seen, client, path, page.text, word):
                seen.confirmed.setdefault(number, []).append(word)
            await asyncio.sleep(draw.uniform(0.2, WRITER_PAUSE))


async def save(seen: Seen, client: httpx.AsyncClient, path: str, page: str, word: str) -> bool:
    """Save with one more sentence; where both changed, keep both texts. Whether the server confirmed it."""
    fields = fields_of(page)
    fields["en.lessons"] = [f"{fields['en.lessons'][0].rstrip()} Remember {word}."]
    fields["reason"] = ["load"]
    answer = await seen.ask("save", client.build_request("POST", path, data=fields), client)
    for _ in range(8):
        if answer is None or answer.status_code == 303:
            return answer is not None
        if answer.status_code != 409:
            return False
        seen.merged += 1
        decided = fields_of(answer.text) | both_texts(answer.text) | {"do": ["save"], "reason": ["load"]}
        answer = await seen.ask("resolve", client.build_request("POST", f"{path}/resolve", data=decided), client)
    seen.again += 1
    return False


def both_texts(page: str) -> dict[str, list[str]]:
    """For each conflict: a text of one's own that holds the words of both sides."""
    found: dict[str, list[str]] = {}
    for part in re.findall(r"<fieldset.*?</fieldset>", page, re.DOTALL):
        own = re.search(r'<textarea name="own-(\d+)"[^>]*>\n?(.*?)</textarea>', part, re.DOTALL)
        if own is None:
            continue
        text = html.unescape(own[2]).strip()
        added = [word for word in dict.fromkeys(re.findall(r"zq\d+n\d+", part)) if f"{word}." not in text]
        found[f"choice-{own[1]}"] = ["own"]
        found[f"own-{own[1]}"] = [" ".join([text, *(f"Remember {word}." for word in added)])]
    return found


def fields_of(page: str) -> dict[str, list[str]]:
    """The fields of a form as a browser would send them."""
    found: dict[str, list[str]] = {}
    form = _FORM.search(page)
    for match in _FIELD.finditer(form[0] if form else ""):
        if match["area"]:
            found.setdefault(match["area"], []).append(html.unescape(match["text"]))
        elif match["select"]:
            chosen = re.search(r'value="([^"]*)" selected', match["options"]) or re.search(r'value="([^"]*)"', match["options"])
            found.setdefault(match["select"], []).append(html.unescape(chosen[1]) if chosen else "")
        else:
            name = re.search(r'name="([^"]+)"', match["input"])
            if name is None or (re.search(r'type="(?:checkbox|radio)"', match["input"]) and " checked" not in match["input"]):
                continue
            value = re.search(r'value="([^"]*)"', match["input"])
            found.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    return found


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    if found is None:
        raise SystemExit("a page has no form; the server answered something else")
    return found[1]


def missing(desk: Desk, number: int, words: list[str]) -> int:
    """How many confirmed words the newest revision lacks."""
    text = desk.entries.newest(desk.entries.required(number)).faces["en"].sections["lessons"]
    return sum(f"{word}." not in text for word in words)


def peak_memory(pid: int) -> int:
    """Peak resident memory of a process in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) // 1024 if found else 0


def report(seen: Seen, asked: argparse.Namespace, lost: int, problems: list[str], more: tuple[int, int]) -> int:
    revisions, memory = more
    print(f"{asked.writers} writers on {asked.entries} entries, {asked.readers} readers, {asked.seconds} s, 1 machine\n")
    print("| request | number | a second | p50 ms | p95 ms | worst ms |\n|---|---|---|---|---|---|")
    for kind, times in sorted(seen.latencies.items()):
        p50, p95 = np.percentile(times, [50, 95])
        print(f"| {kind} | {len(times)} | {len(times) / asked.seconds:.1f} | {p50:.0f} | {p95:.0f} | {max(times):.0f} |")
    confirmed = sum(map(len, seen.confirmed.values()))
    print(f"\nconfirmed updates {confirmed}, lost {lost}, texts brought together {seen.merged}, given up {seen.again}")
    print(
        f"revisions {revisions}, statuses {dict(sorted(seen.statuses.items()))}, failed {dict(seen.failed)}, server {memory} MB"
    )
    for problem in problems:
        print(problem)
    broken = sum(count for status, count in seen.statuses.items() if status >= 500)
    return 1 if lost or broken or problems or seen.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
