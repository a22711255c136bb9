"""How many runs of a study share the machine, which decides what each does in a second."""

from pathlib import Path

from tandem.core.errors import UsageError
from tandem.core.files import write_json
from tandem.lab.folder import RunFolder
from tandem.lab.studies.study import Study

PARALLEL = "--parallel"


def way_of(study: Study) -> str:
    """The options that a study was last run with, as they are typed; nothing where that is not known.

    Raises:
        ArtifactError: what says so is damaged.
    """
    path = _path(study)
    return str(RunFolder(study.folder).read_json(path, "options")["options"]) if path.exists() else ""


def parallel_of(study: Study) -> int | None:
    """How many runs at a time a study was last run with; None where that is not known, or a cluster ran it.

    Raises:
        ArtifactError: what says so is damaged.
    """
    option, _, number = way_of(study).partition(" ")
    return int(number) if option == PARALLEL and number.isdecimal() else None


def keep_way(study: Study, *, parallel: int, launcher: str) -> None:
    """Keeps the options for the report.

    Raises:
        UsageError: they have changed, and seconds are what is equal in runs that are there already.
    """
    options = f"--launcher {launcher}" if launcher else f"{PARALLEL} {parallel}"
    before = way_of(study)
    if before not in ("", options) and "seconds" in study.table.equal and any(study.folder.glob("*/seconds/*/*")):
        raise UsageError(
            f"{study.path}: its runs were begun with {before}, and how many share the machine decides what they do in "
            f"equal seconds; go on with {before}, or delete {study.folder}"
        )
    write_json(_path(study), {"options": options})


def _path(study: Study) -> Path:
    return study.folder / "way.json"
