"""Painters: how pictures get onto a screen or onto paper.

``theme`` says what each role looks like, and alone knows colours. ``svg`` paints for screens, and ``figure`` for print,
with matplotlib, which is imported only where a figure is wanted.
"""
