"""Widths at which encoders cost the same."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from running import tiny, written

from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.lab import match as matching
from tandem.lab.assemble import assemble
from tandem.lab.match import Matched, match, recipes_of
from tandem.lab.sizes import Resizable
from tandem.lab.step_time import step_seconds, training_step
from tandem.nn.cost import parameters
from tandem.train.carried import hidden_states


def matched(*encoders: str, to: str = "attention*2", equal: str = "parameters", **sizes: object) -> list[Matched]:
    overrides = [f"{key.replace('__', '.')}={value}" for key, value in sizes.items() if key not in ("width", "length")]
    reference, *arms = recipes_of(
        [to, *encoders], width=sizes.get("width", 64), length=sizes.get("length"), overrides=overrides
    )  # fmt: skip
    return match(arms, reference, equal=equal)[2]


def built(recipe: Recipe, book: Path) -> int:
    """The parameters of body and head of the model that the recipe would train on a book."""
    whole = tiny(book, encoder=recipe.encoder, model=recipe.model.model_dump(exclude_none=True), tokenizer__size=300)
    counted = parameters(assemble(whole).model)
    return counted.body + counted.head


def test_several_arms_have_as_many_parameters_as_the_reference_when_they_are_built(book: Path) -> None:
    arms = matched("lstm*2", "attention | lstm", "cnn*3 > gru", tokenizer__size=300, tokenizer__kind="words")
    (same,) = matched("attention*2", tokenizer__size=300, tokenizer__kind="words")
    target = built(same.recipe, book)
    for arm in arms:
        assert arm.holds
        assert built(arm.recipe, book) == pytest.approx(target, rel=0.02)
    assert same.after.width == 64


@pytest.mark.parametrize("equal", ["flops", "parameters"])
def test_heads_stay_and_feed_forward_networks_make_up_for_coarse_widths(equal: str) -> None:
    # Rotary positions and 10 heads: the width is a multiple of 20, whose steps are 60 % of the parameters here.
    (arm,) = matched("attention[heads=10]*2", to="lstm*2", equal=equal, width=70)
    assert arm.recipe.encoder == "attention[heads=10]*2"
    assert arm.after.width % 20 == 0
    assert arm.recipe.model.feedforward not in (None, 4 * arm.after.width)
    assert arm.holds


def test_where_no_width_is_near_the_nearest_is_named_with_what_it_misses() -> None:
    # No heads, no feed-forward network, two directions: only even widths, and each step is a lot at this size.
    small = ["tokenizer.kind=words", "tokenizer.size=20", "objective.transform=false"]
    reference, arm = recipes_of(["lstm*2", "lstm"], width=6, length=None, overrides=small)
    _, target, (found,) = match([arm], reference, equal="parameters")
    costs = {width: Resizable(arm).at(width).parameters for width in range(2, 30, 2)}
    nearest = min(costs, key=lambda width: abs(costs[width] - target))
    assert found.after.width == nearest
    assert found.miss == pytest.approx(costs[nearest] / target - 1)
    assert not found.holds


def test_operations_are_matched_at_the_length_that_is_asked_for() -> None:
    short, long = (matched("lstm*2", equal="flops", length=length)[0] for length in (16, 512))
    assert short.holds
    assert long.holds
    # Attention pays for every pair of positions.
    assert long.after.width > short.after.width


def test_bytes_of_state_are_matched_where_there_is_a_state() -> None:
    (arm,) = matched("lstm*2", to="attention*2", equal="state_bytes", task="clm", length=16)
    # Keys and values of 16 tokens in two layers, against a hidden vector and a cell in two layers.
    assert arm.after.width == 16 * 64
    with pytest.raises(UsageError, match="sees both sides and keeps none"):
        matched("lstm", equal="state_bytes")
    with pytest.raises(UsageError, match='state_bytes: "cnn\\[kernel=1\\]" has none'):
        matched("cnn[kernel=1]", equal="state_bytes", task="clm")


def test_equal_width_is_the_nearest_that_is_legal() -> None:
    (arm,) = matched("attention[heads=3]", to="lstm", equal="width")
    assert arm.after.width == 66 - arm.after.width % 6
    assert arm.recipe.model.feedforward is None


def test_the_settings_of_a_recipe_hold_for_all(book: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "mine.toml", book, encoder="lstm", data__length=9)
    reference, arm = recipes_of([str(path), "gru | cnn"], width=24, length=None, overrides=["task=clm"])
    assert (reference.encoder, arm.encoder) == ("lstm", "gru | cnn")
    assert (arm.model.width, arm.data.length, arm.task) == (24, 9, "clm")


@pytest.mark.parametrize(
    ("encoder", "equal", "complaint"),
    [
        ("lstm", "paramters", 'unknown quantity "paramters"; did you mean "parameters"'),
        ("lsmt", "flops", 'unknown mixer "lsmt"'),
        ("lstm >", "flops", "ends too early"),
        ("attention[heads=0]", "flops", "heads = 0"),
    ],
)
def test_what_cannot_be_matched_is_refused(encoder: str, equal: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        matched(encoder, equal=equal)


def test_equal_seconds_follow_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    # A step that takes as long as its model is wide, so that the answer is known.
    monkeypatch.setattr(matching, "training_step", lambda recipe, _: SimpleNamespace(width=recipe.model.width))
    monkeypatch.setattr(matching, "step_seconds", lambda steps: [step.width + 0.5 for step in steps])
    (arm,) = matched("lstm", to="attention", equal="seconds", width=48)
    assert arm.after.width == 48
    seen: list[int] = []
    monkeypatch.setattr(
        matching, "step_seconds", lambda steps: [seen.append(steps[0].width) or 2 * steps[0].width, steps[1].width]
    )
    assert matched("lstm", to="attention", equal="seconds", width=48)[0].after.width == 24
    assert len(seen) == len(set(seen)) > 1


def test_steps_take_turns_after_one_each_to_warm_up() -> None:
    seen: list[str] = []
    medians = step_seconds([lambda: seen.append("a"), lambda: seen.append("b")], repetitions=3)
    assert seen == ["a", "b"] * 4
    assert all(seconds >= 0 for seconds in medians)


@pytest.mark.parametrize(("adversarial", "readings"), [(0.0, 1), (0.1, 2)])
def test_a_step_reads_its_batch_as_often_as_training_does(
    adversarial: float, readings: int, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []

    def read(*arguments: Any) -> Any:
        seen.append(hidden_states(*arguments))
        return seen[-1]

    monkeypatch.setattr("tandem.lab.step_time.hidden_states", read)
    recipe = tiny(book, train__adversarial=adversarial)
    training_step(recipe, Resizable(recipe).objective)()
    assert len(seen) == readings


def test_a_step_trains_the_whole_model(book: Path) -> None:
    recipe = tiny(book, encoder="attention | lstm")
    training_step(recipe, Resizable(recipe).objective)()
    with pytest.raises(UsageError, match="running text, which task classify does not read"):
        training_step(recipe.model_copy(update={"task": "classify"}), Resizable(tiny(book, task="classify")).objective)
