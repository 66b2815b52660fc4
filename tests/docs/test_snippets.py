"""Runs the snippets that the documents mark (pages.py says how), page by page and in order, against a
server of their own, as a reader would type them. Each page is run twice over the same data, so a reader
may start over. Addresses are replaced by those of the server; everything else is run as it stands."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from pages import ROOT, matches, name_of, pages, snippets

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from server import BINARY, Server  # noqa: E402

LIMIT_S = 120
NODE_MODULES = ROOT / "tests" / "e2e" / "js" / "node_modules"


class Reader:
    """Somebody at a terminal, in an empty folder. What one snippet exports, the next one finds."""

    def __init__(self, server, folder):
        self.folder = folder
        self.http_port = server.http_address[1]
        self.redis_port = server.redis[1]
        programs = [str(pathlib.Path(BINARY).resolve().parent), str(pathlib.Path(sys.executable).parent)]
        self.environment = {**os.environ, "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
                            "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
        (folder / "node_modules").symlink_to(NODE_MODULES)

    def here(self, text):
        return text.replace(":4566", f":{self.http_port}").replace(":6379", f":{self.redis_port}")

    def shell(self, text):
        (self.folder / "snippet.sh").write_text(
            f'set -euo pipefail\nredis-cli() {{ command redis-cli -p {self.redis_port} "$@"; }}\n'
            f"{text}\nenv -0 >exported\n")
        done = self.run("bash", "snippet.sh")
        if done.returncode == 0:
            exported = (self.folder / "exported").read_bytes().decode().split("\0")
            self.environment = dict(pair.split("=", 1) for pair in exported if "=" in pair)
        return done

    def type(self, snippet):
        text = self.here(snippet.text)
        if snippet.file:
            (self.folder / snippet.file).write_text(text)
            return self.run("true")
        if snippet.language == "sh":
            return self.shell(text)
        if snippet.language == "python":
            return self.run(sys.executable, "-c", text)
        if snippet.language == "js":
            (self.folder / "snippet.mjs").write_text(text)
            return self.run("node", "snippet.mjs")
        raise ValueError(f"{snippet.page}: a snippet in {snippet.language!r} cannot be run")

    def run(self, *command):
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL)


PAGES = [page for page in pages() if snippets(page)]


def test_there_is_something_to_run():
    assert "README.md" in [name_of(page) for page in PAGES]
    for program in ("bash", "curl", "node", "redis-cli"):
        assert shutil.which(program), f"{program} is missing: script/bootstrap test installs it"


def test_every_command_of_the_program_has_its_row():
    """tests/e2e holds the table of settings against the program in the same way."""
    help_text = subprocess.run([BINARY, "help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  bodega ([a-z]+)\b", help_text.partition("Commands:")[2], re.MULTILINE)
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert "health" in commands
    assert [name for name in commands if f"`bodega {name}" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_snippets_do_what_the_page_says(page, tmp_path):
    with Server(data=tmp_path / "data") as server:
        for turn in ("first", "second"):
            folder = tmp_path / turn
            folder.mkdir()
            reader = Reader(server, folder)
            for snippet in snippets(page):
                done = reader.type(snippet)
                where = f"{snippet.page}:{snippet.line}, {turn} time"
                assert done.returncode == 0, f"{where}\n{done.stdout}{done.stderr}"
                if snippet.prints is not None:
                    expected = reader.here(snippet.prints)
                    assert matches(expected, done.stdout), f"{where}\n{done.stdout}"
