// The hash of a run: SHA-256 (FIPS 180-4), step after step over the step before, its spikes and all state.

const K = new Uint32Array(64);
const START = new Uint32Array(8);
{
  // The first 32 bits of the fractions of cube roots, and of square roots, of the first primes.
  const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32);
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) prime &&= n % d !== 0;
    if (!prime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(n));
    K[found++] = fraction(Math.cbrt(n));
  }
}

const W = new Uint32Array(64);

function block(h, view, at) {
  for (let t = 0; t < 16; t++) W[t] = view.getUint32(at + 4 * t);
  for (let t = 16; t < 64; t++) {
    const x = W[t - 15],
      y = W[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[t] = W[t - 16] + s0 + W[t - 7] + s1;
  }
  let [a, b, c, d, e, f, g, z] = h;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (z + s1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [z, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, z].forEach((value, k) => {
    h[k] += value;
  });
}

/** SHA-256 of bytes. */
export function sha256(bytes) {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64),
    view = new DataView(padded.buffer);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const h = START.slice();
  for (let at = 0; at < padded.length; at += 64) block(h, view, at);
  const digest = new DataView(new ArrayBuffer(32));
  h.forEach((value, k) => digest.setUint32(4 * k, value));
  return new Uint8Array(digest.buffer);
}

/** Hexadecimal digits of bytes. */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The hash of the steps of an emulator, from step 0 on; `Trace.hash` of the Python package is the same. */
export class RunHash {
  constructor() {
    this.digest = new Uint8Array(32);
  }

  /** Takes a step: the neurons that fired in it, and the emulator right after it. */
  add(spikes, emulator) {
    const slots = emulator.program.params.delay_slots;
    const columns = [[emulator.t - 1, spikes.length], spikes, ...emulator.fields.map((name) => emulator.read(name))];
    for (let slot = 0; slot < slots; slot++) columns.push(emulator.accumulators(slot));
    const count = columns.reduce((sum, column) => sum + column.length, 0);
    const bytes = new Uint8Array(32 + 8 * count),
      view = new DataView(bytes.buffer);
    bytes.set(this.digest);
    let at = 32;
    for (const column of columns) {
      for (const value of column) {
        view.setInt32(at, value, true);
        view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
        at += 8;
      }
    }
    this.digest = sha256(bytes);
    return hex(this.digest);
  }
}
