"""Tandem's own training, as `tandem train` runs it."""

import numpy as np
import torch
from rows import load
from torch.nn import functional as F
from turns import Turns, settings

from tandem.core.config import Recipe
from tandem.data.spans import RunningText
from tandem.data.stream import Stream
from tandem.lab.assemble import assemble
from tandem.train.budget import Progress
from tandem.train.loop import train
from tandem.train.optimiser import Optimiser

WARM_UP = 2


def main() -> None:
    """Trains until the benchmark ends."""
    asked = settings()
    recipe = Recipe.model_validate(asked["recipe"])
    parts = assemble(recipe)

    @torch.no_grad()
    def evaluate() -> float:
        held_out = load(asked["held_out"])
        parts.model.eval()
        total = count = 0.0
        for start in range(0, len(held_out.ids), asked["batch"]):
            some = slice(start, start + asked["batch"])
            ids, labels = (torch.from_numpy(rows[some]) for rows in (held_out.ids, held_out.labels))
            mask = torch.from_numpy(np.arange(ids.shape[1])[None] < held_out.lengths[some, None])
            places = labels != -100
            scores = parts.model.head(parts.model.encoder(ids, mask)[places])
            total += float(F.cross_entropy(scores, labels[places], reduction="sum"))
            count += int(places.sum())
        return total / count

    turns, progress = Turns(evaluate), Progress()
    source = RunningText(parts.store, "train", pack=recipe.data.pack, length=recipe.data.length)
    stream = Stream(source, batch_tokens=recipe.train.batch_tokens, seed=recipe.seed)
    steps = train(
        parts.model, parts.objective, stream, Optimiser(parts.model, recipe.optimiser), progress,
        recipe=recipe, autocast=asked["precision"] == "bf16",
    )  # fmt: skip
    before = 0
    for step in steps:
        if step.step > WARM_UP:
            turns.step(step.tokens - before)
        elif step.step == WARM_UP:
            turns.begin()
        before = step.tokens
    # The budget is spent: what is left of a turn is empty.
    while True:
        turns.step(0)


if __name__ == "__main__":
    main()
