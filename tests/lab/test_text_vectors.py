"""The vector of a text is what the head of its run pools, wherever it is asked for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from running import tiny, trained

from tandem.lab.embed import embed, every_layer, num_layers
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.pair_answers import pair_answers
from tandem.lab.text_pairs import TextPair
from tandem.lab.text_vectors import pooling_of, text_vectors

TEXTS = ["Some dogs that swim are not wet.", "All dogs swim.", "No animals swim. " * 9]
"""The last one is longer than the 16 positions of the runs."""
RUNS: dict[str, dict[str, Any]] = {
    "max": {"task": "siamese", "encoder": "lstm", "objective__pooling": "max", "objective__framed": True},
    "attentive": {"task": "classify", "encoder": "gru", "objective__pooling": "attentive"},
    "first": {"task": "cross", "encoder": "attention", "objective__pooling": "first"},
    "mean": {"task": "mlm-nsp", "encoder": "attention"},
}


@pytest.fixture(scope="module")
def runs(book: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, OpenRun]:
    """A run of a few steps that pools as its name says."""
    folder = tmp_path_factory.mktemp("runs")
    rows = "".join(f"All {n} dogs swim.,yes\nNo {n} animals swim.,no\n" for n in range(60))
    (folder / "swim.csv").write_text(f"text,label\n{rows}")
    (folder / "pages").mkdir()
    for number, page in enumerate(book.read_text(encoding="utf-8").split("\n\n")):
        (folder / "pages" / f"{number}.txt").write_text(page, encoding="utf-8")
    corpora = {
        "attentive": {"name": "file", "path": str(folder / "swim.csv"), "text": "text", "label": "label"},
        "mean": {"name": "file", "path": str(folder / "pages")},
    }
    return {
        name: open_run(
            trained(
                tiny(
                    book, corpus=corpora.get(name, {"name": "inference", "rows": 120}), budget__steps=3,
                    tokenizer__boundaries=True, **changes,
                ),
                folder / name,
            )
        )
        for name, changes in RUNS.items()
    }  # fmt: skip


@pytest.fixture(params=RUNS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@torch.no_grad()
def test_it_is_what_the_head_pools_of_the_first_positions(name: str, runs: dict[str, OpenRun]) -> None:
    run = runs[name]
    assert pooling_of(run.model).kind == name
    read = run.objective.tokenizer.encode_many(TEXTS)
    found = text_vectors(run.model, run.objective, read)
    for ids, vector in zip(read, found, strict=True):
        row = torch.tensor([run.objective.frame.around(ids[: 16 - run.objective.frame.size])])
        mask = torch.ones_like(row, dtype=torch.bool)
        expected = pooling_of(run.model)(run.model.encoder(row, mask), mask)[0]
        torch.testing.assert_close(vector, expected, atol=1e-6, rtol=0)


def test_embed_and_similarity_use_it(name: str, runs: dict[str, OpenRun]) -> None:
    run = runs[name]
    found = text_vectors(run.model, run.objective, run.objective.tokenizer.encode_many(TEXTS)).numpy()
    for text, vector in zip(TEXTS, found, strict=True):
        embedded = embed(run, text, layer=num_layers(run) - 1)
        np.testing.assert_allclose(embedded.pooled, vector, atol=1e-6)
        assert embedded.cut == (text == TEXTS[2])
    (answer,) = pair_answers(run, [TextPair("the pair", *TEXTS[:2])])
    u, v = found[:2]
    assert answer.cosine == pytest.approx(float(u @ v / np.linalg.norm(u) / np.linalg.norm(v)), abs=1e-6)


def test_every_layer_is_pooled_alike(runs: dict[str, OpenRun]) -> None:
    found = every_layer(runs["attentive"], TEXTS[0])
    pooling = pooling_of(runs["attentive"].model)
    for vectors, pooled in zip(found.vectors, found.pooled, strict=True):
        weights = pooling.weights(torch.tensor(vectors[None]), torch.ones(1, len(vectors), dtype=torch.bool))
        np.testing.assert_allclose(weights[0].detach().numpy() @ vectors, pooled, atol=1e-6)
