"""What counting words reaches on the rows that runs read: measured once for a corpus, and kept."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tandem.core.choices import CorpusKind
from tandem.core.config import Recipe
from tandem.core.errors import TandemError
from tandem.core.files import write_json
from tandem.data.store import cache_folder
from tandem.lab.assemble import objective_of
from tandem.lab.baselines import Baseline, frequent_tags, word_baselines
from tandem.lab.corpora import Opened, open_corpus, task_of
from tandem.lab.data_checks.finding import Rows, read_rows
from tandem.text.splits import SPLITS

FORMAT = 4
MOST_ROWS = 500_000
LEARNT: dict[CorpusKind, tuple[Callable[[Rows], list[Baseline]], str]] = {
    "label": (word_baselines, "training a linear model over words (TF-IDF)"),
    "pair": (word_baselines, "training a linear model over words (TF-IDF)"),
    "tags": (frequent_tags, "counting the tags of each word"),
}
"""What stands beside runs on a corpus, by its kind, and what a person is told while it is measured."""


@dataclass(frozen=True)
class Peers:
    """The baselines; `note` says why there are none where there should be some."""

    found: tuple[Baseline, ...] = ()
    note: str = ""


def peers_of(recipes: Sequence[Recipe], *, say: Callable[[str], None] = lambda _: None) -> Peers:
    """What words alone tell where all `recipes` tell the classes, or the tags, of one corpus read in one way.

    Of classes that is what a linear model over words reaches, of tags what the most frequent tag of each word does. It
    learns from the rows of the train split that the recipes learn from; what chooses the strength of the linear model
    is the validation split. `say` is told when there is something to be learnt.
    """
    if any("text" in objective_of(recipe).kinds for recipe in recipes):
        # Who learns from running text as well learns no classes, even of a corpus that has some.
        return Peers()
    try:
        opened = open_corpus(recipes[0])
        if opened.corpus.kind not in LEARNT:
            return Peers()
        if different := _different(recipes):
            return Peers(note=f"no line of what words alone reach: the runs differ in {', '.join(different)}")
        return Peers(tuple(_kept(opened, say)))
    except TandemError as error:
        return Peers(note=str(error))


def _different(recipes: Sequence[Recipe]) -> list[str]:
    """The options in which the corpora of `recipes` differ."""
    tables = [{"name": task_of(recipe).corpus, **recipe.corpus} for recipe in recipes]
    keys = dict.fromkeys(key for table in tables for key in table)
    return [f"corpus.{key}" for key in keys if any(table.get(key) != tables[0].get(key) for table in tables)]


def _kept(opened: Opened, say: Callable[[str], None]) -> list[Baseline]:
    """The baselines of a corpus, from the cache where they are there."""
    made_from = {
        "format": FORMAT, "corpus": opened.name, "options": opened.options, "text": opened.corpus.fingerprint()
    }  # fmt: skip
    key = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:20]
    path = cache_folder() / "baselines" / f"{opened.name}-{key}.json"
    if (found := _read(path)) is None:
        learn, what = LEARNT[opened.corpus.kind]
        say(f"{what}, once for this corpus")
        found = learn(read_rows(opened.corpus, SPLITS, most=MOST_ROWS))
        write_json(path, [asdict(baseline) for baseline in found])
    return found


def _read(path: Path) -> list[Baseline] | None:
    try:
        return [Baseline(**baseline) for baseline in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return None
