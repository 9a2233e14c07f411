from hypothesis import settings

pytest_plugins = ["machines", "pages"]

# The same examples on every run; `make fuzz` looks for new ones.
settings.register_profile("test", deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("test")
