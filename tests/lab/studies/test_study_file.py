"""Studies as files."""

from pathlib import Path

import pytest
from running import written

from tandem.core.config import read_recipe
from tandem.core.errors import UsageError
from tandem.lab.origins import resolved
from tandem.lab.studies.study import Study, read_study

STUDY = """
question = "What do recurrence and attention each contribute?"
recipe = "shared.toml"
seeds = [0, 1, 2, 3]
learning_rates = [1e-3, 4e-3]
reference = "BERT"

[equal.parameters]
[equal.tokens]
set = ["budget.tokens=9000"]

[arms.BERT]
encoder = "attention*2"

[arms.LSTM]
encoder = "lstm*2"
set = ["model.dropout=0.0"]

[arms."BERT+LSTM"]
encoder = "attention | lstm"

[arms."no mixing"]
encoder = "cnn*2"

[tasks.words]
[tasks.letters]
set = ["tokenizer.kind=char"]

[factors]
neither = "no mixing"
recurrence = "LSTM"
attention = "BERT"
both = "BERT+LSTM"
"""


STUDIES = sorted((Path(__file__).parents[3] / "studies").glob("*.toml"))


@pytest.fixture
def folder(book: Path, tmp_path: Path) -> Path:
    written(tmp_path / "shared.toml", book, model__width=96, budget__tokens=5000)
    return tmp_path


def study(folder: Path, old: str = "", new: str = "") -> Study:
    assert old in STUDY
    (folder / "founding.toml").write_text(STUDY.replace(old, new, 1) if old else STUDY, encoding="utf-8")
    return read_study(folder / "founding.toml")


def test_every_arm_tries_every_rate_and_then_every_seed_on_every_task(folder: Path) -> None:
    found = study(folder)
    trials = list(found.trials())
    assert len(trials) == 2 * 2 * 4 * 2
    assert {run.recipe.seed for run in trials} == {1_000_000}
    rates = {(run.task, run.equal, run.arm): 4e-3 if run.arm == "LSTM" else 1e-3 for run in trials}
    runs = list(found.runs(rates))
    assert len(runs) == 2 * 2 * 4 * 4
    assert len({run.folder for run in (*trials, *runs)}) == len(trials) + len(runs)
    assert all(run.recipe.optimiser.learning_rate == rates[run.task, run.equal, run.arm] for run in runs)
    assert Path("runs/founding/letters/tokens/no_mixing/rate=0.001+seed=3") in {run.folder for run in runs}


def test_arms_are_made_equal_and_differ_in_nothing_else(folder: Path) -> None:
    found = study(folder)
    matched, as_they_are = found.arms("words", "parameters"), found.arms("words", "tokens")
    assert list(matched) == ["BERT", "LSTM", "BERT+LSTM", "no mixing"]
    assert matched["BERT"].model.width == 96
    assert matched["LSTM"].model.width > 96
    assert {recipe.model.width for recipe in as_they_are.values()} == {96}
    assert matched["LSTM"].model.dropout == 0
    for recipe in matched.values():
        assert (recipe.data, recipe.tokenizer, recipe.budget) == (
            matched["BERT"].data, matched["BERT"].tokenizer, matched["BERT"].budget,
        )  # fmt: skip
    assert found.arms("letters", "tokens")["LSTM"].tokenizer.kind == "char"


def test_one_rate_needs_no_trial_and_none_is_the_recipes(folder: Path) -> None:
    one = study(folder, "[1e-3, 4e-3]", "[4e-3]")
    assert list(one.trials()) == []
    assert {run.recipe.optimiser.learning_rate for run in one.runs({})} == {4e-3}
    none = study(folder, "[1e-3, 4e-3]", "[]")
    assert {run.recipe.optimiser.learning_rate for run in none.runs({})} == {1e-3}


def test_an_arm_may_have_a_recipe_and_rates_of_its_own(folder: Path, book: Path) -> None:
    written(folder / "own.toml", book, encoder="gru", model__width=96, budget__tokens=5000, optimiser__name="muon")
    found = study(folder, 'encoder = "lstm*2"', 'recipe = "own.toml"\nlearning_rates = [0.02, 0.1]')
    arms = found.arms("words", "tokens")
    assert (arms["LSTM"].encoder, arms["LSTM"].optimiser.name, arms["BERT"].optimiser.name) == ("gru", "muon", "adamw")
    rates = {arm: [run.recipe.optimiser.learning_rate for run in found.trials() if run.arm == arm] for arm in arms}
    assert rates == {**dict.fromkeys(arms, [1e-3, 4e-3] * 4), "LSTM": [0.02, 0.1] * 4}


def test_without_tasks_there_is_the_recipes_own(folder: Path) -> None:
    tasks = '[tasks.words]\n[tasks.letters]\nset = ["tokenizer.kind=char"]'
    assert {run.task for run in study(folder, tasks, "").trials()} == {"task"}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("seeds =", "sedes =", 'founding.toml: "seeds" is missing'),
        ('question = "What', 'worht = 1.0\nquestion = "What', 'unknown key "worht"; did you mean "worth"?'),
        ('encoder = "lstm*2"', 'encodr = "lstm*2"', 'unknown key "arms.LSTM.encodr"; did you mean "encoder"'),
        ('encoder = "lstm*2"\n', "", '"arms.LSTM.encoder" is missing'),
        ('encoder = "lstm*2"', 'encoder = "lstm*2"\nlearning_rates = [0.1]', "every arm tries as many as the study"),
        ('set = ["model.dropout=0.0"]', "sets = []", r'unknown key "arms.LSTM.sets"; did you mean "set"\?'),
        ("equal.parameters", "equal.paramters", 'did you mean "parameters"'),
        ('reference = "BERT"', 'reference = "BRET"', 'reference = "BRET" is no arm; did you mean "BERT"'),
        ('neither = "no mixing"', 'neither = "none"', 'factors.neither = "none" is no arm'),
        ("[0, 1, 2, 3]", "[0, 1, 1]", r"seeds = \[0, 1, 1\]: each once"),
        ("[0, 1, 2, 3]", "[]", "seeds = "),
        ("seeds =", "tuning_seed = 2\nseeds =", "tuning_seed = 2 is one of the seeds"),
        ('[arms."no mixing"]', "[arms.lstm]", "would share a folder"),
        ("[arms.BERT]", "[arms.BERT", "cannot be read as TOML"),
    ],
)
def test_a_mistake_is_named_before_anything_runs(old: str, new: str, complaint: str, folder: Path) -> None:
    with pytest.raises(UsageError, match=complaint):
        study(folder, old, new)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("equal.tokens", "equal.seconds", "equal seconds, but the budget of arm BERT is in tokens; lay budget.seconds"),
        ("lstm*2", "lsmt*2", 'unknown mixer "lsmt"'),
        ("shared.toml", "shred.toml", 'no such recipe; did you mean ".*shared.toml"'),
        ("model.dropout=0.0", "budget.tokens=9", "arm LSTM has another budget than BERT: what arms may spend is laid"),
        ("model.dropout=0.0", "train.batch_tokens=64", "arm LSTM has another train.batch_tokens than BERT"),
        ("model.dropout=0.0", "model.dropuot=0.0", 'unknown key "model.dropuot"; did you mean "dropout"'),
    ],
)
def test_a_mistake_in_a_recipe_is_named_when_runs_are_listed(old: str, new: str, complaint: str, folder: Path) -> None:
    with pytest.raises(UsageError, match=complaint):
        list(study(folder, old, new).trials())


def test_an_arm_that_cannot_be_made_equal_is_refused_with_what_it_misses(folder: Path, book: Path) -> None:
    # Widths of an LSTM are even, and at this size a step is a fifth of its operations.
    written(folder / "shared.toml", book, model__width=8, budget__tokens=5000, objective={"transform": False})
    refused = r"arm LSTM cannot have equal flops within 2%: at width \d+ it misses by [+-]\d"
    with pytest.raises(UsageError, match=refused):
        study(folder, "equal.parameters", "equal.flops").arms("words", "flops")


def test_a_study_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    with pytest.raises(UsageError, match=r'mien.toml: no such study; did you mean ".*mine.toml"'):
        read_study(tmp_path / "mien.toml")


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_studies_of_the_house_are_legal_and_their_arms_are_equal(path: Path) -> None:
    if "[arms" not in path.read_text(encoding="utf-8"):
        assert read_recipe(path).task
        return
    found = read_study(path)
    for equal in found.table.equal:
        arms = found.arms(next(iter(found.table.tasks)), equal)
        assert list(arms) == list(found.table.arms)


def test_an_arm_may_begin_with_a_finished_run(words_run: Path, folder: Path) -> None:
    (folder / "tuned.toml").write_text(
        f'init = "{words_run}"\ntask = "mlm"\n[corpus]\nname = "parity"\n[budget]\ntokens = 5000\n'
    )
    (folder / "small.toml").write_text(
        'question = "?"\nrecipe = "tuned.toml"\nseeds = [0]\n[equal.tokens]\n[arms.slow]\nrecipe = "tuned.toml"\n'
        '[arms.fast]\nrecipe = "tuned.toml"\nset = ["transfer.head_rate=2.0"]\n'
    )
    slow, fast = read_study(folder / "small.toml").runs({})
    assert slow.recipe.encoder == "attention | lstm"
    assert slow.recipe.init == str(words_run)
    assert fast.recipe.transfer is not None
    assert fast.recipe.transfer.head_rate == 2
    assert resolved(slow.recipe) == slow.recipe
