"""Make .venv and install pinned packages into it: `python3 scripts/setup.py requirements.txt`.

Needs Python's standard library only, and does nothing when nothing changed. Written so that an old
Python can read it and say what is wrong.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MADE = VENV / "made-here"
OLDEST = (3, 11)


def main() -> None:
    requirements = sys.argv[1]
    if sys.version_info < OLDEST:
        start_again_with_a_newer_python()
    if not is_ours():
        say("Making .venv with Python {}.{} ...".format(*sys.version_info[:2]))
        make_venv()
    install(requirements)


def start_again_with_a_newer_python() -> None:
    """Replace this process by a Python that is new enough, or stop with a sentence."""
    for minor in (13, 12, 11, 14):
        newer = shutil.which("python3.%d" % minor)
        if newer:
            os.execv(newer, [newer, *sys.argv])
    sys.exit(
        "Dialognav needs Python 3.11 or newer; python3 here is {}.{}. "
        "Install a newer one, or name it: make PYTHON=/path/to/python3.11 run".format(
            *sys.version_info[:2]
        )
    )


def is_ours() -> bool:
    """A half-made .venv, or one moved or copied from another directory, has scripts that fail."""
    return PYTHON.exists() and MADE.exists() and MADE.read_text() == str(VENV)


def make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        sys.exit(
            "Python could not make .venv. On Debian and Ubuntu: apt install python3-venv\n"
            + (made.stderr or made.stdout).strip()
        )
    MADE.write_text(str(VENV))


def install(requirements: str) -> None:
    """Install what the file pins, unless the stamp says that it is installed already."""
    pinned = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    stamp = VENV / "installed-{}".format(requirements)
    if stamp.exists() and stamp.read_text() == pinned:
        return
    say("Installing {} (once; needs the network) ...".format(requirements))
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--no-input", "-r", str(ROOT / requirements)])
    if done.returncode:
        sys.exit("pip could not install {}; its reasons stand above.".format(requirements))
    stamp.write_text(pinned)


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    main()
