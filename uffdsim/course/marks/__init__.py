"""Marks: files with people's work, each answer checked again, as a table for whoever teaches.

Read ``again`` first: it checks one answer. ``apart`` has that done in another process, as handlers are programs that
students wrote. A ``sheet`` is the result for one file, ``lessons`` knows where each piece of work is asked for, the
``table`` puts both together, for people and for gradebooks, and ``command`` is ``uffdsim marks``.
"""
