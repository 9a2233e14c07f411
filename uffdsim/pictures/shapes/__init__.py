"""Pictures as data: what a picture is made of before anybody paints it.

Read ``picture`` first: boxes, texts and lines with roles, and the picture that they make. ``measure`` knows how wide
text is, and ``sheet`` is where shapes are put down one after the other.
"""

from uffdsim.pictures.shapes.picture import Line, Picture, Point, Rect, Shape, Table, Text, stacked

__all__ = ["Line", "Picture", "Point", "Rect", "Shape", "Table", "Text", "stacked"]
