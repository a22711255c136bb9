"""What a report says: which direction is better, which arms get no number, and what was not equal."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tomli_w
import torch
from running import content, tandem
from torch import Tensor

from tandem.core.errors import UsageError
from tandem.lab.folder import RunFolder
from tandem.lab.studies.caveats import unequal_machines
from tandem.lab.studies.checks import check_study
from tandem.lab.studies.report import in_short, write_study_report
from tandem.lab.studies.results import Results, results
from tandem.lab.studies.run import run_study
from tandem.lab.studies.scores import chosen_rates
from tandem.lab.studies.study import Study, read_study
from tandem.lab.studies.tables import effects_table, scores_table
from tandem.lab.studies.way import way_of
from tandem.lab.text_losses import TextLosses, write_text_losses
from tandem.nn.recurrence import Recurrence

STUDY = """
question = "What tells even from odd?"
recipe = "shared.toml"
seeds = [0, 1, 2]
score = "SCORE"

[equal.tokens]

[arms.neither]
encoder = "cnn"
[arms."LSTM[past]"]
encoder = "lstm"
[arms.attention]
encoder = "attention"
[arms.both]
encoder = "attention | lstm"

[factors]
neither = "neither"
recurrence = "LSTM[past]"
attention = "attention"
both = "both"
"""
TEXTS = 40


def made(folder: Path, book: Path, *, score: str = "loss") -> Study:
    recipe = content(
        book, task="classify", corpus={"name": "parity", "rows": 200, "longest": 8},
        tokenizer={"kind": "words", "size": 16}, budget__tokens=300,
    )  # fmt: skip
    (folder / "shared.toml").write_text(tomli_w.dumps(recipe), encoding="utf-8")
    (folder / "parity.toml").write_text(STUDY.replace("SCORE", score), encoding="utf-8")
    return read_study(Path("parity.toml"))


@pytest.fixture(scope="module")
def ran(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parity")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for _ in run_study(made(folder, book)):
            pass
    return folder


@pytest.fixture
def folder(ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder in which the study has run."""
    monkeypatch.chdir(shutil.copytree(ran, tmp_path / "parity"))
    return Path()


LOSSES = {"neither": 0.9, "LSTM[past]": 0.5, "attention": 0.7, "both": 0.2}


@pytest.fixture
def known(folder: Path) -> Iterator[Results]:
    """The study with losses that we have chosen: recurrence brings 0.45, attention 0.25, both 0.1 beyond the sum."""
    study = read_study(folder / "parity.toml")
    generator = np.random.default_rng(0)
    for run in study.runs(chosen_rates(study)):
        path = RunFolder(run.folder).scores
        scores = json.loads(path.read_text())
        texts = LOSSES[run.arm] + 0.01 * run.recipe.seed + 0.05 * generator.standard_normal(TEXTS)
        scores["scores"]["test"] |= {"loss": float(texts.mean()), "accuracy": 1 - LOSSES[run.arm]}
        path.write_text(json.dumps(scores))
        ones = np.ones(TEXTS, dtype=np.int64)
        found = TextLosses(np.arange(TEXTS), texts, 0 * ones, ones)
        write_text_losses(RunFolder(run.folder).text_losses, {"test": found})
    return results(study)


def test_of_a_loss_the_least_is_the_best_in_every_place(known: Results) -> None:
    (part,) = known.parts
    assert [row[0] for row in scores_table(part, "loss").rows][:4] == ["both", "LSTM[past]", "attention", "neither"]
    assert in_short(part, "loss").startswith("task, equal tokens: the best mean loss is that of both (0.2")
    assert "it is shown to be better than neither, LSTM[past] and attention" in in_short(part, "loss")
    better = {(verdict.first, verdict.second) for verdict in part.verdicts}
    assert better == {
        ("both", "neither"), ("both", "LSTM[past]"), ("both", "attention"),
        ("LSTM[past]", "neither"), ("LSTM[past]", "attention"), ("attention", "neither"),
    }  # fmt: skip
    effects = {row[0]: float(row[1]) for row in effects_table(part.effects).rows}
    assert effects == {
        "recurrence": pytest.approx(0.45, abs=0.03),
        "attention": pytest.approx(0.25, abs=0.03),
        "interaction": pytest.approx(0.1, abs=0.06),
    }


def test_of_an_accuracy_the_greatest_is_the_best(folder: Path, book: Path) -> None:
    found = results(made(folder, book, score="accuracy"))
    (part,) = found.parts
    values = [estimate.value for estimate in part.estimates.values()]
    best = scores_table(part, "accuracy").rows[0]
    assert float(best[1]) == pytest.approx(max(values), abs=1e-4)
    assert all(verdict.gain.value >= 0 for verdict in part.verdicts)


def test_a_study_of_classes_is_over_texts_too_and_shows_what_counting_words_reaches(folder: Path) -> None:
    study = read_study(folder / "parity.toml")
    (part,) = results(study).parts
    assert {scores.ndim for scores in part.scores.values()} == {2}
    told = write_study_report(study).markdown.read_text(encoding="utf-8")
    assert "over seeds and texts" in told
    assert "min F'" in told
    assert "| TF-IDF" in told
    assert 'encoder = "attention | lstm"' in told
    assert "tandem study run parity.toml --parallel 1" in told


def test_without_what_texts_add_the_report_is_over_seeds(folder: Path) -> None:
    for path in folder.glob("runs/**/losses.csv"):
        path.unlink()
    told = write_study_report(read_study(folder / "parity.toml")).markdown.read_text(encoding="utf-8")
    assert "over seeds, each by itself" in told
    assert "Student's paired t over seeds" in told


def test_runs_on_other_machines_are_told(folder: Path) -> None:
    study = read_study(folder / "parity.toml")
    (part,) = results(study).parts
    assert unequal_machines(part) == []
    path = part.told("both")[0].folder.machine
    path.write_text(json.dumps(json.loads(path.read_text()) | {"threads": 7}))
    (line,) = unequal_machines(part)
    assert line.startswith("task, equal tokens: runs differ in threads: neither 1; LSTM[past] 1; attention 1; both 1")
    assert line in write_study_report(study).html.read_text(encoding="utf-8")


def test_an_arm_whose_padding_leaks_is_not_trained_and_the_report_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreversed(self: Recurrence, hidden: Tensor, mask: Tensor, *, sees: str) -> Tensor:
        ahead, behind = self.forwards(hidden)[0], self.backwards(hidden.flip(1))[0].flip(1)
        return torch.cat([ahead, behind], dim=-1)

    (folder / "runs/parity/checks.json").unlink()
    monkeypatch.setattr(Recurrence, "forward", unreversed)
    study = read_study(folder / "parity.toml")
    assert {place[2] for place in check_study(study).refused} == {"LSTM[past]", "both"}
    told = write_study_report(study).html.read_text(encoding="utf-8")
    assert "LSTM[past] (task, equal tokens) has no number: " in told
    assert '<th scope="row">LSTM[past]</th><td>-</td>' in told


def test_copies_between_splits_are_told(tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = book.read_text(encoding="utf-8").replace("\n\n", "\n").splitlines()
    for split, texts in (("train", lines[:100]), ("validation", lines[100:120]), ("test", [*lines[130:150], lines[3]])):
        (tmp_path / f"{split}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    recipe = content(tmp_path / "train.txt", budget__tokens=300)
    recipe["corpus"] |= {"validation": str(tmp_path / "validation.txt"), "test": str(tmp_path / "test.txt")}
    (tmp_path / "shared.toml").write_text(tomli_w.dumps(recipe), encoding="utf-8")
    text = STUDY.partition("[factors]")[0].replace("SCORE", "loss")
    (tmp_path / "copied.toml").write_text(text, encoding="utf-8")
    found = check_study(read_study(Path("copied.toml")))
    assert any("1 " in line for line in found.copies["task"])


def test_equal_seconds_are_not_taken_with_more_runs_at_a_time(
    tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path, book)
    text = STUDY.replace("SCORE", "loss").replace("[equal.tokens]", '[equal.seconds]\nset = ["budget.seconds=0.2"]')
    (tmp_path / "parity.toml").write_text(text, encoding="utf-8")
    assert way_of(read_study(Path("parity.toml"))) == ""
    next(run_study(read_study(Path("parity.toml"))))
    assert way_of(read_study(Path("parity.toml"))) == "--parallel 1"
    with pytest.raises(UsageError, match=r"its runs were begun with --parallel 1, and how many .* go on with"):
        next(run_study(read_study(Path("parity.toml")), parallel=2))


def test_the_command_writes_the_names_of_arms_as_they_are(folder: Path) -> None:
    told = tandem("study", "report", "parity.toml", cwd=folder.absolute())
    assert told.returncode == 0, told.stderr
    assert "LSTM[past]" in told.stdout
    assert "Report: runs/parity/report.html" in told.stdout


def test_what_is_equal_for_another_vocabulary_than_the_corpus_has_is_refused(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    changes = {"task": "clm", "tokenizer": {"kind": "char"}, "model": {"width": 64}, "budget__tokens": 300}
    (tmp_path / "shared.toml").write_text(tomli_w.dumps(content(book, **changes)), encoding="utf-8")
    text = 'question = "?"\nrecipe = "shared.toml"\nseeds = [0]\n[equal.flops]\n[arms.attention]\n'
    text += 'encoder = "attention*2"\n[arms.lstm]\nencoder = "lstm*2"\n'
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")
    (why,) = check_study(read_study(Path("small.toml"))).refused.values()
    assert "flops against attention; set tokenizer.size to the number of tokens that there are" in why
    (tmp_path / "small.toml").write_text(
        text.replace("[equal.flops]", '[equal.flops]\nset = ["tokenizer.size=45"]'), encoding="utf-8"
    )
    assert check_study(read_study(Path("small.toml"))).refused == {}
