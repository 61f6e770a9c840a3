"""A converted model gives the vectors of sentence-transformers, whole or not at all, and is used only where it fits."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from weights_image import weights_image, write_tiny_model

from kb.encoder import (
    RuntimeEncoder,
    SentenceTransformerEncoder,
    open_encoder,
    open_sentence_transformer,
    prepare_runtime,
)
from kb.errors import ModelError
from kb.runtime import (
    CONVERSION,
    MIN_COSINE,
    STEP,
    TOKENS_A_TEXT,
    Kind,
    Role,
    Runtime,
    Stamp,
    has_tiles,
    prepare,
    processor_kind,
    read_stamp,
)
from kb.settings import Settings

WIDE = 192
"""Weights of this width are large enough to be kept in 8 bits."""

KINDS: tuple[Kind, ...] = ("int8", "fp16")
FINGERPRINT = "tiny@1"
SENTENCES = ["น้ำท่วมเมืองหาดใหญ่", "Flood warning in Hat Yai", "ธงสี and flags", "x", "อ่านไม่ออก เขียนไม่ได้ " * 8]
TEXTS = [*SENTENCES, "", " ", "😀 ﬁn", "<s> is no mark </s> of ours", "ก" * 5000, "word " * 3000]
ROLES: tuple[Role, ...] = ("query", "document")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells a question from a document; tests must not change it."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny", weights_image(hidden=WIDE, mean=0.0))


@pytest.fixture(scope="module")
def theirs(source: Path) -> SentenceTransformerEncoder:
    return open_sentence_transformer(Settings(model=str(source)))


@pytest.fixture(scope="module", params=KINDS)
def converted(request: pytest.FixtureRequest, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    """A conversion of each kind; tests must not change it."""
    folder = tmp_path_factory.mktemp("runtime") / "made"
    return opened(source, folder, prepare(source, FINGERPRINT, folder, SENTENCES, request.param))


@pytest.fixture
def copy(source: Path, tmp_path: Path) -> Path:
    """A model that a test may change."""
    return Path(shutil.copytree(source, tmp_path / "tiny"))


def opened(source: Path, folder: Path, stamp: Stamp, batch: int = 32) -> Runtime:
    return Runtime(source, folder, stamp, threads=0, batch=batch)


def cosines(ours: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.sum(ours * others, axis=1))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# What a conversion gives


@pytest.mark.parametrize("role", ROLES)
def test_a_conversion_agrees_with_sentence_transformers(
    converted: Runtime, theirs: SentenceTransformerEncoder, role: Role
) -> None:
    ours = converted.encode(TEXTS, role)
    assert cosines(ours, theirs.encode(TEXTS, role)).min() >= MIN_COSINE
    other = theirs.encode(TEXTS[:4], "document" if role == "query" else "query")
    assert cosines(ours[:4], other).max() < MIN_COSINE  # another prompt would be seen


def test_vectors_are_unit_vectors_one_for_each_text(converted: Runtime) -> None:
    vectors = converted.encode(TEXTS, "document")
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), WIDE), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert converted.encode([], "query").shape == converted.encode([], []).shape == (0, WIDE)


def test_what_is_kept_in_which_precision(converted: Runtime, source: Path) -> None:
    whole = (source / "model.safetensors").stat().st_size
    graph = (converted.folder / "model.xml").read_text()
    assert '"i8"' not in graph
    assert '"f16"' in graph
    assert (converted.folder / "model.bin").stat().st_size < whole * 0.55
    quick = converted.folder / "quick.xml"
    assert quick.exists() == (converted.stamp.kind == "int8")
    if quick.exists():
        assert '"i8"' in quick.read_text()
        assert quick.with_suffix(".bin").stat().st_size < whole * 0.4


def test_query_key_and_value_are_one_product_in_the_quick_form_alone(converted: Runtime) -> None:
    layers = json.loads((converted.source / "config.json").read_text())["num_hidden_layers"]
    graph = (converted.folder / "model.xml").read_text()
    assert graph.count('type="MatMul"') == 6 * layers
    if converted.stamp.kind == "int8":
        quick = (converted.folder / "quick.xml").read_text()
        assert (quick.count('type="MatMul"'), quick.count('type="VariadicSplit"')) == (4 * layers, layers)


@pytest.mark.parametrize(("role", "form"), [("document", "model.xml"), ("query", "quick.xml"), (["document"], "quick.xml")])
def test_documents_alone_are_read_in_the_first_form(converted: Runtime, role: Any, form: str) -> None:
    steps = Steps(converted.source, converted.folder, converted.stamp, threads=0, batch=32)
    steps.steps, steps.forms = [], []
    steps.encode(["น้ำ"], role)
    assert steps.forms == [form if converted.stamp.kind == "int8" else "model.xml"]


def test_the_stamp_says_what_the_conversion_was_made_of(converted: Runtime) -> None:
    stamp = converted.stamp
    assert (stamp.model, stamp.dimension, stamp.max_tokens, stamp.pad) == (FINGERPRINT, WIDE, 128, 1)
    assert stamp.prompts == {"query": "query: ", "document": "passage: "}
    assert MIN_COSINE <= stamp.min_cosine <= stamp.mean_cosine <= 1 + 1e-6
    assert read_stamp(converted.folder, FINGERPRINT, "int8" if stamp.kind == "int8" else "fp16") == stamp


def test_each_text_may_have_a_role_of_its_own(converted: Runtime) -> None:
    roles: list[Role] = ["query", "document", "document", "query", "query"]
    alone = [converted.encode([text], role)[0] for text, role in zip(SENTENCES, roles, strict=True)]
    np.testing.assert_allclose(converted.encode(SENTENCES, roles), alone, atol=5e-3)


@pytest.mark.parametrize("roles", [["query"], ["query"] * 6, []])
def test_roles_that_do_not_fit_the_texts_are_no_quiet_loss(converted: Runtime, roles: list[Role]) -> None:
    with pytest.raises(ValueError, match="zip"):
        converted.encode(SENTENCES, roles)


@pytest.mark.parametrize("batch", [1, 2, 4096])
def test_vectors_stand_in_the_order_of_the_texts_whatever_the_batch(converted: Runtime, batch: int) -> None:
    expected = converted.encode(TEXTS, "document")
    other = opened(converted.source, converted.folder, converted.stamp, batch)
    assert cosines(other.encode(TEXTS[::-1], "document"), expected[::-1]).min() >= MIN_COSINE


def test_several_threads_get_what_one_gets(converted: Runtime) -> None:
    shared = opened(converted.source, converted.folder, converted.stamp)  # nothing is loaded yet: they race for that too
    rows = [TEXTS[at % len(TEXTS)] for at in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: shared.encode([text] * (6 if text == "x" else 1), "query")[0], rows))
    assert cosines(np.stack(found), converted.encode(rows, "query")).min() >= MIN_COSINE


def test_few_texts_are_read_with_the_small_tokenizer_and_many_with_the_whole_one(converted: Runtime, tmp_path: Path) -> None:
    """The small one knows nothing of the model's folder."""
    small = opened(tmp_path / "gone", converted.folder, converted.stamp)
    small.warm()
    whole = opened(converted.source, converted.folder, converted.stamp)
    expected = whole.encode(TEXTS, "query")
    for at in range(0, 9, 3):
        assert cosines(small.encode(TEXTS[at : at + 3], "query"), expected[at : at + 3]).min() >= MIN_COSINE
    for many in (SENTENCES, ["ก" * 5000]):  # many texts, or much text
        with pytest.raises(Exception, match="No such file"):
            opened(tmp_path / "gone", converted.folder, converted.stamp).encode(many, "query")


def test_a_conversion_without_the_small_tokenizer_uses_the_whole_one(converted: Runtime, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(converted.folder, tmp_path / "copy"))
    (folder / "pieces.db").unlink()
    own = opened(converted.source, folder, converted.stamp)
    np.testing.assert_allclose(own.encode(SENTENCES[:2], "query"), converted.encode(SENTENCES[:2], "query"), atol=1e-5)


class Steps(Runtime):
    """Notes what each step is given, and answers with the number of tokens of each text."""

    steps: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    forms: list[str]

    def request(self, form: str) -> Any:
        self.forms.append(form)
        return self

    def infer(self, given: Sequence[NDArray[np.int64]], share_inputs: bool) -> list[NDArray[np.float32]]:
        ids, mask = given
        self.steps.append((ids, mask))
        return [np.repeat(mask.sum(axis=1, keepdims=True), self.stamp.dimension, axis=1).astype(np.float32)]


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_a_step_takes_texts_of_similar_length_and_no_more_than_its_tokens(converted: Runtime, batch: int) -> None:
    counting = Steps(converted.source, converted.folder, converted.stamp, threads=0, batch=batch)
    counting.steps, counting.forms = [], []
    texts = ["ก" * (at * 37 % 150) for at in range(60)]
    lengths = [min(len("query: ") + len(text) + 3, counting.stamp.max_tokens) for text in texts]  # ▁ <s> </s>
    assert counting.encode(texts, "query")[:, 0].tolist() == lengths
    assert sum(len(ids) for ids, _ in counting.steps) == len(texts)
    longest = [int(mask.sum(axis=1).max()) for _, mask in counting.steps]
    assert longest == sorted(longest, reverse=True)
    for (ids, mask), most in zip(counting.steps, longest, strict=True):
        assert ids.shape[1] == -(-most // STEP) * STEP
        assert ids.size <= max(batch * TOKENS_A_TEXT, ids.shape[1])
        assert ((ids == counting.stamp.pad) == (mask == 0)).all()
        assert (np.sort(mask, axis=1)[:, ::-1] == mask).all()  # padding comes last


@pytest.mark.parametrize("name", ["model.xml", "model.bin", "pieces.db", "frame.json"])
def test_a_damaged_conversion_gives_one_line(converted: Runtime, tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(converted.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("cache")))
    (folder / name).write_bytes(b"damaged " * 100)
    role = "document" if name.startswith("model") else "query"
    with pytest.raises(ModelError, match=r"run: kb model --force$") as caught:
        opened(converted.source, folder, converted.stamp).encode(["น้ำ"], role)
    assert "\n" not in str(caught.value)


# Whole or not at all


class Interrupted(Sequence[str]):
    """Sentences that are interrupted when they are read: the model has been written by then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[str] = []

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        self.seen = [path.name for path in self.folder.glob(".*/model.xml")]
        raise KeyboardInterrupt

    def __getitem__(self, at: Any) -> Any:
        raise KeyboardInterrupt


@pytest.fixture
def stood(tmp_path: Path) -> Path:
    """A folder that a conversion is to be written to, and where another one stands already."""
    folder = tmp_path / "runtime" / "made"
    (folder / "cache").mkdir(parents=True)
    for name in ("model.xml", "model.bin", "runtime.json", "cache/1.blob"):
        (folder / name).write_text(f"old {name}")
    return folder


def test_an_interrupted_conversion_leaves_no_rubbish_and_what_stood_there(source: Path, stood: Path) -> None:
    before = contents(stood)
    sentences = Interrupted(stood.parent)
    with pytest.raises(KeyboardInterrupt):
        prepare(source, FINGERPRINT, stood, sentences, "fp16")
    assert sentences.seen == ["model.xml"]
    assert contents(stood) == before
    assert list(stood.parent.iterdir()) == [stood]


def test_what_a_killed_conversion_left_is_swept_away_by_the_next_one(source: Path, stood: Path) -> None:
    (stood.parent / f".{stood.name}.killed").mkdir()
    (stood.parent / f".{stood.name}.killed" / "model.xml").touch()
    (stood.parent / ".another").mkdir()
    stamp = prepare(source, "tiny@2", stood, SENTENCES, "fp16")
    assert {path.name for path in stood.parent.iterdir()} == {stood.name, ".another"}
    assert read_stamp(stood, "tiny@2", "fp16") == stamp
    assert "old" not in (stood / "model.xml").read_text()[:10]
    assert not (stood / "cache").exists()  # what the check compiled is not shipped


def _pool_without_the_prompt(folder: Path) -> None:
    """Tokens of the prompt are left out of the mean, which the conversion knows nothing of."""
    path = folder / "1_Pooling" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"include_prompt": False}))


def _static(folder: Path) -> None:
    """A model of another build: one vector a word, and nothing to trace."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    model = SentenceTransformer(
        modules=[StaticEmbedding(Tokenizer.from_file(str(folder / "tokenizer.json")), embedding_dim=WIDE)]
    )
    shutil.rmtree(folder)
    model.save(str(folder))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(_pool_without_the_prompt, r"disagrees with sentence-transformers \(cosine 0\.\d{4}\)", id="disagreement"),
        pytest.param(_static, "cannot be converted: ", id="a model that cannot be traced"),
        pytest.param(lambda at: shutil.rmtree(at), "cannot be loaded: ", id="no model"),
    ],
)
def test_a_model_that_cannot_be_converted_leaves_the_target_as_it_was(
    copy: Path, stood: Path, change: Callable[[Path], object], reason: str
) -> None:
    change(copy)
    before = contents(stood)
    with pytest.raises(ModelError, match=reason) as caught:
        prepare(copy, FINGERPRINT, stood, SENTENCES, "int8")
    assert "\n" not in str(caught.value)
    assert contents(stood) == before
    assert list(stood.parent.iterdir()) == [stood]


@pytest.mark.parametrize("inside", ["made", "made/inside"])
def test_a_file_where_a_folder_should_be_gives_one_line(source: Path, tmp_path: Path, inside: str) -> None:
    (tmp_path / "made").write_text("mine")
    with pytest.raises(ModelError, match=r"cannot be written .*; set KB_HOME to another folder"):
        prepare(source, FINGERPRINT, tmp_path / inside, SENTENCES, "fp16")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("made", "mine")]


# The stamp


def _changed(**changes: Any) -> Callable[[dict[str, Any]], str]:
    return lambda stamp: json.dumps(stamp | changes)


STAMPS = [
    (_changed(model="tiny@2"), "another model"),
    (_changed(conversion=0), "files of an older conversion"),
    (_changed(kind="fp32"), "another kind"),
    (_changed(author="x"), "a field that nobody knows"),
    (lambda stamp: json.dumps({name: stamp[name] for name in stamp if name != "pad"}), "a field is missing"),
    (lambda stamp: json.dumps(stamp)[:-20], "cut off"),
    (lambda stamp: json.dumps([stamp]), "a list"),
    (lambda _: "null", "nothing"),
    (lambda _: "", "an empty file"),
]


@pytest.mark.parametrize(("write", "reason"), STAMPS, ids=[row[1] for row in STAMPS])
def test_a_stamp_that_does_not_fit_is_none(tmp_path: Path, write: Callable[[dict[str, Any]], str], reason: str) -> None:
    stamp = Stamp(FINGERPRINT, CONVERSION, "int8", WIDE, 128, 1, {"query": "q: ", "document": "d: "}, 0.999, 0.9999)
    path = tmp_path / "runtime.json"
    path.write_text(json.dumps(asdict(stamp)))
    assert read_stamp(tmp_path, FINGERPRINT, "int8") == stamp
    path.write_text(write(asdict(stamp)))
    assert read_stamp(tmp_path, FINGERPRINT, "int8") is None


def test_a_stamp_that_is_no_text_or_not_there_is_none(tmp_path: Path) -> None:
    assert read_stamp(tmp_path, FINGERPRINT, "int8") is None
    (tmp_path / "runtime.json").write_bytes(b"\xff\xfe\x00")
    assert read_stamp(tmp_path, FINGERPRINT, "int8") is None


# Which encoder is opened


@pytest.fixture(scope="module")
def ready(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings whose runtime was prepared; tests must not change their folder."""
    own = Settings(home=tmp_path_factory.mktemp("home"), model=str(source))
    assert prepare_runtime(own, SENTENCES) is not None
    return own


@pytest.fixture
def own(ready: Settings, tmp_path: Path) -> Settings:
    """The same, to be changed."""
    model, home = tmp_path / Path(ready.model).name, tmp_path / "home"
    shutil.copytree(ready.model, model)
    shutil.copytree(ready.home, home)
    return replace(ready, home=home, model=str(model))


def test_a_prepared_runtime_is_used_and_agrees(ready: Settings, theirs: SentenceTransformerEncoder) -> None:
    encoder = open_encoder(ready)
    assert isinstance(encoder, RuntimeEncoder)
    assert (encoder.fingerprint, encoder.dimension) == (theirs.fingerprint, theirs.dimension)
    encoder.warm()
    assert cosines(encoder.encode(TEXTS, "query"), theirs.encode(TEXTS, "query")).min() >= MIN_COSINE


def test_a_runtime_is_prepared_once_and_again_when_it_is_asked_for(own: Settings) -> None:
    assert prepare_runtime(own, SENTENCES) is None
    again = prepare_runtime(own, SENTENCES, force=True)
    assert again is not None
    assert (again.model, again.kind) == (open_encoder(own).fingerprint, processor_kind())
    assert prepare_runtime(replace(own, model="example/hub-id"), SENTENCES) is None


def test_the_setting_torch_keeps_to_sentence_transformers(ready: Settings) -> None:
    assert isinstance(open_encoder(replace(ready, runtime="torch")), SentenceTransformerEncoder)


def _stamp_of(settings: Settings) -> Path:
    (path,) = settings.home.glob("runtime/*/runtime.json")
    return path


def _restamped(**changes: Any) -> Callable[[Settings], None]:
    def change(settings: Settings) -> None:
        path = _stamp_of(settings)
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


def _another_vocabulary(settings: Settings) -> None:
    path = Path(settings.model) / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace("-1.0", "-2.0", 1), encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda own: shutil.rmtree(own.home), id="nothing was prepared"),
        pytest.param(lambda own: _stamp_of(own).unlink(), id="no stamp"),
        pytest.param(lambda own: _stamp_of(own).write_text("{"), id="a damaged stamp"),
        pytest.param(_restamped(conversion=0), id="an older conversion"),
        pytest.param(_restamped(kind="fp32"), id="another processor's kind"),
        pytest.param(_restamped(dimension=WIDE + 1), id="another dimension"),
        pytest.param(_another_vocabulary, id="another model by now"),
    ],
)
def test_sentence_transformers_is_used_where_the_conversion_does_not_fit(
    own: Settings, change: Callable[[Settings], object]
) -> None:
    assert isinstance(open_encoder(own), RuntimeEncoder)
    change(own)
    encoder = open_encoder(own)
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder.dimension == WIDE


# What is imported

ENCODES = """
import sys
from pathlib import Path
from kb.encoder import RuntimeEncoder, open_encoder
from kb.settings import load_settings
encoder = open_encoder(load_settings())
assert isinstance(encoder, RuntimeEncoder)
assert encoder.encode(["น้ำท่วม"] * 2, ["query", "document"]).shape == (2, encoder.dimension)
encoder.warm()
print(*sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""

CONVERTS = """
import sys
from pathlib import Path
from kb.runtime import prepare
prepare(Path(sys.argv[1]), "tiny@1", Path(sys.argv[2]), ["น้ำท่วม", "flood"], "int8")
"""


def _python(code: str, *arguments: Path, **environment: str) -> str:
    own = {name: value for name, value in os.environ.items() if not name.startswith("KB_")} | environment
    ran = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], env=own, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_encoding_with_a_prepared_runtime_needs_no_torch(ready: Settings) -> None:
    assert _python(ENCODES, KB_HOME=str(ready.home), KB_MODEL=ready.model).split() == []


def test_nothing_is_reported_to_the_makers_of_the_runtime(ready: Settings, source: Path, tmp_path: Path) -> None:
    """A package that tells of its import stands where the telemetry would be found first."""
    spy, told = tmp_path / "path" / "openvino_telemetry", tmp_path / "told"
    spy.mkdir(parents=True)
    (spy / "__init__.py").write_text(f"from pathlib import Path\nPath({str(told)!r}).touch()\nTelemetry = None\n")
    path = os.pathsep.join([str(spy.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    _python("import openvino_telemetry", PYTHONPATH=path)
    assert told.exists()
    told.unlink()
    _python(CONVERTS, source, tmp_path / "made", PYTHONPATH=path)
    _python(ENCODES, KB_HOME=str(ready.home), KB_MODEL=ready.model, PYTHONPATH=path)
    assert not told.exists()


# The processor

PC = platform.machine() == "x86_64"
FLAGS = "flags\t\t: fpu sse2 avx2 {}\nbugs\t\t: spectre_v1\n"

PROCESSORS = [
    ("processor\t: 0\n" + FLAGS.format("avx512_vnni"), PC, "8-bit dot products in wide registers"),
    ("processor\t: 0\n" + FLAGS.format("avx_vnni"), PC, "or in narrow ones"),
    ("processor\t: 0\n" + FLAGS.format("amx_int8"), PC, "or in tiles"),
    (FLAGS.format("avx_vnni"), PC, "flags in the first line"),
    ("processor\t: 0\n" + FLAGS.format("avx512f avx512bw"), False, "none of them"),
    ("processor\t: 0\n" + FLAGS.format("avx_vnni_int16"), False, "a name that only begins so"),
    ("model name\t: avx_vnni\n" + FLAGS.format(""), False, "the word in another line"),
    ("vmx flags\t: amx_int8\n" + FLAGS.format(""), False, "the flags of virtual machines"),
    ("processor\t: 0\nFeatures\t: fp asimd asimddp i8mm\n", False, "a processor of another make"),
    ("processor\t: 0\nflags", False, "a line that is cut off"),
    ("", False, "an empty file"),
    ("processor\t: 0\nmodel name\t: เครื่อง\n" + FLAGS.format("avx_vnni"), PC, "a name that is not ASCII"),
]


@pytest.mark.parametrize(("text", "fast", "reason"), PROCESSORS, ids=[row[2] for row in PROCESSORS])
def test_the_kind_is_what_the_processor_has_instructions_for(tmp_path: Path, text: str, fast: bool, reason: str) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(text, encoding="utf-8")
    assert processor_kind(path) == ("int8" if fast else "fp16")


@pytest.mark.parametrize(
    ("text", "tiles"),
    [
        pytest.param(FLAGS.format("amx_bf16 amx_int8"), PC, id="tiles of bfloat16"),
        pytest.param(FLAGS.format("avx512_bf16 amx_int8"), False, id="bfloat16 without tiles"),
        pytest.param("", False, id="an empty file"),
    ],
)
def test_tiles_are_what_the_processor_has_instructions_for(tmp_path: Path, text: str, tiles: bool) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(text, encoding="utf-8")
    assert has_tiles(path) is tiles
    assert has_tiles(tmp_path / "none") is False


def test_a_system_that_does_not_describe_its_processor_gets_the_plain_kind(tmp_path: Path) -> None:
    assert processor_kind(tmp_path / "cpuinfo") == "fp16"
    assert processor_kind() in KINDS
