"""Hashes, versions and machine: what a reader needs to get the same numbers again."""

import hashlib

from tandem.lab.page import Block, Cells, Command, Paragraph
from tandem.lab.report import Measured
from tandem.lab.studies.results import Results

DIGITS = 12
FILES = ("tokenizer.json", "weights.safetensors")


def origins(found: Results) -> list[Block]:
    """Where the numbers of a report come from: files as they are, machines, and digests."""
    study = found.study
    recipes = {study.table.recipe, *(arm.recipe for arm in study.table.arms.values() if arm.recipe)}
    files = [study.path, *(study.path.parent / name for name in sorted(recipes))]
    machines, rows, data = set(), [], []
    for part in found.parts:
        for name in part.scores:
            digest = found.checks.arms[part.task, part.equal, name].digest
            data.append([
                f"{part.task}, equal {part.equal}", name, *(whole[:DIGITS] for whole in vars(digest).values()),
            ])  # fmt: skip
            for run in part.told(name):
                machines.add(_machine(run))
                digests = run.result["files"]
                rows.append([str(run.folder.path), *(digests[file][:DIGITS] for file in FILES)])
    blocks: list[Block] = [Paragraph(f"Trained on: {'; '.join(sorted(machines))}. Seconds hold for that machine.")]
    for path in files:
        content = path.read_bytes()
        blocks += [Paragraph(f"{path}, SHA-256 {_digest(content)}:"), Command(content.decode().rstrip())]
    return [
        *blocks,
        Paragraph(f"Of all digests the first {DIGITS} digits are shown."),
        Cells(["what arms read", "arm", "tokenizer", "order of data", "masked inputs"], data, words=True),
        Cells(["run", *FILES], rows, words=True),
    ]


def _machine(run: Measured) -> str:
    there = run.folder.read_json(run.folder.machine, "versions", "device")
    cores = f"{there['cores']} cores" if "cores" in there else ""
    versions = ", ".join(f"{of} {is_}" for of, is_ in there["versions"].items())
    return ", ".join(filter(None, (there["device"], there.get("processor"), cores, versions)))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
