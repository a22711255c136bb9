"""The recipes that translate are legal either way, and a baseline differs from what it is held against in one thing."""

from pathlib import Path

import pytest

from tandem.core.config import Recipe, read_recipe
from tandem.lab.assemble import check

RECIPES = Path(__file__).parents[2] / "recipes"
MULTI30K = sorted((RECIPES / "multi30k").glob("*.toml"))


@pytest.mark.parametrize("path", MULTI30K, ids=lambda path: path.stem)
def test_the_recipes_of_multi30k_are_legal_lower_cased_and_in_the_other_direction(path: Path) -> None:
    assert check(read_recipe(path, ["tokenizer.lower=true", "corpus.direction=de-en"])).head is not None


def without_decoder(recipe: Recipe) -> str:
    return recipe.model_copy(update={"objective": {**recipe.objective, "decoder": ""}}).to_toml()


@pytest.mark.parametrize("pair", [("multi30k", "bahdanau-gru"), ("reverse", "attention")], ids=lambda pair: pair[0])
def test_the_baseline_lacks_attention_and_nothing_else(pair: tuple[str, str]) -> None:
    folder, name = pair
    attending, baseline = (read_recipe(RECIPES / folder / f"{one}.toml") for one in (name, "no-attention"))
    assert "attention=none" in baseline.objective["decoder"]
    assert without_decoder(attending) == without_decoder(baseline)


def test_all_recipes_of_multi30k_read_the_same_text_the_same_way() -> None:
    assert len(MULTI30K) == 4
    read = [read_recipe(path) for path in MULTI30K]
    assert len({str((recipe.corpus, recipe.tokenizer, recipe.data, recipe.train)) for recipe in read}) == 1
