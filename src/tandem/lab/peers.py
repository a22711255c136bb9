"""What counting words reaches on the rows that runs read: measured once for a corpus, and kept."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tandem.core.config import Recipe
from tandem.core.errors import TandemError
from tandem.core.files import write_json
from tandem.data.store import cache_folder
from tandem.lab.assemble import objective_of
from tandem.lab.baselines import Baseline, word_baselines
from tandem.lab.corpora import Opened, open_corpus, task_of
from tandem.lab.data_checks.finding import read_rows
from tandem.text.splits import SPLITS

FORMAT = 1
MOST_ROWS = 500_000


@dataclass(frozen=True)
class Peers:
    """The baselines; `note` says why there are none where there should be some."""

    found: tuple[Baseline, ...] = ()
    note: str = ""


def peers_of(recipes: Sequence[Recipe], *, say: Callable[[str], None] = lambda _: None) -> Peers:
    """What a linear model over words reaches where all `recipes` tell the classes of texts or pairs of one corpus.

    None where they do not. It learns from the rows of the train split that the recipes learn from; what chooses its
    strength is the validation split. `say` is told when it has to be trained.
    """
    if any("text" in objective_of(recipe).kinds for recipe in recipes):
        # Who learns from running text as well learns no classes, even of a corpus that has some.
        return Peers()
    first, *others = [{"name": task_of(recipe).corpus, **recipe.corpus} for recipe in recipes]
    if any(other != first for other in others):
        return Peers()
    try:
        opened = open_corpus(recipes[0])
        return Peers(tuple(_kept(opened, say))) if opened.corpus.kind in ("label", "pair") else Peers()
    except TandemError as error:
        return Peers(note=str(error))


def _kept(opened: Opened, say: Callable[[str], None]) -> list[Baseline]:
    """The baselines of a corpus, from the cache where they are there."""
    made_from = {
        "format": FORMAT, "corpus": opened.name, "options": opened.options, "text": opened.corpus.fingerprint()
    }  # fmt: skip
    key = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:20]
    path = cache_folder() / "baselines" / f"{opened.name}-{key}.json"
    if (found := _read(path)) is None:
        say("training a linear model over words (TF-IDF), once for this corpus")
        found = word_baselines(read_rows(opened.corpus, SPLITS, most=MOST_ROWS))
        write_json(path, [asdict(baseline) for baseline in found])
    return found


def _read(path: Path) -> list[Baseline] | None:
    try:
        return [Baseline(**baseline) for baseline in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return None
