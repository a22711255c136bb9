"""The answers: each action of the API as a call of the lab, for one or several questions to the same model."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from tandem.core.errors import UsageError
from tandem.lab.classify import classify
from tandem.lab.embed import embed, num_layers
from tandem.lab.erasure import WordInfluence, class_influences, pair_influences, pair_interactions
from tandem.lab.fill_mask import fill_masks
from tandem.lab.generate import Pieces, Sampling, generate
from tandem.lab.look import look_at_attention, look_at_influence, look_between
from tandem.lab.next_token import next_tokens
from tandem.lab.nli import infer
from tandem.lab.similarity import compare
from tandem.lab.tag import tag
from tandem.lab.text_pairs import TextPair, checked
from tandem.lab.texts import Placed
from tandem.lab.translate import translate_aligned
from tandem.nn.search import Beam
from tandem.serve import questions as ask
from tandem.serve import replies as say
from tandem.serve.served import Served

DIGITS = 5
Answerer = Callable[[Served, Sequence[Any]], Iterable[say.Reply]]


def _fill_mask(served: Served, asked: Sequence[ask.FillMask]) -> list[say.Reply]:
    run, top = served.run, max(one.top_k for one in asked)
    found = fill_masks(run.model, run.objective, [one.text for one in asked], top=top)
    return [
        say.FilledMasks(
            model=served.id,
            masks=[[say.Token(token=g.token, probability=g.probability) for g in mask[: one.top_k]] for mask in masks],
        )
        for one, masks in zip(asked, found, strict=True)
    ]


def _next(served: Served, asked: Sequence[ask.Next]) -> Iterator[say.Reply]:
    for one in asked:
        found = next_tokens(served.run.model, served.run.objective, one.text, top=one.top_k)
        yield say.Followed(
            model=served.id, tokens=[say.Token(token=each.token, probability=each.probability) for each in found]
        )


def _score(served: Served, asked: Sequence[ask.OneText]) -> Iterator[say.Reply]:
    for scored in served.scorer.score([one.text for one in asked], where=lambda _: "the text"):
        text, told = scored.text, scored.log_probability
        words = [
            say.Told(
                text=text[slice(*word.span)], start=word.span[0], end=word.span[1],
                log_probability=word.log_probability if any(told[n] is not None for n in word.tokens) else None,
            )
            for word in scored.words
        ]  # fmt: skip
        tokens = [
            say.Told(text=text[start:end], start=start, end=end, log_probability=value)
            for (start, end), value in zip(scored.spans, told, strict=True)
        ]
        yield say.Scored(
            model=served.id, measure=scored.measure, log_probability=scored.total, tokens=tokens, words=words
        )


def _classify(served: Served, asked: Sequence[ask.Classify]) -> Iterator[say.Reply]:
    texts = [Placed("the text", one.text.strip()) for one in asked]
    for one, judged in zip(asked, classify(served.run, texts), strict=True):
        if judged.probabilities is None:
            raise UsageError("there is no word in the text; write one")
        words = _weighed(class_influences(served.run, one.text)) if one.words else []
        yield say.Classified(
            model=served.id, labels=_labels(judged.labels, judged.probabilities), words=words, cut=judged.cut
        )


def _tag(served: Served, asked: Sequence[ask.OneText]) -> Iterator[say.Reply]:
    run = served.run
    for one in asked:
        found = tag(run.model, run.objective, one.text, length=run.recipe.data.length)
        yield say.Tagged(
            model=served.id,
            words=[
                say.TaggedWord(text=w.text, start=w.start, end=w.end, tag=w.tag, probability=w.probability)
                for w in found.words
            ],
            entities=[say.Entity(type=e.type, start=e.start, end=e.end, text=e.text) for e in found.entities or []],
        )


def _nli(served: Served, asked: Sequence[ask.Nli]) -> Iterator[say.Reply]:
    pairs = [checked(TextPair("the pair", one.premise, one.hypothesis)) for one in asked]
    for one, pair, found in zip(asked, pairs, infer(served.run, pairs), strict=True):
        assert found.probabilities is not None
        assert found.cosine is not None
        first, second = pair_influences(served.run, pair) if one.words else ([], [])
        yield say.Inferred(
            model=served.id, labels=_labels(found.labels, found.probabilities), cosine=found.cosine,
            premise_words=_weighed(first), hypothesis_words=_weighed(second), cut=found.cut,
        )  # fmt: skip


def _similarity(served: Served, asked: Sequence[ask.Similarity]) -> Iterator[say.Reply]:
    pairs = [checked(TextPair("the pair", one.first, one.second)) for one in asked]
    for found in compare(served.run, pairs):
        assert found.cosine is not None
        yield say.Alike(model=served.id, cosine=found.cosine, score=found.score, cut=found.cut)


def _embed(served: Served, asked: Sequence[ask.OneText]) -> Iterator[say.Reply]:
    for one in asked:
        found = embed(served.run, one.text, layer=num_layers(served.run) - 1)
        if not found.tokens:
            raise UsageError("there is no token in the text; write a word")
        tokens = [say.Piece(text=one.text[start:end], start=start, end=end) for start, end in found.spans]
        yield say.Embedded(model=served.id, width=len(found.pooled), tokens=tokens, vector=found.pooled.tolist())


def _translate(served: Served, asked: Sequence[ask.Translate]) -> Iterator[say.Reply]:
    placed, beam = [Placed("the text", one.text.strip()) for one in asked], Beam(size=asked[0].beam)
    for found, aligned in translate_aligned(served.run.model, served.run.objective, placed, beam=beam):
        # One picture for all layers: their mean.
        weights = torch.stack(aligned.layers).mean(dim=0).tolist() if aligned.layers else []
        yield say.Translated(
            model=served.id, translation=found.translation, source=list(aligned.source), target=list(aligned.target),
            attention=weights, ended=found.ended, unknown=found.unknown,
        )  # fmt: skip


def _attention(served: Served, asked: Sequence[ask.Look]) -> Iterator[say.Reply]:
    run = served.run
    for one in asked:
        tokens: Sequence[str]
        others: Sequence[str] = ()
        if one.second is None:
            tokens, layers = look_at_attention(served.exact, run.objective, one.text)
            weights = {layer.name: layer.weights[0] for layer in layers}
        else:
            pair = checked(TextPair("the pair", one.text, one.second))
            between = look_between(served.exact, run.objective, pair.first, pair.second)
            tokens, others, weights = between.first, between.second, between.layers
        shown = [say.Layer(name=name, heads=_rounded(heads)) for name, heads in weights.items()]
        yield say.Attended(model=served.id, tokens=list(tokens), second_tokens=list(others), layers=shown)


def _influence(served: Served, asked: Sequence[ask.Look]) -> Iterator[say.Reply]:
    for one in asked:
        if one.second is None:
            tokens, moved = look_at_influence(served.exact, served.run.objective, one.text)
            yield say.Influenced(model=served.id, tokens=list(tokens), second_tokens=[], matrix=_rounded(moved))
        elif "nli" not in served.can:
            raise UsageError("this model tells no classes of pairs; ask about one text")
        else:
            found = pair_interactions(served.run, checked(TextPair("the pair", one.text, one.second)))
            yield say.Influenced(
                model=served.id, tokens=list(found.first), second_tokens=list(found.second), matrix=found.matrix
            )


def pieces(served: Served, asked: ask.Generate) -> Pieces:
    """The continuation of a text, piece by piece.

    Raises:
        UsageError: the prompt holds nothing that a masked model could begin with.
    """
    sampling = Sampling(temperature=asked.temperature, top_k=asked.top_k, top_p=asked.top_p, seed=asked.seed)
    return generate(served.run, asked.text, tokens=asked.tokens, sampling=sampling)


def answers(served: Served, action: str, asked: Sequence[ask.Question]) -> Iterator[bytes]:
    """The answers to questions of one group, in their order, as JSON, each as soon as it is made.

    Raises:
        TandemError: one of those that are left cannot be answered.
    """
    for reply in ANSWERERS[action](served, asked):
        yield reply.model_dump_json().encode()


def _rounded(numbers: Tensor) -> list[Any]:
    """The same to five digits: a picture shows no more, and all of them would be three times as much to send."""
    array = numbers.numpy()
    # By what a number's first five digits stand in front of the point; below 1e-17 there is nothing to tell.
    powers = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.maximum(np.abs(array), 1e-17))))
    rounded: list[Any] = (np.rint(array * powers) / powers).tolist()
    return rounded


def _labels(names: Sequence[str], probabilities: Sequence[float]) -> list[say.Label]:
    return [say.Label(label=name, probability=share) for name, share in zip(names, probabilities, strict=True)]


def _weighed(words: Sequence[WordInfluence]) -> list[say.Weighed]:
    return [
        say.Weighed(text=word.text, start=word.span[0], end=word.span[1], influence=word.influence) for word in words
    ]


ANSWERERS = cast(
    dict[str, Answerer],
    {
        "fill-mask": _fill_mask, "next": _next, "score": _score, "classify": _classify, "tag": _tag, "nli": _nli,
        "similarity": _similarity, "embed": _embed, "translate": _translate, "attention": _attention,
        "influence": _influence,
    },
)  # fmt: skip
