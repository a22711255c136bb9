"""Tandem's own training, as `tandem train` runs it."""

from held_out import held_out_loss
from rows import load
from turns import Turns, settings, versions

from tandem.core.config import Recipe
from tandem.data.spans import RunningText
from tandem.data.stream import Stream
from tandem.lab.assemble import assemble
from tandem.train.budget import Progress
from tandem.train.loop import train
from tandem.train.optimiser import Optimiser

WARM_UP = 2


def main() -> None:
    """Trains until the benchmark ends, or the budget."""
    asked = settings()
    recipe = Recipe.model_validate(asked["recipe"])
    parts = assemble(recipe)
    model = parts.model

    def evaluate() -> float:
        model.eval()
        return held_out_loss(
            lambda ids, mask, places: model.head(model.encoder(ids, mask)[places]),
            load(asked["held_out"]), batch=asked["batch"], device=model.device,
        )  # fmt: skip

    turns, progress = Turns(evaluate), Progress()
    source = RunningText(parts.store, "train", pack=recipe.data.pack, length=recipe.data.length)
    stream = Stream(source, batch_tokens=recipe.train.batch_tokens, seed=recipe.seed)
    steps = train(
        model, parts.objective, stream, Optimiser(model, recipe.optimiser), progress,
        recipe=recipe, autocast=asked["precision"] == "bf16",
    )  # fmt: skip
    before = 0
    for step in steps:
        if step.step > WARM_UP:
            turns.step(step.tokens - before)
        elif step.step == WARM_UP:
            turns.begin(versions("torch"))
        before = step.tokens
    turns.finish()


if __name__ == "__main__":
    main()
