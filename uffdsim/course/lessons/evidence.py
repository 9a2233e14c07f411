"""Evidence: what real kernels say to what the simulated ones claim, wherever a lesson is read."""

from uffdsim import doctor, library, words
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
    return compare(scenario, kernel(DEFAULT), kernel(DEFAULT.replace("linux-", "recorded-")))


def agree(version: str, *names: str):
    """Print whether the simulated kernel of a version answers scenarios of the library as the recorded one did."""
    for name in names:
        found = compare(library.scenario(name), kernel(f"linux-{version}"), kernel(f"recorded-{version}"))
        print(f"{name:24}", "alike in every step" if found.parting is None else f"they differ at step {found.parting}")


def ask_all(name: str, step: int) -> str:
    """How each recorded kernel answered one step of a scenario of the library: a line each, below what was asked."""
    scenario = library.scenario(name)
    lines = [f"{words.step(scenario[step])} (step {step} of {name})"]
    for folder in library.folders():
        try:
            answer = Recorded(folder).run(scenario).observations[step]
            lines.append(f"   {folder:10} {words.answer(scenario[step], answer, scenario.names)}")
        except KernelError:
            lines.append(f"   {folder:10} was not asked")
    return "\n".join(lines)
