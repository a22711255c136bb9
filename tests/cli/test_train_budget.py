"""`tandem train --budget`."""

import re
import tomllib
from pathlib import Path

from running import Ask, written


def budget(folder: Path) -> dict[str, float]:
    return tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))["budget"]


def test_a_time_becomes_tokens_that_the_recipe_keeps_and_the_card_repeats(
    book: Path, tmp_path: Path, ask: Ask, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "mine.toml", book, budget__steps=10**6)
    first = ask("train", "mine.toml", "--budget", "0.5s")
    assert (first.code, first.err) == (0, "")
    (tokens,) = re.findall(r"budget ([\d,]+) tokens: about [\d,]+ steps at [\d,]+ tokens/s and .* until", first.out)
    folder = Path("runs/mine+budget.seconds=0.5")
    number = int(tokens.replace(",", ""))
    assert budget(folder) == {"tokens": number}
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"    tandem train mine.toml --set budget.tokens={number} --out {folder}\n" in card
    second = ask("train", "mine.toml", "--budget", "0.5s")
    assert f"budget {tokens} tokens, as when the run began" in second.out
    assert "is complete already" in second.out


def test_tokens_and_steps_are_taken_as_they_are_said(book: Path, tmp_path: Path, ask: Ask) -> None:
    recipe = written(tmp_path / "mine.toml", book, budget__steps=10**6)
    for said, expected in (("0.7ktokens", {"tokens": 700}), ("3steps", {"steps": 3})):
        assert ask("train", recipe, "--budget", said, "--out", tmp_path / said).code == 0
        assert budget(tmp_path / said) == expected


def test_what_is_no_budget_is_refused_in_one_line(book: Path, tmp_path: Path, ask: Ask) -> None:
    done = ask("train", written(tmp_path / "mine.toml", book), "--budget", "soon", "--out", tmp_path / "run")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "UsageError: --budget soon: write a time (90s, 10m, 1h30m), tokens (2Mtokens, 2e6tokens) or 500steps\n"
    )
    assert not (tmp_path / "run").exists()
