"""Vectors of a frozen encoder under a linear model, on small corpora and a small BERT."""

import sys
from pathlib import Path

import numpy as np
import pytest
from shelf import Cards
from tiny_bert import bert_in

from benchmarks import frozen
from tandem.core.choices import CorpusKind
from tandem.lab.embed import embed
from tandem.lab.folder import OpenRun
from tandem.lab.origins import open_encoder
from tandem.text.example import Example

pytest.importorskip("sklearn", reason="the extra eval is not installed")
Rows = list[tuple[str, str | None, str | float | None]]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(f"hf:{bert_in(tmp_path_factory.mktemp('models') / 'bert')}")


@pytest.fixture(scope="module")
def run(bert: Path) -> OpenRun:
    return open_encoder(bert)


def corpus(kind: CorpusKind, rows: Rows) -> Cards:
    """Every fifth row validates, every fifth one tests."""
    examples = [Example(text, str(number), second, target) for number, (text, second, target) in enumerate(rows)]
    test, validation = examples[::5], examples[1::5]
    train = [one for number, one in enumerate(examples) if number % 5 > 1]
    return Cards(kind, {"train": train, "validation": validation, "test": test})


def words(number: int) -> str:
    return f"the {number} {chr(97 + number % 26)} wind"


def test_a_text_has_the_vector_that_the_product_gives_it_at_length_one(run: OpenRun) -> None:
    texts = [words(3), "the wind blows on day 7.", words(3)]
    found = frozen.vectors(run, texts)
    expected = np.stack([embed(run, text, layer=3).pooled for text in texts])
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)


def test_classes_of_texts_and_of_pairs_are_learnt(run: OpenRun) -> None:
    texts: Rows = [
        (f"{word} {chr(97 + n % 26)} {word}", None, word) for n in range(200) for word in [("day", "blows")[n // 3 % 2]]
    ]
    found = frozen.measured(run, "texts", corpus("label", [*texts, ("left out", None, None)]))
    assert (found.measure, found.count, found.score > 0.9) == ("accuracy", 40, True)
    assert found.strength in frozen.STRENGTHS
    # Neither text alone tells whether both are one.
    pairs: Rows = [(words(n % 40), words((n if n % 3 else n + 7) % 40), "yes" if n % 3 else "no") for n in range(400)]
    assert frozen.measured(run, "pairs", corpus("pair", pairs)).score > 0.95


def test_the_validation_split_chooses_the_regularisation() -> None:
    points = np.random.default_rng(0).normal(size=(300, 60)).astype(np.float32)
    classes = [str(one > 0) for one in points[:, 0]]
    upside_down = [str(one <= 0) for one in points[:, 0]]
    part = {
        name: slice(100 * number, 100 * number + 100) for number, name in enumerate(("train", "validation", "test"))
    }
    straight = {name: (points[rows], classes[rows]) for name, rows in part.items()}
    turned = {**straight, "validation": (points[part["validation"]], upside_down[part["validation"]])}
    (best, strength), (worst, other) = frozen._told(straight), frozen._told(turned)
    assert strength != other
    assert best > worst > 0.5


def test_of_scores_the_cosine_is_ranked_and_nothing_learnt(run: OpenRun) -> None:
    texts = [(words(n), words(7 * n % 19)) for n in range(60)]
    cosines = [
        float(u @ v) for u, v in zip(*(frozen.vectors(run, side) for side in zip(*texts, strict=True)), strict=True)
    ]
    rows: Rows = [(*pair, 3 * cosine) for pair, cosine in zip(texts, cosines, strict=True)]
    found = frozen.measured(run, "scores", corpus("score", rows))
    assert (found.measure, found.count, found.strength) == ("Spearman", 12, None)
    assert found.score == pytest.approx(1)


def test_the_command_prints_a_line_for_each_corpus_and_refuses_others_in_one(
    bert: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["frozen", "--model", str(bert), "--corpora", "parity", "copy"])
    with pytest.raises(SystemExit, match="copy: holds neither texts with a class nor pairs"):
        frozen.main()
    model, headings, line = capsys.readouterr().out.splitlines()
    assert model == str(bert)
    assert headings.split() == ["corpus", "measure", "score", "rows", "C", "seconds"]
    assert line.split()[:2] == ["parity", "accuracy"]
