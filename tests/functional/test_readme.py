# SPDX-License-Identifier: BSD-3-Clause
"""README.md: its configuration is one, its commands are there with their options, its links lead somewhere."""
import re
import shlex

import pytest

from paths import PCAPS, REPLAY, ROOT, TIDEGATE, TIDEGATED
from programs import run

README = (ROOT / "README.md").read_text()
CONNECTION = 3  # exit code of a client whose arguments are right, and who finds no daemon
COMMANDS = re.findall(r"^    (tidegate[a-z-]* .*?)(?:  +#.*)?$", README, re.MULTILINE)
LINKS = re.findall(r"\]\(([^)]+)\)", README)


@pytest.fixture
def config(tmp_path):
    """The file of the example."""
    block = re.search(r"^    \{\n(?:    .*\n)*?    \}\n", README, re.MULTILINE)[0]
    path = tmp_path / "tidegate.json"
    path.write_text(block)
    return path


def test_configuration(config):
    done = run(TIDEGATED, "-c", config, "--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("tidegate ")])
def test_client(line, tmp_path):
    _, *words = shlex.split(line.replace(" ID", " 01234567-89ab-cdef-0123-456789abcdef"))
    done = run(TIDEGATE, "--socket", tmp_path / "none", *words)
    assert (done.returncode, done.stdout) == (CONNECTION, ""), done.stderr


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("tidegate-replay ")])
def test_replay(line, config):
    files = {"yesterday.pcap": PCAPS / "tk.pcap", "tidegate.json": config}
    _, *words = shlex.split(line)
    done = run(REPLAY, *(files.get(word, word) for word in words))
    assert (done.returncode, done.stderr) == (0, "") and done.stdout


def test_links():
    assert len(LINKS) > 5 and len(COMMANDS) > 15
    assert [link for link in LINKS if not (ROOT / link).exists()] == []
