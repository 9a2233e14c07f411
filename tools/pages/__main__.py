"""``python tools/pages``, see website.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from website import main

sys.exit(main())
