"""A finished run has the weights of its best evaluation where the recipe says so."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from running import num_lines, started, tiny, trained, written
from same_bits import assert_same_bits

from tandem.core.config import Recipe, read_recipe
from tandem.core.errors import Stopped
from tandem.lab.assemble import assemble
from tandem.lab.evaluate import evaluate
from tandem.lab.events import Notice
from tandem.lab.folder import open_run
from tandem.lab.run import train_run
from tandem.train.loop import Step

# A rate at which a model of sixteen units unlearns what it has learnt, and with this seed does so at the end.
BEST: dict[str, Any] = {
    "train__keep": "best", "train__evaluate_every": 0.1, "budget__steps": 50, "optimiser__learning_rate": 0.3,
    "schedule__decay": "constant", "seed": 3,
}  # fmt: skip


def validations(folder: Path) -> dict[int, dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return {line["step"]: line["validation"] for line in lines if "validation" in line}


def kept(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "scores.json").read_text())
    return result["kept"]


def again(folder: Path) -> dict[str, Any]:
    """What the kept weights score in an evaluation of the training."""
    run = open_run(folder)
    store = assemble(run.recipe).store
    at_most = run.recipe.train.evaluate_tokens
    return evaluate(run.model, run.objective, store, run.recipe, split="validation", at_most=at_most).to_json()


def parity(book: Path, **changes: Any) -> Recipe:
    return tiny(book, task="classify", corpus={"name": "parity", "rows": 300, "longest": 8}, **{**BEST, **changes})


@pytest.mark.parametrize(("task", "measure"), [("mlm", "loss"), ("classify", "accuracy")])
def test_the_kept_weights_give_the_best_score_of_the_log_again(
    task: str, measure: str, book: Path, tmp_path: Path
) -> None:
    recipe = parity(book) if task == "classify" else tiny(book, **BEST)
    notices = [event.text for event in train_run(recipe, tmp_path / "run") if isinstance(event, Notice)]
    looks, found = validations(tmp_path / "run"), kept(tmp_path / "run")
    best = (min if measure == "loss" else max)(looks.values(), key=lambda scores: scores[measure])
    assert found["by"] == measure
    assert found["step"] < max(looks), "the last evaluation is the best: this test would prove nothing"
    assert looks[found["step"]] == best
    assert again(tmp_path / "run") == best
    assert f"kept the weights of step {found['step']}, the best on validation: {measure} {best[measure]:.3f}" in notices


def test_without_it_the_last_weights_stay(book: Path, tmp_path: Path) -> None:
    folder = trained(tiny(book, **{**BEST, "train__keep": "last"}), tmp_path / "run")
    assert "kept" not in json.loads((folder / "scores.json").read_text())
    assert again(folder) == validations(folder)[50]


def test_patience_ends_a_training_that_gets_no_better(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, **BEST, train__patience=2)
    notices = [event.text for event in train_run(recipe, tmp_path / "run") if isinstance(event, Notice)]
    steps = sorted(validations(tmp_path / "run"))
    assert steps[-1] < 50
    assert steps[-1] == kept(tmp_path / "run")["step"] + 2 * 5
    assert "stopping after 2 evaluations without a better loss" in notices
    assert json.loads((tmp_path / "run/scores.json").read_text())["steps"] == steps[-1]


@pytest.mark.parametrize("last", [12, 37, 47])
def test_a_stopped_run_goes_on_to_the_same_bits(last: int, book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, **BEST, train__checkpoint_seconds=1000.0)
    straight = trained(recipe, tmp_path / "straight")

    def stopping() -> None:
        for event in train_run(recipe, tmp_path / "stopped"):
            if isinstance(event, Step) and event.step == last:
                signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopped):
        stopping()
    trained(recipe, tmp_path / "stopped")
    assert kept(straight)["step"] < 50
    assert_same_bits(tmp_path / "stopped", straight)


def test_patience_that_is_spent_is_spent_after_a_stop_too(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, **BEST, train__patience=2)
    straight = trained(recipe, tmp_path / "straight")
    last = max(validations(straight))

    def stopping() -> None:
        for event in train_run(recipe, tmp_path / "stopped"):
            if isinstance(event, Step) and event.step == last:
                signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopped):
        stopping()
    trained(recipe, tmp_path / "stopped")
    for name in ("weights.safetensors", "log.jsonl", "scores.json"):
        assert (tmp_path / "stopped" / name).read_bytes() == (straight / name).read_bytes()


def test_a_killed_run_goes_on_to_the_same_bits(book: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "best.toml", book, **BEST, train__checkpoint_seconds=0.0)
    straight = trained(read_recipe(path), tmp_path / "straight")
    with started("train", path, "--out", tmp_path / "killed", cwd=tmp_path) as process:
        while num_lines(tmp_path / "killed/log.jsonl") < 25 and process.poll() is None:
            pass
        process.kill()
        assert process.wait() == -9
    trained(read_recipe(path), tmp_path / "killed")
    assert_same_bits(tmp_path / "killed", straight)
