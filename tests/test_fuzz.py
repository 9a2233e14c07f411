"""Random programs, asked of the simulated and of the live kernel; and what is told of one that they disagree on."""

import need
import pytest
from fuzz import SECONDS, Fuzz, Live
from hypothesis import HealthCheck, given, settings
from programs import HUGE_PAGES, programs

from uffdsim.doctor import release
from uffdsim.kernel import Simulated
from uffdsim.kernel.versions import VERSIONS
from uffdsim.linux import Linux, program

KERNEL = release() if release() in VERSIONS else "linux-6.18"


@pytest.fixture(scope="module")
def fuzz():
    need.userfaultfd()
    need.huge_pages(HUGE_PAGES)
    need.compiler()
    need.need(release() in VERSIONS, f"needs a simulated {release()}: run it on one of {', '.join(VERSIONS)}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "LIMIT", SECONDS)
        yield Fuzz(Simulated(KERNEL), Live(Linux()))


@settings(suppress_health_check=list(HealthCheck), print_blob=False)
@given(scenario=programs(KERNEL))
def test_both_kernels_answer_alike(fuzz, scenario):
    difference = fuzz.ask(scenario)
    if difference:
        pytest.fail(str(difference), pytrace=False)


class Mistaken(Simulated):
    """A kernel that is mistaken about one outcome of one op."""

    def __init__(self, op, **outcome):
        super().__init__("linux-6.18")
        self.op, self.outcome = op, outcome

    def run(self, scenario):
        trace = super().run(scenario)
        for step, answer in zip(scenario, trace.observations, strict=False):
            if step.op == self.op and self.outcome.items() <= answer.items():
                answer["mistaken"] = True
        return trace


@pytest.mark.parametrize(
    ("op", "outcome", "most"),
    [
        ("mmap", {"status": "done"}, 1),
        ("store", {"status": "blocked"}, 8),  # five are needed: mmap, userfaultfd, api, register, and the store
        ("copy", {"errno": "EEXIST"}, 8),
    ],
)
def test_of_a_program_that_is_answered_differently_few_steps_are_left(op, outcome, most):
    fuzz = Fuzz(Simulated("linux-6.18"), Mistaken(op, **outcome))
    scenario, comparison = fuzz.search(seed=2, length=8)
    assert scenario[-1].op == op and comparison.rows[-1].second["mistaken"]
    assert len(scenario) <= most
    assert fuzz.programs < 2000  # so a person waits for seconds


def test_a_seed_stands_for_the_same_programs_every_time():
    def asked(seed):
        fuzz = Fuzz(Simulated("linux-6.18"), Simulated("linux-6.18"))
        assert fuzz.search(seed, length=10) is None
        return fuzz.programs, fuzz.steps

    assert asked(1) == asked(1) != asked(2)
