"""Trains one recipe into one folder, and goes on where an earlier attempt stopped."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tandem.core.config import Recipe
from tandem.core.errors import UsageError
from tandem.core.files import as_name, owned, write_atomic
from tandem.core.seeds import derive
from tandem.lab.assemble import assemble, check
from tandem.lab.events import Event, Finished, Notice
from tandem.lab.folder import RunFolder
from tandem.lab.origins import initial_of
from tandem.lab.session import Session
from tandem.train.signals import stop_requests


def train_run(recipe: Recipe, path: Path, *, say: Callable[[str], None] = lambda _: None) -> Iterator[Event]:
    """Trains `recipe` into the folder `path`; a folder that holds a part of this run is continued, bit for bit.

    `say` is told at once what takes long before there is an event to yield.

    Raises:
        UsageError: the recipe is wrong, or the folder holds something else.
        BusyError: another process trains into the folder.
        Stopped: a signal came; a checkpoint was saved.
        DataError, ResourceError, DivergedError, ArtifactError: as their names say.
    """
    folder = RunFolder(path)
    initial = initial_of(recipe)
    recipe = initial.recipe if initial else recipe
    check(recipe)
    _refuse_foreign(folder, recipe)
    if folder.complete:
        yield Notice(f"{path} is complete already; delete it to train again")
        yield Finished(folder)
        return
    # Until there is a step to finish, a signal has its usual effect.
    assembly = assemble(recipe, initial=initial, say=say)
    with stop_requests() as stop, owned(path):
        _refuse_foreign(folder, recipe)
        write_atomic(folder.config, recipe.to_toml())
        yield from Session(assembly, folder).run(lambda: stop.number)
    yield Finished(folder)


def _refuse_foreign(folder: RunFolder, recipe: Recipe) -> None:
    if folder.config.exists():
        before, now = folder.recipe().model_dump(), recipe.model_dump()
        different = [key for key in now if before[key] != now[key]]
        if different:
            raise UsageError(
                f"{folder.path}: holds a run of another recipe (it differs in: {', '.join(different)}); "
                "choose another --out, or delete that folder"
            )
    elif folder.path.is_dir() and not folder.empty:
        raise UsageError(f"{folder.path}: holds files and is no run folder; choose another --out")
    elif folder.path.exists() and not folder.path.is_dir():
        raise UsageError(f"{folder.path}: is a file; choose another --out")


def default_folder(recipe_path: Path, overrides: list[str]) -> Path:
    """Where a recipe's run goes when nobody says: its place under `recipes/`, moved under `runs/`.

    Overrides become part of the name.
    """
    parts = recipe_path.with_suffix("").parts
    inside = parts[parts.index("recipes") + 1 :] if "recipes" in parts else parts[-1:]
    changes = "".join(f"+{override}" for override in overrides)
    name = as_name(changes)
    if len(name) > 80:
        name = f"+{derive(0, changes):x}"
    return Path("runs", *inside[:-1], inside[-1] + name)
