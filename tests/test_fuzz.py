"""Random programs, asked of the simulated and of the live kernel."""

import need
import pytest
from fuzz import Fuzz
from hypothesis import HealthCheck, Phase, given, settings
from programs import HUGE_PAGES, programs

from uffdsim.compare import compare
from uffdsim.doctor import release
from uffdsim.kernel.versions import VERSIONS
from uffdsim.scenario import Scenario


@pytest.fixture(scope="module")
def fuzz():
    need.userfaultfd()
    need.huge_pages(HUGE_PAGES)
    need.compiler()
    need.need(release() in VERSIONS, f"needs a simulated {release()}: run it on one of {', '.join(VERSIONS)}")
    return Fuzz(release())


@settings(phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False)
@given(scenario=programs(release() if release() in VERSIONS else "linux-6.18"))
def test_both_kernels_answer_alike(fuzz, scenario):
    comparison = fuzz.ask(scenario)
    if comparison:
        short = fuzz.shortest(Scenario(scenario[: comparison.parting + 1], scenario.name))
        comparison = compare(short, fuzz.simulated, fuzz.live)
        pytest.fail(f"{short.dumps()}\n{comparison}", pytrace=False)
