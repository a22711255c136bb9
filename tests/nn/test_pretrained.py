"""A BERT of the transformers library under our names gives the same hidden states; what is no BERT is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from tiny_bert import SIZES, bert_in

from tandem.core.errors import ArtifactError, UsageError
from tandem.nn.encoder import Encoder
from tandem.nn.layout import parse
from tandem.nn.pretrained import STEM, Pretrained, pretrained_weights, read_pretrained
from tandem.nn.trace import trace

transformers = pytest.importorskip("transformers", reason="transformers is not installed")
LENGTHS = torch.tensor([20, 3, 11])
MASK = torch.arange(20)[None, :] < LENGTHS[:, None]
IDS = torch.randint(1, SIZES["vocab_size"], (3, 20), generator=torch.Generator().manual_seed(1)) * MASK
SEGMENTS = (torch.arange(20)[None, :] > LENGTHS[:, None] // 2).long() * MASK


def encoder_of(found: Pretrained) -> Encoder:
    encoder = Encoder(
        parse(f"{STEM} > {found.body}"), vocabulary=found.vocabulary, width=found.width, sees="both",
        max_length=found.length, feedforward=found.feedforward, activation=found.activation, epsilon=found.epsilon,
        segments=found.segments,
    )  # fmt: skip
    encoder.load_state_dict(pretrained_weights(found))
    return encoder.eval()


@pytest.mark.parametrize("changes", [{}, {"num_hidden_layers": 1}, {"hidden_act": "relu", "layer_norm_eps": 1e-5}])
def test_the_hidden_states_of_every_layer_are_those_of_transformers(changes: dict[str, Any], tmp_path: Path) -> None:
    folder = bert_in(tmp_path / "bert", **changes)
    theirs = transformers.BertModel.from_pretrained(folder).eval()
    expected = theirs(IDS, attention_mask=MASK, token_type_ids=SEGMENTS, output_hidden_states=True).hidden_states
    layers = trace(encoder_of(read_pretrained(folder)), IDS, MASK, SEGMENTS)
    assert len(layers) == len(expected) == changes.get("num_hidden_layers", 3) + 1
    for layer, hidden in zip(layers, expected, strict=True):
        torch.testing.assert_close(layer.hidden[MASK], hidden[MASK], atol=1e-5, rtol=1e-5)


def test_first_checkpoints_name_their_norms_otherwise_and_carry_heads(tmp_path: Path) -> None:
    folder = bert_in(tmp_path / "bert")
    weights = pretrained_weights(read_pretrained(folder))
    path = folder / "model.safetensors"
    first = {
        f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in safetensors.torch.load_file(path).items()
    }
    safetensors.torch.save_file({**first, "cls.predictions.bias": torch.zeros(3)}, path)
    again = pretrained_weights(read_pretrained(folder))
    assert again.keys() == weights.keys()
    assert all(torch.equal(again[name], weights[name]) for name in weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "roberta"}, r"config\.json: model_type = 'roberta': only 'bert' can be taken over"),
        ({"hidden_act": "gelu_new"}, "hidden_act = 'gelu_new': only 'gelu' or 'relu' or 'silu'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type = 'relative_key'"),
        ({"is_decoder": True}, "is_decoder = True"),
    ],
)
def test_a_model_that_is_no_bert_is_refused(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = bert_in(tmp_path / "bert") / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UsageError, match=message):
        read_pretrained(path.parent)


def test_damage_is_told_in_one_line(tmp_path: Path) -> None:
    folder = bert_in(tmp_path / "bert")
    found, config, weights = read_pretrained(folder), folder / "config.json", folder / "model.safetensors"
    tensors = safetensors.torch.load_file(weights)
    tensors.pop("encoder.layer.1.output.dense.bias")
    safetensors.torch.save_file(tensors, weights)
    with pytest.raises(ArtifactError, match=r"model\.safetensors: lacks encoder\.layer\.1\.output\.dense\.bias"):
        pretrained_weights(found)
    weights.write_bytes(b"nothing")
    with pytest.raises(ArtifactError, match=r"model\.safetensors: cannot be read"):
        pretrained_weights(found)
    weights.unlink()
    with pytest.raises(UsageError, match="weights in another format are not read: save them with save_pretrained"):
        pretrained_weights(found)
    for content, message in [('{"model_type": "bert"}', "lacks num_hidden_layers"), ("[", "not the description")]:
        config.write_text(content)
        with pytest.raises(ArtifactError, match=message):
            read_pretrained(folder)
    config.unlink()
    with pytest.raises(UsageError, match="hf: takes a folder of transformers"):
        read_pretrained(folder)
