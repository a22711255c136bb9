"""A pretrained BERT as an expression of ours, and its weights under our names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from tandem.core.choices import Activation
from tandem.core.errors import ArtifactError, UsageError

CONFIG, WEIGHTS = "config.json", "model.safetensors"
STEM = "positions[kind=learned] > norm"
ACTIVATIONS: dict[str, Activation] = {"gelu": "gelu", "relu": "relu", "silu": "silu"}
IN_EMBEDDING = {
    "word_embeddings.weight": "embedding.weight",
    "token_type_embeddings.weight": "segments.weight",
    "position_embeddings.weight": "body.steps.0.table",
    "LayerNorm.weight": "body.steps.1.weight",
    "LayerNorm.bias": "body.steps.1.bias",
}
IN_LAYER = {
    "attention.output.dense": "mixer.output",
    "attention.output.LayerNorm": "norm_mix",
    "intermediate.dense": "feed.expand",
    "output.dense": "feed.contract",
    "output.LayerNorm": "norm_feed",
}
PROJECTIONS = tuple(f"attention.self.{name}" for name in ("query", "key", "value"))


@dataclass(frozen=True)
class Pretrained:
    """A folder with a BERT (Devlin et al. 2019) as the transformers library saves it, and what it is made of.

    Its embedding is vectors of words and segments in ours, then learned positions and a norm, which `STEM` writes; its
    layers are `body`. BERT's dropout of attention weights and behind the embedding is not ours; a trained model without
    dropout gives the same hidden states to six digits.
    """

    folder: Path
    layers: int
    heads: int
    width: int
    feedforward: int
    activation: Activation
    epsilon: float
    vocabulary: int
    segments: int
    length: int

    @property
    def body(self) -> str:
        """The layers as an expression."""
        return f"attention[heads={self.heads},block=post]" + (f"*{self.layers}" if self.layers > 1 else "")


def read_pretrained(folder: Path) -> Pretrained:
    """What the `config.json` in `folder` says.

    Raises:
        UsageError: there is none, or the model is no BERT. ArtifactError: it is damaged.
    """
    path = folder / CONFIG
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _check(content, path)
        return Pretrained(
            folder=folder,
            layers=int(content["num_hidden_layers"]),
            heads=int(content["num_attention_heads"]),
            width=int(content["hidden_size"]),
            feedforward=int(content["intermediate_size"]),
            activation=ACTIVATIONS[content.get("hidden_act", "gelu")],
            epsilon=float(content.get("layer_norm_eps", 1e-12)),
            vocabulary=int(content["vocab_size"]),
            segments=int(content.get("type_vocab_size", 2)),
            length=int(content["max_position_embeddings"]),
        )
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); hf: takes a folder of transformers") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path}: not the description of a model ({error})") from None
    except KeyError as error:
        raise ArtifactError(f"{path}: lacks {error.args[0]}") from None


def _check(content: dict[str, Any], path: Path) -> None:
    """Refuses what our blocks do not compute."""
    legal = {
        "model_type": ("bert",),
        "hidden_act": tuple(ACTIVATIONS),
        "position_embedding_type": ("absolute",),
        "is_decoder": (False,),
    }
    for key, values in legal.items():
        found = content.get(key, values[0])
        if found not in values:
            raise UsageError(f"{path}: {key} = {found!r}: only {' or '.join(map(repr, values))} can be taken over")


def pretrained_weights(model: Pretrained) -> dict[str, Tensor]:
    """Its weights in float32, under the names that they have in an encoder `STEM > body` with `segments`.

    Raises:
        UsageError: there is no safetensors file. ArtifactError: it is damaged or lacks something.
    """
    path = model.folder / WEIGHTS
    try:
        found = safetensors.torch.load_file(path)
    except FileNotFoundError:
        raise UsageError(
            f"{path}: no such file; weights in another format are not read: save them with save_pretrained of "
            "transformers"
        ) from None
    except (OSError, safetensors.SafetensorError) as error:
        raise ArtifactError(f"{path}: cannot be read ({error})") from None
    prefix = next((name.partition("embeddings.word")[0] for name in found if "embeddings.word" in name), "")
    named = {_spelled(name.removeprefix(prefix)): tensor for name, tensor in found.items() if name.startswith(prefix)}
    try:
        weights = {ours: named[f"embeddings.{theirs}"] for theirs, ours in IN_EMBEDDING.items()}
        for layer in range(model.layers):
            theirs, ours = f"encoder.layer.{layer}", f"body.steps.{layer + 2}"
            for kind in ("weight", "bias"):
                for inside, name in IN_LAYER.items():
                    weights[f"{ours}.{name}.{kind}"] = named[f"{theirs}.{inside}.{kind}"]
                together = [named[f"{theirs}.{inside}.{kind}"] for inside in PROJECTIONS]
                weights[f"{ours}.mixer.project.{kind}"] = torch.cat(together)
    except KeyError as error:
        raise ArtifactError(f"{path}: lacks {error.args[0]}") from None
    return {name: tensor.float() for name, tensor in weights.items()}


def _spelled(name: str) -> str:
    """BERT's first checkpoints call the weight and the bias of a norm gamma and beta."""
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
