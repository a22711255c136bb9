"""A study runs, stops, goes on, and reports; an arm that is not to be trusted gets no number."""

import json
import shutil
import signal
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from running import left_half_written, num_lines, started, tandem, written

from tandem.core.errors import ArtifactError, UsageError
from tandem.lab.events import Finished
from tandem.lab.page import Cells
from tandem.lab.report import measured
from tandem.lab.studies.checks import check_study
from tandem.lab.studies.curves import budget_charts, learning_charts
from tandem.lab.studies.origins import origins
from tandem.lab.studies.report import write_study_report
from tandem.lab.studies.results import results
from tandem.lab.studies.run import run_study
from tandem.lab.studies.scores import chosen_rates, scores_of
from tandem.lab.studies.study import Study, read_study
from tandem.lab.studies.tables import trials_table
from tandem.train.loop import Step

STUDY = """
question = "What do <both> & each give?"
recipe = "shared.toml"
seeds = [0, 1]
learning_rates = [1e-3, 1e-2]

[equal.tokens]

[arms.BERT]
encoder = "attention"

[arms.LSTM]
encoder = "lstm"

[arms."A | B"]
encoder = "attention | lstm"

[arms.none]
encoder = "cnn"

[factors]
neither = "none"
recurrence = "LSTM"
attention = "BERT"
both = "A | B"
"""


def made(folder: Path, book: Path, text: str = STUDY, *, tokens: int = 1500) -> Path:
    written(
        folder / "shared.toml", book, budget__tokens=tokens, samples=["The [MASK] wind blows."],
        train__evaluate_every=0.25,
    )  # fmt: skip
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the study has run."""
    folder = tmp_path_factory.mktemp("study")
    made(folder, book)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        turns = list(run_study(read_study(Path("small.toml"))))
    assert sum(isinstance(turn.event, Finished) for turn in turns) == 8 + 8
    assert {turn.total for turn in turns} == {8}
    return folder


@pytest.fixture
def study(ran: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    monkeypatch.chdir(ran)
    return read_study(Path("small.toml"))


def test_all_runs_are_there_and_a_second_call_trains_nothing(study: Study) -> None:
    runs = list(study.runs(chosen_rates(study)))
    assert len(runs) == 4 * 2
    assert all((run.folder / "README.md").exists() for run in runs)
    assert all((run.folder / "scores.json").exists() for run in study.trials())
    assert list(run_study(study)) == []


def test_the_rate_that_was_best_on_validation_is_taken(study: Study) -> None:
    rates = chosen_rates(study)
    for run in study.trials():
        trial = {
            rate: json.loads((run.folder.parent / f"rate={rate:g}+seed=1000000" / "scores.json").read_text())
            for rate in study.table.learning_rates
        }
        losses = {rate: scores["scores"]["validation"]["loss"] for rate, scores in trial.items()}
        assert rates[run.place] == min(losses, key=losses.__getitem__)


class Page(HTMLParser):
    """Which elements a page has, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href", "srcset", "data")]


def test_the_report_is_one_page_that_asks_for_nothing_and_the_same_as_markdown(study: Study) -> None:
    report = write_study_report(study)
    text = report.html.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.fetched == []
    assert not {"script", "link", "iframe", "img"} & set(page.tags)
    assert "url(" not in text
    assert "@import" not in text
    assert page.tags.count("svg") == 3 + 2
    assert "What do &lt;both&gt; &amp; each give?" in text
    markdown = report.markdown.read_text(encoding="utf-8")
    for told in (
        "no difference shown", "p (Holm)", "ASO", "interaction", "only together", "best of 2", "unigram baseline",
        "tandem study run small.toml",
    ):  # fmt: skip
        assert told in text, told
        assert told in markdown, told
    for figure in Path("runs/small/figures").iterdir():
        assert ElementTree.parse(figure).getroot().tag.endswith("svg")
        assert f"figures/{figure.name}" in markdown
    assert len(report.short) == 1


def test_numbers_of_the_report_are_those_of_the_runs(study: Study) -> None:
    markdown = write_study_report(study).markdown.read_text(encoding="utf-8")
    runs = [run for run in study.runs(chosen_rates(study)) if run.arm == "LSTM"]
    mean = scores_of([measured(run.folder) for run in runs], "loss").mean()
    assert f"| LSTM | {mean:.4f} |" in markdown


def test_charts_and_tables_hold_every_arm_and_origins_every_run(study: Study) -> None:
    found = results(study)
    (part,) = found.parts
    assert (found.finished, found.planned) == (8, 8)
    assert check_study(study) == found.checks
    for _, drawn in learning_charts(part, unit="nats"):
        assert all(f">{arm}</text>" in drawn for arm in study.table.arms)
        assert drawn.count("<polygon") == 4
    trials = trials_table(part, "loss")
    assert trials is not None
    for name, first, second, chosen, one, two in trials.rows:
        assert float(two) <= float(one), name
        assert chosen == ("0.001" if float(first) < float(second) else "0.01")
        assert float(one) == pytest.approx((float(first) + float(second)) / 2, abs=1e-4)
    files = next(block for block in reversed(origins(found)) if isinstance(block, Cells))
    assert len(files.rows) == 8


def test_charts_have_names_that_files_and_links_may_have(study: Study) -> None:
    (part,) = results(study).parts
    part = replace(part, task="SST-2 / IMDB (short)")
    names = [name for name, _ in (*learning_charts(part, unit="nats"), *budget_charts([part], score="macro F1"))]
    assert names[0] == "SST-2___IMDB__short_-tokens-tokens"
    assert names[-1] == "SST-2___IMDB__short_-macro_F1-by-seconds"


def test_a_damaged_log_of_seconds_is_named(ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shutil.copytree(ran, tmp_path / "again"))
    (part,) = results(read_study(Path("small.toml"))).parts
    timings = part.told("LSTM")[0].folder.timings
    timings.write_text(timings.read_text().replace("seconds", "second"))
    with pytest.raises(ArtifactError, match="an evaluation in its logs lacks 'seconds'"):
        learning_charts(part, unit="nats")


def test_runs_of_an_arm_without_a_number_do_not_stand_for_those_that_are_left(
    ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(ran, tmp_path / "again"))
    study = read_study(Path("small.toml"))
    runs = {(run.arm, run.recipe.seed): run.folder for run in study.runs(chosen_rates(study))}
    (runs["LSTM", 0] / "diverged.json").write_text('{"why": "the loss is nan"}')
    (runs["BERT", 1] / "README.md").unlink()
    found = results(study)
    assert (found.finished, found.planned) == (5, 6)
    assert found.parts[0].seeds == [0]
    assert "Not finished: 5 of 6 runs." in write_study_report(study).markdown.read_text(encoding="utf-8")


def test_a_study_that_was_changed_says_what_no_longer_fits(study: Study, book: Path, tmp_path: Path) -> None:
    written(tmp_path / "shared.toml", book, budget__tokens=1600)
    (tmp_path / "small.toml").write_text(STUDY, encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"small.toml: 8 finished or begun runs .* they differ in: budget, samples, tr"
    ):
        list(run_study(read_study(tmp_path / "small.toml")))


def test_a_killed_study_goes_on_with_the_same_command(book: Path, tmp_path: Path) -> None:
    made(tmp_path, book, STUDY.partition('[arms."A | B"]')[0].replace("[1e-3, 1e-2]", "[1e-2]"), tokens=6000)
    with started("study", "run", "small.toml", "--parallel", 2, cwd=tmp_path) as process:
        deadline = time.monotonic() + 60
        while not any(num_lines(log) > 3 for log in tmp_path.glob("runs/**/log.jsonl")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143
    assert len(list(tmp_path.glob("runs/**/checkpoints/step-*"))) > 0
    assert left_half_written(tmp_path / "runs") == []
    again = tandem("study", "run", "small.toml", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert len(list(tmp_path.glob("runs/**/scores.json"))) == 4
    assert "4 of 4" in again.stdout


def test_an_arm_that_reads_something_else_is_not_trained_and_the_report_says_why(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = STUDY.partition("[factors]")[0].replace("[1e-3, 1e-2]", "[1e-2]").replace("seeds = [0, 1]", "seeds = [0]")
    easier = text.replace('encoder = "cnn"', 'encoder = "cnn"\nset = ["objective.rate=0.05"]')
    study = read_study(made(tmp_path, book, easier, tokens=400))
    said: list[str] = []
    trained = {turn.run.arm for turn in run_study(study, say=said.append) if isinstance(turn.event, Finished)}
    assert trained == {"BERT", "LSTM", "A | B"}
    assert any("not trained: none" in line and "differs in inputs" in line for line in said)
    text = write_study_report(study).html.read_text(encoding="utf-8")
    assert "none (task, equal tokens) has no number: it does not read what BERT reads" in text
    assert '<th scope="row">none</th><td>-</td>' in text


def test_an_arm_that_diverges_at_every_rate_has_no_number_and_the_others_have(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = STUDY.partition('[arms."A | B"]')[0].replace("seeds = [0, 1]", "seeds = [0]")
    wild = text.replace('encoder = "lstm"', 'encoder = "lstm"\nset = ["optimiser.name=adamw", "optimiser.clip=1e30"]')
    study = read_study(made(tmp_path, book, wild.replace("[1e-3, 1e-2]", "[1e30, 1e-2]"), tokens=400))
    phases = {turn.phase for turn in run_study(study)}
    assert phases == {"trials of learning rates", "runs"}
    assert set(chosen_rates(study).values()) == {1e-2}
    assert "diverged" in write_study_report(study).markdown.read_text(encoding="utf-8")


def test_a_launcher_that_there_is_not_is_refused_before_anything_runs(study: Study) -> None:
    with pytest.raises(UsageError, match=r'--launcher: unknown launcher "slrum"; did you mean "slurm"'):
        next(run_study(study, launcher="slrum"))


def test_without_a_finished_seed_there_is_no_report(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = read_study(made(tmp_path, book))
    next(turn for turn in run_study(study) if isinstance(turn.event, Step))
    with pytest.raises(ArtifactError, match=r"no seed is finished for every arm yet; tandem study run .*small.toml"):
        write_study_report(study)
    assert not (study.folder / "report.html").exists()
