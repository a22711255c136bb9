"""What every encoder keeps, however its parts are put together."""

from typing import Any

import pytest
import torch
from made import mask_of, noise, shaken, weighed
from safetensors.torch import load, save
from torch import Tensor

from tandem.core.errors import ArtifactError, UsageError
from tandem.nn.compiler import with_default_positions
from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.nn.positions import sinusoid

WIDTH, VOCABULARY, LONGEST = 8, 30, 12
LENGTHS = [7, 3, 1, 5]
EXPRESSIONS = [
    "positions[kind=learned] > norm > attention[block=post] | norm > lstm",
    "attention",
    "attention[heads=2]*2",
    "attention[block=post]*2",
    "attention[block=bare,heads=2]",
    "attention[window=2] > attention[window=3,relative=rotary]",
    "positions[kind=sinusoid] > attention*2",
    "positions[kind=learned] > attention",
    "positions[kind=learned-sinusoid] > attention[block=post]",
    "positions[kind=rotary] > attention*2",
    "positions[kind=distance] > attention > lstm > attention",
    "positions[kind=none] > attention",
    "lstm*2",
    "lstm[block=pre]*2 > cnn",
    "gru[block=post] > rnn",
    "mingru > minlstm[block=pre]",
    "lstm > attention*2",
    "(lstm > attention)*2",
    "attention*2 | lstm*2",
    "positions[kind=learned] > attention | lstm",
    "(attention | lstm)[merge=gate]",
    "(attention | gru | cnn)[merge=concat]",
    "(attention | (rnn | cnn)[merge=concat])[merge=gate] > gru[block=post]",
    "(attention | lstm)*2",
    "cnn[kernel=5] > (cnn > attention | rnn)",
    "attention | positions[kind=none]",
]
every_encoder = pytest.mark.parametrize("expression", EXPRESSIONS)
both_ways = pytest.mark.parametrize("sees", ["past", "both"])


def made(expression: str, sees: str = "both", *, seed: int = 0, **settings: Any) -> Encoder:
    torch.manual_seed(seed)
    settings = {"positions": "distance", "feedforward": 12} | settings
    encoder = Encoder(parse(expression), vocabulary=VOCABULARY, width=WIDTH, sees=sees, max_length=LONGEST, **settings)
    return shaken(encoder, seed)


def tokens(*shape: int) -> Tensor:
    return torch.randint(1, VOCABULARY, shape, generator=torch.Generator().manual_seed(3))


def gradients_by_place(encoder: Encoder, place: int) -> list[bool]:
    """Which of 6 input positions have a gradient to the output at `place`."""
    hidden = noise(4, 6, WIDTH).requires_grad_()
    output = encoder.body(hidden, torch.ones(4, 6, dtype=torch.bool))
    (gradient,) = torch.autograd.grad(weighed(output[:, place]), hidden)
    return gradient.abs().sum(dim=(0, 2)).gt(0).tolist()


@every_encoder
@both_ways
def test_a_row_gets_in_a_padded_batch_what_it_gets_alone(expression: str, sees: str) -> None:
    encoder, ids = made(expression, sees), tokens(len(LENGTHS), 10)
    together = encoder(ids, mask_of(LENGTHS, 10))
    assert together.shape == (len(LENGTHS), 10, WIDTH)
    assert together.isfinite().all()
    for row, length in enumerate(LENGTHS):
        alone = encoder(ids[row : row + 1, :length], torch.ones(1, length, dtype=torch.bool))
        torch.testing.assert_close(together[row : row + 1, :length], alone)


@every_encoder
@both_ways
def test_the_order_of_a_batch_changes_nothing(expression: str, sees: str) -> None:
    encoder, ids, mask = made(expression, sees), tokens(len(LENGTHS), 7), mask_of(LENGTHS, 7)
    order = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(encoder(ids[order], mask[order]), encoder(ids, mask)[order])


@every_encoder
def test_a_position_sees_what_the_objective_lets_it_see(expression: str) -> None:
    assert gradients_by_place(made(expression, "past"), 3)[3:] == [True, False, False]
    assert gradients_by_place(made(expression, "both"), 3)[2:5] == [True, True, True]


def test_one_part_may_see_less_than_the_objective_lets_it_but_never_more() -> None:
    assert gradients_by_place(made("lstm[sees=past] > attention[sees=past]"), 3) == [True] * 4 + [False] * 2
    with pytest.raises(UsageError, match=r"position 8: attention: sees = both: .* the past only"):
        made("lstm > attention[sees=both]", "past")


@every_encoder
@both_ways
def test_every_trained_parameter_gets_a_gradient_and_two_forwards_agree(expression: str, sees: str) -> None:
    encoder = made(expression, sees, dropout=0.1)
    model = Model(encoder, VocabularyHead(encoder.embedding, tied=True, transform=True, epsilon=1e-5).double())
    ids, mask = tokens(len(LENGTHS), 7), mask_of(LENGTHS, 7)
    weighed(model.head(model.encoder(ids, mask)[mask])).backward()
    missed = [n for n, p in model.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    # A table's row exists for every position, so the rows beyond the batch stay without; the table has a gradient.
    assert missed == []
    model.eval()
    assert torch.equal(encoder(ids, mask), encoder(ids, mask))


@every_encoder
def test_dropout_is_drawn_in_training_only_and_from_the_seed(expression: str) -> None:
    encoder, ids, mask = made(expression, dropout=0.5), tokens(2, 7), mask_of([7, 4], 7)
    outputs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        outputs.append(encoder(ids, mask))
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])


@every_encoder
def test_saved_and_loaded_weights_give_the_same_output(expression: str) -> None:
    models = []
    for seed in (0, 1):
        encoder = made(expression, seed=seed)
        models.append(Model(encoder, VocabularyHead(encoder.embedding, tied=True, transform=False, epsilon=1e-5)))
    first, second = models
    ids, mask = tokens(3, 7), mask_of([7, 3, 5], 7)
    assert not torch.equal(first.encoder(ids, mask), second.encoder(ids, mask))
    second.load_weights(load(save(first.weights())), where="weights.safetensors")
    assert torch.equal(first.encoder(ids, mask), second.encoder(ids, mask))


def test_weights_of_another_encoder_are_refused_by_name_and_by_shape() -> None:
    model, other, wide = (Model(made(text), torch.nn.Identity()) for text in ("lstm", "gru*2", "lstm"))
    with pytest.raises(ArtifactError, match=r"run/weights: does not fit the recipe; it differs in encoder\.body"):
        model.load_weights(other.weights(), where="run/weights")
    wide.encoder.embedding = torch.nn.Embedding(VOCABULARY + 1, WIDTH)
    with pytest.raises(ArtifactError, match=r"embedding\.weight has shape \(31, 8\), the recipe says \(30, 8\)"):
        model.load_weights(wide.weights(), where="run/weights")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("attention*4", "P > attention*4"),
        ("lstm*2", "lstm*2"),
        ("attention*4 | lstm*2", "P > attention*4 | lstm*2"),
        ("lstm > attention*4", "lstm > attention*4"),
        ("(lstm > attention)*3", "(lstm > attention)*3"),
        ("(attention > lstm)*3", "P > (attention > lstm)*3"),
        ("(attention | lstm)*3", "P > (attention | lstm)*3"),
        ("(attention | lstm)[merge=gate]", "(P > attention | lstm)[merge=gate]"),
        ("(attention | lstm) > attention", "(P > attention | lstm) > attention"),
        ("((attention | lstm) > gru) > cnn", "((P > attention | lstm) > gru) > cnn"),
        ("attention | (attention | cnn)[merge=concat]", "P > attention | (P > attention | cnn)[merge=concat]"),
        ("positions[kind=rotary] > attention | attention", "positions[kind=rotary] > attention | P > attention"),
        ("attention > positions[kind=learned] > attention", "attention > positions[kind=learned] > attention"),
        ("positions[kind=none] > attention", "positions[kind=none] > attention"),
    ],
)
def test_default_positions_stand_in_front_of_branches_that_begin_with_attention(expression: str, expected: str) -> None:
    placed = with_default_positions(parse(expression), "sinusoid")
    assert str(placed) == expected.replace("P", "positions[kind=sinusoid]")
    assert with_default_positions(parse(expression), "none") == parse(expression)


@pytest.mark.parametrize("kind", ["learned", "learned-sinusoid", "sinusoid", "rotary", "distance"])
def test_default_positions_do_what_written_ones_do(kind: str) -> None:
    ids, mask = tokens(2, 7), mask_of([7, 4], 7)
    default = made("attention | lstm", positions=kind)(ids, mask)
    assert torch.equal(default, made(f"positions[kind={kind}] > attention | lstm", positions="none")(ids, mask))
    assert not torch.equal(default, made("attention | lstm", positions="none")(ids, mask))


def test_an_option_written_at_attention_outdoes_the_positions_around_it() -> None:
    ids, mask = tokens(2, 7), mask_of([7, 4], 7)
    bare = made("attention", positions="none")(ids, mask)
    assert torch.equal(made("attention[relative=none]", positions="distance")(ids, mask), bare)
    rotary = made("attention[relative=rotary]", positions="none")(ids, mask)
    assert torch.equal(made("attention[relative=rotary]", positions="distance")(ids, mask), rotary)
    assert not torch.equal(rotary, bare)


@pytest.mark.parametrize(
    ("expression", "spelled_out"),
    [
        ("positions[kind=rotary] > (lstm | cnn) > attention", "(lstm | cnn) > attention[relative=rotary]"),
        ("positions[kind=rotary] > (attention | cnn)", "attention[relative=rotary] | cnn"),
        ("positions[kind=rotary] > attention*2", "attention[relative=rotary]*2"),
        ("(positions[kind=rotary] > lstm | cnn) > attention", "(lstm | cnn) > attention[relative=none]"),
        (
            "(lstm > positions[kind=rotary] > attention)*2",
            "lstm > attention[relative=rotary] > lstm > attention[relative=rotary]",
        ),
        (
            "positions[kind=rotary] > attention > positions[kind=none] > attention",
            "attention[relative=rotary] > attention",
        ),
        (
            "positions[kind=rotary] > positions[kind=sinusoid] > attention",
            "positions[kind=sinusoid] > attention[relative=rotary]",
        ),
    ],
)
def test_a_relative_scheme_holds_for_all_attention_behind_it_in_its_branch(expression: str, spelled_out: str) -> None:
    ids, mask = tokens(2, 7), mask_of([7, 4], 7)
    scheme, options = (made(text, positions="none")(ids, mask) for text in (expression, spelled_out))
    assert torch.equal(scheme, options)
    without = spelled_out.replace("[relative=rotary]", "[relative=none]")
    assert without == spelled_out or not torch.equal(made(without, positions="none")(ids, mask), options)


@pytest.mark.parametrize("kind", ["learned", "learned-sinusoid"])
def test_learned_positions_refuse_a_longer_text_and_sinusoids_do_not(kind: str) -> None:
    too_long = tokens(1, LONGEST + 1), torch.ones(1, LONGEST + 1, dtype=torch.bool)
    with pytest.raises(UsageError, match="13 tokens: this model's learned positions end at 12"):
        made("attention", positions=kind)(*too_long)
    assert made("attention", positions="sinusoid")(*too_long).isfinite().all()


def test_sinusoids_are_sines_and_cosines_of_growing_wavelength() -> None:
    rate = 10_000.0 ** (-2 / 6)
    expected = torch.tensor([3.0, 3.0, 3 * rate, 3 * rate, 3 * rate**2, 3 * rate**2])
    expected[0::2], expected[1::2] = expected[0::2].sin(), expected[1::2].cos()
    torch.testing.assert_close(sinusoid(5, 6)[3], expected)
    assert torch.equal(sinusoid(9, 6)[:5], sinusoid(5, 6))
