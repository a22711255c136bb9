"""Declared operations and bytes against counted ones."""

from typing import Any

import pytest
import torch
from made import noise
from test_mixers import MIXERS, NAMES, OPTIONS, WIDTH, every_case, made
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from tandem.core import parts
from tandem.nn.block import Block
from tandem.nn.cost import parameters, state_bytes, trained, tree
from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.merge import Parallel
from tandem.nn.model import Model
from tandem.nn.precision import REPETITIONS, bf16_speedup
from tandem.nn.state import tensors

CELLS = {nn.RNN: nn.RNNCell, nn.GRU: nn.GRUCell, nn.LSTM: nn.LSTMCell}
LENGTH = 7


def counted(run: Any) -> int:
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops()


def loop_of_cells(direction: nn.RNNBase) -> None:
    cell = CELLS[type(direction)](direction.input_size, direction.hidden_size)
    state = None
    for _ in range(LENGTH):
        state = cell(torch.zeros(1, direction.input_size), state)


def stepped(mixer: Any) -> None:
    state = mixer.start(1)
    for hidden in noise(LENGTH, 1, WIDTH):
        state, _ = mixer.step(state, hidden)


def state_tensors(state: Any) -> list[Tensor]:
    return [tensor for tensor in tensors(state) if tensor.is_floating_point()]


def test_the_counter_of_torch_reports_nothing_for_an_lstm() -> None:
    assert counted(lambda: nn.LSTM(8, 8, batch_first=True)(torch.zeros(1, 5, 8))) == 0
    assert counted(lambda: nn.LSTMCell(8, 8)(torch.zeros(1, 8))) == 2 * 4 * 8 * (8 + 8)


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("sees", ["past", "both"])
def test_a_recurrent_mixer_declares_the_operations_of_a_loop_of_cells(name: str, sees: str) -> None:
    mixer = made(name, sees, {})
    directions = mixer.recurrence.directions
    assert len(directions) == (1 if sees == "past" else 2)
    assert mixer.flops(LENGTH) == sum(counted(lambda d=direction: loop_of_cells(d)) for direction in directions)


@every_case
def test_a_mixer_that_sees_the_past_declares_the_operations_of_its_steps(name: str, options: dict[str, Any]) -> None:
    mixer = made(name, "past", options)
    steps = counted(lambda: stepped(mixer))
    # torch's counter sees only some of its own recurrent kernels: those are held to a loop of cells, above.
    assert mixer.flops(LENGTH) == steps or hasattr(mixer, "recurrence")


@pytest.mark.parametrize("options", [{}, *OPTIONS["attention"]], ids=str)
@pytest.mark.parametrize("sees", ["past", "both"])
def test_attention_declares_its_projections_and_the_pairs_it_weighs(sees: str, options: dict[str, Any]) -> None:
    mixer, hidden, mask = made("attention", sees, options), noise(1, 7, WIDTH), torch.ones(1, 7, dtype=torch.bool)
    whole = counted(lambda: mixer.explicit(hidden, mask))
    pairs = int(mixer.explicit(hidden, mask)[1][0, 0].count_nonzero())
    products = 2 * 2 * WIDTH * 7 * 7
    assert mixer.flops(7) == whole - products + products * pairs // (7 * 7)


@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_a_convolution_declares_what_torch_counts(kernel: int) -> None:
    mixer, mask = made("cnn", "both", {"kernel": kernel}), torch.ones(1, 7, dtype=torch.bool)
    assert mixer.flops(7) == counted(lambda: mixer(noise(1, 7, WIDTH), mask))


@every_case
def test_state_bytes_are_those_of_the_state_in_single_precision(name: str, options: dict[str, Any]) -> None:
    mixer = made(name, "past", options).float()
    state = mixer.start(1)
    for steps in range(1, 8):
        state, _ = mixer.step(state, torch.zeros(1, WIDTH))
        assert mixer.state_bytes(steps) == sum(t.element_size() * t.numel() for t in state_tensors(state)), steps


def model(expression: str, *, tied: bool = True, transform: bool = True, **settings: Any) -> Model:
    encoder = Encoder(parse(expression), vocabulary=50, width=WIDTH, sees="both", max_length=16, **settings)
    return Model(encoder, VocabularyHead(encoder.embedding, tied=tied, transform=transform, epsilon=1e-5))


@pytest.mark.parametrize("merge", ["sum", "gate", "concat"])
@pytest.mark.parametrize("block", ["pre", "post", "bare"])
def test_an_encoder_declares_what_torch_counts(merge: str, block: str) -> None:
    encoder = model("cnn*2 > (cnn | cnn[kernel=1] | cnn)", merge=merge, block=block, feedforward=12).encoder
    ids, mask = torch.ones(1, 9, dtype=torch.int64), torch.ones(1, 9, dtype=torch.bool)
    assert encoder.flops(9) == counted(lambda: encoder(ids, mask))


@pytest.mark.parametrize("transform", [True, False])
def test_a_head_declares_what_torch_counts(transform: bool) -> None:
    head = model("rnn", transform=transform).head
    assert head.flops(6) == counted(lambda: head(torch.zeros(6, WIDTH)))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("transform", [True, False])
@pytest.mark.parametrize(
    "expression", ["positions[kind=learned] > attention | lstm", "gru*2", "(cnn | rnn)[merge=gate]"]
)
def test_parameters_of_embedding_body_and_head_add_up(expression: str, tied: bool, transform: bool) -> None:
    whole = model(expression, tied=tied, transform=transform)
    split = parameters(whole)
    assert split.total == sum(p.numel() for p in whole.parameters() if p.requires_grad)
    assert split.embedding == 50 * WIDTH + (16 * WIDTH if "learned" in expression else 0)
    assert split.head == 50 + (0 if tied else 50 * WIDTH) + (WIDTH * WIDTH + 3 * WIDTH if transform else 0)


def test_a_tied_head_scores_with_the_embedding_itself() -> None:
    tied, untied = model("rnn", tied=True), model("rnn", tied=False)
    assert tied.head.decode.weight is tied.encoder.embedding.weight
    assert untied.head.decode.weight is not untied.encoder.embedding.weight
    assert "head.decode.weight" not in tied.weights()


@pytest.mark.parametrize("expression", ["attention*2", "lstm > (attention | cnn*2)[merge=gate] > gru[block=post]"])
def test_the_lines_of_a_tree_add_up_to_the_body(expression: str) -> None:
    body = model(expression, positions="learned").encoder.body
    lines = tree(body, 9)
    assert sum(line.parameters for line in lines if line.depth == 0) == trained(body)
    assert sum(line.flops_per_token for line in lines if line.depth == 0) == pytest.approx(body.flops(9) / 9)
    blocks = [module for module in body.modules() if isinstance(module, Block | Parallel)]
    assert len([line for line in lines if "block" in line.label or "parallel" in line.label]) == len(blocks)


def test_state_bytes_of_a_model_are_those_of_all_its_mixers() -> None:
    body = model("lstm*2 | attention").encoder.body
    assert state_bytes(body, 5) == 4 * (2 * 2 * WIDTH + 2 * 5 * WIDTH)


def test_half_of_the_timed_steps_run_in_bfloat16() -> None:
    seen = []
    linear = nn.Linear(4, 4)
    ratio = bf16_speedup(lambda: seen.append(linear(torch.zeros(1, 4)).dtype), torch.device("cpu"))
    assert ratio > 0
    assert seen.count(torch.bfloat16) == seen.count(torch.float32) == REPETITIONS + 1


def test_every_mixer_has_more_operations_for_more_tokens() -> None:
    for name in NAMES:
        mixer = parts.load_class(MIXERS, name, nn.Module)(WIDTH, "both")
        assert 0 < mixer.flops(4) < mixer.flops(5)


def forward_and_backward(module: nn.Module, hidden: Tensor, mask: Tensor) -> tuple[int, int]:
    """Operations that torch counts in one pass forwards, and in one backwards to all weights and to the input."""
    forward = counted(lambda: module(hidden, mask))
    inputs = hidden.requires_grad_()
    return forward, counted(lambda: module(inputs, mask).sum().backward()) - forward


@pytest.mark.parametrize(
    "expression", ["cnn*2 > (cnn | cnn[kernel=1])", "(cnn | cnn)[merge=concat]", "cnn[block=post]"]
)
def test_a_pass_backwards_costs_two_forwards(expression: str) -> None:
    body, mask = model(expression).encoder.body, torch.ones(1, 9, dtype=torch.bool)
    forward, backward = forward_and_backward(body, torch.randn(1, 9, WIDTH), mask)
    assert (forward, backward) == (body.flops(9), 2 * body.flops(9))


@pytest.mark.parametrize("cell", [nn.RNNCell, nn.GRUCell, nn.LSTMCell])
def test_a_pass_backwards_through_a_loop_of_cells_costs_two_forwards(cell: Any) -> None:
    made_cell = cell(8, 8)

    def loop() -> Tensor:
        state = None
        for hidden in torch.randn(LENGTH, 1, 8, requires_grad=True).unbind():
            state = made_cell(hidden, state)
        return (state[0] if isinstance(state, tuple) else state).sum()

    forward = counted(loop)
    # The first state is a constant, so one product of the recurrent matrix has no gradient to its input.
    constant = forward // LENGTH // 2
    assert counted(lambda: loop().backward()) == 3 * forward - constant


@pytest.mark.parametrize("sees", ["past", "both"])
def test_a_pass_backwards_through_attention_costs_two_forwards(sees: str) -> None:
    mixer, mask = made("attention", sees, {}).float(), torch.ones(1, 7, dtype=torch.bool)
    hidden = torch.randn(1, 7, WIDTH, requires_grad=True)
    forward = counted(lambda: mixer.explicit(hidden, mask))
    assert counted(lambda: mixer.explicit(hidden, mask)[0].sum().backward()) == 3 * forward


def test_an_encoder_of_several_mixers_declares_the_sum_of_what_each_was_held_to() -> None:
    whole = model("attention*2 | lstm > cnn", positions="learned").encoder
    blocks = [module for module in whole.modules() if isinstance(module, Block)]
    feeds = sum(2 * 9 * 2 * WIDTH * 4 * WIDTH for block in blocks if block.style != "bare")
    assert whole.flops(9) == sum(block.mixer.flops(9) for block in blocks) + feeds
