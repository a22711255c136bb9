"""One training step of every architecture on one made batch, to four digits.

A number that moves means that the mathematics, the initialisation or the order of random draws has changed.
"""

import pytest
import torch

from tandem.core.tables import OptimiserTable
from tandem.data.batch import Batch
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.objectives.mlm import Mlm
from tandem.text.tokenizer import train_tokenizer
from tandem.train.optimiser import Optimiser

VOCABULARY, WIDTH, LENGTHS = 29, 16, [12, 9, 12, 4]
# Expression: mean loss before the step and after it, in nats.
GOLDEN = {
    "attention*2": (3.7281, 3.2041),
    "lstm*2": (4.4307, 3.0433),
    "attention*2 | lstm*2": (4.2134, 3.4056),
    "gru": (3.8570, 3.2463),
    "rnn": (3.5129, 2.9127),
    "cnn": (4.2925, 3.2640),
    "mingru*2": (3.9011, 3.5728),
    "minlstm": (3.9959, 3.5937),
}


def batch() -> Batch:
    """Four texts of a simple rule, every third token hidden."""
    places = torch.arange(12)
    whole = 5 + (torch.arange(4)[:, None] * 7 + places[None, :] * (1 + torch.arange(4)[:, None])) % (VOCABULARY - 5)
    mask = places[None, :] < torch.tensor(LENGTHS)[:, None]
    hidden = (mask & (places % 3 == 1)).flatten().nonzero()[:, 0]
    ids = whole * mask
    labels = ids.flatten()[hidden]
    ids.view(-1)[hidden] = 4
    return Batch(ids, mask, int(mask.sum()), hidden, labels)


def losses(expression: str) -> tuple[float, float]:
    objective = Mlm(train_tokenizer(["abcdefgh"], kind="char", size=VOCABULARY))
    torch.manual_seed(0)
    encoder = Encoder(
        parse(expression), vocabulary=VOCABULARY, width=WIDTH, sees=objective.sees, max_length=12, positions="distance"
    )
    model = Model(encoder, objective.head(encoder.embedding, width=encoder.width, epsilon=1e-5))
    table = OptimiserTable(learning_rate=0.01, weight_decay=0.1, betas=(0.9, 0.98), epsilon=1e-8, clip=1.0)
    optimiser, seen = Optimiser(model, table), []
    for _ in range(2):
        outcome = objective.loss(model.head, model.encoder(batch().ids, batch().mask), batch())
        loss = outcome.loss
        seen.append(loss.item())
        loss.backward()
        optimiser.clip_gradients()
        optimiser.step(1.0)
    return seen[0], seen[1]


@pytest.mark.parametrize("expression", GOLDEN)
def test_one_step_of_training_changes_the_loss_as_it_always_did(expression: str) -> None:
    before, after = losses(expression)
    assert (before, after) == pytest.approx(GOLDEN[expression], abs=1e-4)
    assert after < before
