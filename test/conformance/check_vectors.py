"""Holds the Python side against the vectors in test/golden. Usage: check_vectors.py [FOLDER]"""

import glob
import json
import os
import struct
import sys

from nacl import bindings

import handshake as hs
from delivery import Received, Sent, full_count, ranges_are_lawful
from game_codec import (
    Definition,
    default_of,
    element_count,
    read_message,
    read_value,
    to_elements,
    value_text,
)
from sealing import (
    Forged,
    Keys,
    OpeningKeys,
    SealingKeys,
    Token,
    backend_key_text,
    blake2b,
    open_sealed,
    seal,
    shared_secret,
)
from inboxes import Channel
from own_block import exact_values, read_own_block
from replica_store import (
    LEFT,
    Refused,
    ReplicaStore,
    anchored,
    delta_bounds,
    goes_on,
    goes_on_over,
    rate_factor,
    unwrapped,
    wrapped,
)
from session import Packet, Session
from strict_msgpack import Malformed, Reader, pack

HERE = os.path.dirname(os.path.abspath(__file__))
unhex = bytes.fromhex


class Check:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0
        self.failures = []
        self.games = {}
        for name, game in self.load("definition").items():
            self.games[name] = Definition(game["json"])

    def load(self, name):
        with open(os.path.join(self.folder, f"{name}.json"), encoding="utf-8") as file:
            return json.load(file)

    def equal(self, what, ours, golden):
        self.count += 1
        if ours != golden:
            self.failures.append(f"{what}: {str(ours)[:300]} is not {str(golden)[:300]}")

    def refuses(self, what, read, errors=(Malformed,)):
        self.count += 1
        try:
            taken = read()
        except errors:
            return
        self.failures.append(f"{what}: taken as {str(taken)[:300]}")

    def run(self):
        files = sorted(os.path.basename(path)[:-5] for path in glob.glob(os.path.join(self.folder, "*.json")))
        for name in files:
            before = self.count
            if not hasattr(self, f"check_{name}"):
                self.failures.append(f"{name}.json: nothing here reads it")
                continue
            getattr(self, f"check_{name}")(self.load(name))
            print(f"vectors {name}: {self.count - before} checks")

    # ---- one method per file

    def check_definition(self, games):
        for name, golden in games.items():
            game = self.games[name]
            self.equal(f"{name} json", value_text(game.json), golden["json"])
            self.equal(f"{name} hash", game.hash.hex(), golden["hash"])
            parts = [(part["name"], part["hash"]) for part in golden["parts"]]
            self.equal(f"{name} parts", game.part_hashes(), parts)
            self.equal(f"{name} channels", game.channels(), golden["channels"])

    def check_keys(self, keys):
        for pair in keys["x25519"]:
            for own, other in (("A", "B"), ("B", "A")):
                secret, public = unhex(pair[f"secret{own}"]), unhex(pair[f"public{other}"])
                self.equal("shared", shared_secret(secret, public).hex(), pair["shared"])
                made = bindings.crypto_scalarmult_base(secret).hex()
                self.equal("public", made, pair[f"public{own}"])
        for public in keys["x25519Refused"]:
            self.refuses(public, lambda: shared_secret(bytes(range(32)), unhex(public)), (Forged,))
        for each in keys["blake2b"]:
            key = unhex(each["key"]) if each["key"] else b""
            self.equal("blake2b", blake2b(each["length"], unhex(each["message"]), key).hex(), each["digest"])
        proof = keys["proof"]
        ours = blake2b(16, unhex(proof["packet"]), key=unhex(proof["tokenKey"]))
        self.equal("proof", ours.hex(), proof["proof"])
        self.equal("deny key", hs.deny_key(unhex(keys["denyKey"]["tokenKey"])).hex(), keys["denyKey"]["key"])
        for each in keys["resetToken"]:
            message = b"tickwire reset" + each["audience"].encode() + each["connectionId"].to_bytes(4, "big")
            ours = blake2b(16, message, key=unhex(each["backendKey"]))
            self.equal("reset token", ours.hex(), each["resetToken"])
        phase = keys_of(keys["phases"][0])
        for golden in keys["phases"]:
            self.equal("phase", (phase.key.hex(), phase.iv.hex()), (golden["key"], golden["iv"]))
            phase = phase.next()
        for each in keys["sealing"]:
            used = keys_of(each)
            ours = seal(used.key, used.iv, each["number"], unhex(each["header"]), unhex(each["body"]))
            self.equal(f"sealed {each['number']}", ours.hex(), each["packet"])

    def check_tokens(self, tokens):
        for each in tokens["tokens"]:
            claims = each["claims"]
            ours = Token.issue(
                key_id=unhex(each["backendKey"]["id"]),
                backend_key=unhex(each["backendKey"]["key"]),
                player_id=claims["playerId"],
                expires_at=claims["expiresAtS"],
                audience=claims["audience"],
                room=claims["room"],
                name=claims["name"],
                user_data=unhex(claims["userData"]),
                token_id=unhex(claims["tokenId"]),
                token_key=unhex(claims["tokenKey"]),
                nonce=unhex(each["nonce"]),
                spectate=claims["spectate"],
            )
            self.equal(each["name"], ours.token.hex(), each["token"])
            self.equal(f"{each['name']}, text", ours.text, each["text"])
            self.equal(f"{each['name']}, read", Token.of_text(f" {each['text']}\n").token, ours.token)
        for each in tokens["backendKeys"]:
            self.equal("backend key", backend_key_text(unhex(each["id"]), unhex(each["key"])), each["text"])
        for text in tokens["refusedTexts"]:
            self.refuses(f"token {text}", lambda: Token.of_text(text), (ValueError,))

    def check_handshake(self, vectors):
        for each in (vectors["accept"], *vectors["denials"]):
            fields, cookie, connect = self.check_attempt(each)
            if "acceptBody" in each:
                self.check_accept(each, cookie, connect)
            else:
                denial = hs.read_deny(unhex(each["answer"]), fields.client_random, unhex(each["tokenKey"]))
                self.equal("reason", hs.REASONS[denial.reason], each["reason"])
                values = [denial.reason, denial.detail, denial.part_count, unhex("".join(denial.part_hashes))]
                self.equal("deny body", pack(values).hex(), each["denyBody"])
                self.equal("deny key", hs.deny_key(unhex(each["tokenKey"])).hex(), each["denyKey"])
        for each in vectors["cookies"]:
            fields = unhex(each["fields"])
            message = fields + pack(each["issuedAtMs"]) + pack(each["host"]) + pack(each["port"])
            self.equal("cookie", blake2b(16, message, key=unhex(each["secret"])).hex(), each["cookie"])
        client_random = unhex(vectors["accept"]["clientRandom"])
        for each in vectors["advice"]:
            self.equal("advice", hs.read_advise(unhex(each["packet"]), client_random), each["name"])
        reset = unhex(vectors["reset"]["packet"])
        # The token is the element before the last, stepSeed, which is 0 here and one byte.
        reset_token = unhex(vectors["accept"]["acceptBody"])[-17:-1]
        self.equal("reset", (reset[0], len(reset), reset[1:]), (hs.RESET, 17, reset_token))

    def check_attempt(self, each):
        secret = unhex(each["clientSecret"])
        public = bindings.crypto_scalarmult_base(secret)
        self.equal("client key", public.hex(), each["clientKey"])
        definition_hash = unhex(each["helloStart"])[10:42]
        fields = hs.HelloFields(definition_hash, unhex(each["clientRandom"]), public)
        hello = hs.hello(fields)
        self.equal("hello", hello, unhex(each["helloStart"]).ljust(each["helloBytes"], b"\0"))
        cookie = hs.read_cookie(unhex(each["cookie"]))
        self.equal("cookie's random", cookie.client_random, fields.client_random)
        asked = (cookie.issued_at_ms, cookie.cookie, each["name"])
        connect = hs.connect(fields, 1, *asked, unhex(each["token"]), unhex(each["tokenKey"]))
        self.equal("connect", connect.hex(), each["connect"])
        self.equal("proof", connect[-16:].hex(), each["proof"])
        return fields, cookie, connect

    def check_accept(self, each, cookie, connect):
        secret, token_key = unhex(each["clientSecret"]), unhex(each["tokenKey"])
        accept = hs.read_accept(unhex(each["answer"]), cookie.packet, connect, secret, token_key)
        for ours, golden in ((accept.to_server, each["toServer"]), (accept.to_client, each["toClient"])):
            self.equal("keys", (ours.key.hex(), ours.iv.hex()), (golden["key"], golden["iv"]))
        self.equal("server tick", accept.server_tick, each["serverTick"])
        values = [accept.connection_id, accept.tick_rate, accept.server_tick, accept.timeout_ms]
        body = pack([*values, accept.is_sealed, accept.reset_token, accept.step_seed])
        self.equal("accept body", body.hex(), each["acceptBody"])
        server_key = unhex(each["serverKey"])
        transcript = blake2b(32, cookie.packet + connect + server_key)
        self.equal("transcript", transcript.hex(), each["transcript"])
        self.equal("shared", shared_secret(secret, server_key).hex(), each["shared"])

    def check_data(self, data):
        reader = self.reading_session(data["channels"])
        for each in data["packets"]:
            from_server = each["from"] == "server"
            used = keys_of(data["toClient" if from_server else "toServer"])
            sealed = unhex(each["packet"])
            header = sealed[: 3 if from_server else 7]
            body = open_sealed(used.key, used.iv, each["number"], header, sealed[len(header) :])
            self.equal(f"{each['name']}, body", body.hex(), each["body"])
            ours = seal(used.key, used.iv, each["number"], header, body)
            self.equal(f"{each['name']}, sealed", ours, sealed)
            golden = each["decoded"]
            head = [golden[name] for name in ("ack", "ackMissing", "ackDelayMs")]
            head += [golden["tick"], golden["inputLead"]] if from_server else []
            frames = [frame_values(frame) for frame in golden["frames"]]
            self.equal(f"{each['name']}, packed", pack([*head, *frames]).hex(), each["body"])
            if from_server:
                read_all_frames(reader, body, golden)
                self.count += 1
        self.check_key_update(data["keyUpdate"])

    def reading_session(self, channels):
        """As much of a session as reading frames needs."""
        session = Session.__new__(Session)
        session.channels = [Channel(kind) for kind in channels]
        return session

    def check_key_update(self, update):
        sealing = SealingKeys(keys_of(update["keys"][0]), update["everyPackets"])
        opening = OpeningKeys(keys_of(update["keys"][0]))
        newest = 0
        for each in update["packets"]:
            number = each["number"]
            sealing.before(number, 0)
            header = bytes([hs.DATA_0 + sealing.phase]) + number.to_bytes(2, "big")
            ours = seal(sealing.keys.key, sealing.keys.iv, number, header, unhex(update["body"]))
            self.equal(f"key update, packet {number}", ours.hex(), each["packet"])
            sealing.on_acked(number)
            packet = unhex(each["packet"])
            body = opening.open(packet[0] - hs.DATA_0, number, newest, packet[:3], packet[3:], 0)
            self.equal(f"key update, body {number}", body.hex(), update["body"])
            newest = number
        self.equal("key changes", opening.changes, update["packets"][-1]["keyIndex"])

    def check_acks(self, vectors):
        for each in vectors["acks"]:
            received = Received()
            for low, high in each["before"] + each["after"]:
                for number in range(low, high + 1):
                    received.note(number, 0)
            ours = (received.newest % 65536, received.missing_bits(), received.ranges(each["formerAck"]))
            self.equal("ack", ours, (each["ack"], each["ackMissing"], each["ranges"]))
        for each in vectors["rangeLists"]:
            self.equal("ranges", ranges_are_lawful(each["ranges"], each["ack"]), each["lawful"])
        for each in vectors["fullCounts"]:
            self.equal("full count", full_count(each["sequence"], each["near"]), each["count"])
        sent = Sent(tick_ms=33)
        for each in vectors["roundTrip"]:
            sent.sample(each["sampleMs"], each["ackDelayMs"])
            ours = (sent.srtt, sent.var, sent.peer_delay, sent.lost_after)
            names = ("smoothedMs", "variationMs", "peerAckDelayMs", "lostAfterMs")
            self.equal("round trip", ours, tuple(each[name] for name in names))

    def check_msgpack(self, vectors):
        def read(kind, data):
            reader = Reader(data)
            kinds = {
                "int": lambda: reader.integer(-(2**53) + 1, 2**53 - 1),
                "bool": reader.boolean,
                "text": lambda: reader.text(1 << 20),
                "bin": lambda: reader.binary().hex(),
                "array": reader.array,
            }
            value = kinds[kind]()
            reader.end()
            return value

        for each in vectors["accepted"]:
            data = unhex(each["bytes"])
            self.equal(each["bytes"][:20], read(each["kind"], data), each["value"])
            if each["kind"] == "array":
                ours = pack([0] * each["value"])[: len(data)]
            else:
                ours = pack(unhex(each["value"]) if each["kind"] == "bin" else each["value"])
            self.equal(f"packed {each['bytes'][:20]}", ours, data)
        for each in vectors["binHeaders"]:
            header = unhex(each["bytes"])
            self.equal("bin header", pack(bytes(each["length"]))[: len(header)], header)
        for each in vectors["refused"]:
            self.refuses(each["why"], lambda: read(each["kind"], unhex(each["bytes"])))
            if each["lawful"]:
                read(each["kind"], unhex(each["lawful"]))
                self.count += 1

    def check_fields(self, vectors):
        for each in vectors:
            f = each["field"]
            value = json.loads(each["value"]) if f["type"] in ("text", "oneOf") else revived(each["value"])
            elements = b"".join(pack(element) for element in to_elements(value, f))
            self.equal(f"{f} of {value}", elements.hex(), each["elements"])
            reader = Reader(unhex(each["elements"]))
            unpacked = read_value(reader, f)
            reader.end()
            self.equal(f"{f} back", unpacked, revived(each["unpacked"]))
            if "unpackedBits" in each:
                self.equal(f"{f} bits", struct.pack(">d", unpacked).hex(), each["unpackedBits"])

    def check_messages(self, vectors):
        for each in vectors["messages"]:
            game = self.games[each["game"]]
            self.equal("index", game.messages.index(each["name"]), each["index"])
            values = revived(each["values"])
            payload = game.message_payload(each["name"], values)
            self.equal(each["name"], payload.hex(), each["payload"])
            sender = "client" if each["from"] == "client" else "server"
            self.equal("read", read_message(game, payload, sender)[0], each["name"])
            self.equal("channel", game.channel_of(each["name"]), each["channel"])
            self.equal("key", game.key_of(each["name"], values), each["key"])
        for each in vectors["refused"]:
            game, payload = self.games[each["game"]], unhex(each["payload"])
            self.refuses(f"message, {each['why']}", lambda: read_message(game, payload, each["sender"]))

    def check_inputs(self, vectors):
        for each in vectors["inputs"]:
            fields = self.games[each["game"]].json["input"].items()
            elements = [
                element
                for wanted in each["wanted"]
                for name, f in fields
                for element in to_elements(wanted.get(name, default_of(f)), f)
            ]
            ours = pack([each["newestTick"], len(each["wanted"]), each["seen"], *elements])
            self.equal("input block", ours.hex(), each["block"])
            newest, seen, values = read_input_block(self.games[each["game"]], ours)
            shown = [{n: v for n, v in value.items() if v is not None} for value in values]
            self.equal("inputs", (newest, seen, shown), (each["newestTick"], each["seen"], each["values"]))
        for each in vectors["refused"]:
            game = self.games[each["game"]]
            self.refuses(f"input, {each['why']}", lambda: read_input_block(game, unhex(each["block"])))

    def check_replicas(self, vectors):
        for each in vectors["goingOn"]:
            k, bounds = self.factor(each), (each["least"], each["most"])
            ends = (each["from"], each["to"])
            self.equal("goes on", goes_on(each["replica"], each["rate"], k, *ends, bounds), each["becomes"])
            replica = each["replica"]
            for tick in range(*ends):
                replica = goes_on(replica, each["rate"], k, tick, tick + 1, bounds)
            self.equal("goes on tick by tick", replica, each["becomes"])
        for each in vectors["changing"]:
            k, bounds = self.factor(each), (each["least"], each["most"])
            over = (each["from"], each["changed"], each["to"])
            ours = goes_on_over(each["replica"], each["before"], each["after"], k, *over, bounds)
            self.equal("goes on over a change", ours, each["becomes"])
        for each in vectors["anchoring"]:
            k, bounds = self.factor(each), (each["least"], each["most"])
            steps = struct.unpack(">d", unhex(each["stepsBits"]))[0]
            self.equal("anchored", anchored(steps, each["rate"], k, each["tick"], bounds), each["becomes"])
        for each in vectors["wrapping"]:
            bounds = (each["least"], each["most"])
            self.equal("wrapped", wrapped(bounds, each["before"], each["after"]), each["delta"])
            self.equal("unwrapped", unwrapped(bounds, each["before"], each["delta"]), each["after"])
            low, high = delta_bounds(bounds)
            self.equal("within", low <= each["delta"] <= high, True)

    def factor(self, field):
        k = rate_factor(field["rateStep"], field["step"], field["tickRate"])
        self.equal("factor", struct.pack(">d", k).hex(), field["kBits"])
        return k

    def check_deltas(self, vectors):
        for play in (vectors, vectors["types"]):
            store = ReplicaStore(Definition(value_text(play["definition"])))
            for each in play["blocks"]:
                taken = store.take(unhex(each["block"]))
                classes = [(t.index, t.age, t.version.sight.name_of_class) for t in taken.news if t.version]
                golden = [(t["index"], t["age"], t["class"]) for t in each["told"] if t["age"] < LEFT]
                self.equal(f"{each['meaning']}, told", sorted(classes), sorted(golden))
                self.equal_store(each["meaning"], store, taken.events, each)
        judged = vectors["judged"]
        definition = Definition(value_text(judged["definition"]))
        for each in judged["cases"]:
            store = ReplicaStore(definition)
            for earlier in each["before"]:
                store.take(unhex(earlier))
            held = plain_store(store)
            try:
                events = store.take(unhex(each["block"])).events
            except Refused as refusal:
                self.equal(each["why"], refusal.reason, each.get("refusal"))
                self.equal(f"{each['why']}, held", plain_store(store), held)
                continue
            self.equal(each["why"], None, each.get("refusal"))
            self.equal_store(each["why"], store, events, each)

    def check_carries(self, vectors):
        definition = Definition(value_text(vectors["definition"]))
        store = ReplicaStore(definition)
        for each in vectors["steps"]:
            if each["deltas"]:
                store.take(unhex(each["deltas"]))
            own = read_own_block(unhex(each["carries"]))
            golden = each["own"]
            records = [{"index": r.index, "age": r.age, "carries": r.carries} for r in own.records]
            avatar = -1 if own.avatar is None else own.avatar
            ours = {"tick": own.tick, "playerId": own.player_id, "avatarIndex": avatar, "records": records}
            self.equal(each["meaning"], ours, golden)
            self.equal(f"{each['meaning']}, exact", plain_exact(store, own), each["exact"])
        for each in vectors["refused"]:
            self.refuses(f"own, {each['why']}", lambda: read_own_block(unhex(each["block"])))

    def equal_store(self, what, store, events, golden):
        told = [{"what": event.what, "id": event.id} for event in events]
        self.equal(f"{what}, events", told, golden["events"])
        self.equal(f"{what}, held", plain_store(store), golden["state"])


def plain_store(store):
    """What is in sight, as of the newest tick, in the form of the vectors."""
    return [plain_version(held.versions[-1], store.newest) for _, held in store.in_sight()]


def plain_version(version, tick):
    replicas = {name: plain_replica(replica) for name, replica in version.at(tick).items()}
    sight = version.sight
    told = {"id": version.id, "kind": sight.name, "owner": version.owner, "viewer": sight.name_of_class}
    return {**told, "replicas": replicas}


def plain_exact(store, own):
    """All numbers of the entities whose carries fit: of those without a carry the replica says it all."""
    told = []
    for index, exact in exact_values(store, own).items():
        version = store.held[index].in_force(own.tick)
        replicas = version.at(own.tick)
        numbers = {}
        for name, f in version.sight.fields:
            carried = [value for field, value in exact if field == name]
            if carried or f["type"] in ("bool", "uint", "int", "id", "oneOf"):
                values = carried or [float(replicas[name])]
                numbers[name] = [struct.pack(">d", value).hex() for value in values]
        told.append({"id": version.id, "kind": version.sight.name, "numbers": numbers})
    return told


def plain_replica(replica):
    if isinstance(replica, list):
        return [plain_replica(each) for each in replica]
    if isinstance(replica, bytes):
        return {"hex": replica.hex()}
    return int(replica) if isinstance(replica, bool) else replica


def keys_of(golden):
    return Keys(unhex(golden["key"]) + unhex(golden["iv"]))


def frame_values(frame):
    match frame["kind"]:
        case "Message":
            return [0, *name_values(frame), unhex(frame["payload"])]
        case "Fragment":
            return [7, *name_values(frame), frame["offset"], frame["total"], unhex(frame["payload"])]
        case "State" | "Input" | "Own":
            return [{"State": 1, "Input": 2, "Own": 5}[frame["kind"]], unhex(frame["block"])]
        case "Disconnect":
            return [3, hs.REASONS.index(frame["reason"]), frame["detail"]]
        case "Ping":
            return [4]
        case "AckRanges":
            return [6, *frame["ranges"]]
        case "Resync":
            return [10]
        case "PathChallenge" | "PathResponse":
            return [{"PathChallenge": 8, "PathResponse": 9}[frame["kind"]], unhex(frame["data"])]
    raise ValueError(frame["kind"])


def name_values(frame):
    ids = [] if frame["id"] < 0 else [frame["id"]]
    return [frame["channel"], *ids, *([frame["key"]] if "key" in frame else [])]


def revived(value):
    """Bytes stand as {"hex": ...}."""
    if isinstance(value, list):
        return [revived(each) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["hex"]:
        return unhex(value["hex"])
    return {name: revived(each) for name, each in value.items()}


def read_all_frames(session, body, golden):
    reader = Reader(body)
    count = reader.array() - 5
    head = [reader.integer(0, 65535), reader.integer(0, 2**32 - 1), reader.integer(0, 127)]
    head += [reader.integer(0, 65535), reader.integer(-32, 127)]
    packet = Packet(0, *head, None, [])
    for _ in range(count):
        session.read_frame(reader, packet)
    reader.end()
    if count != len(golden["frames"]):
        raise Malformed("another number of frames")


def read_input_block(game, block):
    reader = Reader(block)
    fields = list(game.json["input"].items())
    left = reader.array()
    newest = reader.integer(0, 2**53 - 1)
    count = reader.integer(1, 10)
    seen = reader.integer(0, 511)
    if count > newest + 1 or left != 3 + count * element_count(fields):
        raise Malformed("no input block")
    values = [{name: read_value(reader, f) for name, f in fields} for _ in range(count)]
    reader.end()
    return newest, seen, values


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "../golden")
    check = Check(folder)
    check.run()
    for failure in check.failures[:30]:
        print(failure, file=sys.stderr)
    print(f"vectors: {check.count} checks, {len(check.failures)} differ")
    sys.exit(3 if check.failures else 0)


if __name__ == "__main__":
    main()
