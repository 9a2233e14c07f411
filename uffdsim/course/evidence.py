"""Evidence: what real kernels say to what the simulated ones claim, wherever a lesson is read."""

from uffdsim import doctor, library
from uffdsim.compare import Comparison, compare
from uffdsim.kernels import DEFAULT, kernel, names
from uffdsim.recording import Recorded
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError


def real(scenario: Scenario) -> Comparison:
    """A simulated kernel's answers beside a real one's: of the Linux at hand if it is simulated, or a recording's."""
    if doctor.release() in names():
        try:
            return compare(scenario, kernel(doctor.release()), kernel("linux"))
        except KernelError:
            pass  # it cannot be asked here, and lesson 8 says why; the recording can
    return compare(scenario, kernel(DEFAULT), kernel(f"recorded-{DEFAULT.removeprefix('linux-')}"))


def ask_all(name: str, step: int):
    """Print how each recorded kernel answered one step of a scenario of the library."""
    scenario = library.scenario(name)
    print(f"{scenario[step].op}, step {step} of {name}")
    for folder in library.folders():
        try:
            answer = Recorded(folder).run(scenario).observations[step]
            print(f"   {folder:10} {answer.get('errno') or answer.get('event') or answer.get('value') or 'success'}")
        except KernelError:
            print(f"   {folder:10} was not asked")
