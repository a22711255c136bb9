"""What is looked at before a study trains anything: traps in its arms, and whether they all read the same."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tandem.core.config import Recipe
from tandem.core.files import write_json
from tandem.lab.assemble import assemble
from tandem.lab.corpora import open_corpus
from tandem.lab.data_checks.copies import copies
from tandem.lab.data_checks.finding import read_rows
from tandem.lab.match import TOLERANCE
from tandem.lab.origins import initial_of
from tandem.lab.probes import Probe, probes
from tandem.lab.reading import source_of
from tandem.lab.sizes import sizes_of
from tandem.lab.studies.digest import DataDigest, data_digest
from tandem.lab.studies.study import Place, Study
from tandem.text.splits import SPLITS

FORMAT = 2
MOST_ROWS = 500_000
CHECKS = "checks.json"
"""The file that every study begins with."""


@dataclass(frozen=True)
class ArmChecks:
    """What was found about an arm that is not trained yet: the probes of its model, what it reads, and what it costs.

    `costs` are parameters and operations with the vocabulary and the classes that the corpus has; widths were solved
    for with those that the recipe allows.
    """

    probes: list[Probe]
    digest: DataDigest
    costs: dict[str, float]


@dataclass(frozen=True)
class StudyChecks:
    """The checks of every arm, the copies between splits of every task, and which arms they forbid, with the reason."""

    arms: dict[Place, ArmChecks]
    copies: dict[str, list[str]]
    refused: dict[Place, str]


def check_study(study: Study, *, say: Callable[[str], None] = lambda _: None) -> StudyChecks:
    """Checks every arm of `study`, and keeps the answers in its folder; what is known already is not asked again.

    An arm is refused whose model fails a probe, which reads another text, order or masks than the reference, or which
    is not as equal to it with the corpus's own vocabulary as with that of the recipe.

    Raises:
        What `Study.arms` and `assemble` raise.
    """
    path = study.folder / CHECKS
    known = _read(path)
    found: dict[str, Any] = {}
    seed = study.table.seeds[0]
    arms: dict[Place, ArmChecks] = {}
    doubles: dict[str, list[str]] = {}
    for (task, equal), recipes in study.parts.items():
        for name, recipe in recipes.items():
            seeded = recipe.model_copy(update={"seed": seed})
            key = _key(seeded)
            if key not in known:
                say(f"probing {name}, {task}, equal {equal}")
                known[key] = asdict(_checked(seeded))
                write_json(path, {**known, **found})
            found[key] = known[key]
            arms[task, equal, name] = _from_json(known[key])
        if task not in doubles:
            corpus = next(iter(recipes.values()))
            key = f"copies {hashlib.sha256(repr((corpus.task, corpus.corpus)).encode()).hexdigest()}"
            if key not in known:
                say(f"looking for copies between the splits of {task}")
                known[key] = _copies(corpus)
            found[key] = doubles[task] = known[key]
    write_json(path, found)
    return StudyChecks(arms, doubles, _refused(study, arms))


def _checked(recipe: Recipe) -> ArmChecks:
    assembly = assemble(recipe, initial=initial_of(recipe))
    source = source_of(assembly.objective, assembly.store, "train", recipe)
    sizes = sizes_of(recipe, assembly.model, assembly.objective)
    return ArmChecks(
        probes(assembly.model, assembly.objective, source),
        data_digest(recipe, assembly.objective, assembly.store),
        {"parameters": float(sizes.parameters), "flops": sizes.flops},
    )


def _refused(study: Study, arms: dict[Place, ArmChecks]) -> dict[Place, str]:
    refused = {}
    for place, checks in arms.items():
        reasons = [probe.sentence() for probe in checks.probes if not probe.holds]
        task, equal, _ = place
        if different := arms[task, equal, study.reference].digest.differences(checks.digest):
            reasons.append(f"it does not read what {study.reference} reads: it differs in {' and '.join(different)}")
        expected, found = (arms[task, equal, name].costs.get(equal) for name in (study.reference, place[2]))
        if expected and found and abs(found / expected - 1) > TOLERANCE:
            reasons.append(
                f"with the tokens and classes that the corpus has, it has {found / expected - 1:+.1%} {equal} against "
                f"{study.reference}; set tokenizer.size to the number of tokens that there are"
            )
        if reasons:
            refused[place] = "; ".join(reasons)
    return refused


def _copies(recipe: Recipe) -> list[str]:
    rows = read_rows(open_corpus(recipe).corpus, SPLITS, most=MOST_ROWS)
    lines = [f"only the first {len(rows.splits[split]):,} rows of {split} were looked at" for split in rows.cut]
    return lines + [
        f"{finding.count:,} {finding.title} (of {finding.total:,})"
        for finding in copies(rows)
        if finding.check == "copies-across"
    ]


def _key(recipe: Recipe) -> str:
    return hashlib.sha256(f"{FORMAT} {recipe.to_toml()}".encode()).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _from_json(content: dict[str, Any]) -> ArmChecks:
    probes_found = [Probe(**probe) for probe in content["probes"]]
    return ArmChecks(probes_found, DataDigest(**content["digest"]), content["costs"])
