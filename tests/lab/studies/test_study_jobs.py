"""A whole study as jobs, and the options of their scheduler."""

from pathlib import Path

import pytest
from running import tandem, written

from tandem.lab.events import Finished
from tandem.lab.folder import RunFolder
from tandem.lab.studies.run import run_study
from tandem.lab.studies.scores import diverged
from tandem.lab.studies.study import read_study

pytest.importorskip("submitit", reason="the extra cluster is not installed")
pytestmark = pytest.mark.usefixtures("collected")

STUDY = """
question = "Which?"
recipe = "shared.toml"
seeds = [0]
[equal.tokens]
[arms.LSTM]
encoder = "lstm"
[arms.wild]
encoder = "cnn"
set = ["optimiser.learning_rate=1e30", "optimiser.clip=1e30"]
"""


@pytest.mark.campaign
def test_a_study_is_run_by_jobs_and_one_that_diverges_leaves_the_others(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "shared.toml", book, budget__tokens=400, optimiser__name="adamw")
    (tmp_path / "small.toml").write_text(STUDY, encoding="utf-8")
    study = read_study(Path("small.toml"))
    ended = [turn.run.arm for turn in run_study(study, launcher="local") if isinstance(turn.event, Finished)]
    assert sorted(ended) == ["LSTM", "wild"]
    arms = {run.arm: run.folder for run in study.runs({})}
    assert RunFolder(arms["LSTM"]).card.exists()
    assert "the loss on the" in diverged(arms["wild"])
    assert list(run_study(study, launcher="local")) == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--slurm", "mem=4G"], "it goes with --launcher"),
        (["--launcher", "slurm", "--parallel", "2"], "is for this machine"),
        (["--launcher", "slurm", "--slurm", "mem"], "write KEY=VALUE"),
    ],
)
def test_options_of_slurm_are_written_as_they_should_be(options: list[str], complaint: str, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(STUDY, encoding="utf-8")
    told = tandem("study", "run", "small.toml", *options, cwd=tmp_path)
    assert told.returncode == 2
    assert complaint in told.stderr
