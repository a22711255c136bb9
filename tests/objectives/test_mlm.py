"""Masked language modelling: what is chosen, what reaches the head, and what the loss is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tandem.core.errors import UsageError
from tandem.data.batch import Batch
from tandem.data.rows import Rows, padded
from tandem.data.store import Store
from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.objectives.mlm import Mlm
from tandem.text.tokenizer import Tokenizer, train_tokenizer

LENGTHS = [40, 7, 1, 25, 33]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["the quick brown fox jumps over the lazy dog"], kind="char", size=40)


def rows(tokenizer: Tokenizer, *, special: bool = True) -> Rows:
    """Made texts of unequal length, in which special tokens occur now and then."""
    pieces = [np.arange(length) * 7 % (tokenizer.size - 5) + 5 for length in LENGTHS]
    if special:
        for piece in pieces:
            piece[::6] = np.array(tokenizer.special_ids[1:])[np.arange(len(piece[::6])) % 4]
    return padded(pieces)


class Recorder(nn.Module):
    """A head that keeps what it was given and likes token 5 best."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.given: list[Tensor] = []
        self.scores = torch.linspace(0, 1, vocabulary)
        self.scores[5] = 2.0

    def forward(self, chosen: Tensor) -> Tensor:
        self.given.append(chosen)
        return self.scores.expand(len(chosen), -1)


def hidden_for(batch: Batch) -> Tensor:
    """Hidden states that say where they stand: row and column."""
    count, length = batch.ids.shape
    grid = torch.stack(torch.meshgrid(torch.arange(count), torch.arange(length), indexing="ij"), dim=-1)
    return grid.float()


def test_only_chosen_positions_reach_the_head(tokenizer: Tokenizer) -> None:
    objective, made = Mlm(tokenizer, masked=1.0, random=0.0), rows(tokenizer, special=False)
    batch = objective.collate(made, key=1)
    head = Recorder(tokenizer.size)
    outcome = objective.loss(head, hidden_for(batch), batch)
    (given,) = head.given
    expected = (batch.ids == tokenizer.mask_id).nonzero()
    assert 0 < len(expected) < batch.tokens
    assert torch.equal(given.long(), expected)
    assert outcome.count == len(expected)


def test_the_loss_is_the_summed_cross_entropy_of_the_chosen_tokens(tokenizer: Tokenizer) -> None:
    objective, made = Mlm(tokenizer, rate=0.6), rows(tokenizer, special=False)
    batch = objective.collate(made, key=1)
    head = Recorder(tokenizer.size)
    outcome = objective.loss(head, hidden_for(batch), batch)
    probabilities = np.exp(head.scores.numpy().astype(np.float64))
    probabilities /= probabilities.sum()
    labels = [int(made.ids.reshape(-1)[place]) for place in batch.places]
    assert outcome.loss_sum.item() == pytest.approx(-sum(np.log(probabilities[label]) for label in labels), rel=1e-5)
    assert int(outcome.correct) == labels.count(5)
    assert outcome.count == len(labels) > int(outcome.correct) > 0


def test_labels_are_the_unmasked_text_and_never_a_special_token(tokenizer: Tokenizer) -> None:
    made = rows(tokenizer)
    batch = Mlm(tokenizer, rate=1.0).collate(made, key=3)
    assert torch.equal(batch.labels, torch.from_numpy(made.ids).flatten()[batch.places])
    assert not set(batch.labels.tolist()) & set(tokenizer.special_ids)
    kept = np.isin(made.ids, tokenizer.special_ids)
    assert np.array_equal(batch.ids.numpy()[kept], made.ids[kept])
    assert len(batch.places) == (~kept).sum()


def test_padding_is_neither_chosen_nor_counted(tokenizer: Tokenizer) -> None:
    made = rows(tokenizer)
    for scope in ("masked", "all"):
        batch = Mlm(tokenizer, rate=0.9, scope=scope).collate(made, key=3)
        assert made.mask.reshape(-1)[batch.places.numpy()].all()
        assert batch.tokens == sum(LENGTHS)
        assert np.array_equal(batch.mask.numpy(), made.mask)
        assert batch.ids[~batch.mask].count_nonzero() == 0


def test_collating_is_a_pure_function_of_the_key_and_the_sequence_number(tokenizer: Tokenizer) -> None:
    objective, made = Mlm(tokenizer, rate=0.5), rows(tokenizer)
    before = made.ids.copy()
    first, again, other = (objective.collate(made, key=key) for key in (1, 1, 2))
    assert np.array_equal(made.ids, before)
    for name in ("ids", "mask", "places", "labels"):
        assert torch.equal(getattr(first, name), getattr(again, name))
    assert not torch.equal(first.ids, other.ids)
    # Another batch around a row, and other padding behind it, leave its mask as it is.
    alone = objective.collate(Rows(made.ids[3:4, :25], made.mask[3:4, :25], made.sequences[3:4]), key=1)
    assert torch.equal(alone.ids[0], first.ids[3, :25])
    moved = objective.collate(replace(made, sequences=made.sequences + 100), key=1)
    assert not torch.equal(moved.ids, first.ids)


def test_a_batch_with_no_chosen_position_gives_a_zero_loss_that_can_be_trained_on(tokenizer: Tokenizer) -> None:
    objective = Mlm(tokenizer)
    batch = objective.collate(padded([[tokenizer.mask_id] * 4, [tokenizer.mask_id]]), key=0)
    encoder = Encoder(parse("gru"), vocabulary=tokenizer.size, width=8, sees="both", max_length=8)
    head = objective.head(encoder.embedding, width=encoder.width, epsilon=1e-5)
    outcome = objective.loss(head, encoder(batch.ids, batch.mask), batch)
    assert (outcome.loss_sum.item(), outcome.count, int(outcome.correct)) == (0.0, 0, 0)
    outcome.loss_sum.backward()
    assert all(p.grad is None or p.grad.count_nonzero() == 0 for p in encoder.parameters())


class Copier(nn.Module):
    """A model without any knowledge of language: it is sure that every token is the one it reads."""

    def __init__(self, batch: Batch, vocabulary: int) -> None:
        super().__init__()
        self.batch, self.vocabulary = batch, vocabulary

    def forward(self, chosen: Tensor) -> Tensor:
        read = self.batch.ids[chosen[:, 0].long(), chosen[:, 1].long()]
        return 10.0 * F.one_hot(read, self.vocabulary).float()


def test_scope_all_scores_every_real_position_and_flatters_a_model_that_copies(tokenizer: Tokenizer) -> None:
    made = rows(tokenizer, special=False)
    mean, right = {}, {}
    for scope in ("masked", "all"):
        objective = Mlm(tokenizer, scope=scope)
        batch = objective.collate(made, key=5)
        outcome = objective.loss(Copier(batch, tokenizer.size), hidden_for(batch), batch)
        mean[scope], right[scope] = outcome.loss_sum.item() / outcome.count, int(outcome.correct) / outcome.count
        if scope == "all":
            assert outcome.count == made.mask.sum()
            assert np.array_equal(batch.labels.numpy(), made.ids[made.mask])
    uniform = np.log(tokenizer.size)
    assert mean["masked"] > 2 * uniform
    assert right["masked"] < 0.3
    assert mean["all"] < uniform / 1.5
    assert right["all"] > 0.8


def test_both_scopes_read_the_same_masked_input(tokenizer: Tokenizer) -> None:
    made = rows(tokenizer)
    masked, everything = (Mlm(tokenizer, scope=scope).collate(made, key=5) for scope in ("masked", "all"))
    assert torch.equal(masked.ids, everything.ids)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"rate": 0.0}, "objective.rate = 0.0"),
        ({"rate": 1.5}, "objective.rate = 1.5"),
        ({"rate": float("nan")}, "objective.rate = nan"),
        ({"masked": -0.1}, "objective.masked = -0.1"),
        ({"random": -0.1}, "objective.random = -0.1"),
        ({"masked": 0.8, "random": 0.3}, "objective.masked = 0.8, objective.random = 0.3"),
        ({"masked": float("nan")}, "objective.masked = nan"),
    ],
)
def test_shares_that_cannot_be_are_refused_by_name(tokenizer: Tokenizer, options: dict[str, float], named: str) -> None:
    with pytest.raises(UsageError) as caught:
        Mlm(tokenizer, **options)
    assert named in str(caught.value)
    Mlm(tokenizer, rate=1.0, masked=0.9, random=0.1)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("transform", [True, False])
def test_the_head_is_built_as_the_options_say(tokenizer: Tokenizer, tied: bool, transform: bool) -> None:
    embedding = nn.Embedding(tokenizer.size, 8)
    head = Mlm(tokenizer, tied=tied, transform=transform).head(embedding, width=8, epsilon=1e-3)
    assert isinstance(head, VocabularyHead)
    assert (head.decode.weight is embedding.weight) == tied
    chosen = torch.randn(6, 8, generator=torch.Generator().manual_seed(0))
    expected = chosen
    if transform:
        inner = F.gelu(chosen @ head.transform[0].weight.T + head.transform[0].bias)
        expected = (inner - inner.mean(-1, keepdim=True)) / (inner.var(-1, keepdim=True, unbiased=False) + 1e-3).sqrt()
    torch.testing.assert_close(head(chosen), expected @ head.decode.weight.T + head.decode.bias)


def test_declared_operations_are_those_of_the_positions_that_reach_the_head(tokenizer: Tokenizer) -> None:
    embedding = nn.Embedding(tokenizer.size, 8)
    per_position = 2 * 8 * tokenizer.size
    for options, positions in (({"rate": 0.2}, 0.2 * 30), ({"scope": "all"}, 30)):
        objective = Mlm(tokenizer, transform=False, **options)
        declared = objective.head_flops(objective.head(embedding, width=8, epsilon=1e-5), 30)
        assert declared == pytest.approx(positions * per_position)


def test_the_baseline_guesses_by_frequency_alone(tokenizer: Tokenizer, tmp_path: Path) -> None:
    objective, made = Mlm(tokenizer, rate=0.5), rows(tokenizer)
    batch = objective.collate(made, key=2)
    counts = np.zeros(tokenizer.size, dtype=np.int64)
    counts[5], counts[6] = 60, 20
    counts.tofile(tmp_path / "counts.i64")
    outcome = objective.baseline(Store(tmp_path, tokenizer, {}), batch)
    total = 80 + tokenizer.size
    shares = {5: 61 / total, 6: 21 / total}
    expected = -sum(np.log(shares.get(label, 1 / total)) for label in batch.labels.tolist())
    assert outcome.loss_sum.item() == pytest.approx(expected)
    assert (outcome.count, outcome.correct) == (len(batch.labels), batch.labels.tolist().count(5))
