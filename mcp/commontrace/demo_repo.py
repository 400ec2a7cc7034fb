"""The sample project of `commontrace demo`: two commands that really fail, and what mends them.

The first fails with an error of the starter pack, the second with one that a new store does not know.
Standard library only, so that it runs with the interpreter that runs the demo.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COMMAND_SECONDS = 60

_COUPONS = """\
from datetime import datetime, timezone


def is_valid(expires):
    return datetime.now() < expires
"""
_TEST_COUPONS = """\
import unittest
from datetime import datetime, timedelta, timezone

from coupons import is_valid


class CouponTest(unittest.TestCase):
    def test_a_coupon_is_valid_until_it_expires(self):
        tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
        self.assertTrue(is_valid(tomorrow))
"""
_SETTINGS = """\
from configparser import ConfigParser


def discount():
    settings = ConfigParser()
    settings.read("settings.ini")
    return settings["coupons"]["discount"]
"""
_SETTINGS_FILE = """\
[coupons]
discount = 20%
"""
_TEST_SETTINGS = """\
import unittest

from settings import discount


class SettingsTest(unittest.TestCase):
    def test_the_discount_is_read(self):
        self.assertEqual(discount(), "20%")
"""
_NEW_TRACE: Mapping[str, str | list[str]] = {
    "title": "configparser.InterpolationSyntaxError: '%' must be followed by '%' or '('",
    "context_text": (
        "Reading a value with a percent sign from an INI file:\n```text\n"
        "configparser.InterpolationSyntaxError: '%' must be followed by '%' or '(', found: '%'\n```\n"
        "ConfigParser takes % for the start of a reference to another value."
    ),
    "solution_text": (
        "Switch the references off where the parser is made:\n```python\n"
        "settings = ConfigParser(interpolation=None)\n```\n"
        "If the file uses references, write the sign as %% instead.\n"
        "Verify: the value is read as it is written."
    ),
    "tags": ["python", "configparser", "settings"],
}


@dataclass(frozen=True)
class Run:
    """What a command did: its exit status, and standard output and error in one text."""

    status: int
    output: str


@dataclass(frozen=True)
class Failing:
    """A command that fails until its project is mended.

    Attributes:
        command: the command as somebody would type it.
        arguments: the same command for this interpreter.
        directory: where it runs.
        edit: the file that is wrong, the text in it to replace, and the text that is right.
    """

    command: str
    arguments: tuple[str, ...]
    directory: Path
    edit: tuple[str, str, str]

    def run(self) -> Run:
        """Run the command.

        Raises:
            subprocess.TimeoutExpired: it took longer than `COMMAND_SECONDS`.
        """
        done = subprocess.run(  # noqa: S603 (our own interpreter on our own files)
            self.arguments,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def mend(self) -> None:
        """Apply the fix; the command passes from now on."""
        name, wrong, right = self.edit
        file = self.directory / name
        file.write_text(file.read_text(encoding="utf-8").replace(wrong, right), encoding="utf-8")


@dataclass(frozen=True)
class Sample:
    """The sample project.

    Attributes:
        known: fails with an error that the starter pack knows.
        unknown: fails with an error that it does not know.
        trace: what somebody who mended `unknown` would contribute, as the input of `contribute`.
    """

    known: Failing
    unknown: Failing
    trace: Mapping[str, str | list[str]]


def create(directory: Path) -> Sample:
    """Write the sample project into `directory`, which is made if needed."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {
        "coupons.py": _COUPONS,
        "test_coupons.py": _TEST_COUPONS,
        "settings.py": _SETTINGS,
        "settings.ini": _SETTINGS_FILE,
        "test_settings.py": _TEST_SETTINGS,
    }
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    known = _failing(directory, "test_coupons", ("coupons.py", "now()", "now(timezone.utc)"))
    unknown = _failing(
        directory, "test_settings", ("settings.py", "ConfigParser()", "ConfigParser(interpolation=None)")
    )
    return Sample(known, unknown, _NEW_TRACE)


def _failing(directory: Path, module: str, edit: tuple[str, str, str]) -> Failing:
    # -B: a file that is mended within the same second must not be taken from the byte code cache.
    arguments = (sys.executable, "-B", "-m", "unittest", module)
    return Failing(f"python -m unittest {module}", arguments, directory, edit)
