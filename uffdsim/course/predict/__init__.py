"""Predict: say what a step will do, then see.

Read ``question`` first: a step, a choice of answers, and a ``verdict`` on what was said. Its wrong answers are
``distractors``: each is what would be right in one of the scenario's ``variants``, which differ in one thing. ``view``
is the widget. An ``answer`` is anything else to be seen only after it was predicted. Results that the browser has from
another session are taken up again after an ``offer``. What may be asked, and how a trace answers it, is in
``uffdsim.questions``.
"""
