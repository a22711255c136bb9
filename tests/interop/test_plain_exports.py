"""A run on a corpus of plain words reads any text so, and so does its export."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import transformers
from captions import PAIR, mirrored
from running import tiny, trained
from sentence_transformers import SentenceTransformer

import tandem.interop.sentence_transformers  # noqa: F401
from tandem.interop.export import export
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.nli import infer
from tandem.lab.text_pairs import TextPair
from tandem.lab.text_vectors import text_vectors
from tandem.text.plain import plain_words


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], OpenRun]:
    """The run of a task on the captions, of a few steps."""
    folder = tmp_path_factory.mktemp("runs")
    pieces = {"tokenizer__kind": "wordpiece", "tokenizer__size": 120}

    def run(task: str) -> OpenRun:
        recipe = tiny(folder, task=task, corpus={"name": "snli"}, data__length=32, budget__steps=3, **pieces)
        with mirrored(folder / "mirror"):
            return open_run(trained(recipe, folder / task))

    return run


def test_the_pipeline_says_what_nli_says(run_of: Callable[[str], OpenRun], tmp_path: Path) -> None:
    run = run_of("cross")
    folder = export(run, to="transformers", out=tmp_path / "cross").folder
    ask = transformers.pipeline("text-classification", model=str(folder), top_k=None)
    (said,) = ask([{"text": PAIR[0], "text_pair": PAIR[1]}])
    (typed,) = infer(run, [TextPair("the pair", *PAIR)])
    (plainly,) = infer(run, [TextPair("the pair", *map(plain_words, PAIR))])
    ours = dict(zip(typed.labels, typed.probabilities, strict=True))
    assert {one["label"]: one["score"] for one in said} == pytest.approx(ours, abs=1e-5)
    assert typed.probabilities == plainly.probabilities


@pytest.mark.parametrize("sizes", [(30, 20), (20, 30), (25, 25)])
def test_a_pair_that_is_too_long_is_cut_alike(
    sizes: tuple[int, int], run_of: Callable[[str], OpenRun], tmp_path: Path
) -> None:
    run = run_of("cross")
    folder = export(run, to="transformers", out=tmp_path / "cross").folder
    texts = [" ".join(f"{word}{number}" for number in range(size)) for word, size in zip("ab", sizes, strict=True)]
    said = transformers.pipeline("text-classification", model=str(folder), top_k=None)(
        [{"text": texts[0], "text_pair": texts[1]}], truncation=True
    )
    (ours,) = infer(run, [TextPair("the pair", texts[0], texts[1])])
    assert ours.cut
    expected = dict(zip(ours.labels, ours.probabilities, strict=True))
    assert {one["label"]: one["score"] for one in said[0]} == pytest.approx(expected, abs=1e-5)


def test_sentence_transformers_encodes_as_the_run_does(run_of: Callable[[str], OpenRun], tmp_path: Path) -> None:
    run = run_of("siamese")
    folder = export(run, to="sentence-transformers", out=tmp_path / "siamese").folder
    found = SentenceTransformer(str(folder), device="cpu").encode(list(PAIR))
    read = run.objective.tokenizer.encode_many
    expected = text_vectors(run.model, run.objective, read(PAIR))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert expected.equal(text_vectors(run.model, run.objective, read([plain_words(text) for text in PAIR])))
