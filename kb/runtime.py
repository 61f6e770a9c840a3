"""A runtime for sentence-transformers folders that needs no torch: OpenVINO on the CPU.

A folder is converted once and checked against sentence-transformers. Weights are kept in 16 bits and calculated with in
bfloat16 or fp32, as the processor can. Where it multiplies 8-bit integers (VNNI, AMX), questions take a second form: weights
in 8 bits with one scale a row, activations rounded to 8 bits in groups of 128 as they pass, one product for query, key and
value. Documents keep the first form, because every later question is compared with them. `bench/encoding.py` compares speed and
relevance with sentence-transformers; docs/benchmarks.md has the figures.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kb.cache import work_folder
from kb.errors import ModelError
from kb.pieces import Pieces, write_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Kind = Literal["int8", "fp16"]
Role = Literal["query", "document"]

CONVERSION = 3
"""Raised whenever the files that a conversion writes change."""

MIN_COSINE = 0.998
"""Agreement with sentence-transformers asked of every check sentence."""

GROUP = 128
"""Activations that share one scale: 64 agree a little better and take a tenth longer."""

STEP = 8
"""Lengths are rounded up to a multiple of this many tokens: fewer shapes to prepare, little padding."""

TOKENS_A_TEXT = 32
"""Tokens, times the `batch` setting, that one step of the runtime takes at most."""

_STAMP, _MODEL, _QUICK = "runtime.json", "model.xml", "quick.xml"
_FEW_TEXTS, _FEW_CHARACTERS = 4, 4000


@dataclass(frozen=True)
class Stamp:
    """What a conversion was made of, and the lowest and mean cosine with sentence-transformers over the check sentences."""

    model: str
    conversion: int
    kind: str
    dimension: int
    max_tokens: int
    pad: int
    prompts: dict[str, str]
    min_cosine: float
    mean_cosine: float


def _openvino() -> Any:
    """OpenVINO without its telemetry package, which would report every conversion to its makers."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


_CPUINFO = Path("/proc/cpuinfo")


def processor_kind(description: Path = _CPUINFO) -> Kind:
    """`int8` where the processor has instructions for 8-bit dot products, else `fp16`."""
    return "int8" if _flags(description) & {"avx512_vnni", "avx_vnni", "amx_int8"} else "fp16"


def has_tiles(description: Path = _CPUINFO) -> bool:
    """Whether the processor multiplies tiles of bfloat16 (AMX). A question is too short for them: beside the 8-bit products, it
    is calculated faster in fp32 there."""
    return "amx_bf16" in _flags(description)


def _flags(description: Path) -> set[str]:
    """What an x86-64 processor can do, as Linux names it; nothing of another one."""
    try:
        text = description.read_text(encoding="ascii", errors="replace")
    except OSError:
        return set()
    flags = set(f"\n{text}".partition("\nflags")[2].partition("\n")[0].split())
    return flags if platform.machine() == "x86_64" else set()


def read_stamp(folder: Path, fingerprint: str, kind: Kind) -> Stamp | None:
    """The stamp of a finished conversion of this very model in this kind, or `None`."""
    try:
        stamp = Stamp(**json.loads((folder / _STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return stamp if (stamp.model, stamp.conversion, stamp.kind) == (fingerprint, CONVERSION, kind) else None


def prepare(source: Path, fingerprint: str, target: Path, sentences: Sequence[str], kind: Kind) -> Stamp:
    """Convert the sentence-transformers folder `source` into `target` and check it on `sentences`.

    Raises `ModelError` where the result disagrees with sentence-transformers or cannot be written; `target` is then left as it
    was.
    """
    try:
        work = work_folder(target)
    except OSError as exc:
        raise ModelError(f"{target.parent} cannot be written ({exc.strerror}); set KB_HOME to another folder") from exc
    try:
        stamp = _convert(source, fingerprint, work, sentences, kind)
        (work / _STAMP).write_text(json.dumps(asdict(stamp), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        os.replace(work, target)
    except OSError as exc:
        raise ModelError(f"{target} cannot be written ({exc.strerror}); set KB_HOME to another folder") from exc
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return stamp


def _convert(source: Path, fingerprint: str, work: Path, sentences: Sequence[str], kind: Kind) -> Stamp:
    from kb.encoder import load_sentence_transformer

    model = load_sentence_transformer(str(source), 0)
    pad = getattr(model.tokenizer, "pad_token_id", None) or 0
    tokenizer = source / "tokenizer.json"
    if not tokenizer.is_file():
        raise ModelError(f"{source} has no tokenizer.json; it runs with sentence-transformers only")
    _write_model(model, work, kind)
    write_pieces(tokenizer, work)
    prompts = {role: str(model.prompts[role]) for role in ("query", "document")}
    limit = int(model.max_seq_length or 512)
    bare = Stamp(fingerprint, CONVERSION, kind, int(model.get_embedding_dimension() or 0), limit, int(pad), prompts, 0.0, 0.0)
    ours = Runtime(source, work, bare, threads=0, batch=32)
    both: tuple[Role, Role] = ("document", "query")
    theirs = [np.asarray(model.encode(list(sentences), prompt=prompts[role], normalize_embeddings=True)) for role in both]
    cosines = np.concatenate(
        [np.sum(ours.encode(list(sentences), role) * vectors, axis=1) for role, vectors in zip(both, theirs, strict=True)]
    )
    if not cosines.min() >= MIN_COSINE:
        raise ModelError(f"the converted model disagrees with sentence-transformers (cosine {cosines.min():.4f})")
    _check_pieces(ours, sentences)
    shutil.rmtree(work / "cache", ignore_errors=True)
    return Stamp(**{**asdict(bare), "min_cosine": float(cosines.min()), "mean_cosine": float(cosines.mean())})


def _check_pieces(runtime: Runtime, sentences: Sequence[str]) -> None:
    """Ask the same ids of the small tokenizer as of the whole one."""
    small = runtime.pieces()
    if small is None:
        return
    whole = runtime.tokenizer()
    for sentence in sentences:
        if small.ids([sentence], runtime.stamp.max_tokens) != [whole.encode(sentence).ids]:
            raise ModelError(f"the small tokenizer splits {sentence[:40]!r} otherwise than the whole one")


def _write_model(model: SentenceTransformer, folder: Path, kind: Kind) -> None:
    """Trace the whole model, pooling and normalisation included, from token ids to unit vectors."""
    import torch

    from kb.encoder import quiet

    ov = _openvino()

    class Sentence(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            embedded = self.model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]
            return torch.nn.functional.normalize(embedded, dim=1)

    ids = torch.randint(5, 10, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    with torch.no_grad(), warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")  # tracing tells of every Python branch it passes; the check below judges the outcome
        try:
            graph = ov.convert_model(Sentence().eval(), example_input={"input_ids": ids, "attention_mask": mask})
        except Exception as exc:  # tracing runs the model's own code
            raise ModelError(f"the model cannot be converted: {str(exc).partition(chr(10))[0][:200]}") from exc
    ov.save_model(graph, folder / _MODEL, compress_to_fp16=True)
    if kind == "int8":
        _join_layers(graph)
        _quantise(graph)
        ov.save_model(graph, folder / _QUICK, compress_to_fp16=False)


def _join_layers(graph: Any) -> None:
    """Make one layer of those that read the same values (query, key and value of attention), and split what it gives.

    The numbers stay the same; the activations are rounded once instead of three times, and there are fewer steps.
    """
    ops = _openvino().opset13
    groups: dict[tuple[Any, ...], list[tuple[Any, NDArray[np.float32], NDArray[np.float32]]]] = {}
    for node in graph.get_ordered_ops():
        if node.get_type_name() != "MatMul" or not node.get_attributes()["transpose_b"]:
            continue
        readers = [taken.get_node() for taken in node.output(0).get_target_inputs()]
        if [reader.get_type_name() for reader in readers] != ["Add"]:
            continue
        weights, bias = node.input_value(1).get_node(), readers[0].input_value(1).get_node()
        if {weights.get_type_name(), bias.get_type_name()} != {"Constant"}:
            continue
        source = node.input_value(0)
        if len(weights.shape) == 2 and bias.data.size == weights.shape[0]:
            key = source.get_node().get_name(), source.get_index()
            groups.setdefault(key, []).append((readers[0], weights.data, bias.data.reshape(-1)))
    for layers in groups.values():
        if len(layers) < 2:
            continue
        source = layers[0][0].input_value(0).get_node().input_value(0)
        weights, bias = (ops.constant(np.concatenate([layer[part] for layer in layers])) for part in (1, 2))
        widths = np.array([len(layer[2]) for layer in layers], dtype=np.int64)
        joined = ops.add(ops.matmul(source, weights, False, True), bias)
        parts = ops.variadic_split(joined, ops.constant(np.int64(-1)), ops.constant(widths))
        for number, (total, *_) in enumerate(layers):
            total.output(0).replace(parts.output(number))
    graph.validate_nodes_and_infer_types()


def _quantise(graph: Any) -> None:
    """Keep the large weights in 8 bits, symmetric, one scale a row; the runtime multiplies with them as they are."""
    ops = _openvino().opset13
    for node in graph.get_ordered_ops():
        place = {"MatMul": 1, "Gather": 0}.get(node.get_type_name())
        if place is None:
            continue
        source = node.input_value(place).get_node()
        if source.get_type_name() != "Constant" or len(source.shape) != 2 or source.shape[0] * source.shape[1] < 1 << 15:
            continue
        values = source.data.astype(np.float32)
        axis = 0 if place and not node.get_attributes()["transpose_b"] else 1  # the scale belongs to an output
        scale = np.maximum(np.abs(values).max(axis=axis, keepdims=True) / 127, 1e-12)
        rounded = ops.constant(np.round(values / scale).astype(np.int8))
        node.input(place).replace_source_output(
            ops.multiply(ops.convert(rounded, "f32"), ops.constant(scale.astype(np.float32))).output(0)
        )


def _padded(length: int) -> int:
    """A length rounded up to whole steps."""
    return -(-length // STEP) * STEP


class Runtime:
    """A converted model, ready to encode; what is heavy is loaded when it is first needed. Safe to use from several threads."""

    def __init__(self, source: Path, folder: Path, stamp: Stamp, threads: int, batch: int) -> None:
        self.source = source
        self.folder = folder
        self.stamp = stamp
        self._threads = threads
        self._batch = batch
        self._lock = threading.Lock()
        self._requests: dict[str, Any] = {}
        self._tokenizer: Tokenizer | None = None
        self._pieces: Pieces | None = None

    def encode(self, texts: Sequence[str], role: Role | Sequence[Role]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension); documents alone in the first form, all else in the quick one."""
        form = _QUICK if self.stamp.kind == "int8" and role != "document" else _MODEL
        roles = [role] * len(texts) if isinstance(role, str) else role
        prompted = [self.stamp.prompts[kind] + text for kind, text in zip(roles, texts, strict=True)]
        vectors = np.empty((len(texts), self.stamp.dimension), dtype=np.float32)
        tokens = self._tokens(prompted)
        for rows in self._batches([len(ids) for ids in tokens]):
            longest = _padded(max(len(tokens[row]) for row in rows))
            ids = np.full((len(rows), longest), self.stamp.pad, dtype=np.int64)
            mask = np.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : len(tokens[row])] = tokens[row]
                mask[place, : len(tokens[row])] = 1
            with self._lock:
                vectors[rows] = self.request(form).infer([ids, mask], share_inputs=True)[0]
        return vectors

    def warm(self) -> None:
        """Load the model, and prepare the usual lengths of questions."""
        for words in (1, 5, 10, 15, 20):
            self.encode(["น้ำ " * words] * 2, ["query", "document"])

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        few = len(texts) <= _FEW_TEXTS and sum(map(len, texts)) <= _FEW_CHARACTERS
        small = self.pieces() if few and self._tokenizer is None else None
        if small is not None:
            with self._lock:
                return small.ids(texts, self.stamp.max_tokens)
        return [encoding.ids for encoding in self.tokenizer().encode_batch(list(texts))]

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Rows in batches of similar length, longest first, each of at most `batch` * TOKENS_A_TEXT tokens or of one text."""
        order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
        at = 0
        while at < len(order):
            size = max(1, self._batch * TOKENS_A_TEXT // _padded(lengths[order[at]]))
            yield order[at : at + size]
            at += size

    def tokenizer(self) -> Tokenizer:
        """The tokenizer with its whole vocabulary."""
        if self._tokenizer is None:
            from tokenizers import Tokenizer

            tokenizer = Tokenizer.from_file(str(self.source / "tokenizer.json"))
            tokenizer.no_padding()
            tokenizer.enable_truncation(self.stamp.max_tokens)
            self._tokenizer = tokenizer
        return self._tokenizer

    def pieces(self) -> Pieces | None:
        """The tokenizer for a few short texts, or `None` where the model has none."""
        if self._pieces is None and (self.folder / "pieces.db").is_file():
            try:
                self._pieces = Pieces(self.folder)
            except (OSError, ValueError, KeyError, sqlite3.Error) as exc:
                raise ModelError(f"the tokenizer in {self.folder} cannot be read: {exc}; run: kb model --force") from exc
        return self._pieces

    def request(self, form: str) -> Any:
        """The compiled model in one of its forms; compiled once and kept in the folder's cache."""
        if form not in self._requests:
            core = _openvino().Core()
            capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
            halves = "BF16" in capabilities and not (form == _QUICK and has_tiles())
            options = {
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_PRECISION_HINT": "bf16" if halves else "f32",
                "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP if form == _QUICK else 0,
            }
            if self._threads:
                options["INFERENCE_NUM_THREADS"] = self._threads
            if os.access(self.folder, os.W_OK):
                core.set_property({"CACHE_DIR": str(self.folder / "cache")})
            try:
                self._requests[form] = core.compile_model(str(self.folder / form), "CPU", options).create_infer_request()
            except RuntimeError as exc:
                reason = str(exc).splitlines()[0][:200]
                raise ModelError(f"the model in {self.folder} cannot be loaded: {reason}; run: kb model --force") from exc
        return self._requests[form]
