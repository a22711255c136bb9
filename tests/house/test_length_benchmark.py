"""The figure of scores over lengths, from a small run."""

import sys
from pathlib import Path

import pytest

from benchmarks.length import draw, main, points, table
from tandem.lab.translate import Translation
from tandem.lab.translation_report import Pair


def pair(words: int, *, right: bool) -> Pair:
    text = " ".join("abcdefghij"[:words])
    return Pair(Translation(text, text if right else "x", -1.0, True, words, 0), text, right)


def test_every_length_is_a_line_and_every_run_a_column() -> None:
    first = points([pair(2, right=True), pair(2, right=False), pair(5, right=True)], score="same")
    assert [(one.shortest, one.count, one.score) for one in first] == [(2, 2, 50.0), (5, 1, 100.0)]
    lines = table({"one": first, "other": first}).splitlines()
    assert lines[0] == "| words | texts | one | other |"
    assert lines[2:] == ["| 2 | 2 | 50.0 | 50.0 |", "| 5 | 1 | 100.0 | 100.0 |"]


def test_bleu_is_given_in_groups_of_similar_length() -> None:
    pytest.importorskip("sacrebleu", reason="the extra eval is not installed")
    found = points([pair(words, right=words < 8) for words in range(5, 10) for _ in range(3)], score="bleu")
    assert [one.longest for one in found] == [5, 6, 7, 8, 9]
    assert found[0].score == pytest.approx(100)
    assert found[-1].score < 50


def test_the_command_writes_a_table_and_a_figure(
    reversing_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["length", str(reversing_run), "--out", str(tmp_path), "--beam", "1"])
    main()
    printed = capsys.readouterr().out
    assert "| words | texts | reverse |" in printed
    assert (tmp_path / "length.md").read_text(encoding="utf-8").count("\n") > 4
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    assert (tmp_path / "length.png").read_bytes().startswith(b"\x89PNG")
    draw(tmp_path / "again.png", {"a": points([pair(2, right=True)], score="same")}, score="same")


def test_a_run_that_does_not_translate_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["length", str(tmp_path / "none")])
    with pytest.raises(SystemExit, match=r"UsageError: .*none: no such run folder"):
        main()
