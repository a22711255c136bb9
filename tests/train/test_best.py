"""The best of several evaluations, and how long one waits for a better one."""

import pytest
import torch

from tandem.train.best import Best


def offered(measure: str, values: list[float], **options: int) -> Best:
    best = Best(measure, **options)
    for step, value in enumerate(values):
        best.offer(step, value, {"w": torch.tensor(float(step))})
    return best


@pytest.mark.parametrize(
    ("measure", "values", "step"),
    [
        ("loss", [3.0, 1.0, 2.0, 1.0], 1),
        ("nsp loss", [3.0, 1.0, 2.0], 1),
        ("accuracy", [0.5, 0.9, 0.8, 0.9], 1),
        ("entity F1", [0.0, 0.0, 0.1], 2),
        ("Spearman", [-0.5, -0.9], 0),
    ],
)
def test_of_a_loss_the_least_and_of_others_the_most_and_of_equals_the_first(
    measure: str, values: list[float], step: int
) -> None:
    best = offered(measure, values)
    assert best.kept() == {"step": step, "by": measure, "value": values[step]}
    assert float(best.weights["w"]) == step


def test_what_is_kept_does_not_change_with_the_model() -> None:
    weights, best = {"w": torch.zeros(3)}, Best("loss")
    best.offer(0, 1.0, weights)
    weights["w"].add_(1)
    assert torch.equal(best.weights["w"], torch.zeros(3))


def test_patience_ends_after_so_many_evaluations_without_a_better_one() -> None:
    values = [3.0, 2.0, 2.5, 1.0, 1.5, 1.0]
    assert [offered("loss", values[:count], patience=2).exhausted for count in range(1, 7)] == [False] * 5 + [True]
    assert not offered("loss", [1.0] * 50).exhausted


def test_it_goes_on_from_what_was_saved() -> None:
    straight = offered("accuracy", [0.5, 0.7, 0.6], patience=3)
    saved = {**straight.tensors(), "w/exp_avg": torch.zeros(1)}
    again = Best("accuracy", patience=3)
    again.load(straight.state(), saved, device=torch.device("cpu"))
    for best in (straight, again):
        best.offer(3, 0.7, {"w": torch.tensor(3.0)})
        best.offer(4, 0.65, {"w": torch.tensor(4.0)})
    assert again.exhausted
    assert (again.kept(), again.state()) == (straight.kept(), straight.state())
    assert torch.equal(again.weights["w"], straight.weights["w"])
