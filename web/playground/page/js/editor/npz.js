// Archives of NumPy arrays (.npz): a ZIP file of .npy files, read and written as far as Ganglion's archives need it.

import { deflate, inflate } from "../view/link.js";

const LOCAL = 0x04034b50,
  CENTRAL = 0x02014b50,
  END = 0x06054b50;
const STORED = 0,
  DEFLATED = 8;
const MOST = 1 << 26; // bytes of an array

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

const crc32 = (bytes) =>
  (bytes.reduce((crc, byte) => CRC[(crc ^ byte) & 255] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

/** A .npy file of a string, of a list of whole numbers, or of { shape, values }. */
function npy(array) {
  const text = typeof array === "string",
    letters = text ? Array.from(array) : [];
  const value = array.shape ? array.values : array;
  const dimensions = text ? [] : (array.shape ?? [array.length]);
  const descr = text ? `<U${Math.max(1, letters.length)}` : "<i8";
  const shape = `(${dimensions.join(", ")}${dimensions.length === 1 ? "," : ""})`;
  const words = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const head = words.padEnd(Math.ceil((10 + words.length + 1) / 64) * 64 - 11) + "\n";
  const body = text ? 4 * Math.max(1, letters.length) : 8 * value.length,
    bytes = new Uint8Array(10 + head.length + body);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...Array.from("NUMPY", (letter) => letter.charCodeAt(0)), 1, 0]);
  view.setUint16(8, head.length, true);
  bytes.set(new TextEncoder().encode(head), 10);
  const at = 10 + head.length;
  if (text) letters.forEach((letter, k) => view.setUint32(at + 4 * k, letter.codePointAt(0), true));
  else value.forEach((number, k) => view.setBigInt64(at + 8 * k, BigInt(number), true));
  return bytes;
}

/** An .npz file of such arrays, by name. */
export async function writeNpz(arrays) {
  const parts = [],
    central = [];
  let at = 0;
  for (const [key, value] of Object.entries(arrays)) {
    const plain = npy(value),
      packed = await deflate(plain),
      name = new TextEncoder().encode(`${key}.npy`);
    const fields = (signature, extra) => {
      const view = new DataView(new ArrayBuffer(extra ? 46 : 30));
      view.setUint32(0, signature, true);
      const from = extra ? 6 : 4;
      if (extra) view.setUint16(4, 20, true);
      view.setUint16(from, 20, true);
      view.setUint16(from + 4, DEFLATED, true);
      view.setUint16(from + 8, 0x21, true); // the first of January 1980
      view.setUint32(from + 10, crc32(plain), true);
      view.setUint32(from + 14, packed.length, true);
      view.setUint32(from + 18, plain.length, true);
      view.setUint16(from + 22, name.length, true);
      if (extra) view.setUint32(42, at, true);
      return new Uint8Array(view.buffer);
    };
    central.push(fields(CENTRAL, true), name);
    const local = [fields(LOCAL, false), name, packed];
    parts.push(...local);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const end = new DataView(new ArrayBuffer(22)),
    count = Object.keys(arrays).length;
  end.setUint32(0, END, true);
  end.setUint16(8, count, true);
  end.setUint16(10, count, true);
  end.setUint32(
    12,
    central.reduce((sum, part) => sum + part.length, 0),
    true,
  );
  end.setUint32(16, at, true);
  return new Uint8Array(await new Blob([...parts, ...central, new Uint8Array(end.buffer)]).arrayBuffer());
}

/** The arrays of an .npz file by name: { shape, values }, or a string. */
export async function readNpz(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error("this is no .npz file");
  const arrays = {};
  let at = view.getUint32(end + 16, true);
  for (let k = 0; k < view.getUint16(end + 10, true); k++) {
    if (view.getUint32(at, true) !== CENTRAL) throw new Error("this .npz file is damaged");
    const method = view.getUint16(at + 10, true),
      size = view.getUint32(at + 20, true),
      whole = view.getUint32(at + 24, true);
    const names = view.getUint16(at + 28, true),
      from = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + names));
    if (whole > MOST || ![STORED, DEFLATED].includes(method)) throw new Error(`${name} is too large for this page`);
    const begin = from + 30 + view.getUint16(from + 26, true) + view.getUint16(from + 28, true);
    const packed = bytes.subarray(begin, begin + size),
      plain = method === DEFLATED ? await inflate(packed) : packed;
    arrays[name.replace(/\.npy$/, "")] = parse(name, plain);
    at += 46 + names + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return arrays;
}

const READERS = {
  "<i8": [8, (view, at) => Number(view.getBigInt64(at, true))],
  "<u8": [8, (view, at) => Number(view.getBigUint64(at, true))],
  "<i4": [4, (view, at) => view.getInt32(at, true)],
  "<u4": [4, (view, at) => view.getUint32(at, true)],
  "<i2": [2, (view, at) => view.getInt16(at, true)],
  "<u2": [2, (view, at) => view.getUint16(at, true)],
  "|i1": [1, (view, at) => view.getInt8(at)],
  "|u1": [1, (view, at) => view.getUint8(at)],
  "|b1": [1, (view, at) => view.getUint8(at)],
};

function parse(name, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    wide = bytes[6] > 1;
  const size = wide ? view.getUint32(8, true) : view.getUint16(8, true),
    from = wide ? 12 : 10;
  const head = new TextDecoder().decode(bytes.subarray(from, from + size));
  const descr = /'descr': '([^']*)'/.exec(head)?.[1],
    order = /'fortran_order': (\w+)/.exec(head)?.[1];
  const shape = (/'shape': \(([^)]*)\)/.exec(head)?.[1] ?? "")
    .split(",")
    .filter((part) => part.trim())
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1),
    at = from + size;
  if (descr?.startsWith("<U")) {
    const letters = Array.from({ length: Number(descr.slice(2)) }, (_, k) => view.getUint32(at + 4 * k, true));
    return letters
      .filter((letter) => letter)
      .map((letter) => String.fromCodePoint(letter))
      .join("");
  }
  if (!READERS[descr] || order !== "False") return { shape, values: null, name };
  const [width, read] = READERS[descr];
  return { shape, values: Array.from({ length: count }, (_, k) => read(view, at + width * k)) };
}
