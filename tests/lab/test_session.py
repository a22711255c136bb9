"""What one process does for a run: decide, look, write down, and never log what is no number."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from running import tiny, trained

from tandem.core.errors import DivergedError
from tandem.lab import session
from tandem.lab.events import Evaluated, Event, Notice
from tandem.lab.run import train_run
from tandem.train.loop import Step


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("every", [0.1, 0.3, 1.0])
def test_it_evaluates_at_the_start_at_every_share_of_the_budget_and_at_the_end(
    every: float, book: Path, tmp_path: Path
) -> None:
    folder = trained(tiny(book, budget__steps=40, train__evaluate_every=every), tmp_path / "run")
    expected = {0.1: list(range(0, 41, 4)), 0.3: [0, 12, 24, 36, 40], 1.0: [0, 40]}[every]
    assert [line["step"] for line in lines(folder) if "validation" in line] == expected


def test_what_is_shown_is_what_is_logged(book: Path, tmp_path: Path) -> None:
    events = list(train_run(tiny(book, samples=["The [MASK] wind."]), tmp_path / "run"))
    steps = [event for event in events if isinstance(event, Step)]
    looks = [event for event in events if isinstance(event, Evaluated)]
    logged = lines(tmp_path / "run")
    assert [line["loss"] for line in logged if "loss" in line] == [step.loss for step in steps]
    assert [line["validation"] for line in logged if "validation" in line] == [look.scores.to_json() for look in looks]
    ((text, (guesses,)),) = looks[-1].samples
    assert text == "The [MASK] wind."
    (sample,) = logged[-1]["samples"]
    assert sample == {"text": text, "guesses": [[[guess.token, guess.probability] for guess in guesses]]}


def test_what_every_split_lacks_is_said_before_the_first_step(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_MIRROR", str(tmp_path))
    rows = [{"sentence_A": f"The {n} dogs run.", "sentence_B": "A dog.", "label": n % 3} for n in range(12)]
    splits = {
        "train": [*rows, rows[0] | {"sentence_B": " "}, rows[1] | {"sentence_A": None}],
        "validation": [row for row in rows if row["label"]],
        "test": [*rows, rows[0] | {"sentence_A": "many dogs " * 20}, rows[1] | {"label": -1}],
    }
    folder = tmp_path / "RobZamp/sick/default"
    folder.mkdir(parents=True)
    for split, found in splits.items():
        (folder / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in found))
    events = list(train_run(tiny(book, task="siamese", corpus={"name": "sick"}, budget__steps=1), tmp_path / "run"))
    first = next(number for number, event in enumerate(events) if isinstance(event, Evaluated))
    assert [event.text for event in events[:first] if isinstance(event, Notice)] == [
        "2 rows of the train split have an empty text and are left out",
        "no row of the validation split has the class entailment: how well they are told is not measured there",
        "1 of 13 pairs of the test split do not fit into 16 positions: the ends of their texts are not read "
        "(data.length)",
        "1 pairs of the test split have no known target and are left out",
    ]


def test_equal_runs_write_equal_logs_and_scores(book: Path, tmp_path: Path) -> None:
    one, other = (trained(tiny(book, samples=["A [MASK]."]), tmp_path / name) for name in ("one", "other"))
    for name in ("log.jsonl", "scores.json", "weights.safetensors", "tokenizer.json", "config.toml"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    different = trained(tiny(book, samples=["A [MASK]."], seed=1), tmp_path / "different")
    assert (one / "log.jsonl").read_bytes() != (different / "log.jsonl").read_bytes()


def test_precision_is_chosen_by_measuring_once_and_written_down(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, train__precision="auto", budget__steps=3)
    events = train_run(recipe, tmp_path / "run")
    seen: list[Event] = []
    for event in events:
        seen.append(event)
        if isinstance(event, Step):
            break
    events.close()
    machine = (tmp_path / "run/machine.json").read_text()
    decided = json.loads(machine)
    assert decided["bf16_speedup"] > 0
    assert any(isinstance(event, Notice) and f"precision {decided['precision']}" in event.text for event in seen)
    # What was measured is not measured again: another answer would give another run.
    again = list(train_run(recipe, tmp_path / "run"))
    assert not any(isinstance(event, Notice) and "precision" in event.text for event in again)
    assert (tmp_path / "run/machine.json").read_text() == machine


@pytest.mark.parametrize(("speedup", "expected"), [(1.04, "fp32"), (1.05, "bf16"), (1.3, "bf16")])
def test_bfloat16_must_be_faster_by_a_twentieth(
    speedup: float, expected: str, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tandem.lab.session.bf16_speedup", lambda step, device: speedup)
    run = trained(tiny(book, train__precision="auto", budget__steps=1), tmp_path / "run")
    decided = json.loads((run / "machine.json").read_text())
    assert (decided["precision"], decided["bf16_speedup"]) == (expected, speedup)


def test_a_run_goes_on_with_as_many_threads_as_it_began_with(book: Path, tmp_path: Path) -> None:
    before, recipe = torch.get_num_threads(), tiny(book, budget__steps=3)
    try:
        events = train_run(recipe, tmp_path / "run")
        while not isinstance(next(events), Step):
            pass
        events.close()
        torch.set_num_threads(before + 1)
        again = list(train_run(recipe, tmp_path / "run"))
        assert Notice(f"using {before} threads, as when the run began") in again
        assert torch.get_num_threads() == before
    finally:
        torch.set_num_threads(before)


def test_bfloat16_is_used_when_it_is_asked_for(book: Path, tmp_path: Path) -> None:
    fine, coarse = (trained(tiny(book, train__precision=name), tmp_path / name) for name in ("fp32", "bf16"))
    losses = [[line["loss"] for line in lines(folder) if "loss" in line] for folder in (fine, coarse)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


@pytest.mark.parametrize("every", [0.5, 0.01])
def test_a_run_that_diverges_stops_there_and_logs_only_numbers(every: float, book: Path, tmp_path: Path) -> None:
    recipe = tiny(
        book, optimiser__learning_rate=1e30, budget__steps=50, train__evaluate_every=every, samples=["A [MASK]."]
    )
    with pytest.raises(DivergedError):
        list(train_run(recipe, tmp_path / "run"))
    logged = lines(tmp_path / "run")
    assert 1 <= logged[-1]["step"] < 10
    assert not (tmp_path / "run/scores.json").exists()
    assert not (tmp_path / "run/weights.safetensors").exists()


def test_a_run_that_diverged_diverges_at_the_same_step_again(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, optimiser__learning_rate=1e30, budget__steps=50, train__checkpoint_seconds=0.0)
    complaints = []
    for _ in range(2):
        with pytest.raises(DivergedError) as error:
            list(train_run(recipe, tmp_path / "run"))
        complaints.append((str(error.value), (tmp_path / "run/log.jsonl").read_bytes()))
    assert complaints[0] == complaints[1]


def test_scores_say_what_the_run_cost(words_run: Path) -> None:
    scores = json.loads((words_run / "scores.json").read_text())
    assert scores["steps"] == 40
    assert scores["unit"] == "nats per masked token"
    assert scores["tokens"] == lines(words_run)[-1]["tokens"]
    assert 0 <= scores["padding"] < 0.05
    assert scores["training_flops"] == pytest.approx(3 * scores["flops_per_token"] * scores["tokens"], rel=0.02)


def test_the_last_checkpoint_is_written_once(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[int] = []
    save = session.save_checkpoint
    monkeypatch.setattr(session, "save_checkpoint", lambda *a, **k: saved.append(a[1]) or save(*a, **k))
    recipe = tiny(book, budget__steps=3, train__checkpoint_seconds=0.0)
    list(train_run(recipe, tmp_path / "run"))
    assert saved == [1, 2, 3]
    for name in ("scores.json", "weights.safetensors"):
        (tmp_path / "run" / name).unlink()
    list(train_run(recipe, tmp_path / "run"))
    assert saved == [1, 2, 3]
