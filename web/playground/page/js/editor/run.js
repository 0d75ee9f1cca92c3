// A whole run of the network of the editor, and what of it can be seen at a moment.

import { refusal } from "../chip/program.js";
import { Session } from "../chip/session.js";
import { netEvents, netProgram } from "./net.js";

export class NetRun {
  /** Runs a net; throws a sentence where the chip cannot hold it. */
  constructor(chip, net, { hash = false } = {}) {
    const { editor } = chip.model,
      program = netProgram(net, editor),
      no = refusal(program);
    if (no) throw new Error(no);
    if (!net.neurons.length) throw new Error("add a neuron: a network has at least one");
    if (program.types.length > program.params.types) {
      throw new Error(
        `the chip has ${program.params.types} types of neurons; this network has ${program.types.length}`,
      );
    }
    this.net = net;
    this.events = netEvents(net);
    this.session = new Session(chip, program, { probes: net.neurons.map((_, n) => ["v", n]), hash });
    this.steps = this.session.run(this.events);
    const inputs = net.inputs.length;
    this.fired = this.steps.map((step, t) => [...this.events[t], ...step.spikes.map((n) => inputs + n)]);
    this.outgoing = Array.from({ length: inputs + net.neurons.length }, () => []);
    net.synapses.forEach(([pre, , , delay], k) => this.outgoing[pre].push([k, delay]));
    this.longest = net.synapses.reduce((most, synapse) => Math.max(most, synapse[3]), 1);
  }

  /** Membrane of a neuron after each step. */
  membrane(neuron) {
    return this.steps.map((step) => step.probes[neuron]);
  }

  /** What the drawing shows at a moment: levels, firing sources, travelling spikes. */
  moment(at) {
    const step = Math.min(this.steps.length - 1, Math.floor(at)),
      travelling = [];
    for (let t = Math.max(0, step - this.longest); t <= step; t++) {
      for (const source of this.fired[t]) {
        for (const [k, delay] of this.outgoing[source]) {
          const share = (at - t) / delay;
          if (share >= 0 && share < 1 && travelling.length < 400) travelling.push([k, share]);
        }
      }
    }
    const levels = this.steps[step].probes.map((v, n) => v / Math.max(1, this.net.neurons[n].threshold));
    return [levels, new Set(this.fired[step]), travelling];
  }
}
