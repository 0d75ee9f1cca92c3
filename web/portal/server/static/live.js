// Pages that change while they are looked at: server-sent events of a job, put into the page as text.
"use strict";

function live(address, hear) {
  const source = new EventSource(address);
  source.onmessage = (event) => {
    const found = JSON.parse(event.data);
    hear(found);
    if (found.over) source.close();
  };
}

function setState(place, state) {
  if (!place) return;
  place.textContent = state;
  place.className = place.className.replace(/queued|running|done|failed|cancelled/g, "").trim() + " " + state;
}

function setProgress(bar, progress) {
  if (!bar) return;
  if (progress.total) {
    bar.max = progress.total;
    bar.value = progress.done;
  } else {
    bar.removeAttribute("value");
  }
}

function job(box) {
  const log = box.querySelector("[data-log]");
  let first = true;
  live(box.dataset.live, (found) => {
    setState(document.querySelector("[data-state]"), found.state);
    if (found.over) return void window.location.reload();
    const waits = found.ahead ? found.ahead + " jobs are ahead" : "next in the queue";
    box.querySelector("[data-what]").textContent = found.state === "queued" ? waits : found.progress.what;
    setProgress(box.querySelector("[data-progress]"), found.state === "queued" ? { total: 1, done: 0 } : found.progress);
    const { done, total } = found.progress;
    box.querySelector("[data-count]").textContent =
      total && found.state === "running" ? done.toLocaleString("en") + " of " + total.toLocaleString("en") : "";
    if (first) log.textContent = "";
    first = false;
    for (const line of found.lines) log.append(line + "\n");
    log.scrollTop = log.scrollHeight;
  });
}

function row(line) {
  live(line.dataset.row, (found) => {
    setState(line.querySelector("[data-state]"), found.state);
    setProgress(line.querySelector("progress"), found.state === "queued" ? { total: 1, done: 0 } : found.progress);
    if (found.over) window.setTimeout(() => window.location.reload(), 600);
  });
}

for (const box of document.querySelectorAll("[data-live]")) job(box);
for (const line of [...document.querySelectorAll("[data-row]")].slice(-4)) row(line);
