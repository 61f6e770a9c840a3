"""The scripts of `bench/` are no package: they find each other beside them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent.parent / "bench"))
