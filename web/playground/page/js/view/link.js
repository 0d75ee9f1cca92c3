// State in the address: JSON, deflated, in the URL-safe letters of Base64, behind the name of a view.

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

export const deflate = (bytes) => through(bytes, new CompressionStream("deflate-raw"));
export const inflate = (bytes) => through(bytes, new DecompressionStream("deflate-raw"));

/** JSON of a compressed file of the folder `data`. */
export async function unpacked(bytes) {
  const plain = await through(bytes, new DecompressionStream("gzip"));
  return JSON.parse(new TextDecoder().decode(plain));
}

/** What stands behind # for a view in a state. */
export async function write(view, state) {
  const packed = await deflate(new TextEncoder().encode(JSON.stringify(state)));
  const letters = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  return `#${view}=${letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** The view and the state of an address; the state is null where it has none, or none that can be read. */
export async function read(hash) {
  const [view, letters] = hash.replace(/^#/, "").split("=");
  if (!letters) return { view, state: null };
  try {
    const packed = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
    const plain = await inflate(Uint8Array.from(packed, (letter) => letter.charCodeAt(0)));
    return { view, state: JSON.parse(new TextDecoder().decode(plain)) };
  } catch {
    return { view, state: null, broken: true };
  }
}
