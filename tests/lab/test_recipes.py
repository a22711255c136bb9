"""Every recipe can be trained, and those of a comparison differ in what is compared and in nothing else."""

from functools import cache
from pathlib import Path

import pytest

from tandem.core.config import SCRATCH, Recipe, read_recipe
from tandem.lab.assemble import check, objective_of, stand_in_objective
from tandem.lab.folder import OpenRun, RunFolder
from tandem.lab.initial import Source, taken_over
from tandem.lab.origins import HF, encoder_of, source_of_bert
from tandem.lab.run import default_folder

RECIPES = Path(__file__).parents[2] / "recipes"
EVERY = sorted(RECIPES.rglob("*.toml"))
STUDIES = ("imdb", "sst2", "agnews", "amazon")
ENCODERS = {"rnn", "lstm", "bilstm", "gru", "cnn", "attention", "hybrid"}


@cache
def source(init: str) -> Source:
    """What `init` brings; of a run, what the recipe that trains into its folder would bring, without its weights."""
    if init.startswith(HF):
        return source_of_bert(init.removeprefix(HF))
    (path,) = (path for path in EVERY if default_folder(path, []) == Path(init))
    recipe = whole(path)
    return encoder_of(OpenRun(RunFolder(Path(init)), recipe, stand_in_objective(recipe), check(recipe)))


def whole(path: Path) -> Recipe:
    """The recipe in a file, with all that it takes over written out."""
    recipe = read_recipe(path)
    return recipe if recipe.init == SCRATCH else taken_over(recipe, source(recipe.init), objective_of(recipe)).recipe


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(RECIPES)))
def test_every_recipe_passes_what_is_checked_before_anything_slow_starts(path: Path) -> None:
    model = check(whole(path))
    assert sum(weight.numel() for weight in model.parameters()) > 10_000


def recipes(study: str) -> dict[str, Recipe]:
    return {path.stem: read_recipe(path) for path in (RECIPES / study).glob("*.toml")}


@pytest.mark.parametrize("study", STUDIES)
def test_seven_encoders_read_the_same_texts_under_the_same_budget(study: str) -> None:
    found = recipes(study)
    assert set(found) == ENCODERS
    assert len({recipe.encoder for recipe in found.values()}) == len(ENCODERS)
    same = {recipe.model_copy(update={"encoder": ""}).to_toml() for recipe in found.values()}
    assert len(same) == 1
