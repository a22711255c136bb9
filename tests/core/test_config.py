import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.core.config import Recipe, checked_recipe, read_recipe
from tandem.core.errors import UsageError

LEAST: dict[str, Any] = {"encoder": "lstm*2", "budget": {"steps": 10}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A recipe in a file."""
    path = tmp_path / "small.toml"
    path.write_text('encoder = "lstm*2"\n[model]\nwidth = 32\n[budget]\nsteps = 10\n', encoding="utf-8")
    return path


def refused(content: dict[str, Any]) -> str:
    with pytest.raises(UsageError) as caught:
        checked_recipe(content, where="small.toml")
    message = str(caught.value)
    assert message.startswith("small.toml: ")
    assert "\n" not in message
    return message.removeprefix("small.toml: ")


def test_a_recipe_needs_an_encoder_and_a_budget_only() -> None:
    recipe = checked_recipe(LEAST, where="here")
    assert (recipe.encoder, recipe.budget.steps, recipe.task) == ("lstm*2", 10, "mlm")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modle": {}}, 'unknown key "modle"; did you mean "model"? (legal: encoder, task, '),
        ({"model": {"widht": 8}}, 'unknown key "model.widht"; did you mean "width"? (legal: width, positions, '),
        ({"budget": {"step": 8}}, 'unknown key "budget.step"; did you mean "steps"? (legal: steps, tokens, '),
        ({"tokenizer": {"kind": "wordpeice"}}, "tokenizer.kind = 'wordpeice': input should be 'words', 'wordpiece', "
                                               "'bpe' or 'char'; did you mean \"wordpiece\"?"),
        ({"optimiser": {"name": "adam"}}, "optimiser.name = 'adam': input should be 'adamw' or 'muon'; did you mean"),
        ({"model": {"width": "32"}}, "model.width = '32': input should be a valid integer"),
        ({"model": {"width": True}}, "model.width = True: input should be a valid integer"),
        ({"model": {"width": 32.5}}, "model.width = 32.5: input should be a valid integer"),
        ({"model": {"width": 0}}, "model.width = 0: input should be greater than or equal to 1"),
        ({"model": {"dropout": 1.5}}, "model.dropout = 1.5: input should be less than or equal to 1"),
        ({"optimiser": {"learning_rate": float("nan")}}, "optimiser.learning_rate = nan: input should be"),
        ({"optimiser": {"clip": float("inf")}}, "optimiser.clip = inf: input should be a finite number"),
        ({"optimiser": {"betas": [0.9, 2.0]}}, "optimiser.betas.1 = 2.0: input should be less than or equal to 1"),
        ({"optimiser": {"betas": [0.9]}}, '"optimiser.betas.1" is missing'),
        ({"seed": -1}, "seed = -1: input should be greater than or equal to 0"),
        ({"seed": 2**31}, "seed = 2147483648: input should be less than 2147483648"),
        ({"samples": "one"}, "samples = 'one': input should be a valid list"),
        ({"encoder": ["lstm"]}, "encoder = ['lstm']: input should be a valid string"),
        ({"model": 3}, "model = 3: input should be a valid dictionary"),
        ({"optimiser": 3}, "optimiser = 3: input should be a valid dictionary"),
        ({"transfer": {"freeze": True}}, "[transfer] is about weights that are taken over: say from where with init"),
        ({"init": ""}, "init = '': string should have at least 1 character"),
        ({"init": "runs/x", "transfer": {"layer_decay": 1.5}}, "transfer.layer_decay = 1.5: input should be less than"),
        ({"init": "runs/x", "transfer": {"frozen": True}}, 'unknown key "transfer.frozen"; did you mean "freeze"?'),
        ({"init": "runs/x", "transfer": {"freeze": True, "layer_decay": 0.9}},
         "transfer: freeze and layer_decay exclude each other"),
        ({"train": {"keep": "first"}}, "train.keep = 'first': input should be 'last' or 'best'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key_and_what_is_legal(change: dict[str, Any], message: str) -> None:
    assert refused({**LEAST, **change}).startswith(message)


@pytest.mark.parametrize("budget", [{}, {"steps": 10, "tokens": 20}, {"flops": 1e9, "seconds": 5}])
def test_a_budget_is_exactly_one_number(budget: dict[str, Any]) -> None:
    assert refused({**LEAST, "budget": budget}) == "budget: exactly one of steps, tokens, flops and seconds is needed"


@pytest.mark.parametrize("key", ["encoder", "budget"])
def test_what_has_no_default_must_be_there(key: str) -> None:
    assert refused({name: value for name, value in LEAST.items() if name != key}) == f'"{key}" is missing'


def test_what_is_taken_over_brings_its_own_encoder() -> None:
    recipe = checked_recipe({"init": "runs/seed/bert", "budget": {"steps": 10}}, where="test")
    assert (recipe.encoder, recipe.transfer) == ("", None)


@pytest.mark.parametrize(
    ("override", "found"),
    [
        ("budget.tokens=2e6", lambda recipe: recipe.budget.tokens == 2_000_000 and recipe.budget.steps is None),
        ("budget.steps=20", lambda recipe: recipe.budget.steps == 20),
        ("encoder=gru*2", lambda recipe: recipe.encoder == "gru*2"),
        ('encoder="gru*2"', lambda recipe: recipe.encoder == "gru*2"),
        ("encoder=lstm[block=post] > gru", lambda recipe: recipe.encoder == "lstm[block=post] > gru"),
        (" model.width = 64", lambda recipe: recipe.model.width == 64),
        ("tokenizer.size=5e3", lambda recipe: recipe.tokenizer.size == 5000),
        ("corpus.path=my book.txt", lambda recipe: recipe.corpus == {"path": "my book.txt"}),
        ("objective.tied=false", lambda recipe: recipe.objective == {"tied": False}),
        ("optimiser.betas=[0.8, 0.9]", lambda recipe: recipe.optimiser.betas == (0.8, 0.9)),
        ("samples=['a [MASK]']", lambda recipe: recipe.samples == ["a [MASK]"]),
    ],
)
def test_an_override_lies_over_the_file(path: Path, override: str, found: Any) -> None:
    recipe = read_recipe(path, [override])
    assert found(recipe)
    assert type(recipe.model.width) is int
    assert recipe.model.width == (64 if "width" in override else 32)


def test_the_last_override_wins(path: Path) -> None:
    recipe = read_recipe(path, ["budget.tokens=5", "budget.seconds=2", "model.width=8", "model.width=16"])
    assert (recipe.budget.tokens, recipe.budget.seconds, recipe.model.width) == (None, 2, 16)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("budget.tokens", "write key=value"),
        ("=5", "write key=value"),
        ("model.=5", "write key=value"),
        (".width=5", "write key=value"),
        ("encoder.kind=5", "encoder is a value, not a table"),
        ("optimiser=3", "optimiser = 3: input should be a valid dictionary"),
        ("model.width=wide", "model.width = 'wide': input should be a valid integer"),
        ("model.width=", "model.width = '': input should be a valid integer"),
        ("model.widht=8", 'did you mean "width"?'),
    ],
)
def test_a_bad_override_is_a_usage_error(path: Path, override: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_recipe(path, [override])
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("smal.toml", None, r'smal\.toml: no such recipe; did you mean ".*small\.toml"\?'),
        ("small.toml/x.toml", None, "no such recipe"),
        ("", None, "cannot be read as text"),
        ("bad.toml", b"encoder = lstm", r"bad\.toml: not TOML: .*line 1"),
        ("latin.toml", b'encoder = "\xe9"', "cannot be read as text"),
    ],
)
def test_a_file_that_is_no_recipe_is_a_usage_error(path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (path.parent / name).write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_recipe(path.parent / name)


POSITIVE = st.floats(min_value=1e-12, max_value=1e30)
BUDGETS = st.dictionaries(st.sampled_from(["flops", "seconds"]), POSITIVE, min_size=1, max_size=1)
RECIPES = st.fixed_dictionaries(
    {"encoder": st.text(min_size=1), "budget": BUDGETS},
    optional={
        "samples": st.lists(st.text(), max_size=2),
        "seed": st.integers(0, 2**31 - 1),
        "init": st.text(min_size=1),
        "corpus": st.dictionaries(st.text(), st.text() | st.integers(0, 9) | st.booleans() | POSITIVE, max_size=2),
        "model": st.fixed_dictionaries({"width": st.integers(1, 2**40), "block": st.sampled_from(["pre", "post"])}),
        "optimiser": st.fixed_dictionaries({"betas": st.tuples(st.floats(0, 1), st.floats(0, 1)), "clip": POSITIVE}),
    },
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(RECIPES)
def test_a_recipe_written_out_and_read_back_is_the_same_recipe(content: dict[str, Any]) -> None:
    recipe = checked_recipe(content, where="here")
    assert checked_recipe(tomllib.loads(recipe.to_toml()), where="there") == recipe


def test_a_recipe_written_out_names_every_default() -> None:
    written = tomllib.loads(checked_recipe(LEAST, where="here").to_toml())
    # Tables that only some recipes have are absent from the others.
    assert set(Recipe.model_fields) - set(written) == {"transfer", "target_tokenizer"}
    assert written["train"]["batch_tokens"] == 4096
