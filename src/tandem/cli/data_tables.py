"""How corpora, findings and stores look in a terminal; text from data is shown as it is, never obeyed."""

from statistics import fmean
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from tandem.lab.data_checks.checked import Checked
from tandem.lab.data_checks.finding import Finding, Shown
from tandem.lab.overview import SHARES, Overview, quantiles
from tandem.text.example import Example
from tandem.text.readable import readable, unobeyed

if TYPE_CHECKING:
    from tandem.data.store import Store

MOST_CLASSES = 20
WIDTH = 100


def show_overview(terminal: Console, found: Overview) -> None:
    """What a corpus holds."""
    opened, splits = found.opened, found.splits
    corpus = opened.corpus
    _line(terminal, f"{opened.name}: {corpus.title}", style="bold")
    origin = found.place if corpus.identifier is None else f"{found.place} ({corpus.identifier})"
    for name, value in (
        ("kind", corpus.kind), ("from", origin), ("licence", corpus.licence), ("citation", corpus.citation),
        *(("note", unobeyed(note)) for note in corpus.notes()),
    ):  # fmt: skip
        _line(terminal, f"{name:<9} {value}")
    rows = _table("rows", *splits)
    _row(rows, "as read here", *(f"{summary.rows:,}" for summary in splits.values()))
    if corpus.rows:
        _row(rows, "as published", *(f"{corpus.rows[name]:,}" if name in corpus.rows else "-" for name in splits))
    if any(summary.targets or summary.scores for summary in splits.values()):
        _row(rows, "without target", *(f"{summary.missing:,}" for summary in splits.values()))
    _print(terminal, rows)
    _print_targets(terminal, found)
    for unit in ("words", "characters"):
        table = _table(f"{unit} of an example", *splits)
        columns = [quantiles(getattr(summary, unit)) for summary in splits.values()]
        for number, share in enumerate(SHARES):
            name = "the longest" if share == 1 else f"{100 * share:.0f} % have at most"
            _row(table, name, *(f"{column[number]:,}" if column else "-" for column in columns))
        _print(terminal, table)
    name, examples = next((name, summary.examples) for name, summary in splits.items() if summary.rows)
    _line(terminal, f"\nThe first examples of {name}", style="bold")
    for example in examples:
        _print_example(terminal, example)


def _print_targets(terminal: Console, found: Overview) -> None:
    splits = found.splits
    if found.classes:
        table = _table("tag" if found.opened.corpus.kind == "tags" else "class", *splits)
        for name in found.classes[:MOST_CLASSES]:
            _row(table, readable(name, width=40), *(_part(summary.targets, name) for summary in splits.values()))
        _print(terminal, table)
        if len(found.classes) > MOST_CLASSES:
            _line(terminal, f"and {len(found.classes) - MOST_CLASSES:,} more")
    if any(summary.scores for summary in splits.values()):
        table = _table("score", *splits)
        for name, measure in (("lowest", min), ("mean", fmean), ("highest", max)):
            _row(table, name, *(f"{measure(s.scores):.3f}" if s.scores else "-" for s in splits.values()))
        _print(terminal, table)


def _print_example(terminal: Console, example: Example) -> None:
    _line(terminal, f"  · {readable(example.text, width=WIDTH)}")
    if example.second is not None:
        _line(terminal, f"    {readable(example.second, width=WIDTH)}")
    if example.target is not None:
        target = " ".join(example.target) if isinstance(example.target, tuple) else str(example.target)
        _line(terminal, f"    → {readable(target, width=WIDTH)}")


def show_checked(terminal: Console, found: Checked) -> None:
    """What is wrong with a corpus, and what baselines reach on it."""
    rows = " · ".join(f"{split} {number:,}" for split, number in found.rows.items())
    _line(terminal, f"{found.corpus}: {found.title}", style="bold")
    _line(terminal, f"rows: {rows}")
    for note in found.notes:
        _line(terminal, f"note: {unobeyed(note)}")
    for finding in found.findings:
        _print_finding(terminal, finding)
    if not found.findings:
        _line(terminal, "\nNothing found: no copies, no gaps in the targets, no damaged characters.", style="green")
    if found.baselines:
        _line(terminal, "\nA model should beat", style="bold")
    for baseline in found.baselines:
        place = f"of {baseline.count:,} in {baseline.split}"
        _line(terminal, f"  {baseline.name:<18} {100 * baseline.accuracy:5.1f} % {place}: {baseline.meaning}")


def _print_finding(terminal: Console, finding: Finding) -> None:
    share = f" of {finding.total:,} ({_percent(finding.count, finding.total)})" if finding.total else ""
    _line(terminal, f"\n{finding.title}: {finding.count:,}{share}", style="yellow")
    if finding.more:
        _line(terminal, f"    {readable(finding.more, width=2 * WIDTH)}")
    for shown in finding.shown:
        note = f" [{readable(shown.note, width=WIDTH // 2)}]" if shown.note else ""
        _line(terminal, f"    {_where(shown)}{note}  {readable(shown.text, width=WIDTH)}")
    _line(terminal, f"  → {finding.advice}")


def _where(shown: Shown) -> str:
    if shown.row is None:
        return f"{shown.split} ({readable(shown.document, width=40)})"
    name = f"{shown.split} row {shown.row}"
    return name if shown.document == f"{shown.split}-{shown.row}" else f"{name} ({readable(shown.document, width=40)})"


class Progress:
    """A bar for what is read, in characters, below what is said about it."""

    def __init__(self, terminal: Console) -> None:
        self.bar = Bar(
            TextColumn("{task.description}", markup=False), BarColumn(bar_width=24),
            TextColumn("{task.fields[done]}"), TimeElapsedColumn(), console=terminal, transient=True,
            disable=not terminal.is_terminal,
        )  # fmt: skip
        self.task = self.bar.add_task("preparing", total=None, done="")
        self.said = False
        """Whether anything was; a store that is there already makes no words."""
        self.done: dict[str, int] = {}

    def __enter__(self) -> "Progress":
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def say(self, text: str) -> None:
        """Prints a line above the bar."""
        self.said = True
        _line(self.bar.console, text)

    def advance(self, what: str, done: int) -> None:
        """Moves the bar of `what` to `done` characters."""
        # The train split is read twice: for the tokenizer, and for its tokens. The first time says how long it is.
        total = next(iter(self.done.values()), None) if "train split" in what else None
        self.done[what] = done
        self.bar.update(
            self.task, description=what, completed=done, total=total, done=f"{done / 1e6:,.1f} M characters"
        )


def show_store(terminal: Console, store: "Store", *, seconds: float | None) -> None:
    """Where a store is and what it holds; `seconds` says how long it took to make, None where it was there."""
    splits = store.meta["splits"]
    table = _table("", *splits)
    for name in ("tokens", "examples", "sentences", "documents", "without_text", "empty"):
        _row(table, name.replace("_", " "), *(f"{numbers.get(name, 0):,}" for numbers in splits.values()))
    _row(table, "unknown tokens", *(_percent(n["unknown"], n["tokens"]) for n in splits.values()))
    _print(terminal, table)
    _line(terminal, f"\nvocabulary: {store.meta['vocabulary']:,} ids")
    _line(terminal, f"store: {store.folder}")
    if seconds is None:
        _line(terminal, "it was there already")
    else:
        size = sum(numbers["bytes"] for numbers in splits.values()) / 1e6
        _line(terminal, f"{size:,.1f} MB of text in {seconds:.1f} s: {size / seconds:.1f} MB/s")


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(Text(heading), justify="right" if number else "left")
    return table


def _row(table: Table, *cells: str) -> None:
    table.add_row(*map(Text, cells))


def _print(terminal: Console, table: Table) -> None:
    terminal.print()
    terminal.print(table)


def _line(terminal: Console, text: str, style: str = "") -> None:
    terminal.print(Text(text, style=style), soft_wrap=True)


def _part(counts: "dict[str, int]", name: str) -> str:
    return f"{counts.get(name, 0):,} ({_percent(counts.get(name, 0), sum(counts.values()))})"


def _percent(count: int, total: int) -> str:
    share = 100 * count / max(1, total)
    return f"{share:.1f} %" if share >= 0.1 or not count else f"{share:.2g} %"
