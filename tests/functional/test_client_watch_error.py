# SPDX-License-Identifier: BSD-3-Clause
"""tidegate flows --watch of a daemon that dies."""
from paths import TIDEGATE
from terminal import HOME, LEAVE, on_terminal

CONNECTION = 3  # exit code


def test_error_is_told_behind_the_screen(start):
    daemon = start()
    with on_terminal(TIDEGATE, "--socket", daemon.socket, "flows", "--watch", "--interval", "0") as terminal:
        terminal.shows(lambda text: HOME in text)
        daemon.kill()
        code, text = terminal.ended()
        assert code == CONNECTION
        assert text.split(LEAVE)[1].startswith("tidegate: flows: ")
