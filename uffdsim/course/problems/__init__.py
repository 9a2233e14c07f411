"""Problems without end: each is made from a seed, and is something to predict, to build or to mend.

Read ``generator`` first: it writes a short program. From that a ``problem`` makes a question, or a ``goal`` to build.
``practice`` gives one after the other, harder as they go right.
"""
