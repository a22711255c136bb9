"""Encoders without one of their mechanisms."""

import pytest
import torch

from tandem.core.errors import UsageError
from tandem.nn.encoder import Encoder
from tandem.nn.knock_out import mechanisms, without
from tandem.nn.layout import parse

IDS = torch.arange(2 * 7).reshape(2, 7) % 20
MASK = torch.ones_like(IDS, dtype=torch.bool)


def encoder(expression: str, *, sees: str = "both", **settings: object) -> Encoder:
    torch.manual_seed(0)
    return Encoder(
        parse(expression), vocabulary=20, width=8, sees=sees, max_length=9, positions="rotary", **settings
    ).double().eval()  # fmt: skip


def knocked_out(model: Encoder, *names: str) -> torch.Tensor:
    with without(model, names):
        return model(IDS, MASK)


@pytest.mark.parametrize(("dropped", "left"), [("lstm", 0), ("attention", 1)])
def test_a_sum_goes_on_with_the_branches_that_are_left(dropped: str, left: int) -> None:
    model = encoder("attention*2 | lstm*2")
    branch = model.body.steps[0].branches[left]
    expected = branch(model.embedded(IDS), MASK)
    assert torch.equal(knocked_out(model, dropped), expected)
    assert not torch.allclose(model(IDS, MASK), expected)


@pytest.mark.parametrize("merge", ["gate", "concat"])
def test_what_merges_by_weights_reads_zeros(merge: str) -> None:
    model = encoder(f"(attention | lstm)[merge={merge}]")
    parallel = model.body.steps[0]
    kept = parallel.branches[0](model.embedded(IDS), MASK)
    assert torch.equal(knocked_out(model, "lstm"), parallel._merged([kept, torch.zeros_like(kept)]))


@pytest.mark.parametrize("block", ["pre", "post", "bare"])
def test_a_block_in_series_lets_everything_pass(block: str) -> None:
    model = encoder(f"lstm[block={block}] > cnn[block=post]")
    expected = model.body.steps[1](model.embedded(IDS), MASK)
    assert torch.equal(knocked_out(model, "lstm"), expected)


def test_a_mixed_branch_loses_only_its_blocks_of_that_name() -> None:
    model = encoder("(lstm > cnn[block=post] | attention) > gru")
    parallel, gru = model.body.steps
    embedded = model.embedded(IDS)
    cnn = parallel.branches[0].steps[1](embedded, MASK)
    expected = gru(cnn + parallel.branches[1](embedded, MASK), MASK)
    assert torch.allclose(knocked_out(model, "lstm"), expected)


def test_without_all_branches_nothing_is_left() -> None:
    model = encoder("attention | lstm")
    assert not knocked_out(model, "lstm", "attention").any()
    assert torch.equal(knocked_out(encoder("lstm*2"), "lstm"), encoder("lstm*2").embedded(IDS))


def test_both_bodies_of_a_model_that_reads_both_ways_lose_it() -> None:
    model = encoder("lstm > gru", sees="past", both_ways=True)
    alone = encoder("gru", sees="past", both_ways=True)
    for body, whole in ((alone.body.ahead, model.body.ahead), (alone.body.behind, model.body.behind)):
        body.steps[0] = whole.steps[1]
    alone.embedding = model.embedding
    assert torch.equal(knocked_out(model, "lstm"), alone(IDS, MASK))


def test_it_reads_in_pieces_what_it_reads_at_once() -> None:
    model = encoder("attention | lstm > cnn", sees="past")
    for name in ("attention", "lstm"):
        with without(model, [name]):
            state, first = model.extend(model.start(2), IDS[:, :3])
            _, second = model.extend(state, IDS[:, 3:])
            torch.testing.assert_close(torch.cat([first, second], dim=1), model(IDS, MASK))


def test_the_encoder_is_whole_again_afterwards_also_after_an_error() -> None:
    model = encoder("(attention | lstm)*2 > lstm")
    before, names = model(IDS, MASK), list(model.state_dict())
    assert not torch.allclose(knocked_out(model, "lstm"), before)
    with pytest.raises(ValueError, match="inside"), without(model, ["attention"]):
        raise ValueError("inside")
    assert torch.equal(model(IDS, MASK), before)
    assert list(model.state_dict()) == names


def test_operations_are_those_of_what_is_left() -> None:
    model, alone = encoder("attention*2 | lstm"), encoder("attention*2")
    with without(model, ["lstm"]):
        assert model.flops(7) == alone.flops(7)


def test_a_mixer_that_is_not_there_is_refused_with_those_that_are() -> None:
    model = encoder("attention | lstm")
    assert mechanisms(model) == ["attention", "lstm"]
    with pytest.raises(UsageError, match=r'without: unknown mixer "lsmt"; did you mean "lstm"\? \(legal: attention, l'):
        knocked_out(model, "lsmt")
