"""A tokenizer over the pieces of a text gives the ids of the whole tokenizer, whatever the text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from weights_image import SPECIALS, write_tiny_model

from kb.pieces import Pieces, write_pieces

LONGER = {
    "▁fl": -3.0, "flo": -2.5, "od": -2.0, "▁flood": -9.5, "ood": -4.0, "▁the": -2.0, "th": -3.0, "he": -3.0, "▁▁": -3.0,
    "น้": -2.0, "ํา": -2.0, "น้ํา": -3.5, "▁น้ํา": -6.0, "ท่วม": -5.0, "น้ําท่วม": -12.0, "่วม": -1.5, "▁ท": -0.5, "เมือง": -4.0,
    "😀": -7.0, "<": -2.0, "s>": -2.5, "unused": -20.0, "A": -1.0, "AS": -2.5, "SEAN": -2.5, "ASEAN": -5.5,
}  # fmt: skip
"""Pieces that overlap, with scores that make one split better than another; the lowest stands among the others."""

LIMIT = 40


@dataclass(frozen=True)
class Pair:
    """A whole tokenizer and what was written apart."""

    whole: Tokenizer
    small: Pieces

    def differing(self, texts: list[str], limit: int = LIMIT) -> list[str]:
        """Texts whose ids are not the same."""
        self.whole.enable_truncation(limit)
        ids = self.small.ids(texts, limit)
        return [text for text, mine in zip(texts, ids, strict=True) if mine != self.whole.encode(text).ids]


def opened(tokenizer: Path, folder: Path) -> Pair:
    assert write_pieces(tokenizer, folder)
    whole = Tokenizer.from_file(str(tokenizer))
    whole.no_padding()
    return Pair(whole, Pieces(folder))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The data of a tokenizer with pieces of several characters."""
    path = write_tiny_model(tmp_path_factory.mktemp("model") / "tiny") / "tokenizer.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    known = dict.fromkeys((piece for piece, _ in data["model"]["vocab"]), -5.0)
    data["model"]["vocab"] = [[piece, score] for piece, score in (known | LONGER).items()]
    return data


@pytest.fixture(scope="module")
def pair(source: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("pieces")
    (folder / "tokenizer.json").write_text(json.dumps(source), encoding="utf-8")
    return opened(folder / "tokenizer.json", folder)


@pytest.fixture(scope="module")
def real_pair(real_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return opened(real_model / "tokenizer.json", tmp_path_factory.mktemp("real"))


MARKS = (*SPECIALS, "<mask>", "<s >", "< s>", "<<s>>", "</s", "▁")
WORDS = (
    "flood", "the", "น้ำท่วม", "น้ำ", "เมือง", "ASEAN", "ＡＳＥＡＮ", "unused", "ﬁnance", "😀", "👍🏽", "ລາວ", "မြန်မာ", "漢字",
    "  ", "\n", "\u200b",
)  # fmt: skip

words = st.lists(st.sampled_from((*WORDS, *MARKS, " ")), max_size=10).map("".join)
texts = st.one_of(
    words, st.text(max_size=40), st.text(alphabet=st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B), max_size=40)
)

ROWS = [
    ("", "nothing"),
    (" ", "a blank"),
    ("flood the น้ำท่วมเมือง", "pieces that overlap, in two scripts"),
    ("น\u0e49\u0e4d\u0e32ท่วม", "sara am in two characters"),
    ("ＡＳＥＡＮ ２０２４ ﬁnance", "forms that the normalisation changes"),
    ("😀👍🏽👨\u200d👩\u200d👧 flood", "characters that no piece has"),
    ("ລາວ မြန်မာ 漢字", "scripts that no piece has"),
    ("<s>", "a mark of the model itself"),
    ("flood<s>flood", "a word begins after a mark"),
    ("</s> the<pad>น้ำ<unk>", "and after each of them"),
    ("<s><s></s>", "marks and nothing else"),
    ("<mask> < s> </s", "what only looks like a mark"),
    ("▁flood▁▁the", "the sign that stands for a blank"),
    ("a\x00b\x00", "characters that end a text elsewhere"),
    ("'\"\\%_*?[]{}", "characters that mean something to databases and patterns"),
    ("flood " * 500, "a text that is cut off"),
    ("ท่วม" * 500, "and one without blanks"),
]


def test_the_pieces_make_a_difference(pair: Pair) -> None:
    """Else any split would do."""
    assert pair.whole.encode("flood น้ำท่วม").tokens == ["<s>", "▁fl", "ood", "▁น้ํา", "ท่วม", "</s>"]
    assert pair.whole.encode("漢").tokens == ["<s>", "▁", "漢", "</s>"]


@pytest.mark.parametrize(("text", "reason"), ROWS, ids=[row[1] for row in ROWS])
def test_the_ids_are_those_of_the_whole_tokenizer(pair: Pair, text: str, reason: str) -> None:
    assert pair.differing([text]) == []


@settings(deadline=None)
@given(st.lists(texts, max_size=4), st.integers(3, 60))
@example(["flood<s>flood", "the"], 3)
def test_the_ids_of_any_texts_are_those_of_the_whole_tokenizer(pair: Pair, given_texts: list[str], limit: int) -> None:
    assert pair.differing(given_texts, limit) == []


def test_texts_that_were_read_before_make_no_difference(pair: Pair) -> None:
    first = pair.small.ids(["น้ำท่วม"], LIMIT)
    assert pair.small.ids([], LIMIT) == []
    assert pair.small.ids(["flood", "น้ำท่วม"], LIMIT)[1:] == first
    assert len(pair.small.ids(["น้ำท่วม" * 20], 5)[0]) == 5
    assert pair.small.ids(["น้ำท่วม"], LIMIT) == first


@pytest.mark.model
def test_the_small_tokenizer_of_the_default_model_gives_its_ids(real_pair: Pair, corpus: Path) -> None:
    lines = [line for path in sorted(corpus.glob("practices/*/*.md"))[::40] for line in path.read_text("utf-8").splitlines()]
    assert len(lines) > 100
    assert real_pair.differing([text for text, _ in ROWS]) == []
    assert [line for line in lines[::5] if real_pair.differing([line], 512)] == []


@pytest.mark.model
@settings(deadline=None, max_examples=50)
@given(st.lists(texts, min_size=1, max_size=3), st.integers(3, 60))
def test_and_so_it_does_for_any_texts(real_pair: Pair, given_texts: list[str], limit: int) -> None:
    assert real_pair.differing(given_texts, limit) == []


# What cannot be written apart


def _model(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: data | {"model": data["model"] | changes}


def _added(*ids: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda data: data | {"added_tokens": [data["added_tokens"][0] | {"id": number} for number in ids]}


UNFIT = [
    (_model(type="BPE", vocab={"a": 0}, merges=[]), "pieces that are merged"),
    (_model(type="WordPiece", vocab={"a": 0}), "words and their ends"),
    (_model(type=None), "a model that does not say what it is"),
    (_model(byte_fallback=True), "bytes in place of unknown pieces"),
    (_model(unk_id=5), "an unknown piece among the others"),
    (_model(unk_id=None), "no unknown piece"),
    (_added(0, 1, 2, 3, 250), "a mark that stands last"),
    (_added(1, 2, 3, 4), "marks that do not begin at the first"),
    (_added(), "no marks"),
]


@pytest.mark.parametrize(("change", "reason"), UNFIT, ids=[row[1] for row in UNFIT])
def test_another_tokenizer_is_left_whole(
    source: dict[str, Any], tmp_path: Path, change: Callable[[dict[str, Any]], dict[str, Any]], reason: str
) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(change(source)), encoding="utf-8")
    assert write_pieces(path, tmp_path) is False
    assert list(tmp_path.iterdir()) == [path]


def test_the_lowest_score_may_be_that_of_a_mark(source: dict[str, Any], tmp_path: Path) -> None:
    """The score of what is unknown is derived from it."""
    path = tmp_path / "tokenizer.json"
    vocabulary = [[piece, -50.0 if piece == "<pad>" else score] for piece, score in source["model"]["vocab"]]
    path.write_text(json.dumps(_model(vocab=vocabulary)(source)), encoding="utf-8")
    assert opened(path, tmp_path).differing([text for text, _ in ROWS]) == []
