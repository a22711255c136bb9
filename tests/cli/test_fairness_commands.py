"""match, knock-out and probe as they are typed."""

import re
import shutil
from pathlib import Path

import pytest
from running import Ask, tiny, trained


@pytest.fixture(scope="module")
def hybrid(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tiny(book, encoder="attention | lstm"), tmp_path_factory.mktemp("hybrid") / "run")


def test_match_prints_before_after_and_what_to_add(ask: Ask) -> None:
    answer = ask("match", "lstm*2", "cnn[kernel=5]", "--to", "attention*2", "--width", 64, "--equal", "flops")
    assert answer.code == 0
    before, after, settings = answer.out.split("\n\n")
    assert [line.split("  ")[0] for line in before.splitlines()] == [
        "before",
        "encoder",
        "attention*2",
        "lstm*2",
        "cnn[kernel=5]",
    ]
    assert all(abs(float(miss)) <= 2 for miss in re.findall(r"\(([+-][\d.]+)%\)", after))
    assert len(re.findall(r"%\)", after)) == 2
    assert re.search(r"--set 'encoder=lstm\*2' --set model.width=\d+$", settings, flags=re.MULTILINE)


def test_match_says_by_how_much_the_nearest_misses(ask: Ask) -> None:
    words = ["--set", "tokenizer.kind=words", "--set", "tokenizer.size=20", "--set", "objective.transform=false"]
    answer = ask("match", "lstm", "--to", "lstm*2", "--width", 6, *words)
    assert re.search(r"lstm: no width comes within 2%; the nearest is \d+, which misses by [+-]\d+\.\d%", answer.out)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["lstm", "--to", "lsmt"], "did you mean"),
        (["lstm", "--to", "attention", "--equal", "flop"], 'did you mean "flops"'),
        (["lstm", "--to", "none.toml"], "no such recipe"),
        (["lstm", "--to", "attention", "--width", "0"], "model.width = 0"),
    ],
)
def test_a_match_that_cannot_be_is_one_line(arguments: list[str], complaint: str, ask: Ask) -> None:
    answer = ask("match", *arguments)
    assert answer.code == 2
    assert complaint in answer.err
    assert answer.err.count("\n") == 1


def test_evaluate_scores_what_is_left(hybrid: Path, ask: Ask) -> None:
    losses = {}
    for name in ("", "lstm", "attention"):
        answer = ask("evaluate", hybrid, *(["--without", name] if name else []))
        assert answer.code == 0
        losses[name] = re.search(r"loss ([\d.]+)", answer.out)[1]
    assert len(set(losses.values())) == 3
    answer = ask("evaluate", hybrid, "--without", "gru")
    assert (answer.code, answer.err) == (2, 'UsageError: without: unknown mixer "gru" (legal: attention, lstm)\n')


def test_knock_out_prints_scores_and_shares(hybrid: Path, ask: Ask) -> None:
    answer = ask("knock-out", hybrid)
    assert answer.code == 0
    names = [line.split("  ")[0] for line in answer.out.splitlines() if line.endswith("%")]
    assert names == [
        "as trained", "without attention", "without lstm", "without attention and lstm", "unigram baseline",
        "attention alone", "lstm alone", "only together", "attention and lstm",
    ]  # fmt: skip


def test_probe_answers_and_says_whether_runs_read_the_same(hybrid: Path, book: Path, tmp_path: Path, ask: Ask) -> None:
    other = trained(tiny(book, encoder="gru", objective={"rate": 0.3}), tmp_path / "other")
    same = shutil.copytree(hybrid, tmp_path / "same")
    answer = ask("probe", hybrid, same, other)
    assert answer.code == 0
    assert answer.out.count("does padding change what a model says: no") == 3
    assert f"does it read what {hybrid} reads: yes" in answer.out
    assert f"does it read what {hybrid} reads: NO, it differs in inputs" in answer.out
