"""What the processor could do: rates of matrix products and of memory, and what one question costs against them.

    python bench/roofline.py            prints Markdown for docs/benchmarks.md

One question goes through the encoder twice (its two prompts in one batch), then over the vectors and the keyword arrays. For
each the operations and the bytes are counted from the shapes; the rates are measured on this machine at just these shapes, so
the bound is what the same libraries reach with nothing around the products. The stages of a results page are timed beside it as
processor time, which other work on the machine stretches less than time on the wall.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import openvino as ov
from bench_questions import distinct_questions
from openvino import opset13 as ops
from starlette.requests import Request as HttpRequest

from kb.encoder import RuntimeEncoder
from kb.repository import Repository
from kb.runtime import GROUP
from kb.search.candidates import keyword_scores
from kb.search.engine import Request, Searcher
from kb.settings import load_settings
from web.app import GZIP_LEVEL
from web.i18n import translations
from web.links import PAGE_SIZE
from web.pages import Say
from web.render import render
from web.results import search_page

QUESTIONS = 100
WARM = 30
COPIED = 256 << 20
PROMPTS = 2


@dataclass(frozen=True)
class Shape:
    """A model's encoder: layers, width, width of the inner layer."""

    layers: int
    width: int
    inner: int

    @property
    def weights(self) -> int:
        """Weights of all products: four square ones (question, key, value, output) and two of the inner layer, each layer."""
        return self.layers * (4 * self.width**2 + 2 * self.width * self.inner)

    def operations(self, tokens: int, texts: int) -> float:
        """Multiplications and additions of `texts` texts of `tokens` tokens; attention is two products of tokens by tokens."""
        attention = self.layers * 2 * tokens * tokens * self.width
        return 2.0 * texts * (tokens * self.weights + attention)


def main() -> int:
    repository = Repository(load_settings())
    encoder = repository.encoder
    if not isinstance(encoder, RuntimeEncoder):
        sys.exit("no prepared runtime; run: kb model")
    asked = list(islice(distinct_questions(repository.settings.corpus), WARM + QUESTIONS))
    with repository.store(readonly=True) as store:
        searcher = repository.searcher(store)
        encoder.warm()
        searcher.warm()
        for language, text in asked[:WARM]:
            searcher.search(Request(text, reader=language))
        lengths = [len(ids) for _, text in asked for ids in encoder._runtime._tokens([f"passage: {text}"])]
        tokens = -(-int(np.median(lengths)) // 8) * 8
        shape = model_shape(repository)
        gemm = {f"{kind}, {threads} thread{'s' * (threads > 1)}": gemm_rate(shape, PROMPTS * tokens, kind, threads)
                for kind in ("fp32", "bf16", "int8") for threads in sorted({1, os.cpu_count() or 1})}  # fmt: skip
        read, copy = memory_rates()
        print(
            f"{os.cpu_count()} cores; load average {os.getloadavg()[0]:.1f}; median question {int(np.median(lengths))} tokens\n"
        )
        print("| rate of this machine | |\n|---|---|")
        for name, rate in gemm.items():
            print(f"| products of the model's shapes, {name} | {rate / 1e9:.0f} G operations/s |")
        print(f"| memory read, copied (one thread) | {read / 1e9:.1f}, {copy / 1e9:.1f} GB/s |\n")
        bounds(searcher, encoder, shape, tokens, max(gemm.values()), read, asked)
        stages(repository, searcher, asked[WARM:])
    return 0


def bounds(
    searcher: Searcher,
    encoder: RuntimeEncoder,
    shape: Shape,
    tokens: int,
    peak: float,
    read: float,
    asked: Sequence[tuple[str, str]],
) -> None:
    """One table: what each step needs, the time that each bound gives, and the time measured (wall, median)."""
    words = (" ".join(text for _, text in asked[:WARM]).split() * 9)[: tokens - 4]
    questions = [text for _, text in asked[WARM:]]
    vector = searcher.embed(words[0], "en")
    queries = [searcher.read(text) for text in questions]
    vectors = searcher.index.vectors
    passages = searcher.index.postings.total
    postings = statistics.median(
        sum(searcher.index.postings.frequency(word) for word in (*query.keywords, *query.parts)) for query in queries
    )
    rows = [
        ("encoder, both prompts", shape.operations(tokens, PROMPTS), float(shape.weights),
         timed([lambda t=t: encoder.encode([t, t], ["query", "document"]) for t in questions])),
        ("vectors, both languages", 2.0 * passages * vector.shape[1], 4.0 * passages * vector.shape[1],
         timed([lambda: [vectors.search(name, vector, 400) for name in vectors.languages]] * QUESTIONS)),
        ("keyword arrays", 2.0 * postings, 8.0 * postings + 8.0 * passages,
         timed([lambda q=q: keyword_scores(q, searcher.index, searcher.store) for q in queries])),
    ]  # fmt: skip
    print(
        "| step of one question | M operations | MB | by operations, ms | by memory, ms | measured, ms | share of the bound |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, operations, moved, seconds in rows:
        by_operations, by_memory = operations / peak * 1000, moved / read * 1000
        share = max(by_operations, by_memory) / (seconds * 1000)
        print(
            f"| {name} | {operations / 1e6:.2f} | {moved / 1e6:.2f} | {by_operations:.3f} | {by_memory:.3f} | "
            f"{seconds * 1000:.2f} | {share:.0%} |"
        )
    print()


def stages(repository: Repository, searcher: Searcher, asked: Sequence[tuple[str, str]]) -> None:
    """Processor time of a results page, stage by stage; each stage runs again for itself over the same questions."""
    tokens = [(lambda t=text: searcher.encoder._runtime._tokens([f"query: {t}", f"passage: {t}"])) for _, text in asked]  # type: ignore[attr-defined]
    pages: list[bytes] = []
    results: list[Any] = []
    says = {language: Say(language, translations(language), repository.taxonomy) for language in ("th", "en")}
    made: list[Any] = []

    def rendered(language: str, page: Any) -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/{language}/",
            "headers": [(b"host", b"bench")],
            "query_string": b"",
        }
        request = HttpRequest(scope)
        pages.append(bytes(render(request, "search.html", page, says[language]).body))

    def viewed(language: str, result: Any) -> None:
        made.append(search_page(result, 1, "full", says[language], repository.names.terms))

    read = used([lambda t=text: searcher.read(t) for _, text in asked])
    pieces = used(tokens)
    whole = used(
        [lambda lang=lang, t=t: results.append(searcher.search(Request(t, reader=lang, limit=PAGE_SIZE))) for lang, t in asked]
    )
    known = used([lambda lang=lang, t=t: searcher.search(Request(t, reader=lang, limit=PAGE_SIZE)) for lang, t in asked])
    view = used([lambda lang=lang, r=r: viewed(lang, r) for (lang, _), r in zip(asked, results, strict=True)])
    template = used([lambda lang=lang, p=p: rendered(lang, p) for (lang, _), p in zip(asked, made, strict=True)])
    packed = used([lambda p=p: gzip.compress(p, GZIP_LEVEL) for p in pages])
    rows = {
        "understanding": read,
        "tokens": pieces,
        "encoder, rest": whole - known - pieces,
        "candidates, ranking, passages, reasons": known - read,
        "what the page says": view,
        "template": template,
        "gzip": packed,
    }
    total = sum(rows.values())
    print("| stage of a results page | processor time, ms | share |\n|---|---|---|")
    for name, seconds in rows.items():
        print(f"| {name} | {seconds * 1000:.1f} | {seconds / total:.0%} |")
    cores = os.cpu_count() or 1
    print(
        f"| all, without the server around them | {total * 1000:.1f} | {cores / total:.0f} pages/s on {cores} cores at most |"
    )
    print(f"\n{statistics.mean(map(len, pages)) / 1000:.0f} kB of HTML a page; gzip:", end=" ")
    print("; ".join(packing(pages, level) for level in (1, GZIP_LEVEL, 6)))


def packing(pages: Sequence[bytes], level: int) -> str:
    """What a level of gzip costs and gives."""
    seconds = used([lambda p=p: gzip.compress(p, level) for p in pages])
    size = statistics.mean(len(gzip.compress(page, level)) for page in pages)
    return f"level {level} {seconds * 1000:.1f} ms, {size / 1000:.1f} kB"


def model_shape(repository: Repository) -> Shape:
    config = json.loads((repository.settings.default_model_folder / "config.json").read_text(encoding="utf-8"))
    return Shape(config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"])


def gemm_rate(shape: Shape, rows: int, kind: str, threads: int) -> float:
    """Operations a second of the products of one layer for `rows` tokens, in the runtime that serves; weights are constants.

    `int8` keeps weights in 8 bits and turns the other side to 8 bits on the way, as the served model does.
    """
    draw = np.random.default_rng(1)
    given = ops.parameter([rows, shape.width], np.float32)
    node, operations = given, 0
    for inner, outer in ((shape.width, shape.width),) * 4 + ((shape.width, shape.inner), (shape.inner, shape.width)):
        weights = draw.standard_normal((outer, inner)).astype(np.float32) / inner**0.5
        constant: Any = ops.constant(weights)
        if kind == "int8":
            scale = np.abs(weights).max(axis=1, keepdims=True) / 127
            eighth = ops.constant(np.round(weights / scale).astype(np.int8))
            constant = ops.multiply(ops.convert(eighth, "f32"), ops.constant(scale))
        node = ops.matmul(node, constant, False, True)
        operations += 2 * rows * inner * outer
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32" if kind == "fp32" else "bf16",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP if kind == "int8" else 0,
    }
    request = ov.Core().compile_model(ov.Model([node], [given]), "CPU", options).create_infer_request()
    values = [draw.standard_normal((rows, shape.width)).astype(np.float32)]
    return operations / best([lambda: request.infer(values, share_inputs=True)] * 300)


def memory_rates() -> tuple[float, float]:
    """Bytes a second read and copied by one thread, from arrays far larger than the caches."""
    source = np.ones(COPIED // 8)
    target = np.empty_like(source)
    reading, copying = best([source.sum] * 8), best([lambda: np.copyto(target, source)] * 8)
    return COPIED / reading, 2 * COPIED / copying


def timed(calls: Sequence[Callable[[], Any]]) -> float:
    """Median seconds on the wall of a call."""
    return statistics.median(_seconds(call, time.perf_counter) for call in calls)


def best(calls: Sequence[Callable[[], Any]]) -> float:
    """Fewest seconds on the wall of a call: what the machine can do when it is let alone."""
    return min(_seconds(call, time.perf_counter) for call in calls)


def used(calls: Sequence[Callable[[], Any]]) -> float:
    """Median seconds of processor time of this process a call, all its threads."""
    return statistics.median(_seconds(call, time.process_time) for call in calls)


def _seconds(call: Callable[[], Any], clock: Callable[[], float]) -> float:
    before = clock()
    call()
    return clock() - before


if __name__ == "__main__":
    sys.exit(main())
