"""The kernels made of the table of changes are those that were recorded; the table is whole, and has sources."""

import ast
from collections import defaultdict
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

from uffdsim import kernels, library, words
from uffdsim.compare import compare
from uffdsim.kernel import versions
from uffdsim.kernel.changes import CHANGES, RELEASES, since
from uffdsim.kernel.versions import VERSIONS, Version
from uffdsim.scenario import Scenario
from uffdsim.story import story
from uffdsim.trace import KernelError
from uffdsim.uapi import Feature, Ioctl

KERNELS = "7.3 7.2 6.18 6.12 6.1 6.1-v5bit 5.11 5.11-v5 5.11-v6".split()
# What the recordings need, a column a kernel: "x" has it.
BOOLEANS = """
    continue_wp                  x x x x - - - - -
    minor_by_feature             - - - - - - - - x
    minor_shmem                  x x x x x x - - -
    wp_files                     x x x x x x - - -
    bugs                         - - - x x x x x x
    unregister_foreign           - - - x x x x x x
    release_clears_wp            x x x x - - - - -
    unregister_clears_wp         x x x x x x - - -
    wp_spans_vmas                x x x x - - - - -
    eagain_written               x x x x - - - - -
    hugetlb_dontneed             x x x x x x - - -
    hugetlb_copy_private_beyond  x x x x x x - - -
    hugetlb_mremap               x x x x x x - - -
    populate                     x x x x x x - - -
    populates_whole              x x x x - - - - -
    madvise_resumes              x x x - - - - - -
    remove_needs_write           - - - - - - x x x
    mremap_many                  x x x - - - - - -
    mremap_clears_wp             x x x x - - - - -
    fork_copies_hugetlb          - - - - - - x x x
    merges_into_unfaulted        x x x - - - - - -
    unaccounts                   x x x x - - - - -
    early_anon_vma               x x x x - - - - -
    fault_around_minor           - - - - - - x x x
    memory_failure               x x - x x - - - -
    pagemap_wp                   x x x x x x - - -
    must_wait_locks              x x x x - - - - -
    has_vma_lock                 x x x x x x - - -
    copy_looks_in_cache          x x x x x x - - -
    device                       x x x x x x - - -
    rights_first                 x x x x x x - - -
    register_drops               - x x x x x x x x
    punch_zeroes_parts           x x x x x x - - -
    scan_written_anywhere        - x x x x x x x x
    scan_holes                   x x x x - - - - -
    soft_dirty                   x x - x x - - - -
"""
VALUES = {
    "features": (0x7FFFF, 0x1FFFF, 0x1FFFF, 0x1FFFF, 0x1FFF, 0x1FFF, 0x1FF, 0x3FF, 0x3FF),
    "minor_bit": (41, 41, 41, 38, 37, 13, None, 13, None),
    "unprotected_writable": (*4 * ["private"], *5 * ["shared"]),
    "copy_user_tries": (1, 1, 1, 1, 2, 2, 2, 2, 2),
    "shmem_beyond": (*2 * [{"COPY": 12, "CONTINUE": 14}], *7 * [{"COPY": 14, "CONTINUE": 22}]),
    "scans": (0x3FF, 0x1FF, 0x1FF, 0xFF, *5 * [0]),
    "design": ("mode", "mode", "mode", "mode", "mode", "mode", "none", "mode", "feature"),
}
FILLS = {Ioctl.COPY, Ioctl.ZEROPAGE, Ioctl.CONTINUE, Ioctl.WRITEPROTECT}
TODAY = FILLS | {Ioctl.POISON, Ioctl.MOVE}
IOCTLS = (TODAY | {Ioctl.RWPROTECT, Ioctl.SET_MODE}, *3 * [TODAY], *2 * [FILLS], FILLS - {Ioctl.CONTINUE}, *2 * [FILLS])
OLD_NAMES = {
    "userfaultfd_read_iter": "userfaultfd_read",
    "mfill_atomic_copy": "mcopy_atomic",
    "mfill_atomic_zeropage": "mfill_zeropage",
    "mfill_atomic_continue": "mcopy_continue",
    "hugetlb_mfill_atomic_pte": "hugetlb_mcopy_atomic_pte",
    "alloc_hugetlb_folio": "alloc_huge_page",
    "userfaultfd_clear_vma": None,
    "userfaultfd_release_all": None,
    "__filemap_get_folio": "pagecache_get_page",
}
NAMES_6_1 = OLD_NAMES | {"userfaultfd_unregister": None, "filemap_get_entry": "__filemap_get_folio"}
NAMES_5_11 = OLD_NAMES | {"filemap_get_entry": None, "hugetlb_add_to_page_cache": "huge_add_to_page_cache"}
NAMES_7_2 = {"shmem_get_folio": "mfill_atomic_pte_continue", "shmem_mfill_atomic_pte": None}
FUNCTIONS = (NAMES_7_2, NAMES_7_2, {}, {}, NAMES_6_1, NAMES_6_1, NAMES_5_11, NAMES_5_11, NAMES_5_11)


def of_the_recordings():
    """For each field, its value on each kernel."""
    for line in BOOLEANS.split("\n"):
        if line.strip():
            field, *marks = line.split()
            yield field, tuple(mark == "x" for mark in marks)
    yield from VALUES.items()
    yield "ioctls", IOCTLS
    yield "functions", FUNCTIONS


def test_the_kernels_are_those_that_were_recorded():
    assert list(VERSIONS) == [f"linux-{name}" for name in KERNELS]
    for field, expected in of_the_recordings():
        assert tuple(getattr(version, field) for version in VERSIONS.values()) == expected, field


def test_no_field_is_left_out_of_that():
    told = {"name", "about", "release"} | {field for field, _ in of_the_recordings()} - {"design"}
    assert told == {field.name for field in fields(Version)}


def test_every_field_of_a_version_is_in_the_table_or_the_same_for_ever():
    subjects = {change.what for change in CHANGES} | set(versions.ALWAYS)
    told = {"name", "about", "release"} | {what.partition(".")[0] for what in subjects}
    assert told == {field.name for field in fields(Version)}
    assert {f"features.{feature.name}" for feature in Feature} <= subjects


def test_every_change_has_a_release_and_a_source():
    for change in CHANGES:
        assert change.since in RELEASES[1:], change
        assert change.source.strip(), change
        assert change.before != change.after, change
        assert not change.until or RELEASES.index(change.until) < RELEASES.index(change.since), change
        assert all(RELEASES.index(older) < RELEASES.index(change.since) for older in change.stable), change


def test_of_one_subject_each_change_begins_where_the_last_ended():
    found = defaultdict(list)
    for change in CHANGES:
        found[change.what].append(change)
    for changes in found.values():
        for older, younger in pairwise(changes):
            assert RELEASES.index(older.since) < RELEASES.index(younger.since), younger
            assert older.after == younger.before, younger


@pytest.mark.parametrize("older, younger", [*pairwise(RELEASES)])
def test_a_release_differs_from_the_one_before_in_what_changed_with_it(older, younger):
    assert versions.version(younger).name == f"linux-{younger}"
    before, after = versions.facts(older), versions.facts(younger)
    differs = {what for what in after if before[what] != after[what]}
    backported = {change.what for change in CHANGES if change.stable}
    assert differs - backported == {change.what for change in CHANGES if change.since == younger} - backported


def test_releases_between_those_recorded_have_what_came_by_then():
    assert versions.version("5.13").design == "mode" and versions.version("5.12").design == "none"
    assert versions.version("5.13").minor_bit == 37 and not versions.version("5.13").minor_shmem
    assert versions.version("6.6").minor_bit == 38 and Ioctl.POISON in versions.version("6.6").ioctls
    assert versions.version("6.7").features == 0xFFFF and versions.version("6.8").features == 0x1FFFF
    assert versions.version("6.15").minor_bit == 41 and versions.version("6.16").bugs


def test_what_nobody_looked_at_is_known_as_such():
    assert "madvise_resumes" in versions.uncertain("6.14")
    for kernel in ("5.11", "6.1", "6.12", "6.18", "7.2", "7.3"):
        assert not versions.uncertain(kernel)


def test_a_release_that_the_table_does_not_know_is_refused_by_name():
    with pytest.raises(ValueError, match=r'no release "4\.3" from 5\.11 to 7\.3'):
        versions.version("4.3")


def test_since_when_there_is_something_can_be_asked():
    assert since("features.MOVE") == "6.8"
    assert since("features.SIGBUS") == ""


def test_the_kernel_that_is_taken_unless_another_is_named_is_one_of_them():
    assert kernels.DEFAULT in VERSIONS and kernels.DEFAULT in kernels.names()


def test_that_kernel_is_named_once():
    package = Path(kernels.__file__).parent
    naming = [
        path.name
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value == kernels.DEFAULT
    ]
    assert naming == ["kernels.py"]


def test_every_release_between_is_a_kernel_and_marked_as_derived():
    for release in RELEASES:
        made = kernels.kernel(f"linux-{release}")
        held = made.name in list(VERSIONS)
        assert made.name == f"linux-{release}" and (versions.DERIVED in made.about) != held
        assert (versions.DERIVED in words.kernel(made.name)) != held
        assert made.run(library.scenario("36-move")).kernel == made.name
    assert len(VERSIONS) == len(KERNELS)


def test_a_derived_kernel_answers_as_the_table_has_it():
    step = {"op": "userfaultfd", "id": "u"}, {"op": "api", "fd": "u", "features": ["MOVE"]}
    errno = [kernels.kernel(f"linux-{name}").run(Scenario(step)).observations[1]["errno"] for name in ("6.7", "6.8")]
    assert errno == ["EINVAL", None]


def test_a_derived_kernel_is_marked_where_it_is_shown():
    scenario = library.scenario("36-move").first(3)
    derived, held = (kernels.kernel(name) for name in ("linux-6.8", "linux-6.12"))
    assert versions.DERIVED in "\n".join(story(derived.run(scenario)))
    assert versions.DERIVED in str(compare(scenario, derived, held))
    assert versions.DERIVED not in str(compare(scenario, held, held))


@pytest.mark.parametrize("name", ["linux-4.3", "linux-7.9", "linux-", "6.8", "linux-six"])
def test_the_error_for_an_unknown_name_says_which_there_are(name):
    with pytest.raises(KernelError, match=r"linux-6\.18.*derived of them: linux-5\.11 to linux-7\.3"):
        kernels.kernel(name)
