"""Marks: files with people's work, each answer checked again, as a table for whoever teaches.

Read ``again`` first: it checks one answer. ``apart`` has that done in another process, as handlers are programs that
students wrote. A ``sheet`` is the result for one file, the ``table`` has a row for each, and ``command`` is
``uffdsim marks``.
"""
