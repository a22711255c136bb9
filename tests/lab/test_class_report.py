"""The report on classes is scikit-learn's, about the answers that a run kept."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from running import tiny, trained

from tandem.core.errors import UsageError
from tandem.lab.class_report import class_report, confusion, reports_of
from tandem.lab.evaluate import evaluate_run
from tandem.lab.folder import RunFolder, open_run
from tandem.lab.predictions import Predictions

metrics = pytest.importorskip("sklearn.metrics")
GOLD, SAID = ["cat", "cat", "dog", "owl"], ["cat", "dog", "dog", "dog"]


def answers(gold: list[str], predicted: list[str]) -> Predictions:
    return Predictions(np.arange(len(gold)), gold, predicted)


def test_precision_recall_f1_and_support_of_every_class_and_their_averages() -> None:
    numbers = class_report(answers(GOLD, SAID), labels=("owl", "dog", "cat"), split="test").numbers
    assert numbers["dog"] == {"precision": 1 / 3, "recall": 1.0, "f1-score": 0.5, "support": 1.0}
    assert numbers["owl"]["f1-score"] == 0
    assert numbers["accuracy"] == 0.5
    assert numbers["macro avg"]["f1-score"] == pytest.approx((2 / 3 + 0.5 + 0) / 3)
    assert numbers["weighted avg"]["recall"] == pytest.approx(0.5)


def test_rows_are_true_classes_and_columns_what_was_said_in_the_order_of_the_labels() -> None:
    found = confusion(answers(GOLD, SAID), labels=("owl", "dog", "cat"))
    assert found.tolist() == [[0, 1, 0], [0, 1, 0], [0, 1, 1]]
    assert found.T.tolist() == metrics.confusion_matrix(SAID, GOLD, labels=["owl", "dog", "cat"]).tolist()


def test_a_class_that_the_split_lacks_is_named_and_lowers_no_average() -> None:
    report = class_report(answers(["a", "b"], ["a", "b"]), labels=("a", "b", "c"), split="validation")
    assert report.note == "no text of the validation split is: c"
    assert report.numbers["macro avg"]["f1-score"] == 1
    assert report.counts.shape == (3, 3)
    said = class_report(answers(["a", "b"], ["a", "c"]), labels=("a", "b", "c"), split="validation")
    assert said.numbers["c"]["support"] == 0
    assert said.absent == ("c",)


def test_of_many_classes_the_brief_text_has_the_averages_only() -> None:
    labels = [f"class {number}" for number in range(30)]
    report = class_report(answers(labels, labels), labels=labels, split="test")
    assert "class 7" in report.text
    assert len(report.brief.splitlines()) == 4
    assert "weighted avg" in report.brief
    assert class_report(answers(GOLD, SAID), labels=("owl", "dog", "cat"), split="test").brief.count("owl") == 1


def test_without_scikit_learn_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    with pytest.raises(UsageError, match=r"needs the extra eval: pip install"):
        class_report(answers(GOLD, SAID), labels=("owl", "dog", "cat"), split="test")


def test_a_run_keeps_answers_that_give_its_own_scores(classes_run: Path) -> None:
    validation, test = reports_of(RunFolder(classes_run))
    assert (validation.split, test.split) == ("validation", "test")
    scores = evaluate_run(open_run(classes_run), split="test")
    assert test.numbers["accuracy"] == pytest.approx(scores.accuracy)
    assert test.numbers["macro avg"]["f1-score"] == pytest.approx(scores.more["macro F1"])
    assert test.counts.sum() == scores.count
    assert json.dumps(test.to_json())


def test_a_run_without_classes_has_no_report(words_run: Path) -> None:
    assert not RunFolder(words_run).predictions.exists()
    assert reports_of(RunFolder(words_run)) == []


def test_a_table_whose_classes_leave_a_gap_and_whose_validation_lacks_one_is_learnt(book: Path, tmp_path: Path) -> None:
    kinds = {"0": "red", "2": "green", "7": "blue"}
    for name, known in (("train", kinds), ("validation", ("0", "2")), ("test", kinds)):
        rows = [f"{kinds[number]} thing {turn},{number}" for turn in range(20) for number in known]
        (tmp_path / f"{name}.csv").write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    corpus = {
        "name": "file", "path": str(tmp_path / "train.csv"), "validation": str(tmp_path / "validation.csv"),
        "test": str(tmp_path / "test.csv"),
    }  # fmt: skip
    recipe = tiny(book, task="classify", corpus=corpus, encoder="cnn", budget__steps=60, optimiser__learning_rate=0.02)
    folder = RunFolder(trained(recipe, tmp_path / "run"))
    validation, test = reports_of(folder)
    assert test.labels == ("0", "2", "7")
    assert test.numbers["accuracy"] == validation.numbers["accuracy"] == 1
    assert validation.absent == ("7",)
    assert validation.numbers["macro avg"]["f1-score"] == 1
    assert folder.read_json(folder.scores)["scores"]["validation"]["more"]["macro F1"] == 1
