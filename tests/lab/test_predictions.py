"""Single answers: in the order of the examples, by name, and back from the file."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tandem.core.errors import ArtifactError
from tandem.lab.predictions import Answers, Predictions, read_predictions, write_predictions
from tandem.objectives.base import Outcome


def outcome(gold: list[int] | list[float], predicted: list[int] | list[float], **more: torch.Tensor) -> Outcome:
    numbers = torch.tensor(gold), torch.tensor(predicted)
    return Outcome(torch.tensor(0.0), len(gold), 0, gold=numbers[0], predicted=numbers[1], **more)


def found(outcome: Outcome, examples: list[int]) -> Answers:
    answers = Answers.of(outcome, np.array(examples), 100 * np.array(examples))
    assert answers is not None
    return answers


def test_batches_are_joined_in_the_order_of_the_examples_and_classes_get_their_names() -> None:
    one = found(outcome([1, 0], [1, 1], probability=torch.tensor([0.9, 0.6])), [7, 2])
    other = found(outcome([0], [0], probability=torch.tensor([0.75])), [4])
    together = Answers.joined([one, other]).named(("bad", "good"))
    assert together.rows.tolist() == [2, 4, 7]
    assert together.gold == ["bad", "bad", "good"]
    assert together.predicted == ["good", "bad", "good"]
    assert together.probability is not None
    assert together.probability.tolist() == pytest.approx([0.6, 0.75, 0.9])


def test_several_answers_about_one_example_stay_in_their_order() -> None:
    rows = torch.tensor([0, 0, 1, 1, 1])
    words = found(outcome([0, 1, 1, 0, 2], [0, 0, 1, 0, 2], rows=rows), [5, 3])
    together = Answers.joined([words]).named(("NOUN", "VERB", "ADJ"))
    assert together.rows.tolist() == [3, 3, 3, 5, 5]
    assert together.texts is not None
    assert together.texts.tolist() == [300, 300, 300, 500, 500]
    assert together.gold == ["VERB", "NOUN", "ADJ", "NOUN", "VERB"]


def test_values_stay_values() -> None:
    scores = Answers.joined([found(outcome([0.5, 4.25], [1.0, 4.0]), [0, 1])]).named(())
    assert scores.gold == [0.5, 4.25]


def test_an_objective_that_tells_no_single_answer_has_none() -> None:
    assert Answers.of(Outcome(torch.tensor(0.0), 3, 0), np.arange(3), np.arange(3)) is None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    known = Predictions(np.array([0, 2]), ["a,b", 'c "d"'], ["a,b", "a,b"], np.array([0.9, 0.1], dtype=np.float32))
    write_predictions(path, {"validation": known, "test": Predictions(np.array([1]), ["x"], ["y"])})
    assert path.read_text(encoding="utf-8").splitlines()[1:3] == [
        'validation,0,"a,b","a,b",0.9,0', 'validation,2,"c ""d""","a,b",0.1,2'
    ]  # fmt: skip
    again = read_predictions(path)
    assert list(again) == ["validation", "test"]
    assert (again["validation"].gold, again["validation"].rows.tolist()) == (("a,b", 'c "d"'), [0, 2])
    assert again["validation"].probability is not None
    assert again["validation"].probability.tolist() == known.probability.tolist()  # type: ignore[union-attr]
    assert again["test"].probability is None


@pytest.mark.parametrize("content", ["", "a,b\n", "split,row,gold,predicted,probability\ntest,x,a,b,\n"])
def test_a_damaged_file_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(content)
    with pytest.raises(ArtifactError, match=r"predictions\.csv"):
        read_predictions(path)


def test_a_quote_without_an_end_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    write_predictions(path, {"test": Predictions(np.arange(9), ["x"] * 9, ["y"] * 9)})
    path.write_text(path.read_text(encoding="utf-8").replace("x", '"x', 1) + "z" * 200_000, encoding="utf-8")
    with pytest.raises(ArtifactError, match="cannot be read as predictions"):
        read_predictions(path)
