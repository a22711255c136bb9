"""Translations of texts, and what of a text each of their tokens comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from tandem.core.errors import DataError, UsageError
from tandem.data.rows import padded
from tandem.data.stream import grouped
from tandem.lab.framing import check_unicode
from tandem.lab.texts import Placed
from tandem.nn.model import Model
from tandem.nn.search import Beam, Written, search
from tandem.nn.translation_head import TranslationHead
from tandem.objectives.base import Objective
from tandem.objectives.translate import Translate

POSITIONS_AT_ONCE = 2048
"""Source tokens that are searched together: of a beam of 5 about 700 rows, whose scores of 10,000 tokens take 28 MB."""


@dataclass(frozen=True)
class Translation:
    """What a text became; its log-probability in nats, its end included; whether the model came to an end.

    `tokens` is the length of the text, and `unknown` how many of these tokens the tokenizer does not know.
    """

    text: str
    translation: str
    log_probability: float
    ended: bool
    tokens: int
    unknown: int


@dataclass(frozen=True)
class Aligned:
    """The pieces of a text and of its translation, with the end, and for each layer the weights (T, S) between them.

    Row t holds how much of each piece of the text token t was told from; it sums to 1.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    layers: tuple[Tensor, ...]


def translate(
    model: Model, objective: Objective, texts: Sequence[Placed], *, beam: Beam, cut: bool = False
) -> list[Translation]:
    """The translations of `texts`, in float32; each is the same alone as among others.

    Of a text that is longer than what the model was trained for, the beginning is translated if it may be `cut`.

    Raises:
        UsageError: the model was trained for something else. DataError: a text holds no word, is no Unicode, or is too
            long; the message begins with its place.
    """
    task, length = translating(objective), model.encoder.defaults.max_length
    read = [_read(task, one, None if cut else length) for one in texts]
    written = _all_searched(model, task, [ids[:length] for ids in read], beam)
    return [_translation(task, one.text, ids, found) for one, ids, found in zip(texts, read, written, strict=True)]


def align(model: Model, objective: Objective, text: str, *, beam: Beam) -> tuple[Translation, Aligned]:
    """The translation of a single text, and what each of its tokens was told from.

    Raises:
        UsageError: the decoder does not attend to the text. What `translate` raises.
    """
    ((translation, aligned),) = translate_aligned(model, objective, [Placed("the text", text)], beam=beam)
    if not aligned.layers:
        decoder = translating(objective).decoder
        raise UsageError(f"the decoder {decoder} has no attention, so nothing aligns its translation with a text")
    return translation, aligned


def translate_aligned(
    model: Model, objective: Objective, texts: Sequence[Placed], *, beam: Beam
) -> list[tuple[Translation, Aligned]]:
    """The translations of `texts`, and what each of their tokens was told from; no layers where nothing attends.

    Raises:
        What `translate` raises.
    """
    task = translating(objective)
    read = [_read(task, one, model.encoder.defaults.max_length) for one in texts]
    written = _all_searched(model, task, read, beam)
    return [
        (_translation(task, one.text, ids, found), _aligned(model, task, one.text, ids, found))
        for one, ids, found in zip(texts, read, written, strict=True)
    ]


@torch.no_grad()
def _aligned(model: Model, task: Translate, text: str, ids: list[int], written: Written) -> Aligned:
    memory, mask = _memory(model, [ids])
    read = torch.tensor([[task.begin, *written.ids]], device=model.device)
    layers = _head(model).decoder.alignments(memory, mask, read[:, : len(written.ids) + written.ended])
    _, spans = task.tokenizer.encode_with_spans(text)
    end = [task.target_tokenizer.token(task.end)] if written.ended else []
    target = (*(task.target_tokenizer.decode([token]) for token in written.ids), *end)
    return Aligned(tuple(text[first:last] for first, last in spans), target, tuple(weights[0] for weights in layers))


def _translation(task: Translate, text: str, read: list[int], written: Written) -> Translation:
    unknown = read.count(-1 if task.tokenizer.unknown_id is None else task.tokenizer.unknown_id)
    return Translation(text, _text(task, written), written.log_probability, written.ended, len(read), unknown)


def _all_searched(model: Model, task: Translate, ids: list[list[int]], beam: Beam) -> list[Written]:
    """What each of `ids` becomes; those of similar length are searched together."""
    found: dict[int, Written] = {}
    lengths, longest = np.array([len(one) for one in ids], dtype=np.int64), model.encoder.defaults.max_length
    for batch in grouped(np.arange(len(ids)), lengths, POSITIONS_AT_ONCE):
        written = _searched(model, task, [ids[number] for number in batch], replace(beam, longest=longest))
        found |= zip(batch.tolist(), written, strict=True)
    return [found[number] for number in range(len(ids))]


def translating(objective: Objective) -> Translate:
    """`objective`, if it is that of translation.

    Raises:
        UsageError: it is another one.
    """
    if not isinstance(objective, Translate):
        raise UsageError('this run was not trained to translate; train a recipe with task = "translate"')
    return objective


def _read(objective: Translate, one: Placed, length: int | None) -> list[int]:
    check_unicode(one.text)
    ids = objective.tokenizer.encode(one.text)
    if not ids:
        raise DataError(f"{one.place}: there is no word in it to translate")
    if length is not None and len(ids) > length:
        raise DataError(
            f"{one.place}: {len(ids)} tokens; the model was trained on at most {length} (data.length of its recipe); "
            "break the text into sentences"
        )
    return ids


def _head(model: Model) -> TranslationHead:
    assert isinstance(model.head, TranslationHead)
    return model.head


@torch.no_grad()
def _memory(model: Model, texts: list[list[int]]) -> tuple[Tensor, Tensor]:
    """What the encoder says about texts, (B, S, D), and where there is text."""
    model.eval()
    rows = padded(texts)
    mask = torch.from_numpy(rows.mask).to(model.device)
    return model.encoder(torch.from_numpy(rows.ids).to(model.device), mask), mask


def _searched(model: Model, objective: Translate, texts: list[list[int]], beam: Beam) -> list[Written]:
    head, (memory, mask) = _head(model), _memory(model, texts)
    never = [token for token in objective.target_tokenizer.special_ids if token != objective.end]
    return search(
        head.step, head.start(memory, mask), sentences=len(texts), begin=objective.begin, end=objective.end,
        never=never, beam=beam,
    )  # fmt: skip


def _text(objective: Translate, written: Written) -> str:
    return objective.target_tokenizer.decode(list(written.ids)).strip()
