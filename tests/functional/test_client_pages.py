# SPDX-License-Identifier: BSD-3-Clause
"""Manual pages without warnings, and the completion of bash."""
import re

import pytest

from paths import BUILD, ROOT, TIDEGATE, TIDEGATED
from programs import run

PAGES = {"tidegate.1": ROOT / "docs" / "tidegate.1", "tidegated.8": ROOT / "docs" / "tidegated.8",
         "tidegated.conf.5": BUILD / "control" / "tidegated.conf.5"}
COMPLETION = BUILD / "control" / "client" / "completion" / "tidegate"
GLOBAL = {"--socket", "--output", "--color", "--timeout", "--help", "--version"}


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_warnings(name):
    done = run("groff", "-man", "-ww", "-K", "utf8", "-Tutf8", "-z", PAGES[name])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", PAGES)
def test_page_reads(name):
    """The title, the sections, and nothing that was left as roff or Markdown."""
    done = run("groff", "-man", "-K", "utf8", "-Tascii", "-P-cbou", PAGES[name])
    title, section = re.fullmatch(r"(.+)\.(\d)", name).groups()
    text = done.stdout
    assert text.startswith(f"{title.upper()}({section})") and f"\n       {title} - " in text
    assert not re.search(r"^\.[A-Za-z]|\\f|`|\]\(", text, re.MULTILINE)


def test_options_of_the_daemon():
    """--help and the page have the same."""
    def options(text):
        return set(re.findall(r"(?<![\w-])--?[a-z]+", text))
    page = PAGES["tidegated.8"].read_text().replace("\\-", "-")
    helped = options(run(TIDEGATED, "--help").stdout)
    described = page[page.index(".SH OPTIONS"):page.index(".SH SIGNALS")]
    named = options("\n".join(line for line in described.splitlines() if line.startswith((".B -", ".BI -"))))
    assert named == helped


def completed(*words):
    """What bash offers for the last of these words behind "tidegate"."""
    script = ('source "$1"; shift; COMP_WORDS=(tidegate "$@"); COMP_CWORD=$#; _tidegate; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = run("bash", "-c", script, "bash", COMPLETION, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def options_of(command):
    return set(re.findall(r"^  (--[a-z-]+)", run(TIDEGATE, command, "--help").stdout, re.MULTILINE))


def test_completion_of_commands():
    commands = set(re.findall(r"^  ([a-z][a-z-]+) ", run(TIDEGATE, "--help").stdout, re.MULTILINE))
    assert completed("") == commands | GLOBAL
    assert completed("st") == {"status", "start-flow-capture", "start-flow-flush"}
    assert completed("--output", "csv", "fl") == {"flows", "flush"}


def test_completion_of_options():
    """Of each command those of its --help."""
    for command in completed("") - GLOBAL - {"check-policy"}:
        assert completed(command, "") == options_of(command)
    assert completed("flows", "--minimum-i") == {"--minimum-idle"}
    assert completed("flush", "--dry-run", "--ma") == {"--max-flows", "--maximum-age"}


@pytest.mark.parametrize("words, offered", [
    (("flows", "--output", ""), {"table", "json", "ndjson", "csv", "conntrack"}),
    (("flows", "--output", "=", "c"), {"csv", "conntrack"}),
    (("flows", "--output", "="), {"table", "json", "ndjson", "csv", "conntrack"}),
    (("export", "--format", "j"), {"json"}),
    (("flows", "--states", "new,cl"), {"new,closing", "new,closed"}),
    (("flows", "--sort", "w"), {"window-bytes", "window-packets"}),
    (("flows", "--limit", ""), set()),
    (("check-policy", "--"), set()),
])
def test_completion_of_values(words, offered):
    assert completed(*words) == offered
