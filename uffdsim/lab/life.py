"""What a page says about a lab when the Python behind it does not answer. It is there before that happens."""

KEPT = "what you did is kept, and offered to you"


def sentences(kept: bool) -> dict[str, str]:
    """What to say when Python is ``gone`` for ever, when the way to it is ``cut``, and while it is ``busy`` with
    something else; ``kept`` says whether what is done in this lab is kept beside the notebook."""
    again = f"run its cell again; {KEPT}" if kept else "run its cell again"
    return {
        "gone": f"The kernel that this lab lived in is gone. To go on, {again}.",
        "cut": f"Jupyter does not answer. As soon as it does, the lab goes on; if it was restarted, {again}.",
        "busy": "Python is busy with something else. What you do here is done as soon as that is over.",
    }


def asleep(kept: bool) -> str:
    """What to say above a picture of a lab that has not been run."""
    return f"This is a picture. Run its cell to use the lab{f'; {KEPT}' if kept else ''}."
