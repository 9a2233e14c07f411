"""Labs: widgets in which a person causes faults, watches them, and changes their mind.

    from uffdsim.lab import Lab
    Lab()

What a lab knows and does is in ``lab.model``, which needs no widgets.
"""

__all__ = ["CONTROLS", "Checkup", "Lab"]


def __getattr__(name: str):
    if name not in __all__:
        raise AttributeError(f"uffdsim.lab has no {name}; it has {', '.join(__all__)}")
    from uffdsim.lab import checkup, view

    return getattr(checkup if name == "Checkup" else view, name)
