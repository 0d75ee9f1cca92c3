// The network that is edited, as plain values, and what the chip runs of it.
//
// A net is { steps, seed, params, inputs, neurons, synapses }. Sources are numbered as programs number them: inputs
// first, then neurons. A synapse is [source, neuron, weight, delay]. `params` is a chip's, null that of the editor.

import { programOf, typeOf } from "../chip/program.js";

export const WIDTH = 900,
  HEIGHT = 460;

export const MOST = { nodes: 128, synapses: 1200, steps: 1000 };

export const newNeuron = (x, y, values = {}) => ({
  x,
  y,
  name: "",
  threshold: 100,
  bias: 0,
  decay: [1, 4],
  reset: "value",
  v_reset: 0,
  refractory: 0,
  noise: 0,
  current_decay: null,
  adaptation_decay: [0, 0],
  adaptation_raise: 0,
  ...values,
});

export const newInput = (x, y, values = {}) => ({ x, y, name: "", first: 0, every: 10, at: [], ...values });

export const emptyNet = () => ({ steps: 120, seed: 1, params: null, inputs: [], neurons: [], synapses: [] });

export const clone = (net) => JSON.parse(JSON.stringify(net));

/** What a source is called. */
export function nameOf(net, source) {
  const input = source < net.inputs.length,
    k = input ? source : source - net.inputs.length;
  return (input ? net.inputs : net.neurons)[k].name || `${input ? "in" : "n"}${k}`;
}

/** Input or neuron of a source. */
export const nodeOf = (net, source) =>
  source < net.inputs.length ? net.inputs[source] : net.neurons[source - net.inputs.length];

/** Takes a source out, and its synapses; others are numbered anew. */
export function removeSource(net, source) {
  const inputs = net.inputs.length,
    neuron = source - inputs;
  net.synapses = net.synapses
    .filter(([pre, post]) => pre !== source && post !== neuron)
    .map(([pre, post, ...rest]) => [
      pre > source ? pre - 1 : pre,
      neuron >= 0 && post > neuron ? post - 1 : post,
      ...rest,
    ]);
  if (neuron < 0) net.inputs.splice(source, 1);
  else net.neurons.splice(neuron, 1);
}

/** Adds an input; neurons are numbered anew. */
export function addInput(net, input) {
  const at = net.inputs.length;
  net.synapses = net.synapses.map(([pre, ...rest]) => [pre >= at ? pre + 1 : pre, ...rest]);
  net.inputs.push(input);
  return at;
}

const TYPE = [
  "decay",
  "reset",
  "v_reset",
  "refractory",
  "noise",
  "current_decay",
  "adaptation_decay",
  "adaptation_raise",
];

/** The program of a net, on the chip of its own or of the editor. */
export function netProgram(net, editor) {
  const types = [],
    keys = new Map();
  const type = net.neurons.map((neuron) => {
    const values = Object.fromEntries(TYPE.map((name) => [name, neuron[name]])),
      key = JSON.stringify(values);
    if (!keys.has(key)) keys.set(key, types.push(typeOf(values)) - 1);
    return keys.get(key);
  });
  const column = (name) => net.neurons.map((neuron) => neuron[name]),
    of = (k) => net.synapses.map((synapse) => synapse[k]);
  return programOf({
    params: net.params ?? editor.params,
    types,
    type,
    threshold: column("threshold"),
    bias: column("bias"),
    inputs: net.inputs.length,
    pre: of(0),
    post_neuron: of(1),
    weight: of(2),
    delay: of(3),
    seed: net.seed,
  });
}

/** For each step the inputs that fire. */
export function netEvents(net) {
  const events = Array.from({ length: net.steps }, () => []);
  net.inputs.forEach(({ first, every, at }, k) => {
    const steps = new Set(at);
    if (every > 0) for (let step = first; step < net.steps; step += every) steps.add(step);
    for (const step of [...steps].sort((a, b) => a - b)) if (step < net.steps) events[step].push(k);
  });
  return events;
}

/** A net of a program, whose nodes stand in columns. */
export function netOf(program, editor) {
  const { inputs, threshold, types, type, bias } = program,
    sources = inputs + threshold.length;
  if (sources > MOST.nodes || program.pre.length > MOST.synapses) {
    throw new Error(
      `this network has ${sources} inputs and neurons and ${program.pre.length} synapses; the editor ` +
        `draws up to ${MOST.nodes} and ${MOST.synapses}. ganglion run runs it`,
    );
  }
  const net = { ...emptyNet(), seed: program.seed };
  if (JSON.stringify(program.params) !== JSON.stringify(editor.params)) net.params = program.params;
  const inColumn = Math.max(6, Math.ceil(Math.sqrt(sources * 0.6)));
  const spread = (count, left, right, k) => {
    const columns = Math.ceil(count / inColumn),
      here = Math.floor(k / inColumn);
    const rows = Math.min(inColumn, count - here * inColumn);
    return [left + ((right - left) * (here + 0.5)) / columns, (HEIGHT * ((k % inColumn) + 0.5)) / rows];
  };
  for (let k = 0; k < inputs; k++) net.inputs.push(newInput(...spread(inputs, 30, 230, k), { every: 0, at: [] }));
  const nameFor = (n) => {
    const found = Object.entries(program.names).find(([, [first, size]]) => n >= first && n < first + size);
    return found ? `${found[0]}[${n - found[1][0]}]` : "";
  };
  threshold.forEach((value, n) => {
    const place = spread(threshold.length, inputs ? 270 : 60, WIDTH - 40, n);
    const own = Object.fromEntries(TYPE.map((name) => [name, types[type[n]][name]]));
    net.neurons.push(newNeuron(...place, { ...own, threshold: value, bias: bias[n], name: nameFor(n) }));
  });
  net.synapses = program.pre.map((pre, k) => [pre, program.post_neuron[k], program.weight[k], program.delay[k]]);
  return net;
}

/** A net of a link, made whole: throws where it is none. */
export function checkedNet(values) {
  const net = { ...emptyNet(), ...values };
  const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
  net.inputs = net.inputs.map((input) => ({ ...newInput(0, 0), ...input }));
  net.neurons = net.neurons.map((neuron) => newNeuron(0, 0, neuron));
  const sources = net.inputs.length + net.neurons.length;
  const right =
    whole(net.steps, 1, MOST.steps) &&
    sources <= MOST.nodes &&
    net.synapses.length <= MOST.synapses &&
    net.synapses.every(([pre, post]) => whole(pre, 0, sources - 1) && whole(post, 0, net.neurons.length - 1)) &&
    [...net.inputs, ...net.neurons].every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)) &&
    net.inputs.every(
      ({ first, every, at }) => whole(first, 0, 1e6) && whole(every, 0, 1e6) && at.every((t) => whole(t, 0, 1e6)),
    );
  if (!right) throw new Error("the link holds no network that this page can draw");
  return net;
}
