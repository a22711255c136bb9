"""The tasks siamese and cross: what is learnt from classes and from scores, kept, and told again."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from running import tiny, trained

from tandem.core.errors import DataError, UsageError
from tandem.data.store import Store
from tandem.lab.answers import answers
from tandem.lab.assemble import Assembly, assemble, check
from tandem.lab.evaluate import evaluate_run
from tandem.lab.folder import OpenRun, open_run
from tandem.lab.pair_answers import told_of_pairs
from tandem.lab.text_pairs import TextPair
from tandem.objectives.base import Objective, Outcome
from tandem.objectives.pair_base import PairObjective
from tandem.train.carried import hidden_states

WORDS = ("red", "blue", "green", "black", "white", "brown")
LOW, HIGH = 1.0, 5.0

every_task = pytest.mark.parametrize("task", ["siamese", "cross"])
every_kind = pytest.mark.parametrize("kind", ["label", "score"])


def table(path: Path, kind: str, rows: list[tuple[str, str, str]]) -> Path:
    lines = [f"premise,hypothesis,{kind}", *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def colours(kind: str, *, leaving_out: str = "") -> list[tuple[str, str, str]]:
    """Whether two cards have the same colour, in classes or in scores."""
    answer = {"label": ("same", "other"), "score": (f"{HIGH}", f"{LOW}")}[kind]
    pairs = [(f"a {one} card", f"the card is {other}", answer[one != other]) for one, other in product(WORDS, WORDS)]
    # As many of the one as of the other.
    pairs += [pair for pair in pairs if pair[2] == answer[0]] * 4
    return [pair for pair in pairs if pair[2] != leaving_out]


def recipe(folder: Path, task: str, kind: str, **changes: Any) -> Any:
    train, validation = (table(folder / f"{split}.csv", kind, colours(kind)) for split in ("train", "validation"))
    corpus = {"name": "file", "path": str(train), "validation": str(validation), "test": str(validation)}
    defaults = {
        "task": task, "corpus": corpus, "tokenizer__boundaries": True, "model__dropout": 0.0, "model__width": 16,
        "optimiser__learning_rate": 0.02, "encoder": "lstm" if task == "siamese" else "attention*2",
        "train__batch_tokens": 512,
        "objective": {"dropout": 0.0, **({"compare": True} if (task, kind) == ("cross", "label") else {})},
    }  # fmt: skip
    return tiny(train, **{**defaults, **changes})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], OpenRun]:
    """A finished run of each task, from classes and from scores."""
    found = {}
    for task, kind in product(("siamese", "cross"), ("label", "score")):
        folder = tmp_path_factory.mktemp(f"{task}-{kind}")
        # At twice the rate, 120 steps learnt scores with some seeds only; with these all of ten do.
        steps, rate = (240, 0.01) if (task, kind) == ("cross", "score") else (120, 0.02)
        changes = {"budget__steps": steps, "optimiser__learning_rate": rate}
        settings = recipe(folder, task, kind, samples=["a red card || the card is red"], **changes)
        found[task, kind] = open_run(trained(settings, folder / "run"))
    return found


@every_task
def test_classes_are_learnt_and_told(task: str, runs: dict[tuple[str, str], OpenRun]) -> None:
    run = runs[task, "label"]
    scores = evaluate_run(run, split="validation")
    assert scores.accuracy > 0.95
    assert scores.more["macro F1"] > 0.95
    assert scores.guess == "majority"
    assert run.objective.unit == "nats per pair"
    (guesses,) = answers(run.model, run.objective, "a blue card || the card is white", top=5)
    assert guesses[0].token == "other"
    assert sum(guess.probability for guess in guesses) == pytest.approx(1.0)


@every_task
def test_scores_are_learnt_and_told_on_their_own_scale(task: str, runs: dict[tuple[str, str], OpenRun]) -> None:
    run = runs[task, "score"]
    scores = evaluate_run(run, split="validation")
    assert scores.guess == "mean score"
    assert scores.more["Spearman"] > 0.8
    assert scores.more["Pearson"] > 0.9
    assert scores.loss < 0.25 * scores.baseline_loss
    assert run.objective.best_by == "Spearman"
    pairs = [TextPair("1", "a red card", "the card is red"), TextPair("2", "a red card", "the card is blue")]
    assert isinstance(run.objective, PairObjective)
    told, _ = told_of_pairs(run.model, run.objective, pairs)
    assert told[0] > 4
    assert told[1] < 2
    (guesses,) = answers(run.model, run.objective, "a red card || the card is red", top=5)
    assert guesses[0].token.endswith(" of 1 to 5")
    predicted = (run.folder.path / "predictions.csv").read_text().splitlines()[1:]
    assert {float(line.split(",")[2]) for line in predicted} == {LOW, HIGH}
    assert all(LOW - 2 * (HIGH - LOW) < float(line.split(",")[3]) < HIGH + 1 for line in predicted)


@every_task
@every_kind
def test_samples_are_logged(task: str, kind: str, runs: dict[tuple[str, str], OpenRun]) -> None:
    lines = [json.loads(line) for line in (runs[task, kind].folder.path / "log.jsonl").read_text().splitlines()]
    (guesses,) = lines[-1]["samples"][0]["guesses"]
    assert guesses[0][0] == "same" if kind == "label" else guesses[0][0].endswith("of 1 to 5")


def assembled(folder: Path, task: str, kind: str, **changes: Any) -> Assembly:
    made = assemble(recipe(folder, task, kind, **changes))
    with torch.no_grad():
        for parameter in made.model.double().eval().parameters():
            if parameter.requires_grad:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2)))
    return made


def outcome(made: Assembly, store: Store, objective: Objective, numbers: list[int]) -> Outcome:
    source = objective.source(store, "train", pack="windows", length=16)
    batch = objective.collate(source.rows(np.array(numbers), key=0), key=0)
    return objective.loss(made.model.head, hidden_states(made.model, batch, None), batch)


@every_task
@every_kind
@pytest.mark.parametrize("encoder", ["lstm", "attention"])
def test_what_is_said_of_a_pair_does_not_depend_on_its_batch(
    task: str, kind: str, encoder: str, tmp_path: Path
) -> None:
    made = assembled(tmp_path, task, kind, encoder=encoder)
    numbers = [3, 0, 17, 8]
    together = outcome(made, made.store, made.objective, numbers)
    turned = outcome(made, made.store, made.objective, numbers[::-1])
    assert together.gold is not None
    assert turned.gold is not None
    assert together.predicted is not None
    assert turned.predicted is not None
    assert together.gold.tolist() == turned.gold.tolist()[::-1]
    torch.testing.assert_close(together.predicted, turned.predicted.flip(0))
    alone = [outcome(made, made.store, made.objective, [number]).loss_sum.item() for number in numbers]
    assert together.loss_sum.item() == pytest.approx(sum(alone), rel=1e-5)


@every_task
def test_the_loss_of_scores_is_their_squared_distance_on_a_scale_from_0_to_1(task: str, tmp_path: Path) -> None:
    made = assembled(tmp_path, task, "score")
    found = outcome(made, made.store, made.objective, list(range(20)))
    assert found.gold is not None
    assert found.predicted is not None
    errors = (found.gold - found.predicted) / (HIGH - LOW)
    assert found.loss_sum.item() == pytest.approx(errors.square().sum().item(), rel=1e-5)
    assert int(found.correct) == int((errors.abs() < 0.1).sum())


@every_task
def test_the_guess_at_scores_is_the_mean_of_training(task: str, tmp_path: Path) -> None:
    made = assembled(tmp_path, task, "score")
    source = made.objective.source(made.store, "validation", pack="windows", length=16)
    batch = made.objective.collate(source.rows(np.arange(len(source)), key=0), key=0)
    guess = made.objective.baseline(made.store, batch)
    # Half of the shares are 0 and half are 1.
    assert float(guess.loss) == pytest.approx(0.25)


@every_task
def test_a_class_that_validation_lacks_is_no_mistake(task: str, tmp_path: Path) -> None:
    settings = recipe(tmp_path, task, "label")
    table(tmp_path / "validation.csv", "label", colours("label", leaving_out="same"))
    run = open_run(trained(settings, tmp_path / "run"))
    scores = evaluate_run(run, split="validation")
    assert run.objective.labels == ("other", "same")
    assert 0 <= scores.more["macro F1"] <= 1


@every_task
def test_running_text_is_refused(task: str, book: Path) -> None:
    with pytest.raises(UsageError, match=f"task {task} cannot learn from the corpus file, which holds running text; "
                                         "it needs pairs of texts with a class or texts with a score"):  # fmt: skip
        check(tiny(book, task=task, tokenizer__boundaries=True))


@every_task
def test_scores_that_are_all_the_same_are_refused(task: str, tmp_path: Path) -> None:
    settings = recipe(tmp_path, task, "score")
    table(tmp_path / "train.csv", "score", colours("score", leaving_out=f"{LOW}"))
    with pytest.raises(DataError, match="no two different scores"):
        assemble(settings)


@every_task
def test_a_share_out_of_range_is_refused(task: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"objective\.dropout = 1\.0"):
        check(recipe(tmp_path, task, "label", objective={"dropout": 1.0}))


def test_a_sample_that_is_no_pair_is_refused(runs: dict[tuple[str, str], OpenRun]) -> None:
    run = runs["siamese", "label"]
    with pytest.raises(UsageError, match=r'"a red card" is no pair of texts; write \|\| between them'):
        answers(run.model, run.objective, "a red card", top=5)
    with pytest.raises(DataError, match="the second text is empty"):
        answers(run.model, run.objective, "a red card ||", top=5)
