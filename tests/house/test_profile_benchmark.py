"""The profile of a training step accounts for all of it; no speed is judged."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.profile import main, table


def test_every_operation_of_a_step_has_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "profile.json"
    arguments = ["--quick", "--encoder", "attention*4", "lstm*2", "--precision", "fp32", "--json", str(output)]
    monkeypatch.setattr(sys, "argv", ["profile", *arguments])
    main()
    found = {row["encoder"]: row["operations"] for row in json.loads(output.read_text(encoding="utf-8"))}
    assert list(found) == ["attention*4", "lstm*2"]
    for rows in found.values():
        assert sum(row["share"] for row in rows) == pytest.approx(1)
    # Per layer the projections, what they mix, and two of the feed-forward network; then two of the head.
    (products,) = (row for row in found["attention*4"] if row["name"] == "aten::addmm")
    assert products["calls"] == 4 * 4 + 2
    assert not any(row["name"] == "aten::scaled_dot_product_attention" for row in found["lstm*2"])
    assert "lstm*2, fp32:" in capsys.readouterr().out


def test_what_is_not_in_the_table_is_added_up() -> None:
    rows = [
        {"name": name, "milliseconds": ms, "share": ms / 10, "calls": 1.0}
        for name, ms in zip("abc", (7, 2, 1), strict=True)
    ]
    title, _, first, rest = table("lstm", rows, at_most=1)
    assert title == "lstm: 10.0 ms a step"
    assert first.split() == ["a", "70.0%", "7.0", "1"]
    assert rest.split() == ["2", "others", "30.0%", "3.0"]
