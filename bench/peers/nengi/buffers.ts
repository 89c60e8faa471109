/** nengi's readers and writers are packages of their own, which npm does not have: these do the same on Node's Buffer. */
import type { IBinaryReader, IBinaryWriter } from "nengi";

export class BufferWriter implements Pick<IBinaryWriter, "buffer"> {
  readonly buffer: Buffer;
  offset = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** Of zeros: nengi's handshake is one byte longer than what it writes, and the server reads that byte. */
  static create(byteLength: number): IBinaryWriter {
    return new BufferWriter(Buffer.alloc(byteLength)) as unknown as IBinaryWriter;
  }

  writeUInt8(value: number): void {
    this.offset = this.buffer.writeUInt8(value, this.offset);
  }

  writeInt8(value: number): void {
    this.offset = this.buffer.writeInt8(value, this.offset);
  }

  writeUInt16(value: number): void {
    this.offset = this.buffer.writeUInt16LE(value, this.offset);
  }

  writeUInt32(value: number): void {
    this.offset = this.buffer.writeUInt32LE(value, this.offset);
  }

  writeFloat64(value: number): void {
    this.offset = this.buffer.writeDoubleLE(value, this.offset);
  }

  writeString(value: string): void {
    const length = Buffer.byteLength(value, "utf8");
    this.writeUInt32(length);
    this.offset += this.buffer.write(value, this.offset, length, "utf8");
  }
}

export class BufferReader {
  offset = 0;
  readonly byteLength: number;
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.byteLength = buffer.byteLength;
  }

  static create(buffer: Buffer): IBinaryReader {
    return new BufferReader(buffer) as unknown as IBinaryReader;
  }

  readUInt8(): number {
    this.offset += 1;
    return this.#buffer.readUInt8(this.offset - 1);
  }

  readInt8(): number {
    this.offset += 1;
    return this.#buffer.readInt8(this.offset - 1);
  }

  readUInt16(): number {
    this.offset += 2;
    return this.#buffer.readUInt16LE(this.offset - 2);
  }

  readUInt32(): number {
    this.offset += 4;
    return this.#buffer.readUInt32LE(this.offset - 4);
  }

  readFloat64(): number {
    this.offset += 8;
    return this.#buffer.readDoubleLE(this.offset - 8);
  }

  readString(): string {
    const length = this.readUInt32();
    this.offset += length;
    return this.#buffer.toString("utf8", this.offset - length, this.offset);
  }
}
