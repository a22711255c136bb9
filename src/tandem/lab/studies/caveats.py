"""What a reader of a study must know before its numbers: arms without one, what was checked, what was not equal."""

from tandem.lab.page import Block, Paragraph, Points
from tandem.lab.studies.digest import BATCHES
from tandem.lab.studies.results import Part, Results
from tandem.lab.studies.scores import at_the_edge


def caveats(found: Results) -> list[Block]:
    """Warnings first, then what was asked of every arm."""
    refused = [
        f"{name} ({part.task}, equal {part.equal}) has no number: {arm.why_not}"
        for part in found.parts
        for name, arm in part.arms.items()
        if arm.why_not
    ]
    lines = [*refused, *(line for part in found.parts for line in unequal_machines(part)), *_edges(found)]
    asked = dict.fromkeys(probe.question for checks in found.checks.arms.values() for probe in checks.probes)
    held = f"Asked of every arm before it was trained: {'; '.join(asked)}. "
    held += f"Tokenizer, order and masked inputs of the first {BATCHES} batches of all arms are compared by SHA-256. "
    if tries := len(found.study.table.learning_rates):
        held += (
            f"Every arm was tuned with {tries} learning rates. " if tries > 1 else "All arms have one learning rate. "
        )
    passed = "" if refused else "All arms passed."
    return [*(Paragraph(line, "warning") for line in lines), Paragraph(held + passed), Points(_copies(found))]


def unequal_machines(part: Part) -> list[str]:
    """In what the machines differ that trained the arms of one part, a line each."""
    lines = []
    for key in ("precision", "threads", "device", "processor", "versions"):
        by_arm = {
            name: {str(run.folder.read_json(run.folder.machine).get(key, "unknown")) for run in part.told(name)}
            for name in part.scores
        }
        everything = set().union(*by_arm.values())
        if len(everything) > 1:
            told = "; ".join(f"{name} {' and '.join(sorted(values))}" for name, values in by_arm.items())
            lines.append(f"{part.task}, equal {part.equal}: runs differ in {key}: {told}")
    return lines


def _edges(found: Results) -> list[str]:
    """Which arms may have a better learning rate than any that was tried."""
    chosen = {(part.task, part.equal, name): arm.rate for part in found.parts for name, arm in part.arms.items()}
    known = {place: rate for place, rate in chosen.items() if rate is not None}
    edges = at_the_edge(found.study, known) if len(found.study.table.learning_rates) > 1 else []
    if not edges:
        return []
    return [
        f"In {len(edges)} of {len(known)} cases the best learning rate was the least or the greatest that was tried: a "
        "better one may lie beyond"
    ]


def _copies(found: Results) -> list[str]:
    """Texts that stand in two splits, letter for letter."""
    lines = [f"{task}: {line}" for task, lines in found.checks.copies.items() for line in lines]
    none = [task for task, lines in found.checks.copies.items() if not lines]
    return lines + ([f"{', '.join(none)}: no text of a held-out split is in train, letter for letter"] if none else [])
