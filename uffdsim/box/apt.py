"""Debian's packages, fetched by apt without any rights: it keeps its own lists and state here, and installs nothing.

It goes to the archive that the machine's own sources name, for whatever suite is wanted, and checks what it gets by
Debian's keys.
"""

import re
import shutil
import subprocess
from pathlib import Path

from uffdsim.errors import Told

TOOLS = ("apt-get", "apt-cache", "dpkg-deb")
SUITES = r"bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable"
SITE = re.compile(rf"^'(\S+)/dists/(?:{SUITES})/InRelease'", re.MULTILINE)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MINUTES = 20
"""How long one command may take, downloads included."""

CONF = """
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
Dir::Cache::archives "{folder}/archives";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Debug::NoLocking "true";
"""


class NotFetched(Told):
    """Something that cannot be fetched here; the message says why, and what would help."""


def sites() -> list[str]:
    """The archives with suites of Debian that this machine's own sources name."""
    return list(dict.fromkeys(SITE.findall(_run(Path("/"), "apt-get", "update", "--print-uris"))))


class Apt:
    """One suite of Debian."""

    def __init__(self, folder: Path, suite: str):
        """Fetch its lists.

        :param folder: where all that is fetched goes.
        :raises NotFetched: if they cannot be fetched.
        """
        if lacking := [name for name in TOOLS if not shutil.which(name)]:
            raise NotFetched(f"to fetch packages takes {lacking[0]}, which a Debian has, and this machine has not")
        self.folder = folder / suite
        for name in ("lists/partial", "archives/partial"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "status").touch()
        (self.folder / "apt.conf").write_text(CONF.format(folder=self.folder), encoding="utf-8")
        why = "none of apt's sources is an archive of Debian"
        for site in sites():
            options = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
            (self.folder / "sources.list").write_text(f"deb {options}{site} {suite} main\n", encoding="utf-8")
            try:
                self._apt("apt-get", "update", "--error-on=any")
                return
            except NotFetched as refused:
                why = str(refused)
        raise NotFetched(f"the suite {suite} cannot be read: {why}")

    def names(self, start: str) -> list[str]:
        """The packages whose names start so."""
        spoken_of = self._apt("apt-cache", "pkgnames", start).split()
        there = self._apt("apt-cache", "madison", *spoken_of) if spoken_of else ""
        return sorted({line.partition("|")[0].strip() for line in there.splitlines()})

    def with_all_it_needs(self, name: str) -> list[Path]:
        """Fetch a package and all that it depends on, as if the machine had nothing."""
        self._apt("apt-get", "install", "--yes", "--download-only", name)
        return sorted((self.folder / "archives").glob("*.deb"))

    def alone(self, name: str) -> Path:
        """Fetch a package, and nothing that it depends on."""
        self._apt("apt-get", "download", name)
        return next(self.folder.glob("*.deb"))

    def _apt(self, command: str, *words: str) -> str:
        return _run(self.folder, command, "-c", "apt.conf", *words)


def _run(folder: Path, *command: str) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60 * MINUTES)
    except subprocess.TimeoutExpired:
        raise NotFetched(f"{command[0]} was at it for {MINUTES} minutes, and was stopped") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        why = next((line for line in said if line.startswith("E: ")), said[-1]).removeprefix("E: ")
        raise NotFetched(f"{command[0]} says: {why}")
    return done.stdout
