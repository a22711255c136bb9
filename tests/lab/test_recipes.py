"""The recipes of a comparison differ in what is compared and in nothing else."""

from pathlib import Path

import pytest

from tandem.core.config import Recipe, read_recipe
from tandem.lab.assemble import check

RECIPES = Path(__file__).parents[2] / "recipes"
STUDIES = ("imdb", "sst2", "agnews", "amazon")
ENCODERS = {"rnn", "lstm", "bilstm", "gru", "cnn", "attention", "hybrid"}


def recipes(study: str) -> dict[str, Recipe]:
    return {path.stem: read_recipe(path) for path in (RECIPES / study).glob("*.toml")}


@pytest.mark.parametrize("study", STUDIES)
def test_seven_encoders_read_the_same_texts_under_the_same_budget(study: str) -> None:
    found = recipes(study)
    assert set(found) == ENCODERS
    assert len({recipe.encoder for recipe in found.values()}) == len(ENCODERS)
    same = {recipe.model_copy(update={"encoder": ""}).to_toml() for recipe in found.values()}
    assert len(same) == 1


@pytest.mark.parametrize("study", STUDIES)
def test_every_part_of_them_exists_and_takes_its_options(study: str) -> None:
    for recipe in recipes(study).values():
        model = check(recipe)
        assert model.encoder.width == 128
