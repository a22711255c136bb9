"""The page and the picture that a finished run keeps of itself."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tandem.lab import figures
from tandem.lab.card import write_card
from tandem.lab.figures import learning_curves
from tandem.lab.folder import RunFolder
from tandem.lab.report import measured, table

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(words_run: Path, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(words_run, tmp_path / "run")))


def test_the_card_says_what_the_run_is_and_how_to_repeat_it(folder: RunFolder) -> None:
    write_card(folder, command="tandem train mine.toml")
    text = folder.card.read_text(encoding="utf-8")
    assert text.startswith("# attention | lstm\n")
    for part in ("task `mlm`, seed 0", "    tandem train mine.toml\n", "Precision fp32", "(figures/curve.png)"):
        assert part in text
    assert (folder.figures / "curve.png").read_bytes().startswith(PNG)


def test_without_matplotlib_the_card_is_written_and_shows_no_picture(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    write_card(folder, command="tandem train mine.toml")
    assert "curve.png" not in folder.card.read_text(encoding="utf-8")
    assert not folder.figures.exists()


@pytest.fixture
def classes(classes_run: Path, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(classes_run, tmp_path / "classes")))


def test_the_card_of_a_classifier_has_its_report_its_peers_and_its_confusions(classes: RunFolder) -> None:
    write_card(classes, command="tandem train mine.toml")
    text = classes.card.read_text(encoding="utf-8")
    for part in (
        "## Classes (test split)",
        "precision    recall",
        "macro avg",
        "| TF-IDF, words |",
        "macro F1",
        "majority",
    ):
        assert part in text
    assert (classes.figures / "confusion.png").read_bytes().startswith(PNG)
    report = json.loads(classes.report.read_text())
    assert list(report) == ["validation", "test"]
    assert report["test"]["confusion"]["labels"] == ["even", "odd"]
    scores = classes.read_json(classes.scores)["scores"]["test"]
    assert report["test"]["classes"]["accuracy"] == pytest.approx(scores["accuracy"])


def test_a_run_that_kept_its_best_weights_says_which(classes: RunFolder) -> None:
    write_card(classes, command="tandem train mine.toml")
    assert "Its weights are those of step" not in classes.card.read_text(encoding="utf-8")
    before = (classes.figures / "curve.png").read_bytes()
    scores = json.loads(classes.scores.read_text())
    classes.scores.write_text(json.dumps(scores | {"kept": {"step": 6, "by": "accuracy", "value": 0.5}}))
    write_card(classes, command="tandem train mine.toml")
    assert "Its weights are those of step 6, the best on validation by accuracy." in classes.card.read_text("utf-8")
    assert (classes.figures / "curve.png").read_bytes() != before


def test_without_scikit_learn_the_card_is_written_and_one_line_says_what_is_missing(
    classes: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    write_card(classes, command="tandem train mine.toml")
    text = classes.card.read_text(encoding="utf-8")
    assert text.count("a classification report needs the extra eval") == 1
    assert "confusion.png" not in text
    assert not classes.report.exists()


def test_every_curve_has_the_name_of_its_row(
    folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(figures, "_save", lambda figure, path: drawn.append(figure))
    run = measured(folder.path)
    other = replace(run, recipe=run.recipe.model_copy(update={"init": "runs/mlm"}))
    learning_curves([run, other], tmp_path / "curves.png")
    shown = [text.get_text() for text in drawn[0].axes[0].get_legend().get_texts()]
    names = [f"{run.recipe.encoder}, init={init}" for init in ("scratch", "runs/mlm")]
    assert shown[:2] == [row[0] for row in table([run, other])[1:]] == names


def test_the_same_runs_give_the_same_picture(folder: RunFolder, tmp_path: Path) -> None:
    for name in ("one.png", "other.png"):
        learning_curves([measured(folder.path)], tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "other.png").read_bytes()
