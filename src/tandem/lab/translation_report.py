"""How well a run translates a split: BLEU, chrF, both by the length of the text, and examples to read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tandem.core.config import Recipe
from tandem.lab.corpora import open_corpus
from tandem.lab.folder import OpenRun
from tandem.lab.scoring.tables import write_csv
from tandem.lab.texts import Placed
from tandem.lab.translate import Translation, translate, translating
from tandem.metrics.translations import Nearness, nearness
from tandem.nn.search import Beam

COLUMNS = ("text", "reference", "translation", "log_probability")
MOST_GROUPS = 5
SAMPLES = 20


@dataclass(frozen=True)
class Pair:
    """A translation beside its reference; whether it is the same as the tokenizer writes the reference."""

    translation: Translation
    reference: str
    same: bool

    @property
    def words(self) -> int:
        """The length of the text in words: what stands between white space."""
        return len(self.translation.text.split())


@dataclass(frozen=True)
class Group:
    """The scores of `count` texts of `shortest` to `longest` words; `same` is the share of equal translations."""

    shortest: int
    longest: int
    count: int
    scores: Nearness
    same: float


@dataclass(frozen=True)
class TranslationReport:
    """Everything about the translations of a split; `cut` of them are of the beginning of a text that is too long."""

    pairs: list[Pair]
    whole: Group
    groups: list[Group]
    beam: Beam
    cut: int

    @property
    def samples(self) -> list[Pair]:
        """Twenty pairs, evenly spaced over the split."""
        places = np.linspace(0, len(self.pairs) - 1, min(SAMPLES, len(self.pairs))).round().astype(int)
        return [self.pairs[place] for place in places]

    def lines(self) -> list[str]:
        """The report as lines of text, without the samples."""
        scores = self.whole.scores
        return [
            f"BLEU {scores.bleu:.2f}  {scores.bleu_signature}",
            f"chrF {scores.chrf:.2f}  {scores.chrf_signature}",
            f"the same as the reference: {100 * self.whole.same:.2f} % of {self.whole.count:,} translations by beam "
            f"{self.beam.size}, length penalty {self.beam.penalty}",
            *([f"longer than the model, their ends not translated: {self.cut:,}"] if self.cut else []),
            "",
            f"{'words in the text':>17}  {'texts':>6}  {'BLEU':>6}  {'chrF':>6}  {'same':>7}",
            *(
                f"{f'{group.shortest} to {group.longest}':>17}  {group.count:6,}  {group.scores.bleu:6.2f}  "
                f"{group.scores.chrf:6.2f}  {100 * group.same:5.1f} %"
                for group in self.groups
            ),
        ]

    def write(self, path: Path) -> None:
        """Writes every text with its reference and its translation as csv."""
        rows = (
            (pair.translation.text, pair.reference, pair.translation.translation, pair.translation.log_probability)
            for pair in self.pairs
        )
        write_csv(path, COLUMNS, rows)


def translation_report(
    run: OpenRun, *, split: str, beam: Beam, say: Callable[[str], None] = lambda _: None
) -> TranslationReport:
    """Translates a whole split of the run's corpus and compares with the references.

    A text without a word for the model is left out, as in training.

    Raises:
        UsageError: the run does not translate, or the extra `eval` is not installed. DataError: the text is gone.
    """
    pairs, cut = translated_split(run, split=split, beam=beam, say=say)
    lower = _drops_capitals(run.recipe)
    return TranslationReport(pairs, _group(pairs, lower), grouped_by_length(pairs, lower=lower), beam, cut)


def translated_split(
    run: OpenRun, *, split: str, beam: Beam, say: Callable[[str], None] = lambda _: None
) -> tuple[list[Pair], int]:
    """Every text of a split with its translation and its reference, and how many texts were cut."""
    task = translating(run.objective)
    examples = [
        example
        for example in open_corpus(run.recipe).corpus.examples(split)
        if example.second is not None and task.tokenizer.encode(example.text)
    ]
    say(f"translating {len(examples):,} texts of the {split} split: beam {beam.size}, penalty {beam.penalty}")
    texts = [Placed(f"the {split} split, {example.document}", example.text) for example in examples]
    found = translate(run.model, task, texts, beam=beam, cut=True)
    reader, length = task.target_tokenizer, run.model.encoder.defaults.max_length
    pairs = []
    for one, example in zip(found, examples, strict=True):
        reference = example.second or ""
        pairs.append(Pair(one, reference, one.translation == reader.decode(reader.encode(reference)).strip()))
    return pairs, sum(one.tokens > length for one in found)


def grouped_by_length(pairs: Sequence[Pair], *, lower: bool = False) -> list[Group]:
    """The scores of texts of similar length, in at most five groups of about as many texts each."""
    words = np.array([pair.words for pair in pairs])
    edges = np.unique(np.quantile(words, np.arange(1, MOST_GROUPS) / MOST_GROUPS, method="lower"))
    places = np.searchsorted(edges, words, side="left")
    found = []
    for place in np.unique(places):
        found.append(_group([pair for pair, own in zip(pairs, places, strict=True) if own == place], lower))
    return found


def _group(pairs: Sequence[Pair], lower: bool) -> Group:
    scores = nearness(
        [pair.translation.translation for pair in pairs], [pair.reference for pair in pairs], lower=lower
    )  # fmt: skip
    lengths, same = [pair.words for pair in pairs], sum(pair.same for pair in pairs)
    return Group(min(lengths), max(lengths), len(pairs), scores, same / len(pairs))


def _drops_capitals(recipe: Recipe) -> bool:
    """Whether the tokenizer of translations reads and writes no capitals, so that references lose theirs too."""
    table = recipe.target_tokenizer or recipe.tokenizer
    return table.lower or (table.kind in ("words", "wordpiece") and not table.cased)
