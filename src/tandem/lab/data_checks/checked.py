"""All checks of a corpus, one after the other."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tandem.core.errors import DataError, UsageError
from tandem.lab.baselines import Baseline, frequent_tags, majority, word_baselines
from tandem.lab.corpora import Opened
from tandem.lab.data_checks.copies import copies, disagreements, near_copies, shared_first_texts
from tandem.lab.data_checks.finding import Finding, Rows, read_rows
from tandem.lab.data_checks.lengths import lengths
from tandem.lab.data_checks.pairs import pairs
from tandem.lab.data_checks.targets import targets
from tandem.lab.data_checks.vocabulary import vocabulary
from tandem.lab.data_checks.writing import empty, writing
from tandem.text.splits import SPLITS
from tandem.text.tokenizer import Tokenizer

CHECKS: dict[str, Callable[[Rows], list[Finding]]] = {
    "copies": copies,
    "nearly equal rows": near_copies,
    "shared first texts": shared_first_texts,
    "disagreements": disagreements,
    "targets": targets,
    "pairs": pairs,
    "empty rows": empty,
    "characters": writing,
    "lengths": lengths,
}
BASELINES: dict[str, Callable[[Rows], list[Baseline]]] = {
    "the majority baseline": majority,
    "the baseline of frequent tags": frequent_tags,
    "the baselines of words": word_baselines,
}


@dataclass(frozen=True)
class Checked:
    """What was looked at (rows of each split), what was found, and what baselines reach; `notes` are for the reader."""

    corpus: str
    title: str
    rows: dict[str, int]
    findings: list[Finding]
    baselines: list[Baseline]
    notes: list[str]

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return asdict(self)


def check(
    opened: Opened, *, tokenizer: Tokenizer | None = None, most: int, say: Callable[[str], None] = lambda _: None
) -> Checked:
    """Runs every check over the first `most` rows of each split; `say` is told what comes next.

    Raises:
        DataError: the corpus cannot be read, or has no example at all.
    """
    corpus = opened.corpus
    say("reading")
    rows = read_rows(corpus, SPLITS, most=most)
    if not any(rows.splits.values()):
        raise DataError(f"corpus {opened.name}: no text to check")
    notes = [*corpus.notes(), *(f"{split}: only the first {len(rows.splits[split]):,} rows" for split in rows.cut)]
    findings: list[Finding] = []
    for what, look in CHECKS.items():
        say(f"looking at {what}")
        findings += look(rows)
    if tokenizer is not None:
        say("looking for unknown words")
        findings += vocabulary(rows, tokenizer)
        if tokenizer.unknown_id is None:
            notes.append("to this tokenizer nothing is unknown")
    baselines: list[Baseline] = []
    for what, reach in BASELINES.items():
        say(f"training {what}")
        try:
            baselines += reach(rows)
        except UsageError as error:
            notes.append(str(error))
    numbers = {split: len(examples) for split, examples in rows.splits.items()}
    return Checked(opened.name, corpus.title, numbers, findings, baselines, notes)
