// Playing a run that has been computed: a moment that moves, and what the drawing shows of it.

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Playback {
  /** @param show called with the moment, a number of steps with a fraction */
  constructor(show) {
    this.show = show;
    this.at = 0;
    this.steps = 1;
    this.speed = 12; // steps per second
    this.playing = !still.matches;
    this.frames = 0;
    this.visible = true;
    const frame = (now) => {
      const passed = Math.min(0.1, (now - (this.last ?? now)) / 1000);
      this.last = now;
      if (this.playing && this.visible) {
        this.at += passed * this.speed;
        if (this.at >= this.steps) this.at = 0;
        this.frames += 1;
        this.show(this.at);
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** Goes to a moment. */
  go(at) {
    this.at = Math.min(this.steps - 1, Math.max(0, at));
    this.show(this.at);
  }
}
