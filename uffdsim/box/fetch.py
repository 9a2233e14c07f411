"""What a box takes, fetched: packages of Debian, of which what is needed is unpacked into the user's cache.

QEMU comes with all that it needs, the C library included, so that nothing depends on what the machine has. Of a kernel,
the file that a PC can start is enough.
"""

import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from uffdsim import cache, doctor
from uffdsim.box.apt import Apt, NotFetched

SUITES = ("trixie-backports", "trixie", "bookworm")
"""Where a kernel is looked for; the first suite with one of the series gives its newest."""
KERNEL = r"linux-(?:binary|image)-{}\.[\w.+]+(?:-\d+)?-cloud-amd64"
"""A package with a kernel of a series: that for machines in clouds, as an emulated PC needs no more."""
BOOTABLE = re.compile(r"\./boot/vmlinuz-([^/]+)|\./usr/lib/modules/([^/]+)/vmlinuz")
QEMU, QEMU_SUITE = "qemu-system-x86", "trixie"

LAUNCHER = """#!/bin/sh
here=${0%/*}
libraries=$here/usr/lib/x86_64-linux-gnu
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$here/usr/bin/qemu-system-x86_64" \\
    -L "$here/usr/share/qemu" -L "$here/usr/share/seabios" "$@"
"""

OTHERWISE = "install QEMU, and name a kernel that a PC can start by its path: --kernel box:PATH"


def get(series: str, tell: Callable[[str], None] = print) -> Path:
    """Fetch the newest kernel of a series, and QEMU if there is none.

    :param series: as ``7.3``.
    :param tell: is told what was fetched, and from where.
    :returns: the kernel's bootable file.
    :raises NotFetched: if that cannot be.
    """
    if not re.fullmatch(r"\d+\.\d+", series):
        raise NotFetched(f'"{series}" is not a series of kernels; give two numbers, as in 7.3')
    try:
        cache.home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache.home()) as folder:
            if not doctor.emulator().ok:
                _get_qemu(Path(folder, "qemu"), tell)
            return _get_kernel(series, Path(folder, "kernel"), tell)
    except OSError as error:
        raise NotFetched(f"{error.filename or cache.home()}: {error.strerror or error}") from None
    except NotFetched as refused:
        raise NotFetched(f"{refused}; otherwise {OTHERWISE}") from None


def _get_qemu(folder: Path, tell: Callable[[str], None]) -> None:
    packages = Apt(folder, QEMU_SUITE).with_all_it_needs(QEMU)
    root = folder / "root"
    for package in packages:
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    launcher = root / doctor.EMULATOR
    launcher.write_text(LAUNCHER, encoding="utf-8")
    launcher.chmod(0o755)
    shutil.rmtree(cache.home() / "qemu", ignore_errors=True)  # what is left of another one
    root.rename(cache.home() / "qemu")
    tell(f"QEMU: {len(packages)} packages of {QEMU_SUITE}, {_size(packages)}")


def _get_kernel(series: str, folder: Path, tell: Callable[[str], None]) -> Path:
    for suite in SUITES:
        apt = Apt(folder, suite)
        if name := newest(apt.names("linux-"), series):
            package = apt.alone(name)
            path = _unpacked(package)
            tell(f"{path.name.replace('vmlinuz-', 'Linux ')}: {name} of {suite}, {_size([package])}")
            return path
    raise NotFetched(f"no kernel {series} is in {', '.join(SUITES)} of Debian any more, or yet; take another series")


def newest(names: list[str], series: str) -> str | None:
    """The package, of some, with the newest kernel of a series; None if there is none."""
    fitting = filter(re.compile(KERNEL.format(re.escape(series))).fullmatch, names)
    return max(fitting, key=_age, default=None)


def _age(name: str) -> tuple[list[int], bool]:
    """Where there is a ``linux-binary``, the ``linux-image`` of that version has nothing in it."""
    return [int(number) for number in re.findall(r"\d+", name)], "-binary-" in name


def _unpacked(package: Path) -> Path:
    """The bootable file of a package, in the cache."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacking:
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as members:
            for member in members:
                match, data = BOOTABLE.fullmatch(member.name), members.extractfile(member)
                if match and data:
                    half = package.with_suffix(".half")
                    half.write_bytes(data.read())
                    unpacking.kill()
                    return half.replace(cache.home() / f"vmlinuz-{match[1] or match[2]}")
    raise NotFetched(f"{package.name} has no file that a PC can start")


def _size(packages: list[Path]) -> str:
    return f"{sum(package.stat().st_size for package in packages) / 1e6:.1f} MB"
