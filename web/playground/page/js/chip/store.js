// A program in the arrays of the kernels: rows of synapses, and the constants of neurons.

/** Whether state fits 16 bits and the arithmetic 32, and synapses 32. */
export function variantOf(program) {
  const p = program.params;
  const short = [p.membrane_bits, p.current_bits, p.adaptation_bits, p.bias_bits].every((bits) => bits <= 16);
  const narrow = short && p.refractory_bits <= 15 && p.decay_bits <= 16 && p.accumulator_bits <= 28;
  return narrow && p.weight_bits <= 8 && pitchOf(program) * p.delay_slots <= 1 << 24 ? "narrow" : "wide";
}

/** Distance between two slots of the ring of accumulators. */
export function pitchOf(program) {
  return 1 << Math.max(6, 32 - Math.clz32(program.threshold.length - 1));
}

/** Rows of every source: { table: [start, length, dense, nonzero] each, words: [index, weight] each, matrix, … }. */
export function storeRows(program) {
  const { inputs, pre, post_neuron: post, weight, delay } = program;
  const pitch = pitchOf(program),
    sources = inputs + program.threshold.length;
  const least = delay.length ? delay.reduce((a, b) => Math.min(a, b)) : 1;
  const oneDelay = delay.every((each) => each === least);
  const bySource = Array.from({ length: sources }, () => []);
  for (let k = 0; k < pre.length; k++) bySource[pre[k]].push([(delay[k] - least) * pitch + post[k], weight[k]]);
  const table = [],
    words = [],
    matrix = [];
  for (const row of bySource) {
    row.sort((a, b) => a[0] - b[0]);
    const nonzero = row.filter(([, w]) => w !== 0).length;
    const dense = denseSpan(row, pitch);
    if (dense) {
      table.push([matrix.length, dense, row[0][0], nonzero]);
      const spelt = new Array(dense).fill(0);
      for (const [index, w] of row) spelt[index - row[0][0]] = w;
      for (const w of spelt) matrix.push(w);
    } else {
      table.push([words.length, row.length, -1, nonzero]);
      for (const entry of row) words.push(entry);
    }
  }
  return { table, words, matrix, least, oneDelay, pitch };
}

const SHORT = 8; // rows that are shorter are not worth a pass of their own

/** Targets that a row covers if it is stored without indices, holes as weights of 0; 0 where it is not. */
function denseSpan(row, pitch) {
  if (row.length < SHORT) return 0;
  const first = row[0][0],
    last = row[row.length - 1][0],
    span = last - first + 1;
  if (span > 2 * row.length || Math.floor(first / pitch) !== Math.floor(last / pitch)) return 0;
  return row.some(([index], k) => k && index === row[k - 1][0]) ? 0 : span;
}

/** A decay (m, s) in lowest terms. */
function lowestTerms([m, s]) {
  if (m === 0) return [0, 0];
  while (s > 0 && m % 2 === 0) [m, s] = [m / 2, s - 1];
  return [m, s];
}

/** The column of constants that a neuron of a type has. */
export function constantsOf(type, c) {
  const column = new Array(c.CONSTANTS).fill(0);
  [column[c.M_V], column[c.S_V]] = lowestTerms(type.decay);
  [column[c.M_U], column[c.S_U]] = lowestTerms(type.current_decay ?? [0, 0]);
  [column[c.M_A], column[c.S_A]] = lowestTerms(type.adaptation_decay);
  column[c.RAISE] = type.adaptation_raise;
  column[c.V_RESET] = type.v_reset;
  column[c.SUBTRACT] = Number(type.reset === "subtract");
  column[c.PERIOD] = type.refractory;
  column[c.HAS_CURRENT] = Number(type.current_decay != null);
  column[c.NOISE_BITS] = type.noise;
  return column;
}

/** What of an update the neurons first … last - 1 use. */
export function flagsOf(program, first, last, c) {
  let flags = 0;
  for (let n = first; n < last; n++) {
    const type = program.types[program.type[n]];
    if (type.current_decay != null) flags |= c.CURRENT;
    if (program.bias[n]) flags |= c.BIAS;
    if (type.noise) flags |= c.NOISE;
    if (type.refractory) flags |= c.REFRACTORY;
    if (type.adaptation_raise) flags |= c.ADAPTATION;
  }
  return flags;
}
