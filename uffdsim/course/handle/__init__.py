"""Handle: write a handler that answers messages, and have it judged.

A ``handler`` has one of a few ``form``s, and is given a ``message``, and ``calls`` that it may make. The ``runner``
takes it through one of the ``trials``, step by step; ``patience`` and ``rehearsal`` see to it that it comes back.
``diagnosis`` says why it did not get through, and ``judge`` puts it all into a table.
``bugs`` are broken handlers, each with its story, to be mended. ``source`` is what one was written as, to be kept.
"""
