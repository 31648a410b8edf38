"""The same without the proof: concurrent offsets, as the others have them, and the count held against the total."""

import runpy
import sys
from pathlib import Path

sys.argv += ["--proof", "off"]
runpy.run_path(str(Path(__file__).with_name("asyncjira_pull.py")))
