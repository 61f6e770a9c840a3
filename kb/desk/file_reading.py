"""Reads an uploaded file in a process of its own, which a hostile file may bring down and nothing else with it.

The process gets the bytes on its standard input and a name without folders; it opens no path of the person who sent them.
Memory, processor time and what it may write are limited by the operating system, and it is killed when its time is over.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO

from kb.errors import KbError, ReadError
from kb.records import Document
from kb.store import document_from_json, document_to_json

SUFFIXES = (".pdf", ".docx", ".pptx", ".html", ".htm", ".xhtml", ".txt", ".text")
"""What contributors may hand in. A practice file (.md) is for `kb ingest`."""

MAX_TEXT = 4_000_000
"""Characters of text that are kept of one file: about a thousand pages."""

_MEGABYTE = 1 << 20
_PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
"""All that the process learns of the server's environment: it may hold secrets."""


@dataclass(frozen=True)
class Limits:
    """Of one reading: seconds by the clock, and MiB of memory and of output."""

    seconds: float = 60.0
    memory: int = 2048
    output: int = 32


USUAL = Limits()


AT_ONCE = 2
"""Files that one server reads at the same time: each may take the memory of `Limits`, and a thread that answers readers."""

_PLACES = BoundedSemaphore(AT_ONCE)
_PATIENCE = 10.0
"""Seconds that a file waits for the ones before it."""


class TooHeavyError(ReadError):
    """Reading took more time or memory than is given to one file."""


def read_apart(file: Path, name: str, limits: Limits = USUAL) -> Document:
    """The text of a stored file that was called `name`; raises `ReadError` or `TooHeavyError`."""
    command = [sys.executable, "-m", "kb.desk.file_reading", name, str(limits.memory), str(limits.seconds), str(limits.output)]
    environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    with _place(), file.open("rb") as given, TemporaryFile() as answer:
        status = _run(command, environment, given, answer, limits)
        answer.seek(0)
        said = answer.read((limits.output + 1) * _MEGABYTE)
    return _understood(status, said)


@contextmanager
def _place() -> Iterator[None]:
    if not _PLACES.acquire(timeout=_PATIENCE):
        raise ReadError("other files are being read at this moment; send it again in a minute")
    try:
        yield
    finally:
        _PLACES.release()


def _run(command: Sequence[str], environment: dict[str, str], given: IO[bytes], answer: IO[bytes], limits: Limits) -> int:
    process = subprocess.Popen(  # noqa: S603  # our own module, by the interpreter that runs
        command, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    )
    try:
        return process.wait(limits.seconds)
    except subprocess.TimeoutExpired as exc:
        raise TooHeavyError("reading the file took too long; split it, or save it again without pictures") from exc
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _understood(status: int, said: bytes) -> Document:
    try:
        answer = json.loads(said)
        if problem := answer.get("problem"):
            raise (TooHeavyError if answer.get("heavy") else ReadError)(str(problem))
        if status == 0:
            return document_from_json(json.dumps(answer["document"]))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise TooHeavyError("the file asks for too much memory or time to be read; split it, or save it again") from exc
    raise TooHeavyError("the file asks for too much memory or time to be read; split it, or save it again")


# In the process of its own


def main(name: str, memory: int, seconds: float, output: int) -> int:
    """Read standard input and write the document, or what is wrong, as JSON to standard output."""
    _limit(memory, seconds, output)
    try:
        answer: dict[str, object] = {"document": json.loads(document_to_json(_read(name)))}
    except MemoryError:
        answer = {"problem": "the file asks for too much memory to be read; split it, or save it again", "heavy": True}
    except RecursionError:
        answer = {"problem": "the file is nested too deeply to be read; save it again"}
    except KbError as exc:
        answer = {"problem": str(exc)}
    sys.stdout.write(json.dumps(answer))
    return 0


def _limit(memory: int, seconds: float, output: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory * _MEGABYTE, memory * _MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output * _MEGABYTE, output * _MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(name: str) -> Document:
    from pythainlp.corpus import thai_words

    from kb.ingest.readers import Source, read
    from kb.taxonomy import Taxonomy

    data = sys.stdin.buffer.read()
    if not data.strip(b"\0 \t\r\n"):
        raise ReadError("the file is empty; remove it, or save it again")
    found = read(Source(Path(name), data, "doc-upload"), Taxonomy({}), thai_words().__contains__)
    if not isinstance(found, Document):
        raise ReadError("a practice file; read it in with kb ingest")
    if sum(len(part.text) for part in found.parts) > MAX_TEXT:
        raise ReadError("the text is longer than a thousand pages; split the file")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
