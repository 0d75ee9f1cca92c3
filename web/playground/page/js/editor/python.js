// The Python that builds the network of the editor, and prints the hash that the page shows.

import { netEvents, netProgram } from "./net.js";

const pair = (decay) => `(${decay[0]}, ${decay[1]})`;

const literal = (value) => {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === true || value === false) return value ? "True" : "False";
  return JSON.stringify(value);
};

function typeCode(type) {
  const words = [];
  if (type.decay[0]) words.push(`decay=${pair(type.decay)}`);
  if (type.reset !== "value") words.push(`reset="${type.reset}"`);
  for (const name of ["v_reset", "refractory", "noise"]) if (type[name]) words.push(`${name}=${type[name]}`);
  if (type.current_decay) words.push(`current_decay=${pair(type.current_decay)}`);
  if (type.adaptation_decay[0]) words.push(`adaptation_decay=${pair(type.adaptation_decay)}`);
  if (type.adaptation_raise) words.push(`adaptation_raise=${type.adaptation_raise}`);
  return `NeuronType(${words.join(", ")})`;
}

/** A list that breaks over lines where it is long. */
function list(values) {
  const line = `[${values.map(literal).join(", ")}]`;
  if (line.length <= 88) return line;
  const rows = (line.slice(1, -1).match(/.{1,84}(?:,\s|$)/g) ?? []).map((row) => row.trimEnd().replace(/,?$/, ","));
  return `[\n${rows.map((row) => `        ${row}`).join("\n")}\n    ]`;
}

function paramsCode(params) {
  const words = Object.entries(params).map(([name, value]) => `"${name}": ${literal(value)}`);
  return `Params.from_dict({${words.join(", ")}})`;
}

export function pythonOfNet(net, editor) {
  const program = netProgram(net, editor),
    { inputs } = program;
  const chip = net.params ? paramsCode(net.params) : editor.code;
  return `from ganglion import ${net.params ? "Params" : "PRESETS"}, Events, NeuronType, Program, Reference

program = Program.build(
    params=${chip},
    types=(
${program.types.map((type) => `        ${typeCode(type)},`).join("\n")}
    ),
    threshold=${list(program.threshold)},
    bias=${list(program.bias)},
    type=${list(program.type)},
    inputs=${inputs},
    # A synapse goes from pre to post; neuron n is number ${inputs} + n, behind the inputs.
    pre=${list(program.pre)},
    post=${list(program.post_neuron.map((n) => inputs + n))},
    weight=${list(program.weight)},
    delay=${list(program.delay)},
    seed=${program.seed},
)
events = Events.from_steps(
    ${list(netEvents(net))}
)
trace = Reference(program).run(events, keep_states=True)
print(trace.hash())
`;
}
