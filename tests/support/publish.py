"""A publisher that knows nothing but schemas/asyncapi.yaml: verbs, fields, frames and the endpoint come from there.

    with Publisher('schemas/asyncapi.yaml', runtime='/run/padriver', source='library') as publisher:
        answer = publisher.publish([('session_held', {'meeting': 'N1-S1'})])

An answer is (verb, fields), or None after the time is up: ask again with the same number.
Needs python3-zmq, python3-msgpack and python3-yaml of Debian.
"""
import re
import time

import msgpack
import yaml
import zmq


class Publisher:
    def __init__(self, path, server='ipc', source='', keys=None, **variables):
        """keys: for CURVE, the broker's public key, then our own public and secret one."""
        with open(path, encoding='utf-8') as file:
            self.document = yaml.safe_load(file)
        self.endpoint = self.server_endpoint(server, variables)
        self.source = source
        self.next_number = 1
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        if keys:
            self.socket.curve_serverkey, self.socket.curve_publickey, self.socket.curve_secretkey = keys
        self.socket.connect(self.endpoint)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def server_endpoint(self, name, variables):
        """The server's host and path with its variables filled in."""
        server = self.document['servers'][name]
        known = {key: value.get('default') for key, value in server.get('variables', {}).items()}
        known.update(variables)
        place = server['host'] + server.get('pathname', '')
        return server['protocol'] + '://' + re.sub(r'\{(\w+)\}', lambda m: known[m.group(1)], place)

    def resolve(self, node):
        """What a $ref stands for."""
        while '$ref' in node:
            found = self.document
            for step in node['$ref'].removeprefix('#/').split('/'):
                found = found[step]
            node = found
        return node

    def fields_of(self, verb):
        """The names of a verb's fields."""
        return self.resolve(self.document['components']['messages'][verb]['payload'])['properties']

    def send(self, verb, **fields):
        """One message: the verb's name and a map; a name that the document does not have is our own fault."""
        unknown = set(fields) - set(self.fields_of(verb))
        if unknown:
            raise KeyError(f'{verb} has no {unknown}')
        self.socket.send_multipart([verb.encode('ascii'), msgpack.packb(fields)])

    def receive(self, seconds):
        """The next message as (verb, fields), or None."""
        if not self.socket.poll(max(0, int(seconds * 1000))):
            return None
        verb, body = self.socket.recv_multipart()
        return verb.decode('ascii'), msgpack.unpackb(body)

    @staticmethod
    def packed(fields):
        """An event's body."""
        return msgpack.packb(fields)

    def answer(self, verb, seconds):
        """The reply that the document names for the verb, or None when the time is up; anything else is passed over."""
        operation = self.document['operations']['receive' + verb]
        wanted = {ref['$ref'].split('/')[-1] for ref in operation['reply']['messages']}
        end = time.monotonic() + seconds
        while (message := self.receive(end - time.monotonic())) is not None:
            if message[0] in wanted:
                return message
        return None

    def hello(self, seconds=20):
        """Opens the talk; a numbered source goes on behind its last number."""
        self.send('HELLO', source=self.source)
        message = self.answer('HELLO', seconds)
        if message and message[0] == 'ACCEPTED':
            self.next_number = message[1]['number'] + 1
        return message

    def publish(self, events, number=None, seconds=20):
        """Publishes [(type, fields), ...] and gives the answer with its number, or None."""
        if number is None:
            number, self.next_number = self.next_number, self.next_number + len(events)
        news = [{'type': name, 'body': self.packed(fields)} for name, fields in events]
        self.send('PUBLISH', source=self.source, number=number, events=news)
        end = time.monotonic() + seconds
        while (message := self.answer('PUBLISH', end - time.monotonic())) is not None:
            if message[1].get('number') == number:
                return message
        return None
