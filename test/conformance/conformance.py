"""Plays the arena on a live server over a bad network, and holds what arrives against the document.

Writes what the server told of entities, and what is held of them, to files that can be compared with the server's own
truth. Prints one line of JSON. Exit codes: 0 all is equal, 3 something differs, 1 packages or the server are missing.
"""

import argparse
import json
import math
import os
import random
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

try:
    import msgpack  # noqa: F401
    import nacl  # noqa: F401
except ImportError:
    sys.exit("conformance needs Debian's python3-nacl and python3-msgpack: apt-get install them first.")

from delivery import full_count
from game_codec import GENERATIONS, TAU, Definition, entities_text, value_text
from own_block import exact_values
from replica_store import LEFT
from sealing import Token
from strict_msgpack import Malformed
from tickwire_client import TickwireClient, now_ms

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/PROTOCOL.md")
CHATS_PER_SECOND = 6
ECHO_SECONDS = 20
FILLER = "wind and tide – über Gräben, 星の海へ. "
MAX_DIFFERENCES = 20
#: With loss there are also times when nothing passes, and bursts of packets: both need ack ranges.
BLACKOUT_EVERY_SECONDS = 12
BLACKOUT_SECONDS = 1.3
BURST_EVERY_SECONDS = 7
BURST_PACKETS = 45
#: Without loss for so long in the end: then, for so many ticks, all there is must be held.
SETTLE_SECONDS = 0.7
WATCHED_TICKS = 15
WATCH_SECONDS = 5
RESYNC_EVERY_SECONDS = 1
#: The arena's places have steps of 1/64, the simulation grid is 64 times as fine.
GRID_PER_UNIT = 4096


class Player:
    """A client with all it saw and all it should see."""

    def __init__(self, index, options, definition, address):
        self.name = f"python {index + 1}"
        self.chance = random.Random(f"{options.seed} {index} play")
        self.losses = {way: random.Random(f"{options.seed} {index} {way}") for way in ("in", "out")}
        self.loss = options.loss
        self.is_dark = False
        self.client = TickwireClient(
            address,
            definition,
            Token.issue(),
            self.name,
            drops=self.drops,
            phase_packets=options.phase_packets,
            connect_seconds=20,
        )
        self.client.on_state = self.on_state
        self.client.on_own = self.on_own
        self.client.on_message = self.on_message
        self.client.input_of = self.input_of
        self.told = open(f"{options.told}-{index + 1}.jsonl", "w", encoding="utf-8")
        self.newest_tick = -1
        self.counts = Counter()
        #: While nothing is lost: the newest tick with all that is held of it.
        self.is_watching = False
        self.held = None
        #: Entity indexes that are to be told in full after a RESYNC.
        self.awaited = set()
        self.asked_at = None
        self.owns = []
        #: Tick, and by id the exact numbers of its own shots.
        self.shots = (-1, {})
        self.differences = []
        self.aims = {}
        self.chats = []
        self.scored = 0
        self.said = []

    def drops(self, way):
        return self.losses[way].random() < self.loss or self.is_dark

    def on_state(self, taken):
        self._tell_held(taken.tick)
        self.newest_tick = max(self.newest_tick, taken.tick)
        news = [told for told in taken.news if told.version]
        gone = [{"what": event.what, "id": event.id} for event in taken.events if event.what != "entered"]
        entities = entities_text(told.version.entity(taken.tick) for told in news)
        self._write({"tick": taken.tick, "entities": entities, "gone": gone})
        self.counts["blocks"] += 1
        self.counts["entities"] += len(entities)
        for event in taken.events:
            self.counts[event.what] += 1
        for told in taken.news:
            if told.age == 0 or told.age >= LEFT:
                self.counts["renewed"] += told.index in self.awaited
                self.awaited.discard(told.index)
        store = self.client.session.store
        self.held = (store.newest, entities_text(store.entities(store.newest))) if self.is_watching else None

    def _tell_held(self, tick):
        """Before a newer tick is shown: everything held of the one before, all of whose blocks have come by now."""
        if self.held and tick > self.held[0]:
            newest, entities = self.held
            player_id = self.owns[-1].player_id if self.owns else 0
            self._write({"tick": newest, "player": player_id, "held": entities})
            self.counts["held"] += len(entities)
            self.counts["watched"] += 1

    def _write(self, line):
        self.told.write(f"{value_text(line)}\n")

    def ask_resync(self):
        """Asks for everything anew, again each second until it has come."""
        now = time.monotonic()
        if self.asked_at is None:
            self.awaited = {index for index, _ in self.client.session.store.in_sight()}
            self.counts["awaited"] = len(self.awaited)
        elif not self.awaited or now - self.asked_at < RESYNC_EVERY_SECONDS:
            return
        self.asked_at = now
        self.client.session.ask_resync(now_ms())

    def on_own(self, own):
        self.owns.append(own)
        try:
            exact = exact_values(self.client.session.store, own)
        except Malformed as fault:
            self.differences.append(f"own block of tick {own.tick}: {fault}")
            return
        self.counts["carries"] += len(own.records)
        self.counts["fittingCarries"] += len(exact)
        self._follow_shots(own.tick, exact)

    def _follow_shots(self, tick, exact):
        """A shot flies straight, so from its exact numbers those of the next tick follow to the last bit."""
        shots = {}
        for index, numbers in exact.items():
            version = self.client.session.store.held[index].in_force(tick)
            if version.sight.name == "shot":
                shots[version.id] = {name: value for name, value in numbers}
        for shot_id, now in shots.items():
            before = self.shots[1].get(shot_id) if self.shots[0] == tick - 1 else None
            if before is None:
                continue
            self.counts["exactSteps"] += 1
            for place, speed in (("x", "vx"), ("y", "vy")):
                moved = before[place] + before[speed] * (1 / 30)
                if now[place] != math.floor(moved * GRID_PER_UNIT + 0.5) / GRID_PER_UNIT:
                    self.differences.append(f"tick {tick}: {place} of shot {shot_id} is {now}, it was {before}")
        self.shots = (tick, shots)

    def on_message(self, name, values):
        if name == "chat":
            self.chats.append(values["text"])
        else:
            self.scored += 1

    def input_of(self, tick):
        aim = (tick * 0.05 + self.chance.random()) % TAU
        # Its replica as section 14 makes it from a value within 0 and TAU.
        self.aims[tick] = math.floor((aim / TAU) * 1024 + 0.5) % 1024
        move = {"x": math.sin(tick / 40), "y": math.cos(tick / 55)}
        return {"move": move, "aim": aim, "fire": self.chance.random() < 0.7}

    def say(self):
        text = f"#{len(self.said)} " + (FILLER * 4)[: self.chance.randrange(100)]
        self.said.append(f"{self.name}: {text}")
        self.client.send_message("chat", {"text": text})

    def heard_from(self, other):
        return [text for text in self.chats if text.startswith(f"{other.name}: ")]


def play(players, seconds):
    """What went wrong on the way."""
    for player in players:
        player.client.start()
    turn(players, 20, lambda: all(p.client.state == "connected" and p.newest_tick >= 0 for p in players))
    for player in players:
        if player.client.state != "connected" or player.newest_tick < 0:
            return [f"{player.name} could not play: {player.client.state}, {player.client.ending}"]
    began = time.monotonic()
    next_chat = began

    next_burst = began + BURST_EVERY_SECONDS

    def on_turn():
        nonlocal next_chat, next_burst
        trouble(players, time.monotonic() - began)
        for player in players:
            player.is_watching = player.loss == 0 and time.monotonic() - began >= 1
            if time.monotonic() - began >= seconds / 2:
                player.ask_resync()
        if time.monotonic() >= next_burst:
            next_burst += BURST_EVERY_SECONDS
            for player in players:
                for _ in range(BURST_PACKETS):
                    player.client.session.ping(now_ms())
        if time.monotonic() >= next_chat:
            next_chat += 1 / CHATS_PER_SECOND
            for player in players:
                player.say()

    turn(players, seconds, lambda: False, on_turn)
    for player in players:
        player.is_dark = False
        player.is_watching = False
    turn(players, ECHO_SECONDS, lambda: all(len(p.heard_from(o)) >= len(o.said) for p in players for o in players))
    for player in players:
        player.loss = 0
    turn(players, SETTLE_SECONDS, lambda: False)
    for player in players:
        player.is_watching = True
    turn(players, WATCH_SECONDS, lambda: all(player.counts["watched"] >= WATCHED_TICKS for player in players))
    lost = [f"{p.name} was cut off: {p.client.ending}" for p in players if p.client.state != "connected"]
    for player in players:
        player.is_watching = False
        player.client.close("that is all")
    turn(players, 5, lambda: False)
    for player in players:
        player.told.close()
    return lost


def trouble(players, elapsed):
    """Blackouts, of one player after the other, where the network loses anything at all."""
    for index, player in enumerate(players):
        at = (elapsed - 3 - 4 * index) % BLACKOUT_EVERY_SECONDS
        player.is_dark = player.loss > 0 and elapsed > 3 and at < BLACKOUT_SECONDS


def turn(players, seconds, is_so, on_turn=lambda: None):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not is_so():
        if all(player.client.state == "closed" for player in players):
            return
        on_turn()
        for player in players:
            player.client.update()
        time.sleep(0.003)


def read_truth(path, newest):
    """The server's lines by tick, up to the newest tick asked for; it may still be writing."""
    deadline = time.monotonic() + 10
    while True:
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")[:-1]
        truth = {json.loads(line)["tick"]: line for line in lines}
        if newest in truth or time.monotonic() > deadline:
            return truth
        time.sleep(0.2)


def differences_of(player, players, truth, loss):
    """Sentences on what is not as the document says."""
    client, session = player.client, player.client.session
    yield from session.violations
    if client.ending != ("closed", "us"):
        yield f"ended with {client.ending}"
    # Answers to repeated questions come when they are not waited for any more.
    expected = {"datagrams_sent", "dropped_in", "dropped_out", "accepted", "refusedState"}
    for counter in client.counters.keys() - expected:
        yield f"{counter}: {client.counters[counter]}"
    yield from player.differences
    yield from state_differences(player, loss)
    for other in players:
        heard = player.heard_from(other)
        if heard != other.said:
            at = next((i for i, (a, b) in enumerate(zip(heard, other.said)) if a != b), "the end")
            yield f"of {other.name} {len(heard)} of {len(other.said)} messages; they differ at {at}"
    yield from own_differences(player, truth)
    yield from counter_differences(client, loss)


def state_differences(player, loss):
    session, counts = player.client.session, player.counts
    if player.asked_at is None or counts["awaited"] == 0:
        yield "RESYNC was never asked with anything in sight"
    if player.awaited:
        yield f"after RESYNC {len(player.awaited)} of {counts['awaited']} entities were not told anew"
    if loss == 0 and session.counters["resyncs"] != 1:
        yield f"RESYNC was asked {session.counters['resyncs']} times"
    if counts["watched"] < WATCHED_TICKS:
        yield f"only {counts['watched']} ticks were watched"


def own_differences(player, truth):
    if not player.owns:
        yield "no own block came"
    if not player.counts["exactSteps"]:
        yield f"of {player.counts['carries']} carries {player.counts['fittingCarries']} fit; no shot was followed"
    for own in player.owns:
        by_index = entities_by_index(truth.get(own.tick))
        ship = by_index.get(own.avatar)
        if own.tick in truth and own.avatar is not None and not is_ship_of(player, ship):
            yield f"own block of tick {own.tick} names index {own.avatar}: {ship}"


def is_ship_of(player, entity):
    """The index may be another's by now."""
    if not entity or entity["kind"] != "ship":
        return False
    return (entity["owner"], entity["fields"]["name"]) == (player.owns[-1].player_id, player.name)


def entities_by_index(line):
    entities = json.loads(line)["entities"] if line else []
    return {entity["id"] // GENERATIONS: entity for entity in entities}


def counter_differences(client, loss):
    """Section 9: each number is used once; ticks never step back."""
    numbers = []
    near = 0
    for sequence in client.arrived_sequences:
        numbers.append(full_count(sequence, near))
        near = max(near, numbers[-1])
    if len(set(numbers)) != len(numbers):
        yield "a packet number came twice"
    if numbers and min(numbers) < 1:
        yield "a packet number below 1"
    ticks = [tick for _, tick in sorted(client.session.tick_of_packet.items())]
    if any(a > b for a, b in zip(ticks, ticks[1:])):
        yield "the tick in a later packet is lower"
    if loss == 0 and sorted(numbers) != list(range(1, near + 1)):
        yield f"packet numbers are left out: {len(numbers)} of {near}"


def aims_taken(player, truth):
    """How many inputs show in the state after their tick; the arena's ships take their aim from the input."""
    taken = told = 0
    avatar = player.owns[-1].avatar if player.owns else None
    for tick, n in player.aims.items():
        ship = entities_by_index(truth.get(tick + 1)).get(avatar)
        if is_ship_of(player, ship) and not ship["fields"]["isWreck"]:
            told += 1
            taken += ship["fields"]["aim"] == (n * TAU) / 1024
    return taken, told


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="udp://127.0.0.1:PORT")
    parser.add_argument("--dump", required=True, help="the file that serve --dump-state writes")
    parser.add_argument("--told", required=True, help="what the players were told, to TOLD-1.jsonl, TOLD-2.jsonl, …")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--loss", type=float, default=0.2, help="share of datagrams lost, in each direction")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--phase-packets", type=int, default=400, help="change keys after so many packets")
    options = parser.parse_args()
    url = urlsplit(options.url)
    definition = Definition.of_document(DOCUMENT)
    players = [Player(i, options, definition, (url.hostname, url.port)) for i in range(options.clients)]
    differences = play(players, options.seconds)
    if all(player.client.session for player in players):
        truth = read_truth(options.dump, max(player.newest_tick for player in players))
        for player in players:
            differences += [f"{player.name}: {d}" for d in differences_of(player, players, truth, options.loss)]
        print(json.dumps(figures(players, truth, options, differences)), flush=True)
    for difference in differences[:MAX_DIFFERENCES]:
        print(difference[:2000], file=sys.stderr)
    if len(differences) > MAX_DIFFERENCES:
        print(f"and {len(differences) - MAX_DIFFERENCES} more", file=sys.stderr)
    sys.exit(3 if differences else 0)


def figures(players, truth, options, differences):
    clients = [player.client for player in players]
    sessions = [client.session for client in clients]
    aims = [aims_taken(player, truth) for player in players]

    def counted(counter):
        return sum(client.counters[counter] for client in clients)

    def told(name):
        return sum(player.counts[name] for player in players)

    return {
        "seconds": options.seconds,
        "loss": options.loss,
        "clients": len(players),
        **{f"{name}Told": told(name) for name in ("blocks", "entities", "entered", "left", "despawned", "carries")},
        "fullRecords": sum(session.counters["full_records"] for session in sessions),
        "ticksWatched": told("watched"),
        "entitiesHeld": told("held"),
        "resyncs": sum(session.counters["resyncs"] for session in sessions),
        "renewed": told("renewed"),
        "fittingCarries": told("fittingCarries"),
        "exactSteps": told("exactSteps"),
        "messagesSent": sum(len(player.said) for player in players),
        "messagesHeard": sum(len(p.heard_from(o)) for p in players for o in players),
        "scored": sum(player.scored for player in players),
        "datagramsSent": counted("datagrams_sent"),
        "droppedOut": counted("dropped_out"),
        "accepted": counted("accepted"),
        "droppedIn": counted("dropped_in"),
        "packetsLost": sum(session.sent.lost for session in sessions),
        "messagesResent": sum(session.sent.resent for session in sessions),
        "messagesTwice": sum(session.channels[0].inbox.duplicates for session in sessions),
        "rangesSent": sum(session.counters["ranges_sent"] for session in sessions),
        "rangesReceived": sum(session.counters["ranges_received"] for session in sessions),
        "keyChangesOut": sum(session.sealing.changes for session in sessions),
        "keyChangesIn": sum(session.opening.changes for session in sessions),
        "roundTripMs": [round(session.sent.srtt, 1) for session in sessions],
        "clockJumps": sum(session.clock.jumps for session in sessions),
        "aimsTaken": sum(taken for taken, _ in aims),
        "aimsPlayed": sum(told for _, told in aims),
        "differences": len(differences),
    }


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
