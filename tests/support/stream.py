"""A publisher as a thread: numbered events, asked again until each message is confirmed."""
import threading

from instance import SOURCE
from publish import Publisher


class Stream(threading.Thread):
    """Publishes numbered events and asks again with the same number until each message is confirmed."""

    def __init__(self, it, source, events, size=20, keys=7):
        super().__init__(daemon=True)
        self.it, self.source, self.left, self.size, self.keys = it, source, events, size, keys
        self.confirmed, self.silences = 0, 0
        self.start()

    def run(self):
        number = 1
        publisher = Publisher(SOURCE + "/schemas/asyncapi.yaml", runtime=self.it.runtime, source=self.source)
        while self.left > 0:
            kinds = ["meeting_held" if n % 10 == 0 else "session_held" for n in range(number, number + self.size)]
            events = [(kind, {"meeting": "N%d" % (n % self.keys)}) for n, kind in enumerate(kinds, number)]
            answer = publisher.publish(events, number=number, seconds=1)
            if answer is None:
                self.silences += 1
                continue
            assert answer[0] == "ACCEPTED", answer
            number += self.size
            self.left -= self.size
            self.confirmed += self.size
        publisher.close()
