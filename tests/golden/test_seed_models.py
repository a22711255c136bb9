"""The three models of the founding notebook: their size, their start, and every number that they compute."""

from pathlib import Path

import numpy as np
import pytest
import torch
from reference import AttentionLayer, Dense, Gate, LstmLayer, Norm, Notebook, position_table
from torch import Tensor

from tandem.core.config import read_recipe
from tandem.lab.assemble import build_model, build_objective
from tandem.nn.cost import parameters
from tandem.nn.encoder import Encoder
from tandem.nn.heads import VocabularyHead
from tandem.nn.layout import parse
from tandem.nn.model import Model
from tandem.nn.positions import Positions
from tandem.text.tokenizer import train_tokenizer

BERT = "positions[kind=learned-sinusoid] > attention[heads=8,block=post]"
LSTM = "lstm[sees=past]*2"
EXPRESSIONS = {"bert": BERT, "lstm": LSTM, "bert-lstm": f"{BERT} | {LSTM}"}
PARAMETERS = {"bert": 1_914_968, "lstm": 2_062_168, "bert-lstm": 2_178_136}
VOCABULARY, WIDTH, LENGTH = 7000, 128, 128
RECIPES = Path(__file__).parents[2] / "recipes" / "seed"

every_model = pytest.mark.parametrize("name", EXPRESSIONS)


def built(name: str) -> Model:
    torch.manual_seed(0)
    encoder = Encoder(
        parse(EXPRESSIONS[name]), vocabulary=VOCABULARY, width=WIDTH, sees="both", max_length=LENGTH,
        positions="distance", feedforward=128, activation="relu", epsilon=1e-6, dropout=0.1,
    )  # fmt: skip
    return Model(encoder, VocabularyHead(encoder.embedding, tied=False, transform=False, epsilon=1e-6))


def shaken(model: Model) -> Model:
    """Noise in every trained number, so that biases and norms count; evaluation mode, so that dropout does not."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def as_notebook(model: Model) -> Notebook:
    """The same weights, cut into the notebook's parts; our matrices map from the left, so each is turned."""
    weights = {name: tensor.double().numpy() for name, tensor in model.weights().items()}

    def find(end: str) -> np.ndarray:
        (name,) = (name for name in weights if name.endswith(end))
        return weights[name]

    def dense(end: str) -> Dense:
        return Dense(find(f"{end}.weight").T, find(f"{end}.bias"))

    def norm(end: str) -> Norm:
        return Norm(find(f"{end}.weight"), find(f"{end}.bias"))

    attention = places = None
    if any(name.endswith(".table") for name in weights):
        places = find(".table")
        matrices, biases = np.split(find("project.weight"), 3), np.split(find("project.bias"), 3)
        three = [Dense(matrix.T, bias) for matrix, bias in zip(matrices, biases, strict=True)]
        rest = dense("mixer.output"), norm("norm_mix"), dense("feed.expand"), dense("feed.contract"), norm("norm_feed")
        attention = AttentionLayer(*three, *rest)
    layers = sorted(name.removesuffix("weight_ih_l0") for name in weights if name.endswith("weight_ih_l0"))
    return Notebook(find("embedding.weight"), dense("decode"), places, attention, tuple(map(lstm_of(weights), layers)))


def lstm_of(weights: dict[str, np.ndarray]):
    def layer(start: str) -> LstmLayer:
        # torch stacks input, forget, cell and output gate; so does Keras.
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")
        inputs, recurrent, bias = (np.split(weights[start + name], 4) for name in names)
        return LstmLayer(*(Gate(w.T, u.T, b) for w, u, b in zip(inputs, recurrent, bias, strict=True)))

    return layer


def log_probabilities(model: Model, ids: Tensor, mask: Tensor) -> Tensor:
    with torch.no_grad():
        return model.head(model.encoder(ids, mask).flatten(0, 1)).log_softmax(dim=-1).unflatten(0, ids.shape)


@every_model
def test_a_model_has_exactly_as_many_parameters_as_in_the_notebook(name: str) -> None:
    split = parameters(built(name))
    assert split.total == PARAMETERS[name]
    assert split.head == WIDTH * VOCABULARY + VOCABULARY
    assert split.embedding == WIDTH * VOCABULARY + (0 if name == "lstm" else WIDTH * LENGTH)


@every_model
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-5), (torch.float64, 1e-10)])
def test_a_model_computes_what_the_formulas_say(name: str, dtype: torch.dtype, tolerance: float) -> None:
    model = shaken(built(name)).to(dtype)
    lengths = [LENGTH, 17, 1]
    ids = torch.randint(1, VOCABULARY, (3, LENGTH), generator=torch.Generator().manual_seed(5))
    mask = torch.arange(LENGTH)[None, :] < torch.tensor(lengths)[:, None]
    ours, reference = log_probabilities(model, ids, mask), as_notebook(model)
    for row, length in enumerate(lengths):
        expected = reference(ids[row, :length].tolist())
        assert np.abs(ours[row, :length].numpy() - expected).max() < tolerance


def test_the_position_table_starts_as_in_the_notebook_and_is_trained() -> None:
    (positions,) = (module for module in built("bert").modules() if isinstance(module, Positions))
    table = positions.table
    assert table.requires_grad
    assert table[0].count_nonzero() == 0
    np.testing.assert_allclose(table.detach().numpy(), position_table(LENGTH, WIDTH), atol=1e-7)


def test_the_lstm_of_the_hybrid_reads_words_without_positions() -> None:
    model = shaken(built("bert-lstm")).double()
    ids, mask = torch.arange(1, 9)[None], torch.ones(1, 8, dtype=torch.bool)
    attention, lstm = model.encoder.body.steps[0].branches
    embedded = model.encoder.embedding(ids)
    before = attention(embedded, mask), lstm(embedded, mask)
    (positions,) = (module for module in model.modules() if isinstance(module, Positions))
    with torch.no_grad():
        positions.table.add_(torch.randn_like(positions.table))
    assert not torch.allclose(attention(embedded, mask), before[0])
    assert torch.equal(lstm(embedded, mask), before[1])


@every_model
def test_the_recipe_builds_this_model(name: str) -> None:
    recipe = read_recipe(RECIPES / f"{name}.toml")
    assert str(parse(recipe.encoder)) == str(parse(EXPRESSIONS[name]))
    assert (recipe.tokenizer.kind, recipe.tokenizer.size, recipe.data.length) == ("words", VOCABULARY, LENGTH)
    stand_in = build_objective(recipe, train_tokenizer(["a"], kind="words", size=8), ())
    model = build_model(recipe, stand_in, vocabulary=recipe.tokenizer.size)
    assert parameters(model).total == PARAMETERS[name]
    model.load_weights(built(name).weights(), where="golden")
    ids, mask = torch.arange(1, 9)[None], torch.ones(1, 8, dtype=torch.bool)
    mine, written = (log_probabilities(each.eval(), ids, mask) for each in (built(name), model))
    assert torch.equal(mine, written)
    assert {part.p for part in model.encoder.body.modules() if isinstance(part, torch.nn.Dropout)} == {0.1}
