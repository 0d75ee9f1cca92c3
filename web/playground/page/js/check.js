// The view of self-checks: random networks in the page, against what the reference made of them.

import { readData } from "./chip/kernels.js";
import { programOf } from "./chip/program.js";
import { Session } from "./chip/session.js";
import { $, say } from "./view/dom.js";
import * as link from "./view/link.js";
import { count } from "./view/numbers.js";

const TOGETHER = 20; // networks between two looks of the reader
const WIDE = 4; // of so many networks, one runs in 64 bits too

export class CheckView {
  constructor(chip) {
    this.chip = chip;
  }

  start() {
    $("check-start").addEventListener("click", () => this.run());
  }

  async run() {
    $("check-start").disabled = true;
    const { params, columns, networks } = await link.unpacked(await readData("vectors.json.gz"));
    const begin = performance.now(),
      wrong = [];
    let steps = 0,
      events = 0;
    for (let first = 0; first < networks.length; first += TOGETHER) {
      networks.slice(first, first + TOGETHER).forEach((each, k) => {
        const program = programOf({
          params,
          ...each,
          ...Object.fromEntries(columns.map((name, at) => [name, each.columns[at]])),
        });
        const variants = k % WIDE ? ["narrow"] : ["narrow", "wide"];
        const wanted = JSON.stringify([each.hash, ...each.counts, each.cycles]);
        if (variants.some((variant) => JSON.stringify(this.of(program, each.events, variant)) !== wanted)) {
          wrong.push(first + k);
        }
        steps += each.events.length;
        events += each.counts[1];
      });
      const done = Math.min(networks.length, first + TOGETHER);
      $("check-meter").firstElementChild.style.width = `${(100 * done) / networks.length}%`;
      say($("check-say"), `${done} of ${networks.length} networks`);
      await new Promise((next) => setTimeout(next));
    }
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const about = `${count(networks.length)} networks, ${count(steps)} steps, ${count(events)} SynOps, in ${seconds} s`;
    say(
      $("check-say"),
      wrong.length
        ? `${wrong.length} networks differ from the reference, the first of them number ${wrong[0]}; ${about}`
        : `All equal: spikes, every bit of state after every step, counters and cycles. ${about}.`,
      wrong.length > 0,
    );
    $("check-meter").classList.toggle("bad", wrong.length > 0);
    $("check-start").disabled = false;
    return wrong;
  }

  /** Hash, counters and cycles of a run on one of the kernels. */
  of(program, events, variant) {
    const session = new Session(this.chip, program, { variant });
    session.run(events);
    const { hash, totals } = session;
    return [hash, totals.spikes, totals.synops, totals.overflows, totals.cycles];
  }
}
