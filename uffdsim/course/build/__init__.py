"""Build: make something happen, and have it checked.

Read ``exercise`` first: a task with its hints, checked on what a ``submission`` does when it is run, however it was
written. ``tasks`` are the exercises of the lessons, a module for each lesson.
"""
