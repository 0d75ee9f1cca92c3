// The emulator's kernels: WebAssembly modules, what they take, and the memory that one network runs in.

const ELEMENTS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
};

const PAGE = 65536;
const BASE = 4096; // what lies below are constants of the modules
const ALIGNMENT = 64;

/** Compiles the modules. `read` gives the bytes of a file of the folder `data`, by its name. */
export async function loadKernels(read) {
  const description = JSON.parse(new TextDecoder().decode(await read("kernels.json")));
  const modules = {};
  for (const variant of Object.keys(description.variants)) {
    modules[variant] = await WebAssembly.compile(await read(`${variant}.wasm`));
  }
  return { ...description, modules };
}

/** Reads a file that lies beside the page. */
export async function readData(name) {
  const answer = await fetch(new URL(`../../data/${name}`, import.meta.url));
  if (!answer.ok) throw new Error(`${name}: the server answers ${answer.status}`);
  return answer.arrayBuffer();
}

/** A kernel and the arrays that it works on, in a memory of their own. */
export class Kernel {
  /**
   * @param kernels what `loadKernels` gave
   * @param variant name of one of its modules
   * @param scalars values of the arguments that are numbers, by name; more may be set later
   * @param shapes shapes of the arguments that are arrays, by name
   */
  constructor(kernels, variant, scalars, shapes) {
    const parameters = kernels.variants[variant];
    const places = {};
    let end = BASE;
    const reserve = (bytes) => {
      const at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      end = at + bytes;
      return at;
    };
    const result = reserve(32);
    const slots = reserve(8 * (2 + parameters.reduce((sum, [, , n]) => sum + (n ? 5 + 2 * n : 1), 0)));
    for (const [name, element, dimensions] of parameters) {
      if (!dimensions) continue;
      const shape = shapes[name];
      if (shape?.length !== dimensions) throw new Error(`${name} must have ${dimensions} dimensions, not ${shape}`);
      const count = shape.reduce((a, b) => a * b, 1);
      places[name] = { at: reserve(count * ELEMENTS[element].BYTES_PER_ELEMENT), count };
    }
    const pages = Math.ceil(end / PAGE);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const imports = { env: { __linear_memory: this.memory } };
    this.run_ = new WebAssembly.Instance(kernels.modules[variant], imports).exports.run;
    /** Arrays by name: of 64 bits as BigInt. */
    this.arrays = {};
    /** The low halves of arrays of 64 bits, as numbers: element k is at 2 k. */
    this.halves = {};
    this.slots_ = new BigInt64Array(this.memory.buffer, slots);
    this.slot_ = {};
    let next = 0;
    const put = (value) => {
      this.slots_[next++] = BigInt(value);
    };
    put(result);
    put(result + 16);
    for (const [name, element, dimensions] of parameters) {
      if (!dimensions) {
        this.slot_[name] = next;
        put(scalars[name] ?? 0);
        continue;
      }
      const { at, count } = places[name],
        size = ELEMENTS[element].BYTES_PER_ELEMENT,
        shape = shapes[name];
      this.arrays[name] = new ELEMENTS[element](this.memory.buffer, at, count);
      if (size === 8) this.halves[name] = new Int32Array(this.memory.buffer, at, 2 * count);
      [0, 0, count, size, at, ...shape].forEach(put);
      shape.forEach((_, axis) => put(shape.slice(axis + 1).reduce((a, b) => a * b, size)));
    }
    this.table_ = slots;
    this.result_ = new BigInt64Array(this.memory.buffer, result, 2);
  }

  set(name, value) {
    this.slots_[this.slot_[name]] = BigInt(value);
  }

  /** Calls the kernel; what it returns, two numbers. */
  call() {
    if (this.run_(this.table_)) throw new Error("a kernel failed");
    return [Number(this.result_[0]), Number(this.result_[1])];
  }
}
