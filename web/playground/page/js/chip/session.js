// A run from step 0 on, as the page shows it: spikes, membranes, counters, cycles, energy and hash, step by step.

import { CycleModel, sparsePlacement } from "./cycles.js";
import { Emulator } from "./emulator.js";
import { RunHash } from "./hash.js";

export class Session {
  /**
   * @param chip { kernels, model }: what `loadKernels` and model.json say
   * @param program what runs
   * @param options `placement` where the rows are not all sparse, `pJ` of each counter, `probes` as `Emulator`, `hash`
   *   whether to compute it, `variant` as `Emulator`
   */
  constructor(chip, program, { placement, pJ = chip.model.editor.pJ, probes = [], hash = true, variant } = {}) {
    this.emulator = new Emulator(chip.kernels, program, { probes, variant });
    this.cycles = new CycleModel(
      program.params,
      placement ?? sparsePlacement(program, chip.model.cycles),
      chip.model.cycles,
    );
    this.pJ = pJ;
    this.hashes = hash ? new RunHash() : null;
    this.totals = { steps: 0, spikes: 0, synops: 0, overflows: 0, cycles: 0 };
    this.hash = "";
  }

  /** Back to step 0. */
  reset() {
    this.emulator.reset();
    if (this.hashes) this.hashes = new RunHash();
    for (const name of Object.keys(this.totals)) this.totals[name] = 0;
    this.hash = "";
  }

  /** Runs one step for each list of axons; what each did. A hash needs a look at the state after every step. */
  run(events) {
    if (!this.hashes) return this._counted(events, this.emulator.run(events));
    return events.flatMap((axons) => {
      const done = this._counted([axons], this.emulator.run([axons]));
      this.hash = this.hashes.add(done[0].spikes, this.emulator);
      return done;
    });
  }

  _counted(events, steps) {
    const { totals } = this;
    steps.forEach(({ spikes, counts }, k) => {
      totals.steps += 1;
      totals.spikes += counts.spikes;
      totals.synops += counts.synops;
      totals.overflows += counts.overflows;
      totals.cycles += this.cycles.step(events[k], spikes);
    });
    return steps;
  }

  /** Estimated energy so far, in pJ. */
  get energy() {
    return Object.entries(this.pJ).reduce((sum, [name, each]) => sum + each * this.totals[name], 0);
  }
}
