"""An instance that other machines reach: by CURVE, here over the loopback.

    it = Remote()
    it.add("library", "--publish", "session_held")      # makes a client; its keys
    it.environments["counter"]["PADRIVER_CONF"] = it.conf_there("counter-there")
"""
import os

import zmq.auth

from instance import SOURCE, Instance, eventually, free_port
from publish import Publisher


class Remote(Instance):
    """An instance whose broker listens on the loopback, too, or at another address."""
    address = "127.0.0.1"

    def __init__(self, connections=1024, more=""):
        super().__init__(durable=False, broker=False)
        self.tcp, self.clients = free_port(), self.directory + "/clients"
        os.mkdir(self.clients)
        with open(self.conf, encoding="utf-8") as file:
            text = file.read()
        self.settings(self.conf, text.replace("broker\n", 'broker\n    remote = "tcp://%s:%d"\n    clients = "%s"\n'
                                              "    connections = %d\n%s" % (self.address, self.tcp, self.clients, connections, more)))
        self.server_key = self.padriver("key", "server").strip()
        self.start("broker")
        eventually(lambda: os.path.exists(self.runtime + "/broker"))

    @staticmethod
    def settings(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def add(self, name, *rights):
        """Makes a client by the command; its keys."""
        file = "%s/%s.key" % (self.directory, name)
        self.padriver("key", "add", name, *rights, "--out", file)
        return (self.server_key.encode(), *zmq.auth.load_certificate(file))

    def publisher(self, test, keys, source="", address="127.0.0.1"):
        publisher = Publisher(SOURCE + "/schemas/asyncapi.yaml", server="tcp", keys=keys, address=address,
                              port=str(self.tcp), source=source)
        test.addCleanup(publisher.close)
        return publisher

    def conf_there(self, name, **changes):
        """The settings of a program at another machine, with the client's certificate."""
        path = "%s/%s.conf" % (self.directory, name)
        with open(self.conf, encoding="utf-8") as file:
            text = file.read()
        lines = dict(endpoint="tcp://%s:%d" % (self.address, self.tcp), server_key=self.server_key,
                     certificate="%s/%s.key" % (self.directory, name))
        lines.update(changes)
        broker = "".join('    %s = "%s"\n' % pair for pair in lines.items())
        self.settings(path, text[:text.index("broker\n")] + "broker\n" + broker + text[text.index("mail\n"):])
        return path
