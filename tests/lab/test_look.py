"""Weights that rebuild what a layer says, and maps of which token moves which output."""

import math
from pathlib import Path

import pytest
import torch
from toys import LETTERS, PIECES, SPACED, objective, random_model

from tandem.core.errors import DataError, UsageError
from tandem.lab.folder import open_run
from tandem.lab.look import attention_weights, influence, look, look_between, strongest
from tandem.nn.encoder import Encoder
from tandem.nn.mixers.attention import Attention
from tandem.nn.trace import layer_names

HYBRID = (
    "attention[heads=2] > lstm > (attention[window=2,relative=rotary] | attention[relative=distance] > gru) "
    "> positions[kind=learned] > attention[block=post] > attention[window=3,relative=distance,block=bare]"
)
LENGTHS = [9, 4, 1]
MASK = torch.arange(9)[None, :] < torch.tensor(LENGTHS)[:, None]
IDS = torch.randint(5, 20, (3, 9), generator=torch.Generator().manual_seed(0)) * MASK


def encoder_of(name: str, expression: str) -> Encoder:
    return random_model(objective(name, PIECES), expression).encoder.eval()


@pytest.mark.parametrize("name", ["mlm", "clm", "bilm"])
def test_the_weights_rebuild_what_every_attention_layer_says(name: str) -> None:
    encoder = encoder_of(name, HYBRID)
    said: dict[Attention, tuple[torch.Tensor, torch.Tensor]] = {}
    mixers = [module for module in encoder.modules() if isinstance(module, Attention)]
    for mixer in mixers:
        mixer.register_forward_hook(lambda module, read, output: said.update({module: (read[0], output)}))
    layers = attention_weights(encoder, IDS, MASK)
    directions = ["ahead ", "behind "] if name == "bilm" else [""]
    names = [place for place in layer_names(encoder) if place.endswith("attention")]
    assert [layer.name for layer in layers] == [direction + place for direction in directions for place in names]
    assert len(layers) == len(mixers) == 5 * len(directions)
    for layer, mixer in zip(layers, mixers, strict=True):
        read, output = said[mixer]
        for row, length in enumerate(LENGTHS):
            weights = layer.weights[row, :, :length, :length]
            if layer.name.startswith("behind"):
                weights = weights.flip(1, 2)
            values = (read[row, :length] @ mixer.project.weight.T + mixer.project.bias).chunk(3, dim=-1)[2]
            by_head = torch.stack(values.chunk(mixer.heads, dim=-1))
            mixed = torch.cat(list(weights @ by_head), dim=-1) @ mixer.output.weight.T + mixer.output.bias
            torch.testing.assert_close(mixed, output[row, :length], rtol=0, atol=1e-6)
        assert layer.weights.sum(dim=-1)[:, 0][MASK] == pytest.approx(torch.ones(sum(LENGTHS)).numpy())
    for layer in layers:
        first = layer.weights[0].transpose(1, 2) if layer.name.startswith("behind") else layer.weights[0]
        assert (first.triu(1).abs().max() > 0) == (name == "mlm")


def test_looking_leaves_the_encoder_as_it_is() -> None:
    encoder = encoder_of("mlm", "attention | lstm")
    attention_weights(encoder, IDS, MASK)
    with pytest.raises(IndexError):
        attention_weights(encoder, IDS + 100, MASK)
    assert sum(len(module._forward_pre_hooks) for module in encoder.modules()) == 0


def test_influence_is_what_its_formula_says() -> None:
    encoder, ids = encoder_of("mlm", "attention | lstm"), IDS[:1]
    everything = torch.ones_like(ids, dtype=torch.bool)
    found = influence(encoder, ids)
    with torch.no_grad():
        whole = encoder(ids, everything)[0]
        for erased in range(9):
            table = encoder.embedding(ids)
            table[0, erased] = 0
            without = encoder.body(table, everything)[0]
            for place in range(9):
                expected = (without[place] - whole[place]).norm() / whole[place].norm()
                assert found[place, erased].item() == pytest.approx(expected.item(), abs=1e-10)
    assert found.shape == (9, 9)
    assert (found > 0).all()


@pytest.mark.parametrize("expression", ["lstm", "attention*2 | gru", "cnn", "positions[kind=learned] > rnn"])
def test_what_is_not_read_has_no_influence(expression: str) -> None:
    found = influence(encoder_of("clm", expression), IDS[:1])
    assert found.triu(1).count_nonzero() == 0
    assert (found.diagonal() > 0).all()


@pytest.mark.parametrize(("expression", "reach"), [("cnn", 1), ("cnn*2", 2), ("attention[window=3]", 2)])
def test_a_narrow_model_has_a_band(expression: str, reach: int) -> None:
    found = influence(encoder_of("mlm", expression), IDS[:1])
    distance = (torch.arange(9)[:, None] - torch.arange(9)[None, :]).abs()
    assert found[distance > reach].count_nonzero() == 0
    assert (found[distance <= reach] > 0).all()


def test_influence_does_not_depend_on_how_many_copies_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = encoder_of("mlm", "attention > lstm")
    together = influence(encoder, IDS[:1])
    monkeypatch.setattr("tandem.lab.look.POSITIONS_AT_ONCE", 1)
    torch.testing.assert_close(influence(encoder, IDS[:1]), together, rtol=0, atol=1e-12)


def test_a_model_that_forgets_order_and_context_is_moved_by_its_own_token_only() -> None:
    mlm = objective("mlm", LETTERS)
    found = look(random_model(mlm, "cnn[kernel=1]"), mlm, "a b c")
    assert found.influence.count_nonzero() == 3
    assert strongest(found, 0) == []


def test_the_strongest_others_come_first() -> None:
    mlm = objective("mlm", PIECES)
    found = look(random_model(mlm, "attention"), mlm, "low newer wide")
    for token in range(len(found.tokens)):
        row = found.influence[token]
        named = strongest(found, token, most=2)
        assert [value for _, value in named] == sorted(
            (v.item() for n, v in enumerate(row) if n != token), reverse=True
        )[:2]
        assert all(row[other].item() == value for other, value in named)


@pytest.mark.parametrize(
    ("name", "before", "behind"), [("mlm", "", ""), ("clm", "[CLS]", ""), ("mlm-nsp", "[CLS]", "[SEP]")]
)
def test_tokens_are_pieces_of_the_text_as_it_stands_before_the_model(name: str, before: str, behind: str) -> None:
    of = objective(name, PIECES)
    found = look(random_model(of, "attention[heads=2]"), of, "Wide <mask> low")
    assert "".join(found.tokens) == f"{before}Wide[MASK]low{behind}"
    assert found.influence.shape == (len(found.tokens),) * 2
    assert [layer.weights.shape for layer in found.attention] == [(1, 2, *found.influence.shape)]


def test_bytes_keep_the_characters_they_were_read_from() -> None:
    mlm = objective("mlm", SPACED)
    assert look(random_model(mlm, "gru"), mlm, "low \ud55c").tokens[-3:] == ("\ud55c",) * 3


def test_what_cannot_be_looked_at_is_refused() -> None:
    mlm = objective("mlm", PIECES)
    model = random_model(mlm, "lstm")
    for text, error, complaint in (
        ("", DataError, "no word"),
        (" ", DataError, "no word"),
        ("low " * 200, UsageError, "at most 128"),
        ("\udce9", DataError, "lone surrogate"),
    ):
        with pytest.raises(error, match=complaint):
            look(model, mlm, text)


def test_attention_between_two_texts_is_its_block_of_the_row_that_holds_both() -> None:
    cross = objective("cross", PIECES)
    model = random_model(cross, "attention[heads=2]*2")
    found = look_between(model, cross, "low newer", "wide")
    (a, b), special = (PIECES.encode(text) for text in ("low newer", "wide")), (PIECES.cls_id, PIECES.sep_id)
    ids = torch.tensor([[special[0], *a, special[1], *b, special[1]]])
    segments = torch.tensor([[0] * (len(a) + 2) + [1] * (len(b) + 1)])
    whole = attention_weights(model.encoder.eval(), ids, torch.ones_like(ids, dtype=torch.bool), segments)
    assert ("".join(found.first), "".join(found.second)) == ("lownewer", "wide")
    assert list(found.layers) == [layer.name for layer in whole]
    for layer in whole:
        block = layer.weights[0, :, 1 : 1 + len(a), len(a) + 2 : len(a) + 2 + len(b)]
        torch.testing.assert_close(found.layers[layer.name], block, rtol=0, atol=1e-12)
        assert (block.sum(dim=-1) < 1).all()
    apart = objective("siamese", PIECES, labels=("no", "yes"))
    with pytest.raises(UsageError, match="does not read two texts in one row"):
        look_between(random_model(apart, "attention"), apart, "low", "wide")
    with pytest.raises(UsageError, match="at most 128"):
        look_between(model, cross, "low " * 100, "wide " * 100)


def test_a_run_stays_in_single_precision(words_run: Path) -> None:
    run = open_run(words_run)
    found = look(run.model, run.objective, "the spring wind")
    assert found.influence.dtype is torch.float64
    assert run.model.encoder.embedding.weight.dtype is torch.float32
    assert math.isfinite(found.influence.sum().item())
