"""Fetching what a box takes: which archive is asked, which package is chosen, and what is said when there is none."""

import shutil
import subprocess

import need
import pytest

from uffdsim import doctor
from uffdsim.__main__ import main
from uffdsim.box import apt, fetch
from uffdsim.box.apt import NotFetched

SOURCES = """
'http://packages.invalid/vendor/dists/nodistro/InRelease' vendor_InRelease 0
'http://mirror.invalid/debian/dists/bookworm/InRelease' debian_InRelease 0
'http://mirror.invalid/debian/dists/bookworm-updates/InRelease' updates_InRelease 0
'http://mirror.invalid/debian-security/dists/bookworm-security/InRelease' security_InRelease 0
'http://second.invalid/debian/dists/stable/InRelease' second_InRelease 0
'http://mirror.invalid/debian/dists/bookworm/main/binary-amd64/Packages.xz' packages 0
"""
UBUNTU = "'http://archive.invalid/ubuntu/dists/jammy/InRelease' ubuntu_InRelease 0\n"
BACKPORTS = """
linux-binary-7.2.9+deb13-cloud-amd64 linux-binary-7.2.12+deb13-cloud-amd64 linux-image-7.2.12+deb13-cloud-amd64
linux-binary-unsigned-7.2.13+deb13-cloud-amd64 linux-binary-7.2.14+deb13-amd64 linux-headers-7.2.14+deb13-cloud-amd64
linux-binary-7.2.14+deb13-cloud-arm64 linux-image-7.21.1+deb13-cloud-amd64 linux-image-cloud-amd64
""".split()
STABLE = ["linux-image-6.1.0-9-cloud-amd64", "linux-image-6.1.0-50-cloud-amd64", "linux-image-6.1.0-51-rt-amd64"]


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with apt and nothing of a box; what apt says is for the test to decide."""
    home = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setattr(fetch.doctor, "emulator", lambda: doctor.Check("QEMU", True, "here"))
    monkeypatch.setattr(apt.shutil, "which", lambda name: f"/usr/bin/{name}")

    def says(**answers):
        asked = []

        def run(folder, command, *words):
            asked.append((folder, command, *words))
            for word, answer in answers.items():
                if word in words:
                    if isinstance(answer, Exception):
                        raise answer
                    return answer(folder) if callable(answer) else answer
            return SOURCES if "--print-uris" in words else ""

        monkeypatch.setattr(apt, "_run", run)
        return asked

    return says


# Which archive, and which package


def test_the_archive_is_that_of_the_machines_own_sources(machine):
    machine()
    assert apt.sites() == ["http://mirror.invalid/debian", "http://second.invalid/debian"]


def test_of_all_suites_that_archive_is_asked_with_lists_and_a_state_of_its_own(machine, tmp_path):
    asked = machine()
    apt.Apt(tmp_path, "trixie-backports")
    folder = tmp_path / "trixie-backports"
    assert asked[-1] == (folder, "apt-get", "-c", "apt.conf", "update", "--error-on=any")
    assert (folder / "sources.list").read_text().endswith("http://mirror.invalid/debian trixie-backports main\n")
    conf = (folder / "apt.conf").read_text()
    assert f'Dir::State::lists "{folder}/lists";' in conf and f'Dir::State::status "{folder}/status";' in conf


def test_where_one_archive_refuses_the_next_one_is_asked(machine, tmp_path):
    def update(folder):
        if "mirror.invalid" in (folder / "sources.list").read_text():
            raise NotFetched("apt-get says: no such suite")
        return ""

    machine(**{"--error-on=any": update})
    apt.Apt(tmp_path, "trixie")
    assert "second.invalid" in (tmp_path / "trixie" / "sources.list").read_text()


@pytest.mark.parametrize(
    ("names", "series", "package"),
    [
        (BACKPORTS, "7.2", "linux-binary-7.2.12+deb13-cloud-amd64"),
        (BACKPORTS, "7.21", "linux-image-7.21.1+deb13-cloud-amd64"),
        (BACKPORTS, "7.1", None),
        (STABLE, "6.1", "linux-image-6.1.0-50-cloud-amd64"),
        ([], "7.3", None),
    ],
)
def test_the_newest_of_a_series_is_chosen(names, series, package):
    assert fetch.newest(names, series) == package


def test_only_packages_that_are_to_be_had_count(machine, tmp_path):
    asked = machine(pkgnames="linux-a\nlinux-b\n", madison="linux-b | 1.0 | somewhere\nlinux-b | 0.9 | somewhere\n")
    assert apt.Apt(tmp_path, "trixie").names("linux-") == ["linux-b"]
    assert asked[-1][-3:] == ("madison", "linux-a", "linux-b")


# What is unpacked


@pytest.mark.parametrize("where", ["boot/vmlinuz-{}", "usr/lib/modules/{}/vmlinuz"])
def test_of_a_kernels_package_the_bootable_file_is_kept(machine, where, tmp_path, capsys):
    need.program("dpkg-deb", "dpkg", "dpkg-deb")
    version = "7.2.12+deb13-cloud-amd64"
    name = f"linux-binary-{version}"
    tree = tmp_path / "tree"
    kernel, module = tree / where.format(version), tree / f"usr/lib/modules/{version}/kernel/a.ko"
    for path in (kernel, module):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes of " + path.name.encode())
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody\nDescription: none\n"
    )
    subprocess.run(["dpkg-deb", "--build", tree, tmp_path / "one.deb"], check=True, capture_output=True)

    def download(folder):
        shutil.copy(tmp_path / "one.deb", folder / f"{name}_1_amd64.deb")
        return ""

    machine(pkgnames=name, madison=f"{name} | 1 | somewhere\n", download=download)
    path = fetch.get("7.2")
    assert path == tmp_path / "cache" / "uffdsim" / f"vmlinuz-{version}"
    assert path.read_bytes() == b"bytes of " + kernel.name.encode()
    assert [left.name for left in path.parent.iterdir()] == [path.name]
    assert f"{name} of trixie-backports, 0.0 MB" in capsys.readouterr().out


# What is said when it cannot be


def refused(series="7.3"):
    with pytest.raises(NotFetched) as error:
        fetch.get(series)
    said = str(error.value)
    assert said.endswith(f"otherwise {fetch.OTHERWISE}")
    return said.removesuffix(f"; otherwise {fetch.OTHERWISE}")


def test_without_apt_it_says_so(machine, monkeypatch):
    machine()
    monkeypatch.setattr(apt.shutil, "which", lambda name: None)
    assert refused() == "to fetch packages takes apt-get, which a Debian has, and this machine has not"


def test_where_no_source_is_an_archive_of_debian_it_says_so(machine):
    machine(**{"--print-uris": UBUNTU})
    assert refused() == "the suite trixie-backports cannot be read: none of apt's sources is an archive of Debian"


def test_what_no_suite_has_is_told_with_where_it_was_looked_for(machine):
    asked = machine(pkgnames="linux-base", madison="linux-base | 1 | somewhere\n")
    assert refused("7.1") == (
        "no kernel 7.1 is in trixie-backports, trixie, bookworm of Debian any more, or yet; take another series"
    )
    assert {folder.name for folder, *_ in asked} >= set(fetch.SUITES)


def test_what_apt_complains_of_is_told(tmp_path):
    need.program("sh", "dash", "sh")
    with pytest.raises(NotFetched, match="^sh says: no network$"):
        apt._run(tmp_path, "sh", "-c", "echo W: slow >&2; echo E: no network >&2; echo E: more >&2; exit 100")


def test_a_command_that_never_ends_is_stopped(tmp_path, monkeypatch):
    need.program("sleep", "coreutils", "sleep")
    monkeypatch.setattr(apt, "MINUTES", 0.001)
    with pytest.raises(NotFetched, match="was stopped$"):
        apt._run(tmp_path, "sleep", "60")


def test_a_cache_that_cannot_be_written_is_told(machine, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(NotFetched, match="file/uffdsim: Not a directory$"):
        fetch.get("7.3")


def test_the_command_says_it_in_a_line(capsys):
    assert main(["box", "get", "seven"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == '"seven" is not a series of kernels; give two numbers, as in 7.3\n'
