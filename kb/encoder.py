"""Text to vectors behind a small Protocol: a prepared runtime, sentence-transformers, and a deterministic fake for tests."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kb import runtime
from kb.errors import ModelError
from kb.settings import DEFAULT_MODEL, Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

Role = runtime.Role


class Encoder(Protocol):
    """Embeds texts. `fingerprint` names model, revision and checksum: other fingerprint, other vectors."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension); `role`, or one role a text, chooses the model's prompt."""
        ...

    def warm(self) -> None:
        """Load what is loaded late, so that the first question waits for nothing."""
        ...


class RuntimeEncoder:
    """A model in the form that `kb model` prepared for this processor: without torch, several times as fast."""

    def __init__(self, prepared: runtime.Runtime, fingerprint: str, dimension: int) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self._runtime = prepared

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        return self._runtime.encode(texts, role)

    def warm(self) -> None:
        self._runtime.warm()


class SentenceTransformerEncoder:
    """A sentence-transformers model from a local folder or, where a hub can be reached, a hub id.

    The model's own prompts are used (`query`, and `document` or `passage`). The model is loaded on first use.
    """

    def __init__(self, name: str | Path, fingerprint: str, dimension: int, threads: int = 0, batch: int = 32) -> None:
        self._name = str(name)
        self._fingerprint = fingerprint
        self._dimension = dimension
        self._threads = threads
        self._batch = batch
        self._loaded: SentenceTransformer | None = None
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        model = self.load()
        options: dict[str, Any] = {"batch_size": self._batch, "show_progress_bar": False, "normalize_embeddings": True}
        if isinstance(role, str):
            embed = model.encode_query if role == "query" else model.encode_document
            vectors = embed(list(texts), **options)
        else:  # one batch for all roles: a question's two prompts cost little more than one
            prompted = [model.prompts[kind] + text for kind, text in zip(role, texts, strict=True)]
            vectors = model.encode(prompted, prompt="", **options)
        return np.asarray(vectors, dtype=np.float32)

    def warm(self) -> None:
        self.encode(["น้ำ"], "query")

    def load(self) -> SentenceTransformer:
        """The model, loaded once; raises `ModelError` where it cannot be."""
        with self._lock:
            if self._loaded is None:
                self._loaded = load_sentence_transformer(self._name, self._threads)
            return self._loaded


class FakeEncoder:
    """Character n-grams hashed into a fixed space: deterministic, needs no model, knows no meaning. For tests."""

    fingerprint = "fake-ngrams-1"
    dimension = 128

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:  # noqa: ARG002  # one for both
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            padded = f" {text.lower()} "
            for size in (2, 3):
                for at in range(len(padded) - size + 1):
                    digest = hashlib.blake2b(padded[at : at + size].encode(), digest_size=8).digest()
                    row[digest[0] % self.dimension] += 1.0 if digest[1] & 1 else -1.0
            if not row.any():
                row[0] = 1.0
            row /= np.linalg.norm(row)
        return rows

    def warm(self) -> None:
        """Nothing to load."""


def open_encoder(settings: Settings) -> RuntimeEncoder | SentenceTransformerEncoder:
    """The encoder that the settings name; the prepared runtime where `kb model` made one for this processor.

    For the default model, `kb model` must have prepared its folder.
    """
    if settings.runtime == "auto" and (prepared := _open_runtime(settings)) is not None:
        return prepared
    return open_sentence_transformer(settings)


def open_sentence_transformer(settings: Settings) -> SentenceTransformerEncoder:
    """The encoder that the settings name, run by sentence-transformers."""
    folder = model_folder(settings)
    if folder is None:
        return _open_hub_model(settings)
    fingerprint, dimension = _describe_folder(folder)
    return SentenceTransformerEncoder(folder, fingerprint, dimension, settings.threads, settings.batch)


def prepare_runtime(settings: Settings, sentences: Sequence[str], force: bool = False) -> runtime.Stamp | None:
    """Convert the model's folder for this processor; `None` where that was done before, or where the model has no folder."""
    place = _runtime_place(settings)
    if place is None or (place.stamp is not None and not force):
        return None
    return runtime.prepare(place.source, place.fingerprint, place.target, sentences, place.kind)


def _open_runtime(settings: Settings) -> RuntimeEncoder | None:
    place = _runtime_place(settings)
    if place is None or place.stamp is None or place.stamp.dimension != place.dimension:
        return None
    prepared = runtime.Runtime(place.source, place.target, place.stamp, settings.threads, settings.batch)
    return RuntimeEncoder(prepared, place.fingerprint, place.dimension)


@dataclass(frozen=True)
class _RuntimePlace:
    """A model's folder, where its conversion for this processor belongs, and the stamp of the one that stands there."""

    source: Path
    fingerprint: str
    dimension: int
    kind: runtime.Kind
    target: Path
    stamp: runtime.Stamp | None


def _runtime_place(settings: Settings) -> _RuntimePlace | None:
    """`None` where the model has no folder."""
    source = model_folder(settings)
    if source is None:
        return None
    fingerprint, dimension = _describe_folder(source)
    kind = runtime.processor_kind()
    target = settings.home / "runtime" / f"{hashlib.sha256(fingerprint.encode()).hexdigest()[:16]}-{kind}"
    return _RuntimePlace(source, fingerprint, dimension, kind, target, runtime.read_stamp(target, fingerprint, kind))


def model_folder(settings: Settings) -> Path | None:
    """The folder of the model that the settings name, or `None` for a hub id; raises `ModelError` where there is neither."""
    if settings.model == DEFAULT_MODEL:
        from kb.model import is_prepared

        folder = settings.default_model_folder
        if not is_prepared(folder):
            raise ModelError(f"the default model is not in {folder}; run: kb model")
        return folder
    folder = _folder(settings.model)
    if folder.is_dir():
        return folder
    if "/" not in settings.model or settings.model.startswith((".", "/", "~")):
        raise ModelError(f"the model {settings.model!r} is no folder and no hub id; set KB_MODEL to one, or unset it")
    return None


def _folder(model: str) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError as exc:
        raise ModelError(f"the model {model!r} names a home folder that does not exist; set KB_MODEL to another") from exc


def _open_hub_model(settings: Settings) -> SentenceTransformerEncoder:
    model = load_sentence_transformer(settings.model, settings.threads)
    revision = getattr(model[0].auto_model.config, "_commit_hash", None) or "unknown"
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise ModelError(f"the model {settings.model!r} does not tell its dimension; choose another")
    encoder = SentenceTransformerEncoder(
        settings.model, f"{settings.model}@{revision}", dimension, settings.threads, settings.batch
    )
    encoder._loaded = model
    return encoder


def _describe_folder(folder: Path) -> tuple[str, int]:
    """Fingerprint and dimension of a sentence-transformers folder without loading it.

    The fingerprint hashes every small file whole and of each large one its size and both ends: weights that differ at all
    differ in their header or length in practice, and hashing half a gigabyte at each start would cost seconds.
    """
    if not (folder / "modules.json").is_file():
        raise ModelError(f"{folder} is no sentence-transformers folder (no modules.json); set KB_MODEL to one")
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".json", ".safetensors", ".bin", ".txt", ".model", ".onnx"}:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(_sample(path))
    return f"{folder.name}@{digest.hexdigest()[:16]}", _folder_dimension(folder)


def _sample(path: Path, limit: int = 1 << 20) -> bytes:
    size = path.stat().st_size
    with path.open("rb") as handle:
        if size <= 2 * limit:
            return handle.read()
        head = handle.read(limit)
        handle.seek(-limit, os.SEEK_END)
        return str(size).encode() + head + handle.read(limit)


def _folder_dimension(folder: Path) -> int:
    try:
        for module in json.loads((folder / "modules.json").read_text(encoding="utf-8")):
            if module["type"].endswith("Pooling"):
                config = json.loads((folder / module["path"] / "config.json").read_text(encoding="utf-8"))
                dimension = config.get("embedding_dimension") or config["word_embedding_dimension"]
                return int(dimension)
        return int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ModelError(f"{folder} does not tell its dimension ({exc}); set KB_MODEL to another folder") from exc


def load_sentence_transformer(name: str, threads: int) -> SentenceTransformer:
    """The model of a folder or hub id, with prompts for both roles; raises `ModelError` where it cannot be loaded."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with quiet():
        import torch
        from sentence_transformers import SentenceTransformer

        if threads:
            torch.set_num_threads(threads)
        local = Path(name).is_dir()
        try:
            model = SentenceTransformer(name, device="cpu", local_files_only=local, trust_remote_code=False)
        except Exception as exc:  # the library raises many kinds for one cause: the model is not there
            reason = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
            raise ModelError(f"the model {name!r} cannot be loaded: {reason[:200]}") from exc
    for wanted, others in (("document", ("passage", "corpus")), ("query", ())):
        if not model.prompts.get(wanted):
            model.prompts[wanted] = next((model.prompts[o] for o in others if model.prompts.get(o)), "")
    return model


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' own progress bars and notices off the screen."""
    import transformers

    transformers_logging: Any = transformers.logging
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
