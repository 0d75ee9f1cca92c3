// Undo and redo: nets as they were.

import { clone } from "./net.js";

const MOST = 200;

export class History {
  constructor(net) {
    this.states = [clone(net)];
    this.at = 0;
  }

  /** Remembers a net after a change. Changes of one kind in a row, as those of a slider, are one. */
  push(net, kind = null) {
    const merged = kind !== null && kind === this.kind && this.at > 0 && this.at === this.states.length - 1;
    this.states.length = merged ? this.at : this.at + 1;
    this.states.push(clone(net));
    if (this.states.length > MOST) this.states.shift();
    this.at = this.states.length - 1;
    this.kind = kind;
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.states.length - 1;
  }

  /** The net before (-1) or after (1). */
  go(by) {
    this.kind = null;
    this.at = Math.min(this.states.length - 1, Math.max(0, this.at + by));
    return clone(this.states[this.at]);
  }
}
