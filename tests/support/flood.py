"""One publisher that sends as fast as it can, many messages before the first answer."""
import msgpack


def news(count=1, key="N1"):
    """The events of a PUBLISH."""
    return [{"type": "session_held", "body": msgpack.packb({"meeting": key})}] * count


def flood(peer, count, keys=50):
    """So many messages of one event each over a DEALER without bounds of its own; from the first that is not answered, or
    refused since one before it was dropped, they are sent again. Returns the count; positions must follow the numbers."""
    sent = said = last = 0
    while said < count:
        for number in range(sent + 1, min(sent + 2000, count) + 1):
            peer.send_multipart([b"PUBLISH", msgpack.packb({"source": "flood", "number": number,
                                                            "events": news(1, "N%d" % (number % keys))})])
            sent = number
        quiet = sent == count and not peer.poll(1000)
        while peer.poll(0):
            verb, body = peer.recv_multipart()
            answer = msgpack.unpackb(body)
            if verb == b"ACCEPTED" and answer["number"] == said + 1:
                said += 1
                assert answer["position"] > last or answer["position"] == 0, answer
                last = answer["position"] or last
        if quiet:
            sent = said
    return said
