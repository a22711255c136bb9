"""What every decoder keeps, with every way to attend that it has."""

import inspect

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from tandem.core import parts
from tandem.core.errors import UsageError
from tandem.nn.decoder import DECODERS, build_decoder
from tandem.nn.decoders.base import Decoder
from tandem.nn.defaults import Defaults

WIDTH, IDS, TARGETS, SOURCES = 8, 11, 6, 7
EXPRESSIONS = [
    "recurrent",
    "recurrent[cell=lstm,attention=additive,feed=true]*2",
    "recurrent[cell=lstm,attention=dot]*2",
    "recurrent[cell=lstm,attention=general]",
    "recurrent[attention=general,feed=true]",
    "recurrent[attention=none]*2",
    "transformer*2",
    "transformer[heads=2,positions=rotary]",
    "transformer[positions=learned]",
]
every_decoder = pytest.mark.parametrize("text", EXPRESSIONS)


def made(text: str, *, seed: int = 0) -> Decoder:
    """A decoder with biases that are not zero, in double precision and without dropout."""
    torch.manual_seed(seed)
    defaults = Defaults(max_length=16, positions="sinusoid", feedforward=12, dropout=0.5)
    decoder = build_decoder(text, nn.Embedding(IDS, WIDTH), defaults).double().eval()
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return decoder


def inputs() -> tuple[Tensor, Tensor, Tensor]:
    """A memory of sources of 7, 3 and 5 tokens, its mask, and target ids."""
    torch.manual_seed(1)
    mask = torch.arange(SOURCES)[None] < torch.tensor([SOURCES, 3, 5])[:, None]
    return torch.randn(3, SOURCES, WIDTH).double(), mask, torch.randint(IDS, (3, TARGETS))


def test_every_decoder_is_tried() -> None:
    assert {text.partition("[")[0].partition("*")[0] for text in EXPRESSIONS} == set(parts.names(DECODERS))


@every_decoder
def test_step_by_step_equals_all_at_once(text: str) -> None:
    decoder, (memory, mask, ids) = made(text), inputs()
    state, outputs = decoder.start(memory, mask), []
    for place in range(TARGETS):
        state, output = decoder.step(state, ids[:, place])
        outputs.append(output)
    torch.testing.assert_close(torch.stack(outputs, dim=1), decoder(memory, mask, ids), rtol=1e-10, atol=1e-12)


@every_decoder
def test_padding_of_the_source_and_the_order_of_a_batch_change_nothing(text: str) -> None:
    decoder, (memory, mask, ids) = made(text), inputs()
    together = decoder(memory, mask, ids)
    noise = memory.masked_fill(~mask[:, :, None], 9.0)
    torch.testing.assert_close(decoder(noise, mask, ids), together, rtol=1e-10, atol=1e-12)
    for row, length in enumerate(mask.sum(dim=1).tolist()):
        alone = decoder(memory[row : row + 1, :length], mask[row : row + 1, :length], ids[row : row + 1])
        torch.testing.assert_close(alone[0], together[row], rtol=1e-10, atol=1e-12)
    turned = decoder(memory.flip(0), mask.flip(0), ids.flip(0)).flip(0)
    torch.testing.assert_close(turned, together, rtol=1e-10, atol=1e-12)


@every_decoder
def test_an_output_knows_the_ids_before_it_and_none_behind_it(text: str) -> None:
    decoder, (memory, mask, ids) = made(text), inputs()
    before = decoder(memory, mask, ids)
    changed = ids.clone()
    changed[:, 3] = (ids[:, 3] + 1) % IDS
    after = decoder(memory, mask, changed)
    moved = (after - before).abs().amax(dim=(0, 2)) > 1e-9
    assert moved.tolist() == [place >= 3 for place in range(TARGETS)]


@every_decoder
def test_an_output_knows_the_source(text: str) -> None:
    decoder, (memory, mask, ids) = made(text), inputs()
    memory.requires_grad_(True)
    decoder(memory, mask, ids)[:, -1].sum().backward()
    assert memory.grad is not None
    reached = memory.grad.abs().amax(dim=2) > 0
    # Without attention the decoder sees both ends of the source and nothing between them.
    ends = torch.zeros_like(mask)
    ends[:, 0] = True
    ends[torch.arange(3), mask.sum(dim=1) - 1] = True
    assert torch.equal(reached, ends if "attention=none" in text else mask)


@every_decoder
def test_every_parameter_gets_a_gradient(text: str) -> None:
    decoder, (memory, mask, ids) = made(text), inputs()
    weighted = decoder(memory, mask, ids) * torch.randn(WIDTH, dtype=torch.float64)
    weighted.sum().backward()
    trained = {name: p for name, p in decoder.named_parameters() if p.requires_grad}
    assert [name for name, p in trained.items() if p.grad is None or not p.grad.count_nonzero()] == []


@every_decoder
def test_alignments_are_shares_of_the_real_source(text: str) -> None:
    decoder, (memory, mask, ids) = made(text), inputs()
    found = decoder.alignments(memory, mask, ids)
    layers = 0 if "none" in text else 2 if text == "transformer*2" else 1
    assert len(found) == layers
    for weights in found:
        assert weights.shape == (3, TARGETS, SOURCES)
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(3, TARGETS).double())
        assert not weights.masked_select(~mask[:, None].expand_as(weights)).count_nonzero()


@pytest.mark.parametrize("text", ["recurrent[attention=dot]", "recurrent[attention=general]"])
def test_the_alignment_of_a_recurrent_decoder_is_what_its_output_is_made_of(text: str) -> None:
    decoder, (memory, mask, ids) = made(text), inputs()
    (weights,) = decoder.alignments(memory, mask, ids)
    hidden = decoder.cells[0].extend(decoder.start(memory, mask).cells[0], decoder.embedding(ids))[1]
    rebuilt = decoder.output(torch.cat([hidden, weights @ memory], dim=-1)).tanh()
    torch.testing.assert_close(rebuilt, decoder(memory, mask, ids))


@every_decoder
def test_saved_and_loaded_weights_give_the_same_output(text: str) -> None:
    decoder, other, (memory, mask, ids) = made(text), made(text, seed=5), inputs()
    assert not torch.equal(decoder(memory, mask, ids), other(memory, mask, ids))
    other.load_state_dict(load(save(decoder.state_dict())))
    assert torch.equal(decoder(memory, mask, ids), other(memory, mask, ids))


@every_decoder
def test_two_trained_forwards_with_the_same_seed_agree(text: str) -> None:
    decoder, (memory, mask, ids) = made(text).train(), inputs()
    outputs = []
    for _ in range(2):
        torch.manual_seed(3)
        outputs.append(decoder(memory, mask, ids))
    assert torch.equal(*outputs)
    assert not torch.allclose(outputs[0], decoder(memory, mask, ids))


@pytest.mark.parametrize("text", [text for text in EXPRESSIONS if "lstm" in text or "transformer" in text])
def test_declared_operations_are_those_that_torch_counts(text: str) -> None:
    # In bfloat16 attention takes the path whose products torch counts one by one.
    decoder, length = made(text).bfloat16(), 7
    memory, mask = torch.randn(1, length, WIDTH).bfloat16(), torch.ones(1, length, dtype=torch.bool)
    with FlopCounterMode(display=False) as counter:
        decoder(memory, mask, torch.randint(IDS, (1, length)))
    # Torch counts nothing of an LSTM, and in a layer of attention also the pairs that the mask hides.
    cells = sum(cell.flops(length) for cell in getattr(decoder, "cells", ()))
    hidden = length * (length - 1) // 2 * 4 * WIDTH * len(getattr(decoder, "layers", ()))
    assert decoder.flops(length) == counter.get_total_flops() + cells - hidden


@pytest.mark.parametrize("name", parts.names(DECODERS))
def test_the_description_names_its_source(name: str) -> None:
    assert "Source:" in (inspect.getdoc(parts.load_class(DECODERS, name, Decoder)) or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("transformr*2", 'decoder: unknown decoder "transformr"; did you mean "transformer"'),
        ("recurrent[cel=gru]", 'decoder: recurrent: unknown option "cel"; did you mean "cell"'),
        ("recurrent[cell=rnn]", r'decoder: recurrent: unknown value of cell "rnn" \(legal: gru, lstm\)'),
        ("transformer[heads=3]", "heads = 3 must divide the width 8"),
        ("transformer > recurrent", "one name with its options and its layers"),
        ("transformer*", r'decoder "transformer\*", position 13: the expression ends too early'),
    ],
)
def test_a_mistake_is_named(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        made(text)
