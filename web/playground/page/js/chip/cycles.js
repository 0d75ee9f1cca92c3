// The cycle model of a chip of one core: how many clock cycles each step takes there.

/** Where a network sits in a core whose rows are all sparse: neuron n in row n, one row for each source. */
export function sparsePlacement(program, constants) {
  const lanes = program.params.lanes,
    length = new Map();
  const filled = Array.from({ length: program.inputs + program.threshold.length }, () => new Array(lanes).fill(0));
  program.pre.forEach((source, k) => {
    filled[source][program.post_neuron[k] % lanes]++;
  });
  filled.forEach((counts, source) => length.set(source, Math.max(...counts)));
  const outputs = new Set(program.outputs);
  return {
    inputs: Array.from({ length: program.inputs }, (_, axon) => [length.get(axon)]),
    neurons: program.threshold.map((_, n) => {
      const row = length.get(program.inputs + n),
        entries = [];
      if (row) entries.push([constants.CORE, [row]]);
      if (outputs.has(n)) entries.push([constants.HOST, []]);
      return [n, entries.length ? entries : [[constants.NOWHERE, []]]];
    }),
  };
}

export class CycleModel {
  /**
   * @param params of the chip
   * @param placement what `sparsePlacement` or Ganglion's compiler says
   * @param constants of the model
   */
  constructor(params, placement, constants) {
    this.params = params;
    this.placement = placement;
    this.c = constants;
    this.update = params.neurons / params.lanes + constants.UPDATE_LATENCY;
    this.keyed = params.noise ? constants.KEY_CYCLES : 0;
  }

  /** Cycles of a step with these events, in which these neurons fire. */
  step(axons, spikes) {
    const { c, params, placement } = this,
      queue = new EventQueue(c);
    let offered = c.TO_SEQUENCER;
    for (const axon of axons) offered = queue.event(offered, placement.inputs[axon]) + 1;
    const ended = Math.max(offered, queue.quiet);
    queue.held = ended + params.neurons / params.lanes + 1;
    const fired = spikes.map((n) => placement.neurons[n]).sort((a, b) => a[0] - b[0]);
    let free = ended + 1,
      group = -1;
    for (const [row, entries] of fired) {
      if (Math.floor(row / params.lanes) !== group) {
        group = Math.floor(row / params.lanes);
        free = Math.max(free, ended + 1 + group + c.LISTED) + 2;
      }
      free += 1;
      for (const [scope, lengths] of entries) {
        free += 1;
        if (scope === c.CORE) free = queue.event(free, lengths);
        free += 1;
      }
    }
    free = Math.max(free, ended + this.update + 1);
    return Math.max(free + 1 + c.RETURN, queue.quiet, ended + this.keyed) + 1;
  }
}

/** The way of events to the synapses: a queue for two, the table of axons, and the walker of rows. */
class EventQueue {
  constructor(constants) {
    this.drain = constants.DRAIN;
    this.entered = -1;
    this.before = -1; // when the last event but one left the queue,
    this.left = -1; // and the last one
    this.walks = -1;
    this.free = 0;
    this.quiet = 0;
    this.held = 0; // from when on words are taken
  }

  /** When an event that is offered from a cycle on enters the queue. */
  event(offered, lengths) {
    const entered = Math.max(offered, Math.max(this.entered, this.before) + 1);
    const left = Math.max(entered + 1, this.left + 1, this.walks);
    let fetched = left;
    for (const length of lengths) {
      this.walks = Math.max(fetched + 1, this.free);
      this.free = length ? Math.max(this.walks, this.held - 1) + length : this.walks + 1;
      this.quiet = Math.max(this.quiet, this.walks + 1, length ? this.free + this.drain : 0);
      fetched = this.walks;
    }
    this.entered = entered;
    this.before = this.left;
    this.left = left;
    return entered;
  }
}
