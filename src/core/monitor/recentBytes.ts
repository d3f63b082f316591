/** The latest bytes of a stream, whatever pieces they came in; bounded memory. */

/** Times what is kept: they are moved to the front once for as many bytes. */
const ROOM = 4;

export class RecentBytes {
  private readonly buffer: Uint8Array;
  private end = 0;

  /** @param most bytes that are kept at the least */
  constructor(private readonly most: number) {
    this.buffer = new Uint8Array(ROOM * most);
  }

  push(bytes: Uint8Array): void {
    const added = bytes.subarray(-this.most);
    if (this.end + added.length > this.buffer.length) {
      this.buffer.copyWithin(0, Math.max(0, this.end - this.most), this.end);
      this.end = Math.min(this.end, this.most);
    }
    this.buffer.set(added, this.end);
    this.end += added.length;
  }

  /** As many of the latest as were asked for, or as there are; valid until the next push. */
  latest(count: number): Uint8Array {
    return this.buffer.subarray(Math.max(0, this.end - Math.min(count, this.most)), this.end);
  }
}
