"""PROTOCOL.md section 15: which tick to play, and the block of inputs."""

import math

from strict_msgpack import pack

TARGET_LEAD = 2
SNAP_TICKS = 10
SLEW_RATIO = 0.02
STARVED_SLEW_RATIO = 0.05
MAX_CATCH_UP_TICKS = 4
MAX_INPUTS_PER_FRAME = 10
# This player aims at nobody.
CLAIMS_NOTHING = 0


class InputClock:
    """Tick T is played at origin + T ticks."""

    def __init__(self, tick_ms):
        self.tick_ms = tick_ms
        self.origin = None
        self.next_tick = 0
        self.quiet_from = 0
        self.corrected_at = 0
        self.jumps = 0

    def begin(self, now, newest_tick, newest_at, srtt):
        ticks_since = (now - newest_at) / self.tick_ms
        self.next_tick = math.floor(newest_tick + ticks_since + srtt / self.tick_ms + 3)
        self.origin = now - self.next_tick * self.tick_ms
        self.quiet_from = self.corrected_at = now

    def due(self, now):
        """Ticks to play now; ticks may be left out before them."""
        newest = math.floor((now - self.origin) / self.tick_ms)
        first = max(self.next_tick, newest - MAX_CATCH_UP_TICKS + 1)
        ticks = range(first, newest + 1)
        self.next_tick = max(self.next_tick, newest + 1)
        return ticks

    def correct(self, now, input_lead, srtt):
        """By the lead in a packet that acks a recent input, newer than any acked before."""
        elapsed = min(now - self.corrected_at, 1000)
        self.corrected_at = now
        if now - self.quiet_from < srtt + 4 * self.tick_ms:
            return
        late = TARGET_LEAD - input_lead
        if abs(late) > SNAP_TICKS:
            self.origin -= late * self.tick_ms
            self.quiet_from = now
            self.jumps += 1
            return
        ratio = STARVED_SLEW_RATIO if input_lead < 1 else SLEW_RATIO
        step = min(abs(late) * self.tick_ms, ratio * elapsed)
        self.origin -= math.copysign(step, late)


class InputHistory:
    """The inputs that were played, newest last, without gaps."""

    def __init__(self):
        self.inputs = []

    def play(self, tick, elements):
        if self.inputs and self.inputs[-1][0] != tick - 1:
            self.inputs.clear()
        self.inputs.append((tick, elements))
        del self.inputs[:-MAX_INPUTS_PER_FRAME]

    def block(self, newest_acked):
        newest = self.inputs[-1][0]
        told = [(tick, elements) for tick, elements in reversed(self.inputs) if tick > newest_acked]
        told = told or [self.inputs[-1]]
        return newest, pack([newest, len(told), CLAIMS_NOTHING, *(e for _, elements in told for e in elements)])
