"""Nothing that a person trains or asks goes over the network, and no pickle is read."""

from pathlib import Path

import pytest
from running import python, written

WATCHED = (
    "import sys\n"
    "def watch(event, arguments):\n"
    "    if event in ('socket.__new__', 'socket.connect', 'socket.getaddrinfo', 'pickle.find_class'):\n"
    "        raise SystemExit(f'{event}: {arguments}')\n"
    "sys.addaudithook(watch)\n"
)
COMMANDS = (
    "from tandem.cli.main import main\n"
    "for command in (['train', 'mine.toml', '--out', 'run'], ['evaluate', 'run'], ['fill-mask', 'run', '[MASK]'],\n"
    "                ['report', 'run'], ['describe', 'lstm']):\n"
    "    sys.argv = ['tandem', *command]\n"
    "    try:\n"
    "        main()\n"
    "    except SystemExit as end:\n"
    "        if end.code:\n"
    "            raise\n"
    "print('all done')\n"
)


def test_training_and_asking_open_no_socket(book: Path, tmp_path: Path) -> None:
    written(tmp_path / "mine.toml", book, encoder="attention | lstm", budget__steps=2, train__precision="auto")
    done = python(WATCHED + COMMANDS, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "all done"


@pytest.mark.parametrize(
    "offence", ["import socket; socket.socket()", "import pickle; pickle.loads(pickle.dumps(len))"]
)
def test_the_watch_would_have_noticed(offence: str, tmp_path: Path) -> None:
    done = python(WATCHED + offence, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(("socket.", "pickle."))
