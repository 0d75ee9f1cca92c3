// Grey images as events: the regular rate code of the shipped networks.

/** The events of an image of 0 … 1, for each step the pixels that fire. */
export function encode(image, { brightest, full, phase }, shown, steps) {
  const values = Array.from(image, (value) => Math.round(Math.min(1, Math.max(0, value)) * brightest));
  const events = Array.from({ length: steps }, () => []);
  for (let k = 0; k < values.length; k++) {
    if (!values[k]) continue;
    for (let step = 0, due = phase[k], fired = 0; step < shown; step++) {
      due += values[k];
      for (const so = Math.floor(due / full); fired < so; fired++) events[step].push(k);
    }
  }
  return { values, events };
}

/** The class that spikes most, of several the first to spike or the lowest; -1 where none spikes. */
export function decide(outputs, fired, ties) {
  const counts = outputs.map(() => 0),
    first = outputs.map(() => Infinity);
  fired.forEach((spikes, step) => {
    for (const neuron of spikes) {
      const k = outputs.indexOf(neuron);
      if (k < 0) continue;
      counts[k] += 1;
      first[k] = Math.min(first[k], step);
    }
  });
  const most = Math.max(...counts);
  if (!most) return { counts, guess: -1 };
  const among = counts.flatMap((count, k) => (count === most ? [k] : []));
  const guess = ties === "earliest" ? among.reduce((a, b) => (first[b] < first[a] ? b : a)) : among[0];
  return { counts, guess };
}
