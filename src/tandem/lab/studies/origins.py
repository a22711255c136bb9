"""Hashes, versions and machine: what a reader needs to get the same numbers again."""

import hashlib
import os
import platform

from tandem.lab.page import Block, Cells, Paragraph
from tandem.lab.studies.results import Results

DIGITS = 12
FILES = ("tokenizer.json", "weights.safetensors")


def origins(found: Results) -> list[Block]:
    """Where the numbers of a report come from."""
    study = found.study
    recipe = study.path.parent / study.table.recipe
    machines, rows, data = set(), [], []
    for part in found.parts:
        for name in part.scores:
            digest = found.checks.arms[part.task, part.equal, name].digest
            data.append([
                f"{part.task}, equal {part.equal}", name, *(whole[:DIGITS] for whole in vars(digest).values()),
            ])  # fmt: skip
            for run in part.told(name):
                machine = run.folder.read_json(run.folder.machine, "versions", "device")
                machines.add(
                    ", ".join([machine["device"], *(f"{of} {is_}" for of, is_ in machine["versions"].items())])
                )
                files = run.result["files"]
                rows.append([str(run.folder.path), *(files[file][:DIGITS] for file in FILES)])
    files = f"{study.path} {_digest(study.path.read_bytes())}, {recipe} {_digest(recipe.read_bytes())}"
    return [
        Paragraph(f"SHA-256 (first {DIGITS} digits) of the study and of its recipe: {files}."),
        Paragraph(
            f"Trained on: {'; '.join(sorted(machines))}. This report was written on {platform.system()} "
            f"{platform.machine()} with {os.cpu_count()} cores. Seconds hold for the machine that trained."
        ),
        Cells(["what arms read", "arm", "tokenizer", "order of data", "masked inputs"], data, words=True),
        Cells(["run", *FILES], rows, words=True),
    ]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
