// The examples of the menu: small networks of which each shows one thing.

import { emptyNet, HEIGHT, newInput, newNeuron, WIDTH } from "./net.js";

const middle = HEIGHT / 2;

const ring = (count, radius, k, cx = WIDTH / 2) => {
  const angle = (2 * Math.PI * k) / count - Math.PI / 2;
  return [Math.round(cx + radius * Math.cos(angle)), Math.round(middle + radius * Math.sin(angle))];
};

function coincidence() {
  return {
    ...emptyNet(),
    inputs: [
      newInput(150, 130, { name: "left", first: 4, every: 12 }),
      newInput(150, 330, { name: "right", first: 8, every: 13 }),
    ],
    neurons: [newNeuron(480, middle, { name: "both", threshold: 90, decay: [1, 1] })],
    synapses: [
      [0, 0, 60, 1],
      [1, 0, 60, 1],
    ],
  };
}

function delayLine() {
  const cells = 6,
    x = (k) => 230 + 115 * k;
  return {
    ...emptyNet(),
    inputs: [newInput(90, middle, { name: "pulse", first: 2, every: 40 })],
    neurons: Array.from({ length: cells }, (_, k) =>
      newNeuron(x(k), middle + (k % 2 ? 50 : -50), {
        threshold: 50,
        decay: [1, 2],
        reset: "subtract",
      }),
    ),
    synapses: Array.from({ length: cells }, (_, k) => [k, k, 80, k + 2]),
  };
}

function oscillator() {
  const cells = 6;
  return {
    ...emptyNet(),
    inputs: [newInput(90, 70, { name: "start", first: 0, every: 0, at: [0] })],
    neurons: Array.from({ length: cells }, (_, k) =>
      newNeuron(...ring(cells, 150, k), {
        threshold: 50,
        decay: [1, 2],
        refractory: 3,
        reset: "subtract",
      }),
    ),
    synapses: [[0, 0, 80, 1], ...Array.from({ length: cells }, (_, k) => [1 + k, (k + 1) % cells, 80, 4])],
  };
}

function winner() {
  const rows = [90, 230, 370],
    drive = [9, 7, 10];
  return {
    ...emptyNet(),
    inputs: rows.map((y, k) => newInput(110, y, { name: `drive ${k}`, every: drive[k] - 4, first: k })),
    neurons: [
      ...rows.map((y, k) =>
        newNeuron(430, y, { name: `choice ${k}`, threshold: 60, decay: [1, 4], reset: "subtract" }),
      ),
      newNeuron(730, middle, { name: "inhibition", threshold: 20, decay: [1, 1] }),
    ],
    synapses: [
      ...rows.map((_, k) => [k, k, 45, 1]),
      ...rows.map((_, k) => [3 + k, 3, 30, 1]),
      ...rows.map((_, k) => [6, k, -70, 1]),
      ...rows.map((_, k) => [3 + k, k, 40, 2]),
    ],
  };
}

function bursting() {
  return {
    ...emptyNet(),
    steps: 200,
    neurons: [
      newNeuron(330, middle, {
        name: "bursts",
        threshold: 40,
        bias: 16,
        decay: [1, 2],
        adaptation_decay: [1, 4],
        adaptation_raise: 25,
      }),
      newNeuron(600, middle, { name: "follows", threshold: 100, decay: [1, 3] }),
    ],
    synapses: [
      [0, 0, 120, 1],
      [0, 1, 60, 3],
    ],
  };
}

function noisy() {
  return {
    ...emptyNet(),
    steps: 200,
    neurons: [3, 5, 6, 7].map((noise, k) =>
      newNeuron(170 + 190 * k, middle, {
        name: `±${2 ** (noise - 1)}`,
        threshold: 100,
        bias: 10,
        decay: [1, 4],
        noise,
      }),
    ),
  };
}

const PATTERNS = ["110010", "001101"].map((bits) => Array.from(bits, Number));

function memory() {
  const cells = 6,
    sources = cells + 1,
    sign = (bit) => (bit ? 1 : -1),
    synapses = [];
  for (let k = 0; k < cells; k++) synapses.push([k, k, 90, 1], [cells, k, -120, 1]);
  for (let pre = 0; pre < cells; pre++) {
    for (let post = 0; post < cells; post++) {
      const weight = PATTERNS.reduce((sum, pattern) => sum + sign(pattern[pre]) * sign(pattern[post]), 0);
      if (pre !== post && weight) synapses.push([sources + pre, post, 15 * weight, 3]);
    }
  }
  const cues = [[2, 3], [2, 3], [62, 63], [62, 63], [], []],
    place = (k) => [70, 40 + 60 * k];
  return {
    ...emptyNet(),
    inputs: [
      ...cues.map((at, k) => newInput(...place(k), { name: `cue ${k}`, every: 0, at })),
      newInput(...place(cells), { name: "clear", every: 0, at: [54, 55, 56, 57] }),
    ],
    neurons: Array.from({ length: cells }, (_, k) =>
      newNeuron(...ring(cells, 160, k, 540), { threshold: 40, decay: [1, 1] }),
    ),
    synapses,
  };
}

export const EXAMPLES = {
  "Coincidence detector": [
    coincidence,
    "One input alone leaks away; two within a step or two of each other fire the neuron.",
  ],
  "Delay line": [delayLine, "A pulse travels along synapses whose delays are 2, 3, 4 … steps."],
  Oscillator: [oscillator, "One spike goes round a ring for ever. Change a delay, and the period changes with it."],
  "Winner takes all": [
    winner,
    "Three choices excite themselves and, through one neuron, inhibit all: the strongest input wins.",
  ],
  Bursting: [
    bursting,
    "Each spike excites the neuron and raises its threshold, which decays in the pauses between bursts.",
  ],
  Noise: [
    noisy,
    "Four neurons, each with more noise than the last. It is a function of seed, step and neuron: change the seed.",
  ],
  "Associative memory": [
    memory,
    "Two patterns are stored in the weights: two cells of one bring back its third, and keep it until all are cleared.",
  ],
};
