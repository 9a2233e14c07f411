"""A simulated kernel, pictures and notebooks that show how Linux resolves page faults in user space.

What most programs need is here by name: ``from uffdsim import Machine``.
"""

from importlib import import_module

HOMES = {
    "KernelError": "uffdsim.trace",
    "Machine": "uffdsim.machine",
    "Scenario": "uffdsim.scenario",
    "ScenarioError": "uffdsim.scenario",
    "Step": "uffdsim.scenario",
    "Trace": "uffdsim.trace",
}
"""Where that is. It is imported when it is asked for, so that the package itself costs nothing."""
MODULES = ("compare", "kernels", "library")

__all__ = [*HOMES, *MODULES]


def __getattr__(name: str):
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    if name in MODULES:
        return import_module(f"uffdsim.{name}")
    raise AttributeError(f"module 'uffdsim' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
