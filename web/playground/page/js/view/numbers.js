// Numbers as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export const count = (value) => whole.format(value);

/** A figure with its unit, in the size that leaves one to three digits before the point. */
function scaled(value, units) {
  let at = 0;
  while (at < units.length - 1 && value >= 1000) [value, at] = [value / 1000, at + 1];
  return [three.format(value), units[at]];
}

export const energy = (pJ) => scaled(pJ, ["pJ", "nJ", "µJ", "mJ"]);

export const time = (cycles, mhz) => scaled((cycles / mhz) * 1000, ["ns", "µs", "ms", "s"]);

/** Fills a list of figures: name to value, or to [value, unit]. */
export function showFigures(list, figures) {
  if (list.children.length !== Object.keys(figures).length) {
    list.replaceChildren(
      ...Object.keys(figures).map((name) => {
        const group = document.createElement("div");
        const term = document.createElement("dt");
        term.textContent = name;
        group.append(term, document.createElement("dd"));
        return group;
      }),
    );
  }
  Object.values(figures).forEach((value, k) => {
    const [number, unit] = Array.isArray(value) ? value : [value, ""];
    const cell = list.children[k].lastChild;
    cell.textContent = number;
    if (unit) {
      const small = document.createElement("small");
      small.textContent = ` ${unit}`;
      cell.append(small);
    }
  });
}
