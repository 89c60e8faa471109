"""What a server must refuse, and how each of it ends. Prints one line of JSON; exit code 3 when something ends otherwise.

With --restart it prints `restart` at the end and goes on once a line came in: until then the server must have been
killed and started anew on the same port.
"""

import argparse
import json
import os
import socket
import sys
import time
import urllib.request
from urllib.parse import urlsplit

import handshake as hs
from conformance import DOCUMENT
from game_codec import Definition
from nacl import bindings
from replica_store import LEFT
from sealing import DEVELOPMENT_KEY, Token, blake2b, seal
from strict_msgpack import pack
from tickwire_client import TickwireClient, now_ms


class Failed(Exception):
    """It ended otherwise than the document says."""


def expect(what, ours, wanted):
    if ours != wanted:
        raise Failed(f"{what}: {ours} instead of {wanted}")


class Probe:
    """A socket of its own that sends what it likes during a handshake."""

    def __init__(self, run, versions=(1, 1), definition_hash=None):
        self.run = run
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(1)
        self.secret = os.urandom(32)
        public = bindings.crypto_scalarmult_base(self.secret)
        self.fields = hs.HelloFields(definition_hash or run.definition.hash, os.urandom(16), public, *versions)
        self.token = Token.issue()

    def send(self, packet):
        self.socket.sendto(packet, self.run.address)

    def answer(self, seconds=1.0):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(2048)
        except TimeoutError:
            return None

    def cookie(self):
        self.send(hs.hello(self.fields))
        packet = self.answer()
        if packet is None:
            raise Failed("no COOKIE came")
        return hs.read_cookie(packet)

    def connect(self, cookie, token=None, version=1, cookie_bytes=None):
        token = token or self.token
        asked = (version, cookie.issued_at_ms, cookie_bytes or cookie.cookie, "probe")
        return hs.connect(self.fields, *asked, token.token, token.key)

    def ask(self, packet):
        self.send(packet)
        return self.answer()

    def advice_for(self, token):
        packet = self.ask(self.connect(self.cookie(), token))
        return packet and hs.read_advise(packet, self.fields.client_random)


class Run:
    def __init__(self, url, http_url):
        parts = urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.http_url = http_url
        self.definition = Definition.of_document(DOCUMENT)

    def metrics(self, family, label):
        with urllib.request.urlopen(f"{self.http_url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        start = f'{family}{{{label}="'
        pairs = (line[len(start) :].split('"} ') for line in lines if line.startswith(start))
        return {name: int(value) for name, value in pairs}

    def counted(self, wanted, act, family="tickwire_packets_refused_total", label="reason"):
        """Runs `act`; exactly the wanted counters of the family must have risen, each by so much."""
        before = self.metrics(family, label)
        result = act()
        deadline = time.monotonic() + 2
        while True:
            after = self.metrics(family, label)
            risen = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name)}
            if all(risen.get(name, 0) >= count for name, count in wanted.items()) or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        if label == "reason":
            expect("refused", risen, wanted)
        else:
            expect("counted", {name: risen.get(name, 0) for name in wanted}, wanted)
        return result

    def player(self, name="probe", token=None, **options):
        """A connected client that was told something."""
        client = TickwireClient(self.address, self.definition, token or Token.issue(), name, **options)
        client.seen = []
        client.heard = []
        client.sent_packets = []
        client.on_state = lambda taken: client.seen.append(taken.tick)
        client.on_message = lambda name, values: client.heard.append(values.get("text"))
        put = client.put
        client.put = lambda packet: (client.sent_packets.append(packet), put(packet))[1]
        client.start()
        client.run_until(lambda: len(client.seen) > 0, 5)
        expect("state", client.state, "connected")
        return client

    def still_plays(self, client, text):
        """Its connection goes on as if nothing had been."""
        ticks = len(client.seen)
        client.send_message("chat", {"text": text})
        echo = f"{client.name}: {text}"
        client.run_until(lambda: echo in client.heard and len(client.seen) > ticks + 3, 5)
        expect("state", client.state, "connected")
        expect("echo", client.heard.count(echo), 1)
        expect("violations", client.session.violations, [])

    # ---- datagrams and HELLO

    def check_datagrams(self):
        probe = Probe(self)
        good = hs.hello(probe.fields)
        for counter, packet in {
            "oversized": good + b"\0",
            "truncated": b"",
            "type": b"\x05" + good[1:],
            "hello_size": good[:-1],
            "magic": b"\x04TOCK" + good[5:],
            "malformed": good[:5] + b"\x94" + good[6:],
        }.items():
            self.counted({counter: 1}, lambda packet=packet: probe.send(packet))
        expect("answer", probe.answer(0.3), None)
        self.counted({"malformed": 1}, lambda: probe.send(good[:6] + b"\xcc\x01\xcc\x01" + good[8:-2]))
        expect("answer to a longer form", probe.answer(0.3), None)

    # ---- CONNECT

    def check_forged_cookie(self):
        probe = Probe(self)
        cookie = probe.cookie()
        forged = bytes([cookie.cookie[0] ^ 1]) + cookie.cookie[1:]
        packet = probe.connect(cookie, cookie_bytes=forged)
        expect("answer", self.counted({"cookie": 1}, lambda: probe.ask(packet)), None)
        thief = Probe(self)
        stolen = probe.connect(cookie)
        expect("answer", self.counted({"cookie": 1}, lambda: thief.ask(stolen)), None)

    def check_old_cookie(self):
        probe = Probe(self)
        packet = probe.connect(probe.cookie())
        time.sleep(5.2)
        expect("answer", self.counted({"cookie_expired": 1}, lambda: probe.ask(packet)), None)

    def check_flipped_bits(self):
        """One bit of a CONNECT, in each of its parts; then the whole one is taken, twice the same."""
        probe = Probe(self)
        cookie = probe.cookie()
        packet = probe.connect(cookie)
        token_at = packet.index(probe.token.token)
        cookie_at = packet.index(cookie.cookie)
        key_id_at = token_at + 2 + 2
        nonce_at = key_id_at + 4 + 2
        for at, ending in {
            10: "cookie",
            60: "cookie",
            cookie_at + 3: "cookie",
            packet.index(b"probe") + 1: "proof",
            token_at + 1: "malformed",
            key_id_at: "unknown-key",
            nonce_at: "forged",
            token_at + len(probe.token.token) - 1: "forged",
            len(packet) - 1: "proof",
        }.items():
            flipped = packet[:at] + bytes([packet[at] ^ 1]) + packet[at + 1 :]
            counter = "cookie" if ending == "cookie" else "token"
            answer = self.counted({counter: 1}, lambda flipped=flipped: probe.ask(flipped))
            advice = answer and hs.read_advise(answer, probe.fields.client_random)
            expect(f"bit at {at}", advice or "cookie", ending)
        first = probe.ask(packet)
        expect("type", first[0], hs.ACCEPT)
        expect("the same again", probe.ask(packet), first)

    def check_tokens(self):
        now = int(time.time())
        other_key = os.urandom(32)
        for advice, token in {
            "expired": Token.issue(expires_at=now - 60),
            "unknown-key": Token.issue(key_id=b"abcd"),
            "forged": Token.issue(backend_key=other_key),
            "audience": Token.issue(audience="elsewhere"),
            "malformed": Token(b"no token", bytes(32)),
            "proof": Token(Token.issue().token, other_key),
        }.items():
            expect(advice, self.counted({"token": 1}, lambda token=token: Probe(self).advice_for(token)), advice)
        probe = Probe(self)
        late = probe.ask(probe.connect(probe.cookie(), Token.issue(expires_at=now - 5)))
        expect("5 s past its time", late and late[0], hs.ACCEPT)

    def check_used_token(self):
        token = Token.issue()
        client = self.player("used", token)
        expect("advice", Probe(self).advice_for(token), "used")
        self.still_plays(client, "not disturbed")
        client.close()
        client.run_until(lambda: False, 2)
        again = TickwireClient(self.address, self.definition, token, connect_seconds=1)
        again.start()
        again.run_until(lambda: False, 3)
        expect("ending", (again.advice, again.ending), ("used", ("token-refused", "network")))

    def check_versions(self):
        client = TickwireClient(self.address, self.definition, Token.issue(), versions=(2, 3))
        client.start()
        client.run_until(lambda: False, 3)
        expect("ending", (client.ending, client.server_versions), (("version-mismatch", "peer"), (1, 1)))
        probe = Probe(self, versions=(2, 3))
        packet = probe.ask(probe.connect(probe.cookie(), version=2))
        denial = hs.read_deny(packet, probe.fields.client_random, probe.token.key)
        expect("DENY", (hs.REASONS[denial.reason], denial.part_count), ("version-mismatch", 0))

    def check_definition(self):
        other = Definition(self.definition.text.replace('"maxBytes":200', '"maxBytes":100'))
        client = TickwireClient(self.address, other, Token.issue())
        client.start()
        client.run_until(lambda: False, 3)
        expect("ending", client.ending, ("definition-mismatch", "peer"))
        ours = other.part_hashes()
        expect("parts", client.denial.part_count, len(ours))
        pairs = zip(ours, client.denial.part_hashes, strict=True)
        expect("differing", [part for (part, digest), theirs in pairs if digest != theirs], ["message chat"])

    def check_replaced(self):
        first = self.player("first", Token.issue(player_id="one and the same"))
        second = self.player("second", Token.issue(player_id="one and the same"))
        first.run_until(lambda: False, 2)
        expect("ending", first.ending, ("replaced", "peer"))
        self.still_plays(second, "in its place")
        second.close()
        second.run_until(lambda: False, 2)

    # ---- DATA

    def send_body(self, client, body, number=None):
        """Sealed as lawfully as any other packet of this client."""
        session = client.session
        number = number or session.sent.newest + 1
        session.sent.newest = max(session.sent.newest, number)
        client.socket.sendto(session.sealed(number, body, now_ms()), self.address)

    def check_data(self):
        client = self.player("data")
        session = client.session
        send = client.socket.sendto
        self.counted({"duplicate": 1}, lambda: send(client.sent_packets[-1], self.address))
        number = session.sent.newest + 1
        header = session.header(number)
        body = pack([*session.body_head(now_ms()), [4]])
        self.counted({"forged": 1}, lambda: send(seal(bytes(32), bytes(12), number, header, body), self.address))
        good = seal(session.sealing.keys.key, session.sealing.keys.iv, number, header, body)
        self.counted({"forged": 1}, lambda: send(b"\x0a" + good[1:], self.address))
        self.counted({"forged": 1}, lambda: send(good[:-1] + bytes([good[-1] ^ 1]), self.address))
        self.counted({"truncated": 1}, lambda: send(good[:7], self.address))
        self.still_plays(client, "after packets that do not open")
        head = pack(session.body_head(now_ms()))[1:]
        for counter, bad in {
            "body": [b"\xdc\x00\x04" + head + b"\x91\x04", b"\x94\xcd\x00\x05" + head[1:] + b"\x91\x04"],
            "frame": [
                b"\x94" + head + b"\x91\xcc\x04",
                b"\x94" + head + b"\x92\x05\xc4\x00",
                b"\x93" + head + b"\x00",
            ],
            "ack": [pack([client.session.received.newest + 1000, 0, 0, [4]])],
        }.items():
            for each in bad:
                self.counted({counter: 1}, lambda each=each: self.send_body(client, each))
        self.still_plays(client, "after bodies that are not lawful")
        # An ack whose full count is below 0 names no packet: it acks nothing, and the packet counts.
        self.counted({}, lambda: self.send_body(client, pack([60000, 0, 0, [4]])))
        room = ("tickwire_room_total", "counter")
        block = b"\x97\xcc\x01\x01\x00\x00\x00\x00\xc2"
        act = lambda: self.send_body(client, pack([*session.body_head(now_ms()), [2, block]]))
        self.counted({"input_frames_malformed": 1}, act, *room)
        act = lambda: session.sent.queue(b"\x92\x00\xd9\x01x") or client.run_until(lambda: not session.sent.messages, 3)
        self.counted({"messages_malformed": 1}, act, *room)
        self.still_plays(client, "after a malformed input and a malformed message")
        former = session.sent.newest
        self.send_body(client, pack([*session.body_head(now_ms()), [4]]), former + 1030)
        stale = lambda: send(session.sealed(former + 1, body, now_ms()), self.address)
        self.counted({"stale": 1}, stale)
        self.still_plays(client, "after a leap in numbers")
        client.close()
        client.run_until(lambda: False, 2)

    def check_resync(self):
        """All that is in sight comes anew, in full; who asks again within a second is not heard."""
        client = self.player("resync")
        client.run_until(lambda: False, 0.5)
        store = client.session.store
        missing = {index for index, _ in store.in_sight()}
        expect("in sight", len(missing) > 0, True)
        on_state = client.on_state

        def on_told(taken):
            on_state(taken)
            missing.difference_update(told.index for told in taken.news if told.age == 0 or told.age >= LEFT)

        client.on_state = on_told
        ask = lambda: client.session.ask_resync(now_ms()) or client.run_until(lambda: not missing, 3)
        total = ("tickwire_net_total", "counter")
        self.counted({"resyncs": 1, "resyncs_ignored": 0}, ask, *total)
        expect("not told anew", missing, set())
        self.counted({"resyncs": 0, "resyncs_ignored": 1}, ask, *total)
        time.sleep(1)
        missing.update(index for index, _ in store.in_sight())
        self.counted({"resyncs": 1, "resyncs_ignored": 0}, ask, *total)
        expect("not told anew the second time", missing, set())
        self.still_plays(client, "with all of it")
        # RESYNC with an element, a kind beyond it, and a block of state: nothing that a client may send.
        for frame in ([10, 0], [11], [1, b"\x01"]):
            body = pack([*client.session.body_head(now_ms()), frame])
            self.counted({"frame": 1}, lambda body=body: self.send_body(client, body))
        self.still_plays(client, "after frames that are not lawful")
        client.close()
        client.run_until(lambda: False, 2)

    def check_move(self):
        """A client whose address changes in the middle of the game is found there."""
        client = self.player("mover")
        for _ in range(3):
            client.move()
            proven = lambda: self.still_plays(client, f"from port {client.socket.getsockname()[1]}")
            self.counted({"paths_asked": 1, "paths_proven": 1}, proven, "tickwire_net_total", "counter")
        expect("challenges", client.session.counters["challenges"] >= 3, True)
        client.close()
        client.run_until(lambda: False, 2)

    def check_forwarded_copy(self):
        """A packet that comes from elsewhere first is taken, and moves nothing but a small challenge."""
        client = self.player("copied")
        stranger = Probe(self)
        put = client.session.put
        copied = []

        def forwarded(packet):
            if copied:
                return put(packet)
            copied.append(packet)
            stranger.send(packet)
            time.sleep(0.05)
            return self.counted({"duplicate": 1}, lambda: put(packet))

        client.session.put = forwarded
        client.session.ping(now_ms())
        answer = stranger.answer()
        expect("a small challenge", answer is not None and len(answer) <= 64, True)
        self.still_plays(client, "where it was")
        client.close()
        client.run_until(lambda: False, 2)

    def check_nonsense_budget(self):
        """Eight bodies that do not decode are forgiven at once, not a ninth."""
        client = self.player("nonsense")
        for _ in range(12):
            self.send_body(client, b"\xc1")
        client.run_until(lambda: False, 3)
        expect("ending", client.ending, ("protocol-error", "peer"))

    def check_key_changes(self):
        """A change of keys every 10 packets: the server follows each."""
        client = self.player("keys", phase_packets=10)
        client.input_of = lambda tick: {"move": {"x": 0, "y": 0}, "aim": 0, "fire": False}
        self.counted({}, lambda: client.run_until(lambda: client.session.sealing.changes >= 6, 10))
        expect("changes", client.session.sealing.changes, 6)
        self.still_plays(client, "with the seventh key")
        client.close()
        client.run_until(lambda: False, 2)

    def check_client_side(self):
        """What the client must refuse, from the server's own address."""
        client = self.player("victim")
        reset = bytes([hs.RESET]) + os.urandom(16)
        expect("RESET", client._read(reset, self.address, now_ms()), "refusedReset")
        expect("COOKIE", client._read(bytes([hs.COOKIE]) + bytes(44), self.address, now_ms()), "refusedState")
        expect("address", client._read(reset, ("127.0.0.1", 9), now_ms()), "refusedAddress")
        self.still_plays(client, "unmoved")
        client.close()
        client.run_until(lambda: False, 2)
        asking = TickwireClient(self.address, self.definition, Token.issue())
        asking.state = "asking"
        forged = bytes([hs.COOKIE]) + pack([os.urandom(16), 1, 1, 5, os.urandom(16)])
        expect("forged COOKIE", asking._read(forged, self.address, now_ms()), "refusedRandom")

    def check_reset(self):
        """DATA of a connection that nobody knows is answered with its reset token."""
        probe = Probe(self)
        packet = b"\x09\x01\x02\x03\x04\x00\x01" + bytes(22)
        answer = self.counted({"connection": 1}, lambda: probe.ask(packet))
        message = b"tickwire reset" + b"tickwire" + packet[1:5]
        expect("RESET", answer, bytes([hs.RESET]) + blake2b(16, message, key=DEVELOPMENT_KEY))
        expect("to a short one", self.counted({"connection": 1}, lambda: probe.ask(packet[:17])), None)

    def check_restart(self):
        client = self.player("survivor")
        print("restart", flush=True)
        sys.stdin.readline()
        client.run_until(lambda: False, 9)
        expect("ending", client.ending, ("server-restarted", "peer"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--http-url", required=True)
    parser.add_argument("--restart", action="store_true")
    parser.add_argument("--only", default="", help="the end of a check's name")
    options = parser.parse_args()
    run = Run(options.url, options.http_url)
    checks = [name for name in vars(Run) if name.startswith("check_") and name.endswith(options.only)]
    if not options.restart:
        checks = [name for name in checks if name != "check_restart"]
    failures = {}
    for name in checks:
        try:
            getattr(run, name)()
        except (Failed, OSError) as failure:
            failures[name] = str(failure)
    print(json.dumps({"negativeChecks": len(checks), "failed": failures}), flush=True)
    sys.exit(3 if failures else 0)


if __name__ == "__main__":
    main()
