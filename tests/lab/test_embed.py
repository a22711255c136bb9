"""Vectors in context: the layers of a run, the tokens they belong to, and what decides them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from running import tiny, trained

from tandem.core.errors import DataError, UsageError
from tandem.lab.embed import embed, every_layer, layer_name, num_layers
from tandem.lab.folder import OpenRun, open_run
from tandem.nn.layer_mix import LayerMix
from tandem.nn.trace import trace

TEXT = "The spring wind blows. We wait."
TASKS = {
    "bilm": {"task": "bilm", "encoder": "attention | lstm"},
    "clm": {"task": "clm", "encoder": "gru*2", "tokenizer__kind": "char"},
    "mlm": {"task": "mlm", "encoder": "attention*2", "tokenizer__kind": "wordpiece", "tokenizer__size": 120},
}


@pytest.fixture(scope="module")
def runs(book: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, OpenRun]:
    folder = tmp_path_factory.mktemp("embed")
    return {name: open_run(trained(tiny(book, **changes), folder / name)) for name, changes in TASKS.items()}


@pytest.fixture(params=TASKS)
def run(request: pytest.FixtureRequest, runs: dict[str, OpenRun]) -> OpenRun:
    return runs[request.param]


def test_every_token_has_its_characters_and_a_vector_in_every_layer(run: OpenRun) -> None:
    found = every_layer(run, TEXT)
    assert found.vectors.shape == (num_layers(run), len(found.tokens), run.model.encoder.width)
    assert found.vectors.dtype == np.float32
    written = [TEXT[start:end].lower() for start, end in found.spans]
    assert written == [token.removeprefix("##").lower() for token in found.tokens]


def test_vectors_are_those_of_the_trace_without_the_special_tokens_around(runs: dict[str, OpenRun]) -> None:
    begin = runs["clm"].objective.tokenizer.cls_id
    for name, before in (("mlm", []), ("bilm", []), ("clm", [begin])):
        run, around = runs[name], len(before)
        read = torch.tensor([[*before, *run.objective.tokenizer.encode("The wind.")]])
        layers = trace(run.model.eval().encoder, read, torch.ones_like(read, dtype=torch.bool))
        expected = torch.cat([layer.hidden[:, around:] for layer in layers])
        # Attention has another kernel where gradients are wanted.
        np.testing.assert_allclose(every_layer(run, "The wind.").vectors, expected.detach().numpy(), atol=1e-5)


def test_a_word_has_one_vector_in_the_embedding_and_another_in_every_context_above(run: OpenRun) -> None:
    first, second = (every_layer(run, text) for text in ("We wait for the wind.", "The wind blows. We wait."))
    places = [found.tokens.index("w" if "w" in found.tokens else "wind") for found in (first, second)]
    one, other = (found.vectors[:, place] for found, place in zip((first, second), places, strict=True))
    assert np.array_equal(one[0], other[0])
    for layer in range(1, num_layers(run)):
        if not layer_name(run, layer).endswith("1.1 attention)"):
            assert not np.allclose(one[layer], other[layer])


def test_one_layer_is_chosen_by_its_number_and_the_mix_is_their_mean(run: OpenRun) -> None:
    every = every_layer(run, TEXT)
    for layer in range(num_layers(run)):
        assert np.array_equal(embed(run, TEXT, layer=layer).vectors, every.vectors[layer])
    mixed = embed(run, TEXT, layer=None)
    learnt = LayerMix(num_layers(run))([torch.from_numpy(layer) for layer in every.vectors[:, None]])
    np.testing.assert_allclose(mixed.vectors, learnt[0].detach().numpy(), atol=1e-6)
    assert (mixed.text, mixed.tokens, mixed.spans) == (TEXT, every.tokens, every.spans)


def test_a_long_text_is_read_in_pieces_as_long_as_in_training(runs: dict[str, OpenRun]) -> None:
    run = runs["bilm"]
    length = run.recipe.data.length
    words = ["wind", "spring", "summer", "wait", "we", "for"]
    long = " ".join(words[place % 6] for place in range(length + 5))
    whole = every_layer(run, long).vectors
    assert whole.shape[1] == length + 5
    parts = (" ".join(long.split()[:length]), " ".join(long.split()[length:]))
    cut = [every_layer(run, part).vectors for part in parts]
    assert np.array_equal(whole, np.concatenate(cut, axis=1))


def test_the_answer_does_not_depend_on_what_was_asked_before_or_on_chance(run: OpenRun) -> None:
    first = embed(run, TEXT, layer=1)
    run.model.train()
    torch.manual_seed(1)
    embed(run, "We wait.", layer=1)
    assert np.array_equal(embed(run, TEXT, layer=1).vectors, first.vectors)


def test_a_text_without_a_token_has_no_vector(run: OpenRun) -> None:
    assert every_layer(run, "").vectors.shape == (num_layers(run), 0, run.model.encoder.width)
    assert embed(run, "", layer=None).vectors.shape == (0, run.model.encoder.width)


def test_layers_have_names(runs: dict[str, OpenRun]) -> None:
    names = [layer_name(runs["bilm"], layer) for layer in range(num_layers(runs["bilm"]))]
    assert names == ["layer 0 (embedding)", "layer 1 (1.1.1 attention)", "layer 2 (1.2.1 lstm)", "layer 3 (1 sum)"]
    assert layer_name(runs["bilm"], None) == "mean of all layers"


@pytest.mark.parametrize("layer", [-1, 3, 99])
def test_a_layer_that_is_not_there_is_refused_with_those_that_are(layer: int, runs: dict[str, OpenRun]) -> None:
    with pytest.raises(UsageError, match=rf"layer = {layer}: this run has 0 \(embedding\), 1 \(1 gru\), 2 \(2 gru\)"):
        embed(runs["clm"], TEXT, layer=layer)


def test_half_a_character_is_refused(run: OpenRun) -> None:
    with pytest.raises(DataError, match="character 3 of the text is half of one"):
        embed(run, "ab\udce9c", layer=0)


def test_the_vector_of_a_text_is_the_mean_over_all_that_is_read(runs: dict[str, OpenRun]) -> None:
    for name, framed in (("mlm", False), ("clm", True)):
        found = every_layer(runs[name], TEXT)
        # A causal model reads [CLS] in front of a text; a masked one reads the text alone.
        assert np.allclose(found.pooled, found.vectors.mean(axis=1), atol=1e-6) != framed
    assert not every_layer(runs["mlm"], "").pooled.any()
