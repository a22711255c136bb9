"""Every kind of encoder learns a toy above a stated score, and fails at what it cannot know.

Reverse: a word of 3 letters, then 3 masks in whose place it stands backwards; scored on words never trained on, where
a blind guess gets 1 of 8 right. Parity: whether the bits so far have an odd sum; scored at the end of texts three times
as long as in training, where a guess gets half.
"""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.data.batch import Batch
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.objectives.mlm import Mlm
from tandem.text.tokenizer import train_tokenizer

LETTERS, HALF, HELD_OUT = 8, 3, 100


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small run faster on one thread, and a second core may be busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def words() -> Tensor:
    """All words of `HALF` letters in a fixed random order."""
    grid = np.stack(np.meshgrid(*[np.arange(LETTERS)] * HALF), axis=-1).reshape(-1, HALF)
    return torch.from_numpy(np.random.default_rng(0).permutation(grid))


def reversal(chosen: Tensor, objective: Mlm) -> Batch:
    letters = chosen + len(objective.tokenizer.special_ids)
    ids = torch.cat([letters, torch.full_like(letters, objective.tokenizer.mask_id)], dim=1)
    mask = torch.ones_like(ids, dtype=torch.bool)
    places = (ids == objective.tokenizer.mask_id).flatten().nonzero()[:, 0]
    return Batch(ids, mask, ids.numel(), places, letters.flip(1).flatten())


def stepped(loss: Tensor, optimiser: torch.optim.Optimizer, parameters: list[nn.Parameter]) -> None:
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()
    optimiser.zero_grad()


def trained_parameters(*modules: nn.Module) -> list[nn.Parameter]:
    return [parameter for module in modules for parameter in module.parameters() if parameter.requires_grad]


def score_at_reversing(expression: str, *, steps: int, positions: str = "learned") -> float:
    objective = Mlm(train_tokenizer(["abcdefgh"], kind="char", size=16), transform=False)
    torch.manual_seed(0)
    encoder = Encoder(
        parse(expression), vocabulary=16, width=32, sees=objective.sees, max_length=2 * HALF, positions=positions
    )
    model = Model(encoder, objective.head(encoder.embedding, width=encoder.width, epsilon=1e-5))
    parameters = trained_parameters(model)
    optimiser, everything = torch.optim.AdamW(parameters, lr=0.01), words()
    for _ in range(steps):
        batch = reversal(everything[torch.randint(HELD_OUT, len(everything), (64,))], objective)
        outcome = objective.loss(model.head, encoder(batch.ids, batch.mask), batch)
        stepped(outcome.loss, optimiser, parameters)
    batch = reversal(everything[:HELD_OUT], objective)
    with torch.no_grad():
        outcome = objective.loss(model.head, encoder(batch.ids, batch.mask), batch)
    return int(outcome.correct) / outcome.count


@pytest.mark.parametrize(
    ("expression", "steps", "score"),
    [
        ("attention*2", 100, 0.95),
        ("cnn[kernel=9]*2", 100, 0.95),
        ("attention | lstm", 100, 0.95),
        ("lstm > attention", 100, 0.95),
        ("lstm*2", 400, 0.85),
        ("gru*2", 400, 0.85),
        ("rnn", 300, 0.85),
        ("mingru[block=pre]*2", 200, 0.85),
        ("minlstm[block=pre]*2", 200, 0.85),
    ],
)
def test_an_encoder_learns_to_reverse_words_that_it_never_saw(expression: str, steps: int, score: float) -> None:
    assert score_at_reversing(expression, steps=steps) > score


@pytest.mark.parametrize(("expression", "positions"), [("attention*2", "none"), ("cnn[kernel=3]", "learned")])
def test_an_encoder_that_cannot_know_the_order_or_the_letter_does_not_reverse(expression: str, positions: str) -> None:
    assert score_at_reversing(expression, steps=100, positions=positions) < 0.6


def score_at_parity(expression: str, *, steps: int) -> float:
    torch.manual_seed(0)
    encoder = Encoder(parse(expression), vocabulary=2, width=16, sees="past", max_length=36, positions="distance")
    head = nn.Linear(16, 2)
    parameters = trained_parameters(encoder, head)
    optimiser = torch.optim.AdamW(parameters, lr=0.01)

    def scores(bits: Tensor) -> Tensor:
        return head(encoder(bits, torch.ones_like(bits, dtype=torch.bool)))

    for _ in range(steps):
        bits = torch.randint(0, 2, (64, 12))
        stepped(F.cross_entropy(scores(bits).flatten(0, 1), (bits.cumsum(1) % 2).flatten()), optimiser, parameters)
    bits = torch.randint(0, 2, (200, 36))
    with torch.no_grad():
        return (scores(bits)[:, -1].argmax(dim=-1) == bits.sum(dim=1) % 2).double().mean().item()


@pytest.mark.parametrize("expression", ["lstm", "gru", "rnn"])
def test_recurrence_learns_parity_and_carries_it_to_longer_texts(expression: str) -> None:
    assert score_at_parity(expression, steps=200) > 0.95


@pytest.mark.parametrize("expression", ["attention", "mingru*2"])
def test_what_does_not_read_its_own_state_does_not_learn_parity(expression: str) -> None:
    assert score_at_parity(expression, steps=200) < 0.65
