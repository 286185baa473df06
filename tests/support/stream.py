"""A publisher as a thread: numbered events, asked again until each message is confirmed."""
import threading
import time

from instance import SOURCE
from publish import Publisher


class Stream(threading.Thread):
    """events: how many; None: a message each 10 ms until finish()."""

    def __init__(self, it, source, events=None, size=20, keys=7):
        super().__init__(daemon=True)
        self.it, self.source, self.events, self.size, self.keys = it, source, events, size, keys
        self.confirmed, self.silences, self.ending = 0, 0, False
        self.start()

    def connect(self):
        return Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source=self.source)

    def run(self):
        publisher, patience = self.connect(), 5
        while not self.ending and (self.events is None or self.confirmed < self.events):
            number = self.confirmed + 1
            kinds = ["meeting_held" if n % 10 == 0 else "session_held" for n in range(number, number + self.size)]
            events = [(kind, {"meeting": "N%d" % (n % self.keys)}) for n, kind in enumerate(kinds, number)]
            while (answer := publisher.publish(events, number=number, seconds=1)) is None:
                self.silences += 1
                patience -= 1
                if patience == 0:  # the document asks for that
                    publisher.close()
                    publisher, patience = self.connect(), 5
            patience = 5
            assert answer[0] == "ACCEPTED", answer
            self.confirmed += self.size
            if self.events is None:
                time.sleep(0.01)
        publisher.close()

    def finish(self):
        """The last message is still asked for until it is confirmed."""
        self.ending = self.events is None
        self.join(60)

    def goes_on(self):
        """A condition that holds once it has confirmed more than now."""
        before = self.confirmed
        return lambda: self.confirmed > before
