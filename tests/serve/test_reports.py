"""What lies beside a run belongs to its report, and nothing else that is called so."""

from pathlib import Path

from tandem.serve.reports import documents


def test_a_comparison_and_a_study_that_lie_beside_a_run_belong_to_its_report(tmp_path: Path) -> None:
    run = tmp_path / "study" / "task" / "tokens" / "lstm" / "seed=1"
    run.mkdir(parents=True)
    for place in (run / "README.md", run.parent / "comparison.md", tmp_path / "study" / "report.md"):
        place.write_text(place.name, encoding="utf-8")
    (tmp_path / "report.md").write_text("of another", encoding="utf-8")
    assert [one.title for one in documents(run)] == ["Card", "Comparison"]
    (tmp_path / "study" / "checks.json").write_text("{}", encoding="utf-8")
    assert [(one.title, one.text) for one in documents(run)] == [
        ("Card", "README.md"), ("Comparison", "comparison.md"), ("Study", "report.md")
    ]  # fmt: skip
