"""A report as a list of blocks, which become a page of HTML that needs nothing else, or Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from tandem.core.files import write_atomic


@dataclass(frozen=True)
class Heading:
    """A heading; the `level` of a section is 2, that of its parts 3."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Text; `kind` may be `lead`, `note` or `warning`."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Cells:
    """A table; columns but the first hold numbers, unless `words` is set."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: bool = False


@dataclass(frozen=True)
class Points:
    """A list."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Charts:
    """SVG elements side by side, each with the name of its file."""

    drawn: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Command:
    """What is typed into a terminal."""

    text: str


Block = Heading | Paragraph | Cells | Points | Charts | Command


def as_html(title: str, blocks: Sequence[Block]) -> str:
    """A whole page; every text in it is escaped, and it asks for nothing outside itself."""
    template = Template((files("tandem.lab") / "page.html").read_text(encoding="utf-8"))
    return template.substitute(title=escape(title), content="\n".join(map(_html, blocks)))


def as_markdown(title: str, blocks: Sequence[Block], *, charts: str) -> str:
    """The same as Markdown; `charts` is the folder of its pictures, seen from the file."""
    return "\n\n".join([f"# {title}", *(_markdown(block, charts) for block in blocks)]) + "\n"


def write_charts(blocks: Sequence[Block], folder: Path) -> None:
    """Writes every chart as an SVG file into `folder`.

    Raises:
        ResourceError: the disk is full.
    """
    for block in blocks:
        for name, drawn in block.drawn if isinstance(block, Charts) else ():
            write_atomic(folder / f"{name}.svg", f"{drawn}\n")


def _html(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Paragraph():
            kind = f' class="{escape(block.kind)}"' if block.kind else ""
            return f"<p{kind}>{escape(block.text)}</p>"
        case Cells():
            kind = ' class="words"' if block.words else ""
            headings = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in block.headings)
            rows = "\n".join(_row(row) for row in block.rows)
            return (
                f'<div class="wide" tabindex="0"><table{kind}><thead><tr>{headings}</tr></thead>\n'
                f"<tbody>\n{rows}\n</tbody></table></div>"
            )
        case Points():
            return "<ul>\n" + "\n".join(f"<li>{escape(line)}</li>" for line in block.lines) + "\n</ul>"
        case Charts():
            return (
                '<div class="charts">\n' + "\n".join(f"<figure>{svg}</figure>" for _, svg in block.drawn) + "\n</div>"
            )
        case Command():
            return f'<pre tabindex="0"><code>{escape(block.text)}</code></pre>'


def _row(cells: Sequence[str]) -> str:
    first, *others = cells
    rest = "".join(f"<td>{escape(cell)}</td>" for cell in others)
    return f'<tr><th scope="row">{escape(first)}</th>{rest}</tr>'


def _markdown(block: Block, charts: str) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_plain(block.text)}"
        case Paragraph():
            return _plain(block.text)
        case Cells():
            align = ["---"] * len(block.headings) if block.words else ["---", *["--:"] * (len(block.headings) - 1)]
            lines = [block.headings, align, *block.rows]
            return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)
        case Points():
            return "\n".join(f"- {_plain(line)}" for line in block.lines)
        case Charts():
            return "\n".join(f"![{name}]({charts}/{name}.svg)" for name, _ in block.drawn)
        case Command():
            return "\n".join(f"    {line}" for line in block.text.splitlines())


def _plain(text: str) -> str:
    """`text` on one line, with what Markdown would take for its own signs marked as text."""
    marked = "".join(f"\\{sign}" if sign in "\\`*_<[" else sign for sign in text)
    return " ".join(marked.split())


def _cell(text: str) -> str:
    return text if set(text) <= set("-:") and text else _plain(text).replace("|", "\\|")
