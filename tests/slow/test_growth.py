"""tests/store/test_growth.py with ten million events, in partitions of their real size."""
import os
import sys

SOURCE = os.environ.get("PADRIVER_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.execve(sys.executable, [sys.executable, SOURCE + "/tests/store/test_growth.py"],
          dict(os.environ, PADRIVER_SOURCE=SOURCE, PADRIVER_GROWTH="10"))
