"""A finished classifier judges free texts as it judged those of its own corpus."""

import json
from pathlib import Path

import numpy as np
import pytest

from tandem.core.errors import DataError, UsageError
from tandem.lab.answers import answers
from tandem.lab.classify import classify, write_table, written_as_lines
from tandem.lab.corpora import open_corpus
from tandem.lab.folder import OpenRun, RunFolder, open_run
from tandem.lab.predictions import read_predictions
from tandem.lab.texts import Placed


@pytest.fixture
def run(classes_run: Path) -> OpenRun:
    return open_run(classes_run)


def placed(*texts: str) -> list[Placed]:
    return [Placed(f"line {number}", text) for number, text in enumerate(texts, start=1)]


def test_the_texts_of_its_own_test_split_get_the_classes_that_the_run_kept(run: OpenRun) -> None:
    kept = read_predictions(RunFolder(run.folder.path).predictions)["test"]
    texts = [example.text for example in open_corpus(run.recipe).corpus.examples("test")]
    found = list(classify(run, placed(*texts)))
    assert [one.best[0] for one in found if one.best] == list(kept.predicted)
    assert kept.probability is not None
    assert [one.best[1] for one in found if one.best] == pytest.approx(kept.probability.tolist(), rel=1e-5)
    assert sum(found[0].probabilities or ()) == pytest.approx(1)


def test_a_text_is_judged_alone_as_among_others_and_as_while_one_watched(run: OpenRun) -> None:
    texts = ["1", "1 0 1 1 0 1 0", "0 0"]
    together = [one.probabilities for one in classify(run, placed(*texts))]
    for text, found in zip(texts, together, strict=True):
        (alone,) = classify(run, placed(text))
        assert alone.probabilities == pytest.approx(found)
    (guesses,) = answers(run.model, run.objective, texts[1], top=2)
    assert guesses[0].probability == pytest.approx(max(together[1] or ()), rel=1e-5)


def test_more_texts_than_are_read_at_once_keep_their_order(run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [" ".join("01"[turn % (n + 2) == 0] for turn in range(1 + n % 7)) for n in range(20)]
    whole = [(one.number, one.text, one.probabilities) for one in classify(run, placed(*texts))]
    monkeypatch.setattr("tandem.lab.classify.AT_ONCE", 3)
    pieces = [(one.number, one.text, one.probabilities) for one in classify(run, placed(*texts))]
    assert [line[:2] for line in pieces] == [line[:2] for line in whole] == list(enumerate(texts, start=1))
    np.testing.assert_allclose([line[2] for line in pieces], [line[2] for line in whole], rtol=1e-5)


def test_a_text_longer_than_the_model_is_cut_there_and_says_so(run: OpenRun) -> None:
    length = run.recipe.data.length
    fits, longer = classify(run, placed(" ".join("1" * length), " ".join("1" * length + "0" * 9)))
    assert (fits.cut, longer.cut) == (False, True)
    assert longer.probabilities == pytest.approx(fits.probabilities)


def test_a_text_without_a_token_gets_no_class_and_keeps_its_place(run: OpenRun, tmp_path: Path) -> None:
    found = list(classify(run, placed("1 0", "", "0")))
    assert [one.best is None for one in found] == [False, True, False]
    write_table(tmp_path / "out.csv", written_as_lines(tmp_path / "out.jsonl", found), labels=run.objective.labels)
    table = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "row,text,label,probability,P(even),P(odd)"
    assert table[2] == "2,,,,,"
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["label"] for line in lines] == [found[0].best[0], None, found[2].best[0]]  # type: ignore[index]
    assert lines[0]["probabilities"]["odd"] == found[0].probabilities[1]  # type: ignore[index]


def test_a_text_that_breaks_in_the_middle_leaves_no_file(run: OpenRun, tmp_path: Path) -> None:
    judged = classify(run, placed("1 0", "half \ud83d"))
    with pytest.raises(DataError, match="half of one"):
        write_table(tmp_path / "out.csv", written_as_lines(tmp_path / "out.jsonl", judged), labels=("even", "odd"))
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_learnt_something_else_is_refused_with_its_name(words_run: Path) -> None:
    with pytest.raises(UsageError, match=r"run: a model trained for mlm tells no classes"):
        next(classify(open_run(words_run), placed("a")))
