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
MODULES = ("compare", "export", "kernels", "library")

__all__ = [*HOMES, *MODULES]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'uffdsim' has no attribute {name!r}")
    import_module("uffdsim.trace").Trace.plot = _plot
    return getattr(import_module(HOMES[name]), name) if name in HOMES else import_module(f"uffdsim.{name}")


def _plot(trace: object, at: int | None = None, **options: object) -> object:
    """The trace when ``at`` of its events have happened, as a matplotlib Figure: see ``pictures.plot``.

    Traces lie below pictures and know nothing of them, so it is here that they are given this method.
    """
    return import_module("uffdsim.pictures").plot(trace, at, **options)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
