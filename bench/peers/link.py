"""A link between two network namespaces: a TUN device in each, and this program between them.

  bots' namespace  10.x.x.1 ── up ──► loss ─► queue ─► 10.x.x.2  server's namespace
                             ◄─ queue ◄─ loss ◄── down ──

Each packet of IP, whatever it carries, is lost with the same chance, each way by a chance of its own; else it waits
for the delay, give or take the jitter, and never overtakes another: it is one queue each way, as in a router.

usage: link.py BOTS_NAMESPACE BOTS_IP SERVER_NAMESPACE SERVER_IP DELAY_MS JITTER_MS LOSS SEED MAX_SECONDS

Says "ready", and what it counted at each line on standard input. Ends with that input, and after MAX_SECONDS.
"""
import collections
import fcntl
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
MTU = 1500
# What waits at once each way; beyond it the tail is dropped, as a router would.
QUEUE_PACKETS = 20_000
# Read in one go from one side, before the other has its turn.
BATCH = 64
# A histogram of lateness in steps of 0.1 ms.
LATE_STEPS = 2_000


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def open_tun(namespace, mine, theirs, letter):
    """A TUN device is made here and then moved: what reads it stays behind."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = f"twp{os.getpid()}{letter}"
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    ip("link", "set", name, "netns", namespace)
    ip("-n", namespace, "address", "add", mine, "peer", theirs, "dev", name)
    ip("-n", namespace, "link", "set", name, "mtu", str(MTU), "txqueuelen", str(QUEUE_PACKETS), "up")
    return tun


class Way:
    """One direction."""

    def __init__(self, source, target, delay_s, jitter_s, loss, seed):
        self.source = source
        self.target = target
        self.delay_s = delay_s
        self.jitter_s = jitter_s
        self.loss = loss
        self.chance = random.Random(seed)
        self.queue = collections.deque()
        self.last_due = 0.0
        self.packets = self.lost = self.overflowed = self.bytes = 0
        self.late = [0] * LATE_STEPS

    def take(self, now):
        for _ in range(BATCH):
            try:
                packet = os.read(self.source, MTU + 64)
            except BlockingIOError:
                return
            # The kernel's own talk about neighbours.
            if packet[0] >> 4 != 4:
                continue
            self.packets += 1
            self.bytes += len(packet)
            if self.chance.random() < self.loss:
                self.lost += 1
            elif len(self.queue) >= QUEUE_PACKETS:
                self.overflowed += 1
            else:
                self.last_due = max(
                    self.last_due, now + self.delay_s + self.chance.uniform(-self.jitter_s, self.jitter_s)
                )
                self.queue.append((self.last_due, packet))

    def hand_on(self, now):
        while self.queue and self.queue[0][0] <= now:
            due, packet = self.queue.popleft()
            try:
                os.write(self.target, packet)
            except BlockingIOError:
                self.overflowed += 1
            self.late[min(LATE_STEPS - 1, int((now - due) * 10_000))] += 1

    def count(self):
        """All that there was so far; of lateness, since the last count."""
        left = sum(self.late) * 0.01
        step = LATE_STEPS - 1
        while step > 0 and left >= self.late[step]:
            left -= self.late[step]
            step -= 1
        self.late = [0] * LATE_STEPS
        return {
            "packets": self.packets,
            "lost": self.lost,
            "overflowed": self.overflowed,
            "bytes": self.bytes,
            "lateP99Ms": (step + 1) / 10,
        }


def main():
    bots, bots_ip, server, server_ip = sys.argv[1:5]
    delay_ms, jitter_ms, loss = map(float, sys.argv[5:8])
    seed, max_seconds = map(int, sys.argv[8:10])
    end_at = time.monotonic() + max_seconds
    a = open_tun(bots, bots_ip, server_ip, "a")
    b = open_tun(server, server_ip, bots_ip, "b")
    up = Way(a, b, delay_ms / 1000, jitter_ms / 1000, loss, seed * 2)
    down = Way(b, a, delay_ms / 1000, jitter_ms / 1000, loss, seed * 2 + 1)
    ways = (up, down)
    print(json.dumps({"ready": True}), flush=True)
    while time.monotonic() < end_at:
        now = time.monotonic()
        for way in ways:
            way.hand_on(now)
        next_due = min((way.queue[0][0] for way in ways if way.queue), default=now + 0.1)
        wait_s = max(0.0, min(next_due - time.monotonic(), end_at - now))
        readable, _, _ = select.select([a, b, sys.stdin], [], [], wait_s)
        now = time.monotonic()
        for way in ways:
            if way.source in readable:
                way.take(now)
        if sys.stdin in readable:
            if sys.stdin.readline() == "":
                break
            print(json.dumps({"up": up.count(), "down": down.count()}), flush=True)


main()
