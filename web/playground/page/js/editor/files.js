// Files: programs and images of Ganglion, and files of events, opened and saved.

import { programOf } from "../chip/program.js";
import { netEvents, netProgram } from "./net.js";
import { readNpz, writeNpz } from "./npz.js";

const VERSION = 1; // of the format of programs

/** A program file, as `Program.load` reads it. */
export function programFile(net, editor) {
  const program = netProgram(net, editor),
    { params, types, inputs, seed, names, pre } = program;
  const header = { format: "ganglion program", version: VERSION, params, types, inputs, seed, names };
  const indptr = [0];
  for (let source = 0, k = 0; source < inputs + net.neurons.length; source++) {
    while (k < pre.length && pre[k] === source) k++;
    indptr.push(k);
  }
  const { threshold, bias, type, post_neuron, weight, delay, outputs } = program;
  return writeNpz({
    header: JSON.stringify(header),
    threshold,
    bias,
    type,
    indptr,
    post_neuron,
    weight,
    delay,
    outputs,
  });
}

/** A file of events, as `ganglion run --samples` reads it: how often each input fires in each step. */
export function eventsFile(net) {
  const counts = netEvents(net).flatMap((here) => net.inputs.map((_, k) => Number(here.includes(k))));
  return writeNpz({ input: { shape: [net.steps, net.inputs.length], values: counts } });
}

/** What a file holds: { program } of a program or an image, or { events }, for each step the axons that fire. */
export async function openFile(bytes) {
  const arrays = await readNpz(bytes);
  if (typeof arrays.header === "string") {
    const header = JSON.parse(arrays.header),
      image = header.format === "ganglion image";
    if (!image && header.format !== "ganglion program") throw new Error(`this is a ${header.format}, no program`);
    if (header.learning) throw new Error("this network learns, which this page does not do yet; ganglion run does");
    const column = (name) => {
      const values = arrays[(image ? "program/" : "") + name]?.values;
      if (!values) throw new Error(`this file has no array ${name}`);
      return values;
    };
    const indptr = column("indptr");
    const pre = indptr.slice(1).flatMap((end, source) => new Array(end - indptr[source]).fill(source));
    const columns = ["threshold", "bias", "type", "post_neuron", "weight", "delay", "outputs"];
    return {
      program: programOf({ ...header, pre, ...Object.fromEntries(columns.map((name) => [name, column(name)])) }),
    };
  }
  const names = Object.keys(arrays),
    samples = arrays.input ?? (names.length === 1 ? arrays[names[0]] : null);
  if (!samples?.values || samples.shape.length < 2) {
    throw new Error(
      "this is neither a program, nor an image, nor a file of events, whose array input has the shape (steps, inputs)",
    );
  }
  return { events: eventsOf(samples) };
}

/** The events of one sample, of shape (steps, inputs) or (1, steps, inputs). */
function eventsOf({ shape, values }) {
  const [steps, inputs] = shape.slice(-2);
  if (values.length !== steps * inputs) throw new Error(`it has ${shape[0]} samples; the editor takes a file of one`);
  if (values.some((count) => count < 0 || count > 1)) {
    throw new Error("an input fires more than once in a step, which an input of the editor does not");
  }
  return Array.from({ length: steps }, (_, step) =>
    values.slice(step * inputs, (step + 1) * inputs).flatMap((count, axon) => (count ? [axon] : [])),
  );
}
