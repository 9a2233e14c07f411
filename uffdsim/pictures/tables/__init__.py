"""The picture "tables": mappings' entries left and right, the page cache between them, and who waits where.

Read ``plan`` first (which files, mappings and rows there will ever be) and ``layout`` (where they stand, so that
nothing jumps); then ``view``, all that one moment has to show there. ``drawing`` puts it on a sheet, with ``row`` for
what stands in one row, ``strips`` for the queues of each userfaultfd, and ``keys`` for what shapes stand for. ``told``
says the same in words.
"""

from uffdsim.pictures.tables.drawing import SIZE, draw
from uffdsim.pictures.tables.keys import page_of

__all__ = ["SIZE", "draw", "page_of"]
