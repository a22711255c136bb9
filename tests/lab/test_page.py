"""Blocks as HTML and as Markdown."""

from pathlib import Path

from tandem.lab.page import Cells, Charts, Command, Heading, Paragraph, Points, as_html, as_markdown, write_charts

HOSTILE = "<script>alert(1)</script> $title & `a|b` *c*"
BLOCKS = [
    Heading(HOSTILE), Paragraph(HOSTILE, "note"), Cells([HOSTILE, "n"], [[HOSTILE, "1"]]), Points([HOSTILE]),
    Charts([("curve", "<svg/>")]), Command("tandem study run <a>"),
]  # fmt: skip


def test_no_text_becomes_markup_in_html() -> None:
    page = as_html(HOSTILE, BLOCKS)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; $title &amp; `a|b` *c*") == 7
    assert "<svg/>" in page
    assert "tandem study run &lt;a&gt;" in page


def test_no_text_becomes_markup_in_markdown() -> None:
    lines = as_markdown("t", BLOCKS, charts="figures").splitlines()
    assert "## \\<script>alert(1)\\</script> $title & \\`a|b\\` \\*c\\*" in lines
    (row,) = [line for line in lines if line.endswith("| 1 |")]
    assert "a\\|b" in row
    assert lines[lines.index(row) - 1] == "| --- | --: |"
    assert "![curve](figures/curve.svg)" in lines
    assert lines[-1] == "    tandem study run <a>"


def test_charts_are_files_too(tmp_path: Path) -> None:
    write_charts(BLOCKS, tmp_path / "figures")
    assert (tmp_path / "figures" / "curve.svg").read_text() == "<svg/>\n"
