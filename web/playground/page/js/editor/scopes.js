// The plots of a run: the raster of all inputs and neurons, and membranes.

import { $, make } from "../view/dom.js";
import { curves, raster } from "../view/plots.js";
import { nameOf } from "./net.js";

const COLOURS = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];

const colourOf = (neuron) => COLOURS[neuron % COLOURS.length];

/** Draws the plots of a run that stands at a moment: of the neuron that is selected, or of the first ones. */
export function drawScopes(net, run, selected, now) {
  const inputs = net.inputs.length,
    sources = inputs + net.neurons.length;
  const rows = Array.from({ length: sources }, (_, k) => ({
    name: nameOf(net, k),
    colour: k < inputs ? "input" : colourOf(k - inputs),
  }));
  raster($("net-raster"), rows, run.fired, { now, height: Math.min(260, Math.max(110, 30 + 18 * sources)) });
  const chosen = selected?.source - inputs;
  const which = chosen >= 0 ? [chosen] : net.neurons.map((_, n) => n).slice(0, COLOURS.length);
  const lines = which.map((n) => ({ values: run.membrane(n), colour: colourOf(n) }));
  if (chosen >= 0) {
    const { threshold } = net.neurons[chosen];
    lines.push({ values: run.steps.map(() => threshold), colour: "quiet", dashed: true, thick: 1 });
  }
  curves($("net-membranes"), lines, { now, height: 170 });
  showLegend(which.map((n) => [nameOf(net, inputs + n), colourOf(n)]));
}

/** Names and colours of the curves; the elements stay as they are while these do. */
function showLegend(entries) {
  const legend = $("net-legend"),
    words = JSON.stringify(entries);
  if (legend.dataset.of === words) return;
  legend.dataset.of = words;
  legend.replaceChildren(
    ...entries.map(([name, colour]) => make("span", { text: name, style: `--key: var(--${colour})` })),
  );
}
