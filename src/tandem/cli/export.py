"""The command that writes a run for other libraries."""

from typing import Annotated

import typer

from tandem.cli.app import Out, RunPath, app
from tandem.core.errors import UsageError


@app.command()
def export(
    run: RunPath,
    to: Annotated[str, typer.Option(help="transformers or sentence-transformers", show_default=False)],
    out: Out = None,
    force: Annotated[bool, typer.Option("--force", help="replace the folder if it is there")] = False,
) -> None:
    """Write a run as a folder that transformers or sentence-transformers opens."""
    from tandem.lab.folder import open_run

    opened = open_run(run)
    try:
        from transformers.utils.logging import disable_progress_bar

        from tandem.interop.export import export as write

        disable_progress_bar()
        written = write(opened, to=to, out=out or run / to, force=force)
    except ModuleNotFoundError as error:
        library = str(error.name).partition(".")[0]
        raise UsageError(
            f"--to {to}: needs {library}, which is not installed: pip install -e '.[interop]' in the clone"
        ) from None
    typer.echo(f"written: {written.folder}\n\n{written.snippet}", nl=False)
