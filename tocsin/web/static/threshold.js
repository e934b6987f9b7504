"use strict";
/* Moves the line of the threshold on a region's chart, and reads the table for it. Without this
   script the field and its button do the same. */
(() => {
  const line = document.querySelector("g.threshold");
  const rows = [...document.querySelectorAll("table.readings tbody tr")];
  if (!line || !rows.length) return;
  const chart = line.ownerSVGElement;
  const field = document.querySelector(".threshold-form input[name=at_least]");
  const top = Number(line.dataset.top), zero = Number(line.dataset.zero);
  const height = Number(line.dataset.height);
  const counts = rows.map((row) => Number(row.dataset.n));
  const put = (name, text) => {
    document.querySelectorAll(`[data-reading=${name}]`).forEach((one) => { one.textContent = text; });
  };
  let at = Math.max(0, rows.findIndex((row) => row.ariaCurrent === "true"));

  const show = (place, moved = true) => {
    rows[at].removeAttribute("aria-current");
    at = Math.min(Math.max(place, 0), rows.length - 1);
    const cells = [...rows[at].children].map((cell) => cell.textContent);
    const n = counts[at], [any, total] = cells.slice(-2);
    rows[at].setAttribute("aria-current", "true");
    const y = zero - Math.min(n, top) / top * height;
    line.setAttribute("transform", `translate(0 ${y.toFixed(1)})`);
    line.querySelector("text").textContent = `≥ ${cells[0]}: ${any}`;
    line.setAttribute("aria-valuenow", String(n));
    line.setAttribute("aria-valuetext", `${cells[0]} or more: in any ${any}, in all together ${total}`);
    put("n", cells[0]); put("any", any); put("total", total);
    if (moved) field.value = String(n);
  };
  const nearest = (n) => counts.reduce(
    (best, count, place) => Math.abs(count - n) < Math.abs(counts[best] - n) ? place : best, 0);
  const countAt = (event) => {
    const box = chart.getBoundingClientRect();
    const y = (event.clientY - box.top) * chart.viewBox.baseVal.height / box.height;
    return (zero - y) / height * top;
  };

  const slider = {
    "role": "slider", "tabindex": "0", "aria-label": "Threshold", "aria-orientation": "vertical",
    "aria-valuemin": String(counts[0]), "aria-valuemax": String(counts[counts.length - 1]),
  };
  for (const [name, value] of Object.entries(slider)) line.setAttribute(name, value);
  // What is inside an image is hidden from screen readers: the chart is a group once it has a slider.
  chart.setAttribute("role", "group");
  document.querySelectorAll(".needs-script").forEach((one) => { one.hidden = false; });
  line.classList.add("movable");

  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
    line.focus();
  });
  line.addEventListener("pointermove", (event) => {
    if (line.hasPointerCapture(event.pointerId)) show(nearest(countAt(event)));
  });
  const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 };
  line.addEventListener("keydown", (event) => {
    const ends = { Home: 0, End: rows.length - 1 };
    const place = event.key in steps ? at + steps[event.key] : ends[event.key];
    if (place === undefined) return;
    event.preventDefault();
    show(place);
  });
  field.addEventListener("input", () => {
    if (field.valueAsNumber >= 1) show(nearest(field.valueAsNumber), false);
  });
  show(at, false);
})();
