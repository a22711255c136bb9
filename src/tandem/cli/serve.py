"""The command that opens the page and the API."""

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.app import app
from tandem.core.errors import UsageError

HERE = "127.0.0.1"
NEEDED = ("fastapi", "uvicorn", "jinja2", "prometheus_client")
SHORTEST_TOKEN = 16


@app.command()
def serve(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(help="folders of finished runs; else all under runs/", show_default=False),
    ] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="the address to listen at; another one than this needs a token")] = HERE,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="TANDEM_TOKEN", help=f"what clients must send; at least {SHORTEST_TOKEN} characters",
            show_default=False,
        ),
    ] = None,
) -> None:  # fmt: skip
    """Open a local page and a JSON API that ask finished runs."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise UsageError("tandem serve needs the extra web; pip install -e '.[web]' in the clone")
    if token is not None and (len(token) < SHORTEST_TOKEN or not _may_be_sent(token)):
        raise UsageError(f"--token: at least {SHORTEST_TOKEN} characters of ASCII, without blanks at its ends")
    if host not in (HERE, "localhost", "::1") and token is None:
        raise UsageError(f"--host {host}: everybody there could ask; give a --token too, or set TANDEM_TOKEN")
    from tandem.serve.app import create_app
    from tandem.serve.guards import Access
    from tandem.serve.process import listening, names, run
    from tandem.serve.served import finished_runs, open_all

    def say(text: str) -> None:
        typer.echo(text, err=True)

    paths = runs or finished_runs(Path("runs"))
    # Before the models, which take long to open: an address that is taken is told at once.
    with listening(host, port) as place:
        refused: list[str] = []
        served = open_all(paths, refuse=refused.append)
        for line in refused:
            say(line)
        for one in served:
            typer.echo(f"{one.id}: {one.run.recipe.encoder}, {one.run.recipe.task}: {', '.join(one.can)}")
        shown = f"[{host}]" if ":" in host else host
        ready = f"http://{shown}:{place.getsockname()[1]}/   (Ctrl-C ends it)"
        run(create_app(served, access=Access(names(host, place), token)), place, ready=ready, say=typer.echo)


def _may_be_sent(token: str) -> bool:
    """Whether it arrives as it is in a header."""
    return token.isascii() and token.isprintable() and token == token.strip()
