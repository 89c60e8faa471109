/**
 * Writes msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) into memory of the caller, always in
 * the shortest form of a value, and allocates nothing.
 *
 *   integers   fixint, uint 8/16/32/64, int 8/16/32/64 (64 bits within ±2^53)
 *   others     nil, bool, str, bin, array header; no floats, maps or extensions: nothing on our wire needs them
 *
 * Writes trust the caller, but for room: past the end `ok` turns false and stays so, nothing is written any
 * more, and `rewind` to an earlier mark makes it whole again. So a filler tries, asks once, and takes back.
 */
export class MsgpackWriter {
  bytes: Uint8Array = EMPTY;
  /** Where the next byte goes. */
  at = 0;
  /** First byte that may not be written. */
  end = 0;
  ok = true;

  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.ok = true;
    return this;
  }

  /** Takes back everything written since `at` was `mark`. */
  rewind(mark: number): void {
    this.at = mark;
    this.ok = true;
  }

  nil(): void {
    this.byte(0xc0);
  }

  bool(value: boolean): void {
    this.byte(value ? 0xc3 : 0xc2);
  }

  int(value: number): void {
    if (value >= 0) {
      if (value < 0x80) this.byte(value);
      else if (value < 0x100) this.#tagged(0xcc, value, 1);
      else if (value < 0x1_0000) this.#tagged(0xcd, value, 2);
      else if (value < 0x1_0000_0000) this.#tagged(0xce, value, 4);
      else this.#wide(0xcf, value);
    } else if (value >= -32) this.byte(value & 0xff);
    else if (value >= -0x80) this.#tagged(0xd0, value, 1);
    else if (value >= -0x8000) this.#tagged(0xd1, value, 2);
    else if (value >= -0x8000_0000) this.#tagged(0xd2, value, 4);
    else this.#wide(0xd3, value);
  }

  arrayHeader(length: number): void {
    if (length < 16) this.byte(0x90 | length);
    else if (length < 0x1_0000) this.#tagged(0xdc, length, 2);
    else this.#tagged(0xdd, length, 4);
  }

  binHeader(length: number): void {
    if (length < 0x100) this.#tagged(0xc4, length, 1);
    else if (length < 0x1_0000) this.#tagged(0xc5, length, 2);
    else this.#tagged(0xc6, length, 4);
  }

  bin(source: Uint8Array, start = 0, end: number = source.length): void {
    this.binHeader(end - start);
    this.raw(source, start, end);
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  text(value: string): void {
    const length = utf8Length(value);
    if (length < 32) this.byte(0xa0 | length);
    else if (length < 0x100) this.#tagged(0xd9, length, 1);
    else if (length < 0x1_0000) this.#tagged(0xda, length, 2);
    else this.#tagged(0xdb, length, 4);
    if (!this.#room(length)) return;
    if (length === value.length) {
      for (let i = 0; i < length; i += 1) this.bytes[this.at + i] = value.charCodeAt(i);
    } else {
      encoder.encodeInto(value, this.bytes.subarray(this.at, this.at + length));
    }
    this.at += length;
  }

  /** Bytes that are msgpack already. */
  raw(source: Uint8Array, start = 0, end: number = source.length): void {
    const length = end - start;
    if (!this.#room(length)) return;
    // A loop beats set(subarray()) up to a few dozen bytes, and never allocates a view.
    if (length <= 64) {
      for (let i = 0; i < length; i += 1) this.bytes[this.at + i] = source[start + i]!;
    } else {
      this.bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.at);
    }
    this.at += length;
  }

  byte(value: number): void {
    if (this.#room(1)) {
      this.bytes[this.at] = value;
      this.at += 1;
    }
  }

  #room(length: number): boolean {
    if (this.ok && this.at + length <= this.end) return true;
    this.ok = false;
    return false;
  }

  #tagged(tag: number, value: number, width: number): void {
    if (!this.#room(1 + width)) return;
    this.bytes[this.at] = tag;
    this.at += 1;
    for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) {
      this.bytes[this.at] = (value >> shift) & 0xff;
      this.at += 1;
    }
  }

  #wide(tag: number, value: number): void {
    if (!this.#room(9)) return;
    const high = Math.floor(value / 0x1_0000_0000);
    this.#tagged(tag, high, 4);
    const low = value - high * 0x1_0000_0000;
    for (let shift = 24; shift >= 0; shift -= 8) {
      this.bytes[this.at] = (low >>> shift) & 0xff;
      this.at += 1;
    }
  }
}

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** How many bytes `value` takes as UTF-8. */
export function utf8Length(value: string): number {
  let length = 0;
  for (let i = 0; i < value.length; i += 1) {
    const unit = value.charCodeAt(i);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(value.charCodeAt(i + 1))) {
      length += 4;
      i += 1;
    } else length += 3;
  }
  return length;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
