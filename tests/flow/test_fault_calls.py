"""The N-th malloc, write or fsync of the broker and of the workers' skeleton fails, for a seeded tenth of all N. All N are
in slow/test_fault_calls_all."""
import os
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import nth_call  # noqa: E402
from instance import BUILD, SETTINGS  # noqa: E402
from nth_call import NthCall  # noqa: E402


class Broker(NthCall):
    def test_memory_for_itself(self):
        self.fail_each("own", share=0.1)

    def test_writing(self):
        self.fail_each("write", share=0.1)

    def test_memory_for_whoever_asks(self):
        self.fail_each("memory", share=0.1, most=12)


class Skeleton(NthCall):
    victim = "counter"

    def test_memory_for_itself(self):
        self.fail_each("own", share=0.1)

    def test_writing(self):
        self.fail_each("write", share=0.1)

    def test_memory_for_whoever_asks(self):
        self.fail_each("memory", share=0.1, most=12)


class Settings(unittest.TestCase):
    """No memory while the settings are read: no fault of the settings. systemd starts nobody again who ends with 78."""

    def run_broker(self, failing, directory):
        """The exit status, or None once it looks for its store."""
        env = {"LD_PRELOAD": nth_call.SHIM, "FAILING": failing, "FAILING_COUNTS": directory + "/counts"}
        with subprocess.Popen([BUILD + "/broker/padriver-broker", "--config", directory + "/conf"], env=env,
                              stderr=subprocess.PIPE, text=True) as process:
            patience = threading.Timer(2, process.kill)  # what failed may have been the line that we wait for
            patience.start()
            for line in process.stderr:
                if "cannot connect to the store" in line:
                    process.kill()
            patience.cancel()
            return None if process.wait(20) == -9 else process.returncode

    def test_no_memory_is_not_the_settings_fault(self):
        with tempfile.TemporaryDirectory(prefix="pad.") as directory:
            with open(directory + "/conf", "w", encoding="ascii") as file:
                file.write(SETTINGS.format(store="/nonexistent", runtime=directory, state=directory, migrations="/", port=1))
            found = subprocess.run([BUILD + "/broker/padriver-broker", "--config", directory + "/none"], check=False,
                                   env={"LD_PRELOAD": nth_call.SHIM, "FAILING": "memory:0", "FAILING_COUNTS": directory + "/counts"})
            self.assertEqual(found.returncode, 78)
            first = nth_call.read_count(directory + "/counts", "memory")
            ends = [self.run_broker("memory:%d" % n, directory) for n in range(first - 10, first + 60)]
        self.assertGreater(len(ends) - ends.count(None), 10)
        self.assertNotIn(78, ends)


class Sender(nth_call.NthCallOfSender):
    """Its journal, too."""


if __name__ == "__main__":
    unittest.main()
