// The card of what is selected: a neuron, an input, a synapse, or the network itself.

import { make } from "../view/dom.js";
import { nameOf } from "./net.js";

const leak = ([m, s]) => (m === 0 ? 0 : m === 1 ? s : null);

/** A row with a slider, a number beside it, or a choice; `change` gets the value. */
function number(id, label, value, low, high, change, step = 1) {
  const slider = make("input", { type: "range", min: low, max: high, step, id, value });
  const box = make("input", {
    type: "number",
    min: low,
    max: high,
    step,
    value,
    "aria-label": `${label}, as a number`,
  });
  const set = (from, to) => {
    const wanted = Number(from.value);
    if (!Number.isInteger(wanted) || wanted < low || wanted > high) return;
    to.value = wanted;
    change(wanted);
  };
  slider.addEventListener("input", () => set(slider, box));
  box.addEventListener("input", () => set(box, slider));
  return make("div", { class: "field" }, make("label", { for: id, text: label }), slider, box);
}

function choice(id, label, value, options, change) {
  const select = make(
    "select",
    { id },
    ...Object.entries(options).map(([key, words]) =>
      make("option", { value: key, selected: String(value) === key, text: words }),
    ),
  );
  select.addEventListener("change", () => change(select.value));
  return make("div", { class: "field pair" }, make("label", { for: id, text: label }), select);
}

function text(id, label, value, change, hint = "") {
  const box = make("input", { type: "text", id, value, placeholder: hint });
  box.addEventListener("change", () => change(box.value));
  return make("div", { class: "field pair" }, make("label", { for: id, text: label }), box);
}

const LEAKS = Object.fromEntries([
  [0, "none"],
  ...Array.from({ length: 10 }, (_, k) => [k + 1, `1 / ${2 ** (k + 1)} a step`]),
]);

/** A choice of decays by shifts; one that is no shift is an entry of its own. */
function decay(id, label, value, change, none = "none") {
  const own = value && leak(value) === null ? { own: `${value[0]} / 2^${value[1]} a step` } : {};
  const at = value === null ? "off" : (leak(value) ?? "own");
  const options = { ...(none === null ? { off: "off" } : {}), ...LEAKS, ...own };
  return choice(id, label, at, options, (key) => {
    if (key === "off") change(null);
    else if (key !== "own") change(Number(key) ? [1, Number(key)] : [0, 0]);
  });
}

/**
 * The rows of a card.
 *
 * @param params of the chip: ranges of what may be set
 * @param change called with what was changed, after a change
 */
export function rowsOf(net, selected, params, change) {
  const range = (bits) => [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  if (!selected) {
    return [
      "The network",
      [
        number(
          "net-steps",
          "Steps",
          net.steps,
          20,
          400,
          (value) => {
            net.steps = value;
            change("steps");
          },
          1,
        ),
        number("net-seed", "Seed", net.seed, 0, 999, (value) => {
          net.seed = value;
          change("seed");
        }),
      ],
    ];
  }
  if (selected.synapse !== undefined) {
    const synapse = net.synapses[selected.synapse],
      [pre, post] = synapse;
    return [
      `${nameOf(net, pre)} → ${nameOf(net, net.inputs.length + post)}`,
      [
        number("synapse-weight", "Weight", synapse[2], ...range(params.weight_bits), (value) => {
          synapse[2] = value;
          change("weight");
        }),
        number("synapse-delay", "Delay", synapse[3], 1, params.delay_slots - 1, (value) => {
          synapse[3] = value;
          change("delay");
        }),
      ],
    ];
  }
  const { source } = selected,
    name = nameOf(net, source);
  if (source < net.inputs.length) {
    const input = net.inputs[source],
      steps = (words) => (words.match(/\d+/g) ?? []).map(Number);
    return [
      `Input ${name}`,
      [
        text(
          "input-name",
          "Name",
          input.name,
          (value) => {
            input.name = value.trim().slice(0, 24);
            change("name");
          },
          name,
        ),
        number("input-every", "Every", input.every, 0, 100, (value) => {
          input.every = value;
          change("every");
        }),
        number("input-first", "From step", input.first, 0, 100, (value) => {
          input.first = value;
          change("first");
        }),
        text(
          "input-at",
          "And at steps",
          input.at.join(" "),
          (value) => {
            input.at = steps(value);
            change("at");
          },
          "3 14 15",
        ),
      ],
    ];
  }
  const neuron = net.neurons[source - net.inputs.length];
  const sets = (field) => (value) => {
    neuron[field] = value;
    change(field);
  };
  const high = Math.min(1000, range(params.membrane_bits)[1]),
    bias = Math.min(200, range(params.bias_bits)[1]);
  const rows = [
    text(
      "neuron-name",
      "Name",
      neuron.name,
      (value) => {
        neuron.name = value.trim().slice(0, 24);
        change("name");
      },
      name,
    ),
    number("neuron-threshold", "Threshold", neuron.threshold, 0, high, sets("threshold")),
    decay("neuron-leak", "Leak", neuron.decay, sets("decay")),
    number("neuron-bias", "Bias", neuron.bias, -bias, bias, sets("bias")),
    number(
      "neuron-refractory",
      "Refractory",
      neuron.refractory,
      0,
      2 ** params.refractory_bits - 1,
      sets("refractory"),
    ),
    choice("neuron-reset", "Reset", neuron.reset, { value: "to a value", subtract: "by subtraction" }, sets("reset")),
  ];
  if (neuron.reset === "value")
    rows.push(number("neuron-to", "Reset to", neuron.v_reset, -high, high, sets("v_reset")));
  if (params.noise)
    rows.push(number("neuron-noise", "Noise bits", neuron.noise, 0, Math.min(17, params.membrane_bits), sets("noise")));
  if (params.current_bits)
    rows.push(decay("neuron-current", "Current", neuron.current_decay, sets("current_decay"), null));
  if (params.adaptation_bits) {
    rows.push(number("neuron-raise", "Adaptation", neuron.adaptation_raise, 0, 200, sets("adaptation_raise")));
    if (neuron.adaptation_raise)
      rows.push(decay("neuron-adapt", "… decays", neuron.adaptation_decay, sets("adaptation_decay")));
  }
  return [`Neuron ${name}`, rows];
}
