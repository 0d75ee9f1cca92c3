// Programs in plain values: what the emulator takes, the names of the Python package, and their defaults.

/** A neuron type with what is not told. */
export const typeOf = (values) => ({
  decay: [0, 0],
  reset: "value",
  v_reset: 0,
  refractory: 0,
  current_decay: null,
  noise: 0,
  adaptation_decay: [0, 0],
  adaptation_raise: 0,
  ...values,
});

/** A program of columns, synapses in the order of their sources. */
export function programOf({ params, types, threshold, bias, type, inputs, pre, post_neuron, weight, delay, ...rest }) {
  const order = pre.map((_, k) => k).sort((a, b) => pre[a] - pre[b] || a - b);
  const sorted = (column) => order.map((k) => column[k]);
  const outputs = rest.outputs ?? threshold.map((_, n) => n);
  return {
    params,
    types: types.map(typeOf),
    threshold,
    bias,
    type,
    inputs,
    pre: sorted(pre),
    post_neuron: sorted(post_neuron),
    weight: sorted(weight),
    delay: sorted(delay),
    outputs,
    seed: rest.seed ?? 0,
    names: rest.names ?? {},
  };
}

/** The synapses of layers of weights, source by source, in which 0 is no synapse. */
export function synapsesOf(layers) {
  const pre = [],
    post_neuron = [],
    weight = [];
  for (const { sources, targets, weight: weights } of layers) {
    const width = targets[1] - targets[0];
    weights.forEach((w, k) => {
      if (!w) return;
      pre.push(sources[0] + Math.floor(k / width));
      post_neuron.push(targets[0] + (k % width));
      weight.push(w);
    });
  }
  return { pre, post_neuron, weight };
}

/** Smallest and greatest value of so many bits. */
export const signedRange = (bits) => [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];

/** What a program has that its chip cannot hold, in a sentence; null where it has nothing. */
export function refusal(program) {
  const p = program.params,
    sources = program.inputs + program.threshold.length;
  const checks = [
    ["thresholds", program.threshold, ...signedRange(p.membrane_bits)],
    ["biases", program.bias, ...signedRange(p.bias_bits)],
    ["types", program.type, 0, program.types.length - 1],
    ["sources of synapses", program.pre, 0, sources - 1],
    ["targets of synapses", program.post_neuron, 0, program.threshold.length - 1],
    ["weights", program.weight, ...signedRange(p.weight_bits)],
    ["delays", program.delay, 1, p.delay_slots - 1],
    ["the seed", [program.seed], 0, 2 ** 32 - 1],
    ["refractory periods", program.types.map((t) => t.refractory), 0, 2 ** p.refractory_bits - 1],
    ["reset values", program.types.map((t) => t.v_reset), ...signedRange(p.membrane_bits)],
    [
      "raises of the threshold",
      program.types.map((t) => t.adaptation_raise),
      ...(p.adaptation_bits ? signedRange(p.adaptation_bits) : [0, 0]),
    ],
    ["bits of noise", program.types.map((t) => t.noise), 0, p.noise ? Math.min(17, p.membrane_bits) : 0],
  ];
  for (const [what, values, low, high] of checks) {
    const wrong = values.find((value) => !Number.isInteger(value) || value < low || value > high);
    if (wrong !== undefined) return `${what} must be whole numbers from ${low} to ${high}, not ${wrong}`;
  }
  if (program.types.some((t) => t.current_decay && !p.current_bits)) return "this chip has no synaptic currents";
  return null;
}
