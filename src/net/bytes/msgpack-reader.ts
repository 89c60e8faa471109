/**
 * Reads the msgpack that `MsgpackWriter` writes, from bytes of a stranger.
 *
 * A value must be of the kind asked for, lie within its bounds and stand in its shortest form: so every value
 * has one form, and a packet that was altered and still decodes says something else. The first violation turns
 * `ok` false for good; later reads give 0, "" and false. Read a whole record straight down, then ask once.
 * Nothing throws, and nothing is allocated but the strings.
 */
export class MsgpackReader {
  bytes: Uint8Array = EMPTY;
  at = 0;
  end = 0;
  ok = true;
  /** Where the last `bin` begins in `bytes`; it ends at `at`. */
  binStart = 0;

  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.ok = true;
    this.binStart = start;
    return this;
  }

  /** True when everything was read and nothing was wrong. */
  done(): boolean {
    return this.ok && this.at === this.end;
  }

  /** Refuses what was read, for a reason of the caller's. */
  fail(): 0 {
    this.ok = false;
    return 0;
  }

  int(min: number, max: number): number {
    const value = this.#anyInt();
    if (!this.ok || value < min || value > max) return this.fail();
    return value;
  }

  /**
   * Reads an integer for each pair of bounds and appends them to `into`: what as many `int`s do, in a fraction
   * of the time. After a violation `into` holds those before it.
   */
  ints(least: readonly number[], most: readonly number[], into: number[]): void {
    if (!this.ok) return;
    const { bytes, end } = this;
    for (let i = 0; i < least.length; i += 1) {
      const { at } = this;
      const tag = at < end ? bytes[at]! : 0xc1;
      let value = 0;
      if (tag < 0x80 || tag >= 0xe0) {
        value = (tag << 24) >> 24;
        this.at = at + 1;
      } else if (at + 3 <= end && (tag === 0xcd || tag === 0xd1)) {
        value = (bytes[at + 1]! << 8) | bytes[at + 2]!;
        if (tag === 0xd1) value = (value << 16) >> 16;
        this.at = at + 3;
        if (tag === 0xcd ? value < 0x100 : value > -0x81) return void this.fail();
      } else {
        value = this.#anyInt();
        if (!this.ok) return;
      }
      if (value < least[i]! || value > most[i]!) return void this.fail();
      into.push(value);
    }
  }

  bool(): boolean {
    const tag = this.#byte();
    if (tag !== 0xc2 && tag !== 0xc3) this.fail();
    return this.ok && tag === 0xc3;
  }

  /** Consumes a nil if one is next. */
  maybeNil(): boolean {
    if (!this.ok || this.at >= this.end || this.bytes[this.at] !== 0xc0) return false;
    this.at += 1;
    return true;
  }

  arrayHeader(min: number, max: number): number {
    const tag = this.#byte();
    let length = 0;
    if (tag >= 0x90 && tag <= 0x9f) length = tag & 0x0f;
    else if (tag === 0xdc) length = this.#atLeast(this.#uint(2), 16);
    else if (tag === 0xdd) length = this.#atLeast(this.#uint(4), 0x1_0000);
    else return this.fail();
    if (!this.ok || length < min || length > max) return this.fail();
    return length;
  }

  /** Steps over a bin and returns its length; the bytes are `bytes[binStart … at)`. */
  bin(min: number, max: number): number {
    const tag = this.#byte();
    let length = 0;
    if (tag === 0xc4) length = this.#uint(1);
    else if (tag === 0xc5) length = this.#atLeast(this.#uint(2), 0x100);
    else if (tag === 0xc6) length = this.#atLeast(this.#uint(4), 0x1_0000);
    else return this.fail();
    if (!this.ok || length < min || length > max || this.at + length > this.end) return this.fail();
    this.binStart = this.at;
    this.at += length;
    return length;
  }

  /** A bin as a copy of its own, or an empty one. */
  binCopy(min: number, max: number): Uint8Array {
    this.bin(min, max);
    return this.ok ? this.bytes.slice(this.binStart, this.at) : EMPTY;
  }

  /** Well-formed UTF-8 of at most `maxBytes` bytes. */
  text(maxBytes: number): string {
    const tag = this.#byte();
    let length = 0;
    if (tag >= 0xa0 && tag <= 0xbf) length = tag & 0x1f;
    else if (tag === 0xd9) length = this.#atLeast(this.#uint(1), 32);
    else if (tag === 0xda) length = this.#atLeast(this.#uint(2), 0x100);
    else if (tag === 0xdb) length = this.#atLeast(this.#uint(4), 0x1_0000);
    else this.fail();
    if (!this.ok || length > maxBytes || this.at + length > this.end) {
      this.fail();
      return "";
    }
    const start = this.at;
    this.at += length;
    try {
      return decoder.decode(this.bytes.subarray(start, this.at));
    } catch {
      this.fail();
      return "";
    }
  }

  #byte(): number {
    if (!this.ok || this.at >= this.end) return this.fail();
    const value = this.bytes[this.at]!;
    this.at += 1;
    return value;
  }

  #atLeast(value: number, least: number): number {
    return value < least ? this.fail() : value;
  }

  #atMost(value: number, most: number): number {
    return value > most ? this.fail() : value;
  }

  #uint(width: 1 | 2 | 4): number {
    const { bytes, at } = this;
    if (!this.ok || at + width > this.end) return this.fail();
    this.at = at + width;
    if (width === 1) return bytes[at]!;
    const high = (bytes[at]! << 8) | bytes[at + 1]!;
    return width === 2 ? high : high * 0x1_0000 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }

  #signed(width: 1 | 2 | 4): number {
    const value = this.#uint(width);
    // Shifted to the top and back: the sign comes along.
    if (width === 1) return (value << 24) >> 24;
    return width === 2 ? (value << 16) >> 16 : value | 0;
  }

  #anyInt(): number {
    const tag = this.#byte();
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 256;
    switch (tag) {
      case 0xcc:
        return this.#atLeast(this.#uint(1), 0x80);
      case 0xcd:
        return this.#atLeast(this.#uint(2), 0x100);
      case 0xce:
        return this.#atLeast(this.#uint(4), 0x1_0000);
      case 0xcf:
        return this.#atLeast(this.#safe(this.#uint(4), this.#uint(4)), 0x1_0000_0000);
      case 0xd0:
        return this.#atMost(this.#signed(1), -33);
      case 0xd1:
        return this.#atMost(this.#signed(2), -0x81);
      case 0xd2:
        return this.#atMost(this.#signed(4), -0x8001);
      case 0xd3:
        return this.#atMost(this.#safe(this.#signed(4), this.#uint(4)), -0x8000_0001);
      default:
        return this.fail();
    }
  }

  #safe(high: number, low: number): number {
    const value = high * 0x1_0000_0000 + low;
    return Number.isSafeInteger(value) ? value : this.fail();
  }
}

const EMPTY = new Uint8Array(0);
// `ignoreBOM`: a leading U+FEFF is part of the text, else two forms would mean one value.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
