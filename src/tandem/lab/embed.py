"""Vectors for a text and for its tokens, from any layer of a finished run or of a pretrained model."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tandem.core.errors import UsageError
from tandem.data.rows import padded
from tandem.lab.folder import OpenRun
from tandem.lab.framing import check_unicode
from tandem.lab.text_vectors import pooling_of, room_for_text
from tandem.nn.trace import layer_names, trace


@dataclass(frozen=True)
class Layers:
    """A text of T tokens: each as it is written, the characters (start, end) it was read from, its vectors (L, T, D).

    Layer 0 is the embedding, which knows no context. `pooled` (L, D) is pooled as `text_vectors` does: special tokens
    around the text play a part, and what is beyond the room for a text does not; `cut` says that there is some. It is
    zero where nothing was read.
    """

    tokens: list[str]
    spans: list[tuple[int, int]]
    vectors: NDArray[np.float32]
    pooled: NDArray[np.float32]
    cut: bool


@dataclass(frozen=True)
class Embedded:
    """A text, and the same of it with one vector for each token, (T, D), and `pooled` for all of it, (D,)."""

    text: str
    tokens: list[str]
    spans: list[tuple[int, int]]
    vectors: NDArray[np.float32]
    pooled: NDArray[np.float32]
    cut: bool = False


@torch.no_grad()
def every_layer(run: OpenRun, text: str) -> Layers:
    """What every layer of `run` says about `text`.

    Special tokens that the model finds around a text are read and not returned. A text that is longer than the
    sequences of the training is read in pieces of that length, each by itself.

    Raises:
        DataError: the text is not Unicode.
    """
    check_unicode(text)
    model, tokenizer, frame = run.model.eval(), run.objective.tokenizer, run.objective.frame
    ids, spans = tokenizer.encode_with_spans(text)
    first, room = len(frame.before), room_for_text(model, run.objective)
    pieces = [np.zeros((num_layers(run), 0, model.encoder.width), dtype=np.float32)]
    pooled = np.zeros((num_layers(run), model.encoder.width), dtype=np.float32)
    for start in range(0, len(ids), room):
        piece = ids[start : start + room]
        rows = padded([frame.around(piece)])
        mask = torch.from_numpy(rows.mask).to(model.device)
        layers = trace(model.encoder, torch.from_numpy(rows.ids).to(model.device), mask)
        read = torch.cat([layer.hidden for layer in layers])
        pieces.append(read[:, first : first + len(piece)].cpu().numpy())
        if not start:
            pooled = pooling_of(model)(read, mask.expand(len(read), -1)).cpu().numpy()
    tokens = [tokenizer.token(number) for number in ids]
    return Layers(tokens, spans, np.concatenate(pieces, axis=1), pooled, len(ids) > room)


def embed(run: OpenRun, text: str, *, layer: int | None) -> Embedded:
    """`text` and its tokens with their vectors in one layer, or with the plain mean over all layers where it is None.

    The mean is ELMo's mix before it has learnt from a task (Peters et al. 2018, equation 1; `nn.layer_mix`).

    Raises:
        UsageError: there is no layer of that number. DataError: the text is not Unicode.
    """
    layer_name(run, layer)
    found = every_layer(run, text)
    vectors, pooled = (array.mean(axis=0) if layer is None else array[layer] for array in (found.vectors, found.pooled))
    return Embedded(text, found.tokens, found.spans, vectors, pooled, found.cut)


def num_layers(run: OpenRun) -> int:
    """How many layers a run has, the embedding included."""
    return len(layer_names(run.model.encoder))


def layer_name(run: OpenRun, layer: int | None) -> str:
    """What a layer is called; None is the mean of all.

    Raises:
        UsageError: there is no layer of that number.
    """
    names = layer_names(run.model.encoder)
    if layer is None:
        return "mean of all layers"
    if not 0 <= layer < len(names):
        legal = ", ".join(f"{number} ({name})" for number, name in enumerate(names))
        raise UsageError(f"layer = {layer}: this run has {legal}")
    return f"layer {layer} ({names[layer]})"
