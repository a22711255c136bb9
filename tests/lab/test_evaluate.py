"""Scores are the same at every call, for every batch size, and over the same masks for every model."""

from pathlib import Path
from typing import Any

import pytest
import torch
from running import tiny, trained

from tandem.core.errors import ArtifactError, DataError, DivergedError
from tandem.lab.assemble import assemble
from tandem.lab.evaluate import Scores, evaluate, evaluate_run
from tandem.lab.folder import OpenRun, open_run
from tandem.objectives.base import Outcome


@pytest.fixture
def run(words_run: Path) -> OpenRun:
    return open_run(words_run)


def untrained(book: Path, *, split: str = "validation", at_most: int | None = None, **changes: Any) -> Scores:
    made = assemble(tiny(book, **changes))
    return evaluate(made.model, made.objective, made.store, made.recipe, split=split, at_most=at_most)


def test_the_same_number_every_time_whatever_chance_did_in_between(run: OpenRun) -> None:
    first = evaluate_run(run, split="test")
    run.model.train()
    torch.manual_seed(1)
    assert evaluate_run(run, split="test") == first
    assert evaluate_run(open_run(run.folder.path), split="test") == first


def test_the_scores_of_a_finished_run_are_those_it_wrote_down(run: OpenRun) -> None:
    written = run.folder.read_json(run.folder.scores)["scores"]
    for split in ("validation", "test"):
        assert evaluate_run(run, split=split).to_json() == written[split]


@pytest.mark.parametrize("batch_tokens", [1, 64, 5000])
def test_the_size_of_a_batch_changes_no_prediction(batch_tokens: int, run: OpenRun) -> None:
    store = assemble(run.recipe).store
    resized = run.recipe.model_copy(
        update={"train": run.recipe.train.model_copy(update={"batch_tokens": batch_tokens})}
    )
    usual = evaluate_run(run, split="test")
    other = evaluate(run.model, run.objective, store, resized, split="test")
    assert other.loss == pytest.approx(usual.loss, rel=1e-5)
    assert other.baseline_loss == pytest.approx(usual.baseline_loss, rel=1e-9)
    assert (other.count, other.accuracy, other.baseline_accuracy) == (
        usual.count, usual.accuracy, usual.baseline_accuracy,
    )  # fmt: skip


def test_every_architecture_and_seed_is_asked_for_the_same_tokens(book: Path) -> None:
    scores = [untrained(book, encoder=encoder, seed=seed) for encoder, seed in (("lstm", 0), ("attention", 7))]
    assert scores[0].loss != scores[1].loss
    assert len({(each.count, each.baseline_loss, each.baseline_accuracy) for each in scores}) == 1


def test_splits_are_asked_for_different_tokens(book: Path) -> None:
    assert untrained(book, split="validation").baseline_loss != untrained(book, split="test").baseline_loss


def test_a_part_of_a_split_is_the_same_part_for_every_model(book: Path) -> None:
    part = untrained(book, at_most=100)
    whole = untrained(book)
    assert 0 < part.count < whole.count
    assert untrained(book, at_most=100, encoder="cnn", seed=5).baseline_loss == part.baseline_loss


def test_training_takes_a_model_below_the_baseline_baseline(book: Path, tmp_path: Path) -> None:
    fresh = untrained(book, split="test")
    assert fresh.loss > fresh.baseline_loss
    longer = tiny(book, encoder="attention", budget__steps=200, optimiser__learning_rate=0.01, model__dropout=0.0)
    learnt = evaluate_run(open_run(trained(longer, tmp_path / "run")), split="test")
    assert learnt.loss < learnt.baseline_loss - 0.5
    assert learnt.accuracy > learnt.baseline_accuracy


def test_a_loss_that_is_not_finite_is_an_error_and_no_score(run: OpenRun) -> None:
    with torch.no_grad():
        run.model.encoder.embedding.weight[:] = torch.nan
    with pytest.raises(DivergedError, match="loss on the test split is nan"):
        evaluate_run(run, split="test")


def test_scores_on_a_text_that_has_changed_are_refused(book: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text(book.read_text(encoding="utf-8"), encoding="utf-8")
    folder = trained(tiny(mine, budget__steps=1), tmp_path / "run")
    mine.write_text("Quite another text.\n\n" * 40, encoding="utf-8")
    with pytest.raises(ArtifactError, match="the text has changed"):
        evaluate_run(open_run(folder), split="test")


def test_so_are_those_of_a_run_that_took_over_its_tokenizer(book: Path, tmp_path: Path) -> None:
    first = trained(tiny(book, budget__steps=1), tmp_path / "first")
    mine = tmp_path / "mine.txt"
    mine.write_text(book.read_text(encoding="utf-8"), encoding="utf-8")
    content = {"encoder": "", "model": {}, "tokenizer": {}, "init": str(first)}
    folder = trained(tiny(mine, budget__steps=1, **content), tmp_path / "run")
    before = evaluate_run(open_run(folder), split="test")
    mine.write_text("Quite another text.\n\n" * 40, encoding="utf-8")
    with pytest.raises(ArtifactError, match="the text of the corpus has changed since the run"):
        evaluate_run(open_run(folder), split="test")
    mine.write_text(book.read_text(encoding="utf-8"), encoding="utf-8")
    assert evaluate_run(open_run(folder), split="test") == before


def test_a_split_in_which_nothing_is_told_has_no_score(run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.objective, "loss", lambda *_: Outcome(torch.tensor(0.0), 0, 0))
    with pytest.raises(DataError, match="nothing of the test split is told"):
        evaluate_run(run, split="test")
