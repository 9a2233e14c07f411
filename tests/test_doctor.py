"""The doctor: what it looks for, and what it says about it."""

import os

import need
import pytest

from uffdsim import doctor
from uffdsim.doctor import Check


def test_it_looks_for_everything_on_any_machine():
    found = doctor.checks()
    assert {"Python 3.11 or later", "numpy", "a C compiler", "Chromium"} <= {check.what for check in found}
    assert all(isinstance(check.ok, bool) and check.found for check in found)


def test_for_whatever_is_missing_there_is_a_remedy(monkeypatch, tmp_path):
    def missing(name):
        raise doctor.importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(doctor.importlib.metadata, "version", missing)
    monkeypatch.setattr(doctor, "POOL", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    lacking = [check for check in doctor.checks() if not check.ok]
    assert len(lacking) >= len(doctor.LIBRARIES) + 4  # two sizes of huge pages, the compiler and the browser
    assert all(check.remedy for check in lacking)


def test_on_binder_it_says_that_nothing_is_kept_and_how_to_take_it_away(monkeypatch):
    monkeypatch.delenv("BINDER_SERVICE_HOST", raising=False)
    assert doctor.session().ok
    monkeypatch.setenv("BINDER_SERVICE_HOST", "10.0.0.1")
    assert "Download" in doctor.session().remedy and doctor.session() in doctor.checks()
    assert not doctor.session().ok


def test_elsewhere_it_does_not_ask_for_userfaultfd(monkeypatch):
    monkeypatch.setattr(doctor.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(doctor, "userfaultfd", lambda **keys: pytest.fail("it asked"))
    names = [check.what for check in doctor.checks() if not check.ok]
    assert "Linux on x86_64" in names


def test_a_library_that_is_missing_has_an_extra(monkeypatch):
    def missing(name):
        raise doctor.importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(doctor.importlib.metadata, "version", missing)
    assert doctor.library("numpy") == Check("numpy", False, "none", 'pip install "uffdsim[charts]"')


def test_a_pool_of_huge_pages_is_what_is_free_and_not_promised(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "POOL", str(tmp_path))
    pool = tmp_path / "hugepages-2048kB"
    pool.mkdir()
    for name, count in (("nr_hugepages", 70), ("free_hugepages", 9), ("resv_hugepages", 4)):
        (pool / name).write_text(f"{count}\n")
    assert doctor.huge_pages(1 << 21, 5).ok
    said = doctor.huge_pages(1 << 21, 6).refusal()
    assert said == f"needs 6 free huge pages of 2 MiB and finds 5 of 70: echo 71 | sudo tee {pool}/nr_hugepages"


def test_a_kernel_without_a_pool_has_no_huge_pages(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "POOL", str(tmp_path))
    few = doctor.huge_pages(1 << 30)
    assert not few.ok
    assert few.found == "0 of 0"


def test_the_compiler_may_be_named_by_the_environment(monkeypatch, tmp_path):
    compiler = tmp_path / "mycc"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", str(compiler))
    assert doctor.compiler().found == str(compiler)


def test_where_it_is_allowed_it_says_so():
    need.userfaultfd()
    assert doctor.userfaultfd() == Check("userfaultfd", True, "allowed")


def test_root_is_told_of_forks():
    need.need(os.geteuid() == 0, "needs root: sudo make test")
    assert doctor.fork_events().ok


def test_the_table_has_a_remedy_below_what_is_missing():
    text = doctor.table([Check("bread", True, "rye"), Check("butter", False, "none", "sudo churn")])
    assert text.splitlines() == ["ok  bread   rye", "--  butter  none", "            sudo churn"]
