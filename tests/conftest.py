import os

from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "Agg")  # a test opens no window

settings.register_profile("test", deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, max_examples=20_000)  # make fuzz
settings.load_profile("test")
