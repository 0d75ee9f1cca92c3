// The emulator: a program on the kernels, step by step, bit for bit as the chip does it.

import { Kernel } from "./kernels.js";
import { constantsOf, flagsOf, storeRows, variantOf } from "./store.js";

const CHUNK = 64; // steps that a kernel runs at once
const LEAST_EVENTS = 4096;

export class Emulator {
  /**
   * @param kernels what `loadKernels` gave
   * @param program arrays and types as `program.js` describes them
   * @param options `probes`: [field, neuron] pairs to be recorded after every step; `variant`: of the kernels, where it
   *   is not to be the fastest that holds the program
   */
  constructor(kernels, program, { probes = [], variant = variantOf(program) } = {}) {
    const c = kernels.constants,
      p = program.params;
    this.program = program;
    this.fields = kernels.fields;
    this.size = program.threshold.length;
    const padded = Math.ceil(this.size / c.LINE) * c.LINE,
      blocks = Math.ceil(padded / c.BLOCK);
    const rows = storeRows(program);
    this.pitch = rows.pitch;
    this.padded = padded;
    const top = (bits) => 2 ** Math.max(0, bits - 1) - 1;
    const scalars = {
      "loaded.neurons.size": this.size,
      "loaded.neurons.inputs": program.inputs,
      "loaded.neurons.membrane_high": top(p.membrane_bits),
      "loaded.neurons.current_high": top(p.current_bits),
      "loaded.neurons.adaptation_high": top(p.adaptation_bits),
      "loaded.neurons.accumulator_bits": p.accumulator_bits,
      "loaded.neurons.seed": program.seed,
      "loaded.rows.least_delay": rows.least,
      "loaded.rows.one_delay": Number(rows.oneDelay),
      "loaded.pitch": rows.pitch,
      "loaded.guard_bits": c.GUARD_BITS,
    };
    this.mostEvents = Math.max(LEAST_EVENTS, 16 * program.inputs);
    const shapes = {
      "loaded.neurons.threshold": [padded],
      "loaded.neurons.bias": [padded],
      "loaded.neurons.constants": [blocks, c.CONSTANTS, c.BLOCK],
      "loaded.neurons.page": [blocks],
      "loaded.neurons.flags": [blocks],
      "loaded.rows.table": [rows.table.length, 4],
      "loaded.rows.words": [rows.words.length],
      "loaded.rows.matrix": [rows.matrix.length],
      "loaded.state.clock": [4],
      "loaded.state.fields": [this.fields.length, padded],
      "loaded.state.accumulators": [1, p.delay_slots * rows.pitch],
      "loaded.scratch.values": [1, 3, c.BLOCK],
      "loaded.scratch.keys": [1, c.KEYS],
      "loaded.scratch.spikes": [1, c.BLOCK],
      "loaded.scratch.fired": [padded],
      "loaded.scratch.totals": [1, 8],
      "loaded.scratch.starts": [1, c.TOGETHER],
      axons: [this.mostEvents],
      start: [CHUNK + 1],
      "log.spikes": [(CHUNK + 1) * this.size],
      "log.counts": [CHUNK, 3],
      "log.probed": [2, probes.length],
      "log.values": [CHUNK, probes.length],
    };
    this.kernel = new Kernel(kernels, variant, scalars, shapes);
    this.probes = probes;
    this._fill(program, rows, c, padded, top(p.membrane_bits));
  }

  _fill(program, rows, c, padded, never) {
    const arrays = this.kernel.arrays,
      of = (array) => (array instanceof BigInt64Array ? BigInt : Number);
    const threshold = arrays["loaded.neurons.threshold"],
      bias = arrays["loaded.neurons.bias"],
      state = of(threshold);
    threshold.fill(state(never));
    program.threshold.forEach((value, n) => {
      threshold[n] = state(value);
    });
    program.bias.forEach((value, n) => {
      bias[n] = state(value);
    });
    const constants = arrays["loaded.neurons.constants"],
      sum = of(constants);
    const columns = program.types.map((type) => constantsOf(type, c).map(sum));
    for (let n = 0; n < padded; n++) {
      const column = columns[program.type[Math.min(n, this.size - 1)]],
        block = Math.floor(n / c.BLOCK);
      for (let k = 0; k < c.CONSTANTS; k++) constants[(block * c.CONSTANTS + k) * c.BLOCK + (n % c.BLOCK)] = column[k];
    }
    const flags = arrays["loaded.neurons.flags"],
      page = arrays["loaded.neurons.page"];
    for (let block = 0; block < page.length; block++) {
      page[block] = BigInt(block);
      flags[block] = BigInt(flagsOf(program, block * c.BLOCK, Math.min(this.size, (block + 1) * c.BLOCK), c));
    }
    const table = arrays["loaded.rows.table"];
    rows.table.forEach(([start, length, dense, nonzero], source) => {
      table[4 * source + c.START] = BigInt(start);
      table[4 * source + c.LENGTH] = BigInt(length);
      table[4 * source + c.DENSE] = BigInt(dense);
      table[4 * source + c.NONZERO] = BigInt(nonzero);
    });
    const words = arrays["loaded.rows.words"],
      wide = words instanceof BigUint64Array;
    rows.words.forEach(([index, w], k) => {
      words[k] = wide ? BigInt(index) * 65536n + BigInt(w & 0xffff) : index * 256 + (w & 0xff);
    });
    arrays["loaded.rows.matrix"].set(rows.matrix);
    this.probes.forEach(([field, neuron], k) => {
      arrays["log.probed"][k] = BigInt(this.fields.indexOf(field));
      arrays["log.probed"][this.probes.length + k] = BigInt(neuron);
    });
  }

  /** Number of the step that comes next. */
  get t() {
    return this.kernel.halves["loaded.state.clock"][0];
  }

  /** Back to step 0 and to all state zero. */
  reset() {
    for (const name of ["clock", "fields", "accumulators"]) {
      const array = this.kernel.arrays[`loaded.state.${name}`];
      array.fill(array instanceof BigInt64Array ? 0n : 0);
    }
  }

  /**
   * Runs one step for each list of axons in `events`.
   *
   * @returns what each step did: { spikes: neurons, counts: { spikes, synops, overflows }, probes: values }
   */
  run(events) {
    const done = [];
    for (let first = 0; first < events.length;) first = this._chunk(events, first, done);
    return done;
  }

  _chunk(events, first, done) {
    const { halves, arrays } = this.kernel,
      axons = halves.axons,
      start = halves.start;
    let steps = 0,
      count = 0;
    while (steps < CHUNK && first + steps < events.length) {
      const here = events[first + steps];
      if (count + here.length > this.mostEvents) break;
      for (const axon of here) axons[2 * count++] = axon;
      start[2 * ++steps] = count;
    }
    if (!steps) throw new Error(`step ${first} has ${events[first].length} events; at most ${this.mostEvents} run`);
    halves["log.counts"].fill(0);
    this.kernel.set("last", steps);
    this.kernel.call();
    const counts = halves["log.counts"],
      spikes = arrays["log.spikes"],
      values = arrays["log.values"];
    const width = this.probes.length;
    for (let step = 0, at = 0; step < steps; step++) {
      const fired = counts[6 * step];
      done.push({
        spikes: Array.from(spikes.subarray(at, at + fired)),
        counts: { spikes: fired, synops: counts[6 * step + 2], overflows: counts[6 * step + 4] },
        probes: Array.from(values.subarray(step * width, (step + 1) * width), Number),
      });
      at += fired;
    }
    return first + steps;
  }

  /** A field of state of all neurons, numbers. */
  read(field) {
    const all = this.kernel.arrays["loaded.state.fields"],
      at = this.fields.indexOf(field) * this.padded;
    return Array.from(all.subarray(at, at + this.size), Number);
  }

  /** The accumulators of a slot of delay. */
  accumulators(slot) {
    const ring = this.kernel.arrays["loaded.state.accumulators"];
    return Array.from(ring.subarray(slot * this.pitch, slot * this.pitch + this.size), Number);
  }
}
