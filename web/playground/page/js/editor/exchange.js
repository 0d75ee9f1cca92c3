// Files into the editor and out of it: its buttons, and what is dropped on it.

import { $, download, say } from "../view/dom.js";
import { eventsFile, openFile, programFile } from "./files.js";
import { MOST, netOf } from "./net.js";

/**
 * Attaches the buttons.
 *
 * @param net gives the network of the editor
 * @param editor the chip of the editor
 * @param opened called with a network that a file has
 * @param changed called when the inputs of the network have taken the events of a file
 */
export function exchangeFiles({ net, editor, opened, changed }) {
  const read = async (file) => {
    try {
      const found = await openFile(new Uint8Array(await file.arrayBuffer()));
      if (found.program) {
        opened(netOf(found.program, editor));
      } else {
        takeEvents(net(), found.events);
        changed();
      }
      say($("net-say"), `${file.name} is open.`);
    } catch (error) {
      say($("net-say"), `${file.name}: ${error.message}`, true);
    }
  };
  $("net-open").addEventListener("change", async (event) => {
    if (event.target.files[0]) await read(event.target.files[0]);
    event.target.value = "";
  });
  $("net-save").addEventListener("click", async () => download("program.npz", await programFile(net(), editor)));
  $("net-events").addEventListener("click", async () => download("events.npz", await eventsFile(net())));
  const zone = $("build");
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
  });
}

/** Events of a file: the inputs fire as it says, and no more than it says. */
function takeEvents(net, events) {
  const inputs = net.inputs.length;
  const most = events.reduce((top, here) => Math.max(top, ...here), -1);
  if (most >= inputs) throw new Error(`its events are for ${most + 1} inputs; the network has ${inputs}`);
  if (!events.length || events.length > MOST.steps) {
    throw new Error(`it has ${events.length} steps; the editor runs 1 to ${MOST.steps}`);
  }
  net.steps = events.length;
  net.inputs.forEach((input, k) => {
    input.every = 0;
    input.at = events.flatMap((here, step) => (here.includes(k) ? [step] : []));
  });
}
