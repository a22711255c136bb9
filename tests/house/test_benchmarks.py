"""The benchmarks run and say what they promise; how fast a machine is, no test judges."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ENCODERS = ["attention*4", "lstm*2", "attention*4 | lstm*2"]
TINY = [
    "--pack",
    "sentences",
    "--rounds",
    "2",
    "--seconds",
    "0.01",
    "--steps",
    "1",
    "--width",
    "32",
    "--length",
    "16",
    "--batch",
    "4",
    "--vocabulary",
    "300",
]


def test_the_table_of_commands_names_each_of_them() -> None:
    folder = ROOT / "benchmarks"
    commands = {path.stem for path in folder.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")}
    table = [line for line in (folder / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = {word.split()[0] for line in table[1:] for word in re.findall("`([^`]+)`", line.split("|")[2])}
    assert commands == named - {"---"}


@pytest.fixture(scope="module")
def output(book: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, Any]]:
    """The lines of the table and the content of the JSON file, both of one run."""
    numbers = tmp_path_factory.mktemp("benchmark") / "numbers.json"
    command = [sys.executable, "-m", "benchmarks.train_step", *TINY, "--text", str(book), "--json", str(numbers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "round 2 of 2" in done.stderr
    return done.stdout.splitlines(), json.loads(numbers.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lines(output: tuple[list[str], dict[str, Any]]) -> list[str]:
    return output[0]


@pytest.fixture(scope="module")
def result(output: tuple[list[str], dict[str, Any]]) -> dict[str, Any]:
    return output[1]


def test_every_encoder_and_the_peak_are_measured_in_both_precisions(result: dict[str, Any]) -> None:
    expected = {(name, precision) for name in ["matrix product", *ENCODERS] for precision in ("fp32", "bf16")}
    assert {(row["encoder"], row["precision"]) for row in result["rows"]} == expected
    assert len(result["rows"]) == len(expected)


def test_every_number_comes_with_its_spread(result: dict[str, Any]) -> None:
    for row in result["rows"]:
        keys = ["flops"] if row["encoder"] == "matrix product" else ["tokens", "flops", "share"]
        for key in keys:
            assert 0 < row[key]["min"] <= row[key]["median"] <= row[key]["max"]


def test_the_three_encoders_cost_what_the_formulas_say(result: dict[str, Any]) -> None:
    """Operations for each token are those of `tandem describe`, so both speeds of a row say the same."""
    from tandem.core.config import checked_recipe
    from tandem.lab.assemble import build_objective, check
    from tandem.text.tokenizer import train_tokenizer

    vocabulary = result["vocabulary"]
    for encoder in ENCODERS:
        recipe = checked_recipe(
            {"encoder": encoder, "model": {"width": 32, "feedforward": 128}, "tokenizer": {"size": vocabulary},
             "data": {"length": 16}, "budget": {"steps": 1}}, where="test",
        )  # fmt: skip
        model = check(recipe)
        objective = build_objective(recipe, train_tokenizer(["a"], kind="char", size=8), ())
        full = 3 * objective.flops(model, 16) / 16
        for row in result["rows"]:
            if row["encoder"] == encoder:
                counted = row["flops"]["median"] / row["tokens"]["median"] * (1 - row["padding"])
                assert counted == pytest.approx(full, rel=0.02)


def test_the_table_begins_with_the_machine(lines: list[str], result: dict[str, Any]) -> None:
    assert lines[0] == result["machine"]
    assert re.search(r"cores \d+, threads \d+, torch \d", lines[0])
    assert "vocabulary" in lines[1]
    assert [line.split("  ")[0] for line in lines[4:]] == [row["encoder"] for row in result["rows"]]
    assert sum(" %" in line for line in lines[4:]) == len(result["rows"]) - 2
