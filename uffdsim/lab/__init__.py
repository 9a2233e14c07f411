"""Labs: widgets in which a person causes faults, watches them, and changes their mind.

    from uffdsim.lab import Lab
    Lab()

A lab is a *model* with a *view* around it. The model needs no widgets. Read it in this order: a ``document`` (the
steps that set things up, the ``settings``, and what was done), the ``outcome`` that comes of it with one of the
``handlers`` at work, somebody who watches it (``watch``), perhaps asked ``questions``, and the ``model``, which
changes the document; a real kernel may be asked too (``reality``). The view has the ``stage``, with pictures or the
``program``, and the ``caption``; and rows of controls for ``choosing``, ``acting``, ``timing`` and ``taking`` things
away. What can be done (``acts``) is also offered where it is done, in the pictures (``offers``); a ``guide`` says what
to do first. Each control calls the model through a ``guard``; then everything is shown again, and what was done is kept
(``keep``).
"""

__all__ = ["CONTROLS", "Checkup", "Guide", "Lab", "Line"]


def __getattr__(name: str):
    if name not in __all__:
        raise AttributeError(f"uffdsim.lab has no {name}; it has {', '.join(__all__)}")
    from uffdsim.lab import checkup, guide, view

    return getattr({"Checkup": checkup, "Guide": guide, "Line": guide}.get(name, view), name)
