"""The reference says what the package knows, its links lead somewhere, and its handler in C answers real faults."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import need
import pytest

from uffdsim import doctor
from uffdsim.uapi import Feature, Ioctl

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "reference.html"


@pytest.fixture(scope="module")
def tool():
    sys.path.insert(0, str(DOCS.parent / "tools"))
    import reference

    sys.path.remove(str(DOCS.parent / "tools"))
    return reference


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def test_it_is_what_the_package_knows_today(tool, page):
    assert page == tool.page(), "renew it: python tools/reference.py"
    assert not re.search(r"<!-- [A-Z]+ -->", page)


def test_every_feature_and_every_call_is_in_it(tool, page):
    assert set(tool.TEXTS["features"]) == {feature.name for feature in Feature}
    assert set(tool.TEXTS["calls"]) == {ioctl.name for ioctl in Ioctl}
    assert all(f">UFFDIO_{ioctl.name}<" in page for ioctl in Ioctl)


def test_its_links_lead_somewhere(page):
    links = set(re.findall(r'href="([^"#]+)"', page))
    assert links and all((DOCS / link).exists() for link in links), links
    assert all(f'id="{anchor}"' in page for anchor in re.findall(r'href="#([^"]+)"', page))


def test_a_bit_with_two_names_is_said_to_be_shown_as_the_newer(page):
    locked = re.search(r"<tr><th[^>]*>VM_LOCKED</th>.*?</tr>", page)[0]
    assert locked.count("13, shown as ui, uffd_minor") == 2


def test_its_handler_is_the_loop_of_the_program_and_short(page):
    shown = unescape(re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[1])
    assert shown in (DOCS / "handler.c").read_text(encoding="utf-8") and len(shown.splitlines()) <= 35


def test_its_handler_answers_a_minor_and_a_missing_fault_of_a_real_kernel(tmp_path):
    need.compiler()
    need.userfaultfd()
    program = tmp_path / "handler"
    command = [doctor.compiler().found, "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program, DOCS / "handler.c"]
    subprocess.run(command, check=True, timeout=60)
    done = subprocess.run([program], capture_output=True, text=True, timeout=30)
    assert done.stdout.splitlines() == ["page 0, minor: 0x41", "page 1, missing: 0x00"], done.stderr
