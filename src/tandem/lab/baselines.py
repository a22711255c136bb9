"""What can be had without an encoder: the accuracies that one has to beat."""

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tandem.core.errors import UsageError
from tandem.lab.data_checks.finding import Rows
from tandem.text.example import Example

WORD = re.compile(r"\w+")
STRENGTHS = (1.0, 10.0)
"""Inverse regularisation; the validation split chooses. On IMDB the second gives 91.5 % and the first 90.4 %, on SNLI's
hypotheses 58.5 and 61.0 %."""
MOST_ROWS, MOST_CHARACTERS = 100_000, 40_000_000
"""So much of train is learnt from: the word pairs of 33 million characters take 0.8 GB."""
FEW_ROWS = 1000
"""Of fewer rows, words that occur in one of them count too."""

Texts = Callable[[Example], str]


@dataclass(frozen=True)
class Baseline:
    """`accuracy` on `count` rows (for tags: words) of `split`, what it means, and how long it took to learn.

    `learner` is what learnt it, empty where counting was enough.
    """

    name: str
    accuracy: float
    split: str
    count: int
    meaning: str
    seconds: float = 0.0
    learner: str = ""

    @property
    def full_name(self) -> str:
        """With the learner, as in `TF-IDF, words`."""
        return f"{self.learner}, {self.name}" if self.learner else self.name


def majority(rows: Rows) -> list[Baseline]:
    """Always the most frequent class of train; none where there are no classes."""
    train, split, test = _parts(rows)
    if not train or not test:
        return []
    guess = Counter(example.target for example in train).most_common(1)[0][0]
    right = sum(example.target == guess for example in test)
    meaning = f"always {guess}; a model that does not beat it has learnt nothing"
    return [Baseline("majority", right / len(test), split, len(test), meaning)]


def frequent_tags(rows: Rows) -> list[Baseline]:
    """Each word's most frequent tag in train, and for an unknown word the most frequent of all; none without tags."""
    if rows.kind != "tags":
        return []
    split = _scored(rows)
    counts: dict[str, Counter[str]] = {}
    for word, tag in _tagged(rows, "train"):
        counts.setdefault(word, Counter())[tag] += 1
    test = _tagged(rows, split)
    if not counts or not test:
        return []
    overall = sum(counts.values(), Counter[str]()).most_common(1)[0][0]
    guesses = {word: found.most_common(1)[0][0] for word, found in counts.items()}
    right = sum(guesses.get(word, overall) == tag for word, tag in test)
    meaning = "the tag that a word mostly has in train; what a model gets beyond it comes from the context"
    return [Baseline("frequent tag", right / len(test), split, len(test), meaning)]


def word_baselines(rows: Rows) -> list[Baseline]:
    """Logistic regression over words and pairs of neighbouring words (TF-IDF); none where there are no classes.

    For pairs of texts it reads once the second text alone, and once the second text with each word marked by whether
    the first text has it too.

    Raises:
        UsageError: the extra `eval` is not installed.
    """
    train, split, test = _parts(rows)
    known, validation = _bounded(train), _labelled(rows, "validation")
    if len({example.target for example in known}) < 2 or not test:
        return []
    bound = "" if len(known) == len(train) else f", learnt from {len(known):,} of {len(train):,} rows"
    bound += "".join(f", of {split} the first {len(rows.splits[split]):,} rows" for split in rows.cut)
    found = []
    for name, texts, meaning in READINGS[rows.kind]:
        began = time.perf_counter()
        accuracy = _accuracy(*((list(map(texts, part)), _targets(part)) for part in (known, validation, test)))
        seconds = time.perf_counter() - began
        told = f"{meaning} (logistic regression{bound})"
        found.append(Baseline(name, accuracy, split, len(test), told, seconds, learner="TF-IDF"))
    return found


def _parts(rows: Rows) -> tuple[list[Example], str, list[Example]]:
    """What is trained on, the name of the split that is scored, and what of it has a class."""
    if rows.kind not in ("label", "pair"):
        return [], "", []
    split = _scored(rows)
    return _labelled(rows, "train"), split, _labelled(rows, split)


def _scored(rows: Rows) -> str:
    return "test" if rows.splits.get("test") else "validation"


def _labelled(rows: Rows, split: str) -> list[Example]:
    return [example for example in rows.splits.get(split, []) if example.target is not None]


def _tagged(rows: Rows, split: str) -> list[tuple[str, str]]:
    """Every word of a split with its tag."""
    pairs: list[tuple[str, str]] = []
    for example in _labelled(rows, split):
        assert isinstance(example.target, tuple)
        pairs += zip(example.text.split(" "), example.target, strict=True)
    return pairs


def _targets(examples: list[Example]) -> list[str]:
    return [str(example.target) for example in examples]


def _bounded(examples: list[Example]) -> list[Example]:
    """Every n-th example, so that a split that is sorted by class keeps all classes."""
    characters = sum(len(example.text) + len(example.second or "") for example in examples)
    return examples[:: max(1, -(-len(examples) // MOST_ROWS), -(-characters // MOST_CHARACTERS))]


def _marked(example: Example) -> str:
    first = set(WORD.findall(example.text.lower()))
    words = WORD.findall((example.second or "").lower())
    return " ".join(f"{'in' if word in first else 'new'}_{word}" for word in words)


Part = tuple[Sequence[str], Sequence[str]]


def _accuracy(train: Part, validation: Part, test: Part) -> float:
    """The accuracy on `test`, of the regularisation that does best on `validation`; a part is texts and classes."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
    except ModuleNotFoundError:
        raise UsageError("word baselines need the extra eval: pip install -e '.[eval]' in the clone") from None
    texts, classes = train
    if not any(map(WORD.search, texts)):
        guess = Counter(classes).most_common(1)[0][0]
        return test[1].count(guess) / len(test[1])
    vectors = TfidfVectorizer(
        ngram_range=(1, 2), min_df=1 if len(texts) < FEW_ROWS else 2, sublinear_tf=True, token_pattern=r"\w+",
        dtype=np.float32,
    )  # fmt: skip
    try:
        inputs = vectors.fit_transform(texts)
    except ValueError:
        # No word occurs twice.
        inputs = vectors.set_params(min_df=1).fit_transform(texts)
    models = [LogisticRegression(C=strength, max_iter=1000).fit(inputs, classes) for strength in STRENGTHS]
    if validation[0]:
        heard = vectors.transform(validation[0])
        models.sort(key=lambda model: -model.score(heard, validation[1]))
    return float(models[0].score(vectors.transform(test[0]), test[1]))


READINGS: dict[str, list[tuple[str, Texts, str]]] = {
    "label": [
        (
            "words", lambda example: example.text,
            "what words tell without their order; the rest is what an encoder is for",
        ),
    ],
    "pair": [
        (
            "hypothesis only", lambda example: example.second or "",
            "the first text is not read: what this gets beyond the majority, it gets from how the second texts were "
            "written (Gururangan et al. 2018)",
        ),
        (
            "words of both", _marked,
            "words of the second text, marked by whether the first text has them: overlap without order",
        ),
    ],
}  # fmt: skip
"""What is read of an example, by the kind of the corpus, and what that means."""
