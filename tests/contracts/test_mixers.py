"""What every mixer keeps, whichever options it is built with."""

import doctest
import inspect
from typing import Any

import pytest
import torch
from made import mask_of, noise, shaken, weighed
from safetensors.torch import load, save

from tandem.core import parts
from tandem.nn.mixers.base import Mixer
from tandem.nn.state import mapped

MIXERS = "tandem.nn.mixers"
NAMES = parts.names(MIXERS)
WIDTH = 8
LENGTHS = [7, 3, 1, 5]
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "attention": [
        {"heads": 2},
        {"heads": 2, "window": 3},
        {"heads": 2, "relative": "rotary"},
        {"heads": 4, "relative": "distance"},
        {"heads": 1, "relative": "rotary", "window": 2},
        {"heads": 2, "relative": "distance", "window": 4},
    ],
    "cnn": [{"kernel": 1}, {"kernel": 5}],
    "mingru": [{"scan": "log"}],
    "minlstm": [{"scan": "log"}],
}
CASES = [(name, options) for name in NAMES for options in ({}, *OPTIONS.get(name, []))]
LABELS = ["-".join([name, *(f"{key}={value}" for key, value in options.items())]) for name, options in CASES]

every_case = pytest.mark.parametrize(("name", "options"), CASES, ids=LABELS)
both_ways = pytest.mark.parametrize("sees", ["past", "both"])
every_mixer = pytest.mark.parametrize("name", NAMES)


def mixer_class(name: str) -> type[Mixer]:
    return parts.load_class(MIXERS, name, Mixer)


def made(name: str, sees: str, options: dict[str, Any], seed: int = 0) -> Mixer:
    return shaken(mixer_class(name)(WIDTH, sees, **options), seed)


def alone(name: str, options: dict[str, Any]) -> bool:
    """Whether these options leave a position with itself only."""
    return options.get("kernel") == 1


@every_case
@both_ways
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_shape_and_dtype_of_the_input_are_those_of_the_output(
    name: str, options: dict[str, Any], sees: str, dtype: torch.dtype
) -> None:
    hidden = noise(3, 6, WIDTH).to(dtype)
    output = made(name, sees, options).to(dtype)(hidden, mask_of([6, 2, 4], 6))
    assert (output.shape, output.dtype) == (hidden.shape, dtype)
    assert output.isfinite().all()


@every_case
@both_ways
def test_a_row_gets_in_a_padded_batch_what_it_gets_alone(name: str, options: dict[str, Any], sees: str) -> None:
    mixer, hidden = made(name, sees, options), noise(len(LENGTHS), 9, WIDTH)
    hidden[~mask_of(LENGTHS, 9)] = 50.0
    together = mixer(hidden, mask_of(LENGTHS, 9))
    for row, length in enumerate(LENGTHS):
        single = mixer(hidden[row : row + 1, :length], torch.ones(1, length, dtype=torch.bool))
        torch.testing.assert_close(together[row : row + 1, :length], single)


@every_case
@both_ways
def test_the_order_of_a_batch_changes_nothing(name: str, options: dict[str, Any], sees: str) -> None:
    mixer, hidden, mask = made(name, sees, options), noise(len(LENGTHS), 7, WIDTH), mask_of(LENGTHS, 7)
    order = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(mixer(hidden[order], mask[order]), mixer(hidden, mask)[order])


@every_case
def test_what_stands_behind_a_position_has_no_gradient_to_it_when_only_the_past_is_seen(
    name: str, options: dict[str, Any]
) -> None:
    mixer, hidden = made(name, "past", options), noise(6, 7, WIDTH).requires_grad_()
    output = mixer(hidden, torch.ones(6, 7, dtype=torch.bool))
    for place in range(7):
        (gradient,) = torch.autograd.grad(weighed(output[:, place]), hidden, retain_graph=True)
        assert gradient[:, place + 1 :].count_nonzero() == 0
        assert gradient[:, place].count_nonzero() > 0
        assert alone(name, options) or place == 0 or gradient[:, place - 1].count_nonzero() > 0


@every_case
def test_what_stands_behind_a_position_matters_to_it_when_both_sides_are_seen(
    name: str, options: dict[str, Any]
) -> None:
    mixer, hidden = made(name, "both", options), noise(6, 7, WIDTH).requires_grad_()
    output = mixer(hidden, torch.ones(6, 7, dtype=torch.bool))
    for place in range(1, 6):
        (gradient,) = torch.autograd.grad(weighed(output[:, place]), hidden, retain_graph=True)
        for neighbour in (place - 1, place + 1):
            assert (gradient[:, neighbour].count_nonzero() == 0) == alone(name, options)


@every_case
def test_step_by_step_equals_all_at_once(name: str, options: dict[str, Any]) -> None:
    mixer, hidden = made(name, "past", options), noise(3, 9, WIDTH)
    state, outputs = mixer.start(3), []
    for place in range(9):
        state, output = mixer.step(state, hidden[:, place])
        outputs.append(output)
    torch.testing.assert_close(torch.stack(outputs, dim=1), mixer(hidden, torch.ones(3, 9, dtype=torch.bool)))


@every_case
def test_piece_by_piece_equals_all_at_once_and_a_state_can_be_split_by_rows(name: str, options: dict[str, Any]) -> None:
    mixer, hidden = made(name, "past", options), noise(3, 9, WIDTH)
    state, first = mixer.extend(mixer.start(3), hidden[:, :4])
    chosen = torch.tensor([2, 0])
    _, rest = mixer.extend(mapped(state, lambda tensor: tensor[chosen]), hidden[chosen, 4:])
    whole = mixer(hidden, torch.ones(3, 9, dtype=torch.bool))
    torch.testing.assert_close(torch.cat([first[chosen], rest], dim=1), whole[chosen])


@every_case
@both_ways
def test_every_trained_parameter_gets_a_gradient_and_two_forwards_agree(
    name: str, options: dict[str, Any], sees: str
) -> None:
    mixer, hidden, mask = made(name, sees, options), noise(4, 7, WIDTH), mask_of(LENGTHS, 7)
    output = mixer(hidden, mask)
    assert torch.equal(output, mixer(hidden, mask))
    weighed(output[mask]).backward()
    trained = {key: parameter for key, parameter in mixer.named_parameters() if parameter.requires_grad}
    assert trained
    assert [key for key, parameter in trained.items() if parameter.grad is None or not parameter.grad.any()] == []


@every_case
@both_ways
def test_a_frozen_parameter_is_zero_and_so_adds_nothing(name: str, options: dict[str, Any], sees: str) -> None:
    frozen = [parameter for parameter in made(name, sees, options).parameters() if not parameter.requires_grad]
    assert all(parameter.count_nonzero() == 0 for parameter in frozen)


@every_case
@both_ways
def test_saved_and_loaded_weights_give_the_same_output(name: str, options: dict[str, Any], sees: str) -> None:
    mixer, other = made(name, sees, options, seed=0), made(name, sees, options, seed=1)
    hidden, mask = noise(4, 7, WIDTH), mask_of(LENGTHS, 7)
    assert not torch.equal(mixer(hidden, mask), other(hidden, mask))
    other.load_state_dict(load(save(mixer.state_dict())))
    assert torch.equal(mixer(hidden, mask), other(hidden, mask))


@every_mixer
def test_a_docstring_says_source_sees_padding_and_state_and_its_example_runs(name: str) -> None:
    part = mixer_class(name)
    lines = inspect.getdoc(part).splitlines()
    assert lines[0].endswith(".")
    for heading in ("Source:", "Sees:", "Padding:", "State:"):
        assert sum(line.startswith(heading) for line in lines) == 1, heading
    (example,) = doctest.DocTestFinder(recurse=False).find(part, name, globs=dict(vars(inspect.getmodule(part))))
    result = doctest.DocTestRunner().run(example)
    assert (result.attempted > 0, result.failed) == (True, 0)


@pytest.mark.parametrize(("sees", "window"), [("past", 1), ("past", 3), ("both", 1), ("both", 3)])
def test_a_window_of_attention_ends_where_it_says(sees: str, window: int) -> None:
    mixer, hidden = made("attention", sees, {"heads": 2, "window": window}), noise(1, 9, WIDTH).requires_grad_()
    output = mixer(hidden, torch.ones(1, 9, dtype=torch.bool))
    (gradient,) = torch.autograd.grad(weighed(output[:, 4]), hidden)
    reached = set(gradient[0].abs().sum(dim=-1).nonzero()[:, 0].tolist())
    assert reached == set(range(4 - window + 1, 5 if sees == "past" else 4 + window))


def test_the_backward_direction_begins_at_the_end_of_the_text() -> None:
    for name in ("rnn", "gru", "lstm", "mingru", "minlstm"):
        mixer, hidden = made(name, "both", {}), noise(1, 6, WIDTH).requires_grad_()
        output = mixer(hidden, mask_of([4], 6))
        (gradient,) = torch.autograd.grad(weighed(output[:, 3, WIDTH // 2 :]), hidden)
        assert set(gradient[0].abs().sum(dim=-1).nonzero()[:, 0].tolist()) == {3}
