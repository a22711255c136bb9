"""Finished runs as a table that says what may not be compared."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from running import tiny

from tandem.lab.baselines import Baseline
from tandem.lab.folder import RunFolder
from tandem.lab.report import HEADINGS, Measured, by_arm, markdown, measured, reading, table, unfair


def made(book: Path, *, loss: float = 2.0, seconds: float = 10.0, **changes: Any) -> Measured:
    """A run as if it had been trained and measured."""
    scores = {"loss": loss, "accuracy": 0.25, "baseline_loss": 3.0, "baseline_accuracy": 0.125, "count": 100,
              "guess": "unigram"}  # fmt: skip
    result = {
        "scores": {"validation": {**scores, "loss": 9.0}, "test": scores}, "unit": "nats per masked token",
        "parameters": {"embedding": 1500, "body": 2_500_000, "head": 30}, "flops_per_token": 5_000_000.0,
        "tokens": 2_000_000, "padding": 0.031,
    }  # fmt: skip
    return Measured(RunFolder(Path("runs/x")), tiny(book, **changes), result, seconds, "fp32")


def cells(runs: list[Measured]) -> list[dict[str, str]]:
    headings, *others = table(runs)
    return [dict(zip(headings, line, strict=True)) for line in others]


def test_a_row_holds_size_cost_speed_and_what_was_learnt(book: Path) -> None:
    assert cells([made(book, encoder="gru*2")]) == [
        {
            "encoder": "gru*2",
            "parameters": "2.50 M",
            "embedding": "1.50 k",
            "body": "2.50 M",
            "head": "30",
            "FLOPs/token": "5.00 M",
            "tokens": "2.00 M",
            "seconds": "10",
            "precision": "fp32",
            "tokens/s": "200,000",
            "loss": "2.000",
            "baseline": "3.000",
            "gain": "1.000",
            "accuracy": "25.0 %",
        }
    ]


def test_seeds_of_one_recipe_share_a_row_with_mean_and_deviation(book: Path) -> None:
    runs = [made(book, seed=0, loss=2.0), made(book, encoder="cnn"), made(book, seed=1, loss=2.2)]
    first, second = cells(runs)
    assert first["loss"] == "2.100 ± 0.141"
    assert first["gain"] == "0.900 ± 0.141"
    assert second["loss"] == "2.000"
    assert [[run.recipe.seed for run in arm] for arm in by_arm(runs)] == [[0, 1], [0]]


def test_equal_encoders_are_told_apart_by_what_differs_and_by_no_more(book: Path) -> None:
    own, two = {"init": "runs/mlm", "train__keep": "best"}, {"encoder": "gru"}
    runs = [
        made(book), made(book, seed=1), made(book, **own), made(book, **own, transfer={"freeze": True}),
        made(book, **two), made(book, **two, objective={"rate": 0.3}, optimiser__learning_rate=0.1),
        made(book, encoder="cnn"),
    ]  # fmt: skip
    assert [row["encoder"] for row in cells(runs)] == [
        "lstm, init=scratch", "lstm, init=runs/mlm", "lstm, init=runs/mlm, transfer.freeze=true",
        "gru", "gru, objective.rate=0.3", "cnn",
    ]  # fmt: skip
    assert cells(runs[2:3])[0]["encoder"] == "lstm"


def test_the_validation_split_speaks_where_there_is_no_test_split(book: Path) -> None:
    run = made(book)
    del run.result["scores"]["test"]
    assert cells([run])[0]["loss"] == "9.000"
    assert "the validation split of `file`" in reading([run])


def test_the_share_of_scores_that_come_near_is_not_called_accuracy(book: Path) -> None:
    run = made(book)
    run.result["scores"]["test"]["guess"] = "mean score"
    assert cells([run])[0]["within a tenth"] == "25.0 %"
    assert "accuracy" not in cells([run])[0]
    assert "told to within a tenth of the scale (mean score 12.5 %)" in reading([run])


def test_a_run_too_quick_for_the_clock_has_no_speed(book: Path) -> None:
    assert cells([made(book, seconds=0.0)])[0]["tokens/s"] == "-"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"budget__steps": 99}, "budget"),
        ({"tokenizer__size": 99}, "tokenizer"),
        ({"data__length": 8}, "data"),
        ({"objective__rate": 0.5}, "objective"),
        ({"corpus__path": "other.txt"}, "corpus"),
        ({"init": "hf:bert"}, "init"),
        ({"train__batch_tokens": 99}, "train.batch_tokens"),
    ],
)
def test_what_should_be_equal_and_is_not_is_named(change: dict[str, Any], named: str, book: Path) -> None:
    runs = [made(book), made(book, encoder="cnn", **change)]
    assert unfair(runs) == [f"not an equal comparison: the runs differ in {named}"]


def test_one_arm_with_more_seeds_than_the_other_is_named(book: Path) -> None:
    runs = [made(book, seed=0), made(book, seed=1), made(book, encoder="cnn", seed=0)]
    assert unfair(runs) == ["not an equal comparison: the runs differ in seeds"]


def test_what_a_comparison_is_about_may_differ(book: Path) -> None:
    assert unfair([made(book), made(book, encoder="attention", model__width=32, optimiser__name="muon")]) == []


def test_further_scores_stand_in_the_table_where_every_run_has_them(book: Path) -> None:
    runs = [made(book, task="clm"), made(book, task="clm", encoder="cnn")]
    assert list(cells(runs)[0]) == list(HEADINGS)
    for run, perplexity in zip(runs, (7.5, 8.25), strict=True):
        run.result["scores"]["test"]["more"] = {"perplexity": perplexity, "bits per byte": 2.0}
    assert [line["perplexity"] for line in cells(runs)] == ["7.500", "8.250"]
    assert "bits per byte" not in cells(runs)[0]
    runs[1].result["scores"]["test"]["more"] = {}
    assert list(cells(runs)[0]) == list(HEADINGS)


def test_a_peer_without_an_encoder_has_a_line_with_what_is_known_about_it(book: Path) -> None:
    peer = Baseline("words", 0.875, "test", 100, "no order", 12.4, learner="TF-IDF")
    line = dict(zip(HEADINGS, table([made(book)], [peer])[-1], strict=True))
    assert (line["encoder"], line["accuracy"], line["seconds"]) == ("TF-IDF, words", "87.5 %", "12")
    assert set(line.values()) == {"TF-IDF, words", "87.5 %", "12", "-"}
    assert "no order" in reading([made(book)], [peer])
    assert markdown([made(book)], [peer]).splitlines()[3].startswith("| TF-IDF, words | - |")
    counted = Baseline("frequent tag", 0.9, "test", 100, "no context")
    assert markdown([made(book)], [counted]).splitlines()[3].startswith("| frequent tag | - |")
    assert " Frequent tag: no context." in reading([made(book)], [counted])


def test_a_bar_in_an_expression_does_not_break_the_markdown_table(book: Path) -> None:
    table = markdown([made(book, encoder="attention | lstm")]).splitlines()
    assert table[2].startswith(r"| attention \| lstm |")
    assert {line.replace(r"\|", "").count("|") for line in table[:3]} == {len(HEADINGS) + 1}


def test_the_reader_is_told_unit_split_baseline_seeds_and_padding(book: Path) -> None:
    text = reading([made(book, seed=4), made(book, seed=2)])
    for part in ("nats per masked token", "test split", "unigram 12.5 %", "Seeds: 2, 4", "at most 3.1 %"):
        assert part in text


def test_a_run_is_measured_from_its_folder(words_run: Path) -> None:
    run = measured(words_run)
    assert run.score("loss") == json.loads((words_run / "scores.json").read_text())["scores"]["test"]["loss"]
    assert run.seconds > 0
    assert run.precision == "fp32"


def test_seconds_count_training_and_nothing_before_the_first_step(words_run: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(words_run, tmp_path / "run"))
    (folder / "timings.jsonl").write_text('{"step": 0, "seconds": 0.0}\n{"step": 40, "seconds": 12.5}\n')
    assert measured(folder).seconds == 12.5


def test_tokens_and_speed_of_an_arm_are_means_over_its_seeds(book: Path) -> None:
    runs = [made(book, seconds=10.0, seed=0), made(book, seconds=30.0, seed=1)]
    runs[1].result["tokens"] = 6_000_000
    (row,) = cells(runs)
    assert (row["tokens"], row["tokens/s"]) == ("4.00 M", "200,000")
