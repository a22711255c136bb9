"""The spread of a score over texts is that of drawing the texts anew."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tandem.core.errors import ArtifactError
from tandem.lab.folder import RunFolder
from tandem.lab.predictions import Predictions, write_predictions
from tandem.lab.studies.by_text import MEASURES, by_text
from tandem.lab.text_losses import TextLosses, write_text_losses

DRAWS = 400
TEXTS = 200


def drawn_anew(score: Callable[[np.ndarray], float], texts: int) -> float:
    """The variance of a score when as many texts are drawn with replacement: the bootstrap itself."""
    generator = np.random.default_rng(0)
    return float(np.var([score(generator.integers(texts, size=texts)) for _ in range(DRAWS)]))


def spread(values: np.ndarray) -> float:
    return float(values.var(ddof=1)) / len(values)


@pytest.mark.parametrize("name", ["loss", "accuracy"])
def test_a_ratio_varies_as_it_does_when_texts_of_all_lengths_are_drawn_anew(name: str, tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    count = generator.integers(1, 60, size=300)
    right = generator.binomial(count, generator.beta(4, 4, size=300))
    loss = count * generator.gamma(20, 0.2, size=300) - 0.02 * count**1.5
    folder = RunFolder(tmp_path)
    write_text_losses(folder.text_losses, {"test": TextLosses(np.arange(300), loss, right, count)})
    sums = loss if name == "loss" else right
    whole = float(sums.sum() / count.sum())
    values = by_text(folder, name, whole)
    assert values is not None
    assert values.mean() == pytest.approx(whole)
    expected = drawn_anew(lambda drawn: sums[drawn].sum() / count[drawn].sum(), 300)
    assert spread(values) == pytest.approx(expected, rel=0.25)


def answers(name: str, *, texts: int = TEXTS) -> Predictions:
    generator = np.random.default_rng(2)
    if name in ("Spearman", "Pearson"):
        gold = generator.uniform(0, 5, size=texts)
        return Predictions(np.arange(texts), gold.tolist(), (gold + generator.normal(0, 1.5, size=texts)).tolist())
    tags = np.array(["O", "B-PER", "I-PER"] if name == "entity F1" else ["bad", "good", "both"])
    rows = np.repeat(np.arange(texts), 3) if name == "entity F1" else np.arange(texts)
    gold = generator.choice(3, size=len(rows), p=[0.6, 0.3, 0.1])
    said = np.where(generator.random(len(rows)) < 0.25, generator.choice(3, size=len(rows)), gold)
    return Predictions(rows, tags[gold].tolist(), tags[said].tolist())


@pytest.mark.parametrize("name", MEASURES)
def test_a_score_that_is_no_mean_varies_as_it_does_when_texts_are_drawn_anew(name: str, tmp_path: Path) -> None:
    found, folder = answers(name), RunFolder(tmp_path)
    write_predictions(folder.predictions, {"test": found})
    whole = MEASURES[name](found)
    values = by_text(folder, name, whole)
    assert values is not None
    assert values.mean() == pytest.approx(whole)
    gold, predicted = np.array(found.gold), np.array(found.predicted)
    words = [np.flatnonzero(found.rows == text) for text in range(TEXTS)]

    def score(drawn: np.ndarray) -> float:
        places = np.concatenate([words[text] for text in drawn])
        # A text that is drawn twice is two texts.
        rows = np.repeat(np.arange(len(drawn)), [len(words[text]) for text in drawn])
        return MEASURES[name](Predictions(rows, gold[places].tolist(), predicted[places].tolist()))

    assert spread(values) == pytest.approx(drawn_anew(score, TEXTS), rel=0.3)


def test_answers_to_one_premise_are_left_out_together(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    premises, each = 600, 3
    texts = np.repeat(np.arange(premises), each)
    gold = generator.choice(3, size=len(texts))
    # Whether a premise is understood decides about all of its hypotheses.
    right = np.repeat(generator.random(premises) < 0.6, each)
    names = np.array(["no", "maybe", "yes"])
    found = Predictions(
        np.arange(len(texts)), names[gold].tolist(), names[np.where(right, gold, (gold + 1) % 3)].tolist(), texts=texts
    )
    folder = RunFolder(tmp_path)
    write_predictions(folder.predictions, {"test": found})
    values = by_text(folder, "macro F1", MEASURES["macro F1"](found))
    assert values is not None
    numbers = np.arange(len(texts)).reshape(premises, each)

    def score(drawn: np.ndarray) -> float:
        places = numbers[drawn].flatten()
        gold, said = np.array(found.gold)[places], np.array(found.predicted)[places]
        return MEASURES["macro F1"](Predictions(np.arange(len(places)), gold.tolist(), said.tolist()))

    assert spread(values) == pytest.approx(drawn_anew(score, premises), rel=0.2)


def test_answers_of_another_model_are_refused(classes_run: Path, tmp_path: Path) -> None:
    folder = RunFolder(Path(shutil.copytree(classes_run, tmp_path / "run")))
    whole = json.loads(folder.scores.read_text())["scores"]["test"]["accuracy"]
    assert by_text(folder, "accuracy", whole) is not None
    with pytest.raises(ArtifactError, match=r"single answers give accuracy 0\.\d{4}, scores.json says 0\.9"):
        by_text(folder, "accuracy", 0.9)


def test_of_what_a_run_has_not_kept_nothing_is_said(tmp_path: Path) -> None:
    assert by_text(RunFolder(tmp_path), "loss", 2.0) is None
    assert by_text(RunFolder(tmp_path), "perplexity", 2.0) is None
