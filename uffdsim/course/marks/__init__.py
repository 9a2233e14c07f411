"""Marks: files with people's work, each answer checked anew, as a table for whoever teaches.

Read ``again`` first: it checks one answer. ``apart`` has that done in another process, as handlers are programs that
students wrote. A ``sheet`` is what came of one file, the ``table`` has a row for each, and ``command`` is
``uffdsim marks``.
"""
