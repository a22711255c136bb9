"""What a decoder is asked and scored by, and what its options change."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tandem.core.config import checked_recipe
from tandem.core.errors import UsageError
from tandem.data.batch import Batch
from tandem.data.rows import Rows
from tandem.lab.assemble import build_model, stand_in_objective
from tandem.nn.decoders.base import Decoder
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.translation_head import TranslationHead
from tandem.objectives.translate import Translate
from tandem.text.tokenizer import Tokenizer, train_tokenizer

SOURCE = train_tokenizer(["a b c"], kind="words", size=20, boundaries=True)
TARGET = train_tokenizer(["v w x y z"], kind="words", size=20, boundaries=True)
DECODERS = ["recurrent", "recurrent[cell=lstm,attention=dot]", "recurrent[attention=none]", "transformer*2"]


def rows(target: Tokenizer = TARGET) -> Rows:
    ids = np.array([[3, 4, 5], [4, 0, 0]])
    texts = ["v w x", "y"] if target is TARGET else ["a b c", "b"]
    seconds = np.zeros((2, 3), dtype=np.int64)
    for row, text in enumerate(map(target.encode, texts)):
        seconds[row, : len(text)] = text
    return Rows(ids, ids > 0, np.arange(2), seconds=seconds)


def model(objective: Translate, encoder: str = "gru") -> tuple[Encoder, TranslationHead]:
    torch.manual_seed(0)
    made = Encoder(
        parse(encoder), vocabulary=SOURCE.size, width=8, sees="both", max_length=9, positions="learned", dropout=0.1
    )
    head = objective.head_for(made, epsilon=1e-5)
    assert isinstance(head, TranslationHead)
    return made, head


def loss(objective: Translate, encoder: Encoder, head: TranslationHead, batch: Batch) -> Tensor:
    return objective.loss(head, encoder(batch.ids, batch.mask), batch).loss


def test_the_decoder_reads_the_translation_a_position_behind_and_must_tell_its_end() -> None:
    batch = Translate(SOURCE, (), TARGET).collate(rows(), key=0)
    v, w, x, y = TARGET.encode("v w x y")
    begin, end = TARGET.cls_id, TARGET.sep_id
    assert batch.target_ids.tolist() == [[begin, v, w, x], [begin, y, 0, 0]]
    assert batch.places.tolist() == [0, 1, 2, 3, 4, 5]
    assert batch.labels.tolist() == [v, w, x, end, y, end]
    assert batch.tokens == 4 + 6
    assert batch.positions == 6 + 8


@pytest.mark.parametrize("encoder", ["lstm*2", "attention*2", "attention | gru"])
@pytest.mark.parametrize("decoder", DECODERS)
def test_any_encoder_goes_with_any_decoder(encoder: str, decoder: str) -> None:
    objective = Translate(SOURCE, decoder=decoder)
    parts = model(objective, encoder)
    batch = objective.collate(rows(SOURCE), key=0)
    value = loss(objective, *parts, batch)
    value.backward()
    assert 0 < value.item() < 2 * math.log(SOURCE.size)
    unmoved = [name for part in parts for name, p in part.named_parameters() if p.requires_grad and p.grad is None]
    assert unmoved == []


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_step_in_bfloat16_has_a_finite_gradient(decoder: str) -> None:
    objective = Translate(SOURCE, decoder=decoder, sampling=0.3)
    parts = model(objective, "lstm")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(objective, *parts, objective.collate(rows(SOURCE), key=0))
    value.backward()
    assert all(p.grad.isfinite().all() for part in parts for p in part.parameters() if p.grad is not None)


def test_one_tokenizer_shares_its_embedding_and_two_do_not() -> None:
    encoder, head = model(Translate(SOURCE))
    assert head.decoder.embedding is encoder.embedding
    assert head.scores.decode.weight is encoder.embedding.weight
    encoder, head = model(Translate(SOURCE, shared=False))
    assert head.decoder.embedding is not encoder.embedding
    encoder, head = model(Translate(SOURCE, (), TARGET))
    assert head.decoder.embedding.num_embeddings == TARGET.size
    assert head.scores.decode.weight is head.decoder.embedding.weight
    encoder, head = model(Translate(SOURCE, (), TARGET, tied=False))
    assert head.scores.decode.weight is not head.decoder.embedding.weight
    with pytest.raises(UsageError, match="two tokenizers have two embeddings"):
        Translate(SOURCE, (), TARGET, shared=True)


def test_smoothing_moves_a_share_of_the_target_to_all_tokens_in_training_only() -> None:
    plain, smooth = Translate(SOURCE), Translate(SOURCE, smoothing=0.2)
    encoder, head = model(plain)
    encoder.eval()
    batch = plain.collate(rows(SOURCE), key=0)
    hidden = encoder(batch.ids, batch.mask)
    head.eval()
    assert smooth.loss(head, hidden, batch).loss.item() == plain.loss(head, hidden, batch).loss.item()
    scores = head(hidden, batch.mask, batch.target_ids, batch.places).log_softmax(dim=-1)
    expected = -0.8 * scores[torch.arange(len(scores)), batch.labels].mean() - 0.2 * scores.mean()
    for module in head.modules():
        # Trained as a whole, and without dropout.
        module.training = not isinstance(module, nn.Dropout)
    assert smooth.loss(head, hidden, batch).loss.item() == pytest.approx(expected.item(), rel=1e-5)


class Reader(Decoder):
    """Keeps the ids that it was given, and says after each id its number plus one."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, vocabulary)
        self.embedding.weight.data.copy_(torch.eye(vocabulary))
        self.read: Tensor | None = None

    def forward(self, memory: Tensor, mask: Tensor, ids: Tensor) -> Tensor:
        self.read = ids
        return self.embedding((ids + 1) % self.embedding.num_embeddings)

    def start(self, memory: Tensor, mask: Tensor) -> Tensor:
        return memory

    def step(self, state: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        return state, self.embedding((ids + 1) % self.embedding.num_embeddings)

    def alignments(self, memory: Tensor, mask: Tensor, ids: Tensor) -> list[Tensor]:
        return []

    def flops(self, length: int) -> int:
        return length


@pytest.mark.parametrize("sampling", [0.0, 0.5, 0.999_999])
def test_a_share_of_the_ids_that_are_read_are_guesses_in_training_only(sampling: float) -> None:
    objective = Translate(SOURCE, sampling=sampling)
    reader = Reader(SOURCE.size)
    head = TranslationHead(reader, tied=True, epsilon=1e-5)
    begin = SOURCE.cls_id
    many = np.full((300, 2), 3)
    ids = np.full((300, 1), 3)
    batch = objective.collate(Rows(ids, ids > 0, np.arange(300), seconds=many), key=0)
    hidden = torch.zeros(300, 1, SOURCE.size)
    torch.manual_seed(0)
    objective.loss(head.train(), hidden, batch)
    assert (reader.read[:, 0] == begin).all()
    guess = (begin + 1) % SOURCE.size
    assert set(reader.read[:, 1].tolist()) <= {3, guess}
    assert (reader.read[:, 1] == guess).float().mean().item() == pytest.approx(sampling, abs=0.1)
    # A guess goes on from what stands before it, which may be a guess.
    assert set(reader.read[:, 2][reader.read[:, 1] == guess].tolist()) <= {3, (guess + 1) % SOURCE.size}
    objective.loss(head.eval(), hidden, batch)
    assert torch.equal(reader.read, batch.target_ids)


@pytest.mark.parametrize("name", ["smoothing", "sampling"])
@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_is_a_share(name: str, share: float) -> None:
    with pytest.raises(UsageError, match=rf"objective.{name} = {share}: a share of at least 0 and below 1"):
        Translate(SOURCE, **{name: share})


def test_a_tokenizer_without_boundaries_cannot_begin_a_translation() -> None:
    with pytest.raises(UsageError, match=r"the tokenizer has no \[CLS\]: set tokenizer.boundaries = true"):
        Translate(train_tokenizer(["a b c"], kind="words", size=20))


def test_operations_are_those_of_both_texts() -> None:
    recipe = checked_recipe(
        {"encoder": "gru", "task": "translate", "model": {"width": 8}, "budget": {"steps": 1}}, where="test"
    )
    objective = stand_in_objective(recipe)
    model = build_model(recipe, objective, vocabulary=20)
    short, long = model.encoder.flops(5), objective.head_flops(model.head, 40)
    assert objective.flops(model, 5, second=40) == short + long
    assert objective.flops_per_token(model, 5) == objective.flops(model, 5, second=5) / 10
