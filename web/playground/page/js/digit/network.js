// A shipped network as the sliders change it: what changes is the program.

import { programOf, signedRange, synapsesOf } from "../chip/program.js";

/** What the sliders say at first: the network as it was trained. */
export const trained = (network) => ({
  network: network.name,
  threshold: 100,
  leak: network.types[0].decay[1],
  refractory: 0,
  delay: 1,
  noise: 0,
  seed: 0,
});

const limit = ([low, high], value) => Math.min(high, Math.max(low, value));

/** The program of a network with these settings. */
export function changedProgram(network, settings) {
  const range = signedRange(network.params.membrane_bits);
  const { leak, refractory, noise, seed, delay } = settings;
  const synapses = (network.synapses ??= synapsesOf(network.layers));
  const threshold = network.threshold.map((value) => limit(range, Math.floor((value * settings.threshold + 50) / 100)));
  const type = { ...network.types[0], decay: leak ? [1, leak] : [0, 0], refractory, noise };
  return programOf({ ...network, ...synapses, threshold, types: [type], delay: synapses.pre.map(() => delay), seed });
}

/** Steps of a run: those that an image is shown, and those that what it causes is on its way. */
export const stepsOf = (network, settings) => network.shown + 2 * settings.delay;

/** The Python that runs the same. */
export function pythonOf(network, settings, values) {
  const { leak, refractory, noise, seed, delay, threshold } = settings;
  const pixels = values.map((value) => value.toString(16).padStart(2, "0")).join("");
  const behind = stepsOf(network, settings) - network.steps;
  const { name, delay_slots } = network.params;
  const type = `decay=(${leak ? 1 : 0}, ${leak}), reset="subtract", refractory=${refractory}, noise=${noise}`;
  const lines = [
    "from ganglion import Emulator, Events, NeuronType",
    "from ganglion.networks import load",
    "",
    `network = load("${network.name}")`,
    `chip = network.params.replace(name="${name}", delay_slots=${delay_slots}, noise=True)`,
    "program = network.program(chip)",
    "program = program.replace(",
    `    threshold=(program.threshold * ${threshold} + 50) // 100,`,
    `    types=(NeuronType(${type}),),`,
    `    delay=${delay},`,
    `    seed=${seed},`,
    ")",
    `image = bytes.fromhex(  # the pixels, row by row`,
    ...(pixels.match(/.{1,112}/g) ?? []).map((part) => `    "${part}"`),
    ")",
    "events = network.encode(list(image))",
  ];
  if (behind) lines.push(`events = Events.from_steps([*(events[t] for t in range(events.steps)), *[[]] * ${behind}])`);
  lines.push("trace = Emulator(program).run(events, keep_states=True)", "print(network.decode(trace), trace.hash())");
  return `${lines.join("\n").replace(behind ? "" : "Emulator, Events,", behind ? "" : "Emulator,")}\n`;
}
