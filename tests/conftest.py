"""Shared by the unit and the integration tests: the root of the repository is importable (`scripts`, `benchmarks`)."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
