"""Text to vectors: the model's own prompts, a fingerprint that changes with the model, and one line for a bad setting."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_image import HIDDEN, write_tiny_model

from kb.encoder import (
    Encoder,
    FakeEncoder,
    Role,
    RuntimeEncoder,
    SentenceTransformerEncoder,
    open_encoder,
    open_sentence_transformer,
)
from kb.errors import ModelError
from kb.runtime import MIN_COSINE
from kb.settings import Settings

TEXTS = ["น้ำท่วมเมืองหาดใหญ่", "Flood warning in Hat Yai", "a", "ธงสี and flags"]


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    """A tiny model that a test may change."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "tiny"))


def _opened(folder: Path) -> SentenceTransformerEncoder:
    """As it is opened where no runtime was prepared, which is so in `folder`'s own folder."""
    encoder = open_encoder(Settings(model=str(folder), home=folder.parent))
    assert isinstance(encoder, SentenceTransformerEncoder)
    return encoder


@pytest.mark.parametrize(("role", "prompt"), [("query", "query: "), ("document", "passage: ")])
def test_the_role_puts_the_models_prompt_before_the_text(tiny_folder: Path, role: Role, prompt: str) -> None:
    encoder = _opened(tiny_folder)
    plain = encoder.load().encode([prompt + text for text in TEXTS], prompt="", normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode(TEXTS, role), plain, atol=1e-6)


def test_each_text_may_have_a_role_of_its_own(tiny_folder: Path) -> None:
    encoder = _opened(tiny_folder)
    roles: list[Role] = ["query", "document", "document", "query"]
    alone = [encoder.encode([text], role)[0] for text, role in zip(TEXTS, roles, strict=True)]
    np.testing.assert_allclose(encoder.encode(TEXTS, roles), alone, atol=1e-6)
    np.testing.assert_allclose(encoder.encode(TEXTS, ["query"] * 4), encoder.encode(TEXTS, "query"), atol=1e-6)
    assert encoder.encode([], []).shape == (0, HIDDEN)


@pytest.mark.parametrize("roles", [["query"], ["query"] * 5, []])
def test_roles_that_do_not_fit_the_texts_are_no_quiet_loss(tiny_folder: Path, roles: list[Role]) -> None:
    with pytest.raises(ValueError, match="zip"):
        _opened(tiny_folder).encode(TEXTS, roles)


def test_a_query_and_a_document_of_one_text_differ(tiny_folder: Path) -> None:
    encoder = _opened(tiny_folder)
    assert np.abs(encoder.encode(TEXTS, "query") - encoder.encode(TEXTS, "document")).max(axis=1).min() > 1e-3


@pytest.mark.parametrize("name", ["passage", "corpus"])
def test_a_model_that_names_its_document_prompt_otherwise_is_prompted_too(copy: Path, tiny_folder: Path, name: str) -> None:
    path = copy / "config_sentence_transformers.json"
    config = json.loads(path.read_text())
    config["prompts"] = {"query": "query: ", name: "passage: "}
    path.write_text(json.dumps(config))
    expected = _opened(tiny_folder).encode(TEXTS, "document")
    np.testing.assert_array_equal(_opened(copy).encode(TEXTS, "document"), expected)
    np.testing.assert_allclose(_opened(copy).encode(TEXTS, ["document"] * 4), expected, atol=1e-6)


def test_vectors_are_unit_vectors_one_for_each_text_whatever_its_batch(tiny_folder: Path) -> None:
    encoder = _opened(tiny_folder)
    one_by_one = open_sentence_transformer(Settings(model=str(tiny_folder), batch=1))
    vectors = encoder.encode(TEXTS, "document")
    assert vectors.shape == (len(TEXTS), HIDDEN) == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(one_by_one.encode(TEXTS, "document"), vectors, atol=1e-6)
    assert encoder.encode([], "query").shape == (0, HIDDEN)


def _flip_a_weight(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(bytes(data))


def _another_prompt(folder: Path) -> None:
    path = folder / "config_sentence_transformers.json"
    path.write_text(path.read_text().replace("passage: ", "text: "))


def _another_vocabulary(folder: Path) -> None:
    path = folder / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace("-1.0", "-2.0", 1), encoding="utf-8")


@pytest.mark.parametrize("change", [_flip_a_weight, _another_prompt, _another_vocabulary])
def test_another_model_has_another_fingerprint(copy: Path, tiny_folder: Path, change: Callable[[Path], None]) -> None:
    assert _opened(copy).fingerprint == _opened(tiny_folder).fingerprint  # the place does not matter
    change(copy)
    assert _opened(copy).fingerprint != _opened(tiny_folder).fingerprint


def _refused(model: str) -> str:
    with pytest.raises(ModelError) as caught:
        open_encoder(Settings(model=model))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "model",
    [
        pytest.param("/no/such/model", id="absolute folder that is not there"),
        pytest.param("./no-such-model", id="relative folder that is not there"),
        pytest.param("~/no/such/model", id="folder at home that is not there"),
        pytest.param("no-such-model", id="a bare name is no hub id"),
        pytest.param("โมเดล", id="a Thai name"),
    ],
)
def test_a_model_that_is_nowhere_gives_one_line(model: str) -> None:
    assert _refused(model) == f"the model {model!r} is no folder and no hub id; set KB_MODEL to one, or unset it"


def test_a_home_folder_of_nobody_gives_one_line() -> None:
    assert "names a home folder that does not exist" in _refused("~nobody-of-this-name/model")


def test_the_default_model_must_have_been_prepared(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the default model is not in .*multilingual-e5-small; run: kb model$"):
        open_encoder(Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(lambda at: (at / "modules.json").unlink(), "no modules.json", id="a folder that is no model"),
        pytest.param(lambda at: (at / "modules.json").write_text("{"), "does not tell its dimension", id="no JSON"),
        pytest.param(lambda at: (at / "modules.json").write_text("[1]"), "does not tell its dimension", id="odd JSON"),
        pytest.param(lambda at: shutil.rmtree(at / "1_Pooling"), "does not tell its dimension", id="the pooling is missing"),
    ],
)
def test_a_folder_that_is_no_model_gives_one_line(copy: Path, damage: Callable[[Path], object], reason: str) -> None:
    damage(copy)
    assert reason in _refused(str(copy))
    assert "set KB_MODEL" in _refused(str(copy))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda at: (at / "model.safetensors").write_bytes(b"no weights"), id="weights damaged"),
        pytest.param(lambda at: (at / "model.safetensors").unlink(), id="weights missing"),
        pytest.param(lambda at: (at / "config.json").write_text("{}"), id="no architecture"),
    ],
)
def test_a_model_that_does_not_load_gives_one_line(copy: Path, damage: Callable[[Path], object]) -> None:
    damage(copy)
    encoder = _opened(copy)  # opening reads no weights, so that commands start fast
    with pytest.raises(ModelError, match=r"the model .* cannot be loaded: ") as caught:
        encoder.encode(["น้ำ"], "query")
    assert "\n" not in str(caught.value)


def test_a_hub_id_that_cannot_be_reached_gives_one_line(tmp_path: Path) -> None:
    environment = os.environ | {
        "KB_HOME": str(tmp_path),
        "KB_MODEL": "example/no-such-model",
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "hub"),
    }
    command = [sys.executable, "-m", "kb.cli", "model"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("kb: the model 'example/no-such-model' cannot be loaded: ")
    assert ran.stderr.count("\n") == 1


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_the_fake_encoder_is_deterministic_and_of_unit_length(texts: list[str]) -> None:
    encoder = FakeEncoder()
    vectors = encoder.encode(texts, "query")
    assert vectors.shape == (len(texts), encoder.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(vectors, FakeEncoder().encode(texts, "document"))
    np.testing.assert_array_equal(vectors, FakeEncoder().encode(texts, ["document"] * len(texts)))


@pytest.mark.model
def test_the_default_model_is_e5_with_its_prompts(transformer: SentenceTransformerEncoder) -> None:
    assert transformer.dimension == 384
    assert transformer.load().prompts == {"query": "query: ", "document": "passage: "}


@pytest.mark.model
def test_the_default_model_takes_a_role_for_each_text(encoder: Encoder) -> None:
    roles: tuple[Role, ...] = ("query", "document")
    both = encoder.encode(["ระบบเตือนภัยน้ำท่วม"] * 2, roles)
    alone = [encoder.encode(["ระบบเตือนภัยน้ำท่วม"], role)[0] for role in roles]
    assert np.sum(both * alone, axis=1).min() >= 0.999
    assert np.sum(both[0] * both[1]) < 0.999


@pytest.mark.model
def test_the_prepared_default_model_agrees_with_sentence_transformers(
    encoder: Encoder, transformer: SentenceTransformerEncoder
) -> None:
    """On other sentences than `kb model` checks itself."""
    assert isinstance(encoder, RuntimeEncoder)
    assert (encoder.fingerprint, encoder.dimension) == (transformer.fingerprint, transformer.dimension)
    texts = [*TEXTS, "", "ขอรับใบอนุญาตก่อสร้างผ่านมือถือ", "Which village kept its wells clean, and how? " * 30]
    for role in ("query", "document"):
        assert np.sum(encoder.encode(texts, role) * transformer.encode(texts, role), axis=1).min() >= MIN_COSINE


@pytest.mark.model
@pytest.mark.parametrize(
    ("thai", "english", "other"),
    [
        ("ระบบเตือนภัยน้ำท่วม", "flood warning system", "teachers' pension fund"),
        ("ใบอนุญาตก่อสร้าง", "building permit", "fishing in the Mekong"),
    ],
)
def test_the_default_model_knows_what_a_text_means_in_either_language(
    encoder: Encoder, thai: str, english: str, other: str
) -> None:
    query, *documents = (*encoder.encode([thai], "query"), *encoder.encode([english, other], "document"))
    assert query @ documents[0] > query @ documents[1]
