"""A training that only shows how fast it is."""

import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tandem.core.config import Recipe
from tandem.core.tables import BudgetTable
from tandem.lab.events import Event
from tandem.lab.run import train_run

ENDLESS = 10**9
# The first step allocates gradients and the optimiser's state, the second still fills caches.
WARM_UP = 2
"""So many of its first steps are no measure of its speed."""


@contextmanager
def rehearsal(recipe: Recipe, *, say: Callable[[str], None] = lambda _: None) -> Iterator[Iterator[Event]]:
    """The events of an endless training in a temporary folder: one evaluation at its beginning, and then steps.

    Raises:
        What `train_run` raises.
    """
    train = recipe.train.model_copy(update={"evaluate_every": 1.0})
    rehearsed = recipe.model_copy(update={"train": train, "budget": BudgetTable(steps=ENDLESS)})
    with tempfile.TemporaryDirectory() as beside:
        events = train_run(rehearsed, Path(beside, "rehearsal"), say=say)
        assert isinstance(events, Generator)
        with closing(events):
            yield events
