/* Curves over an axis, drawn at the size that the page has for them. */

import { compact, el, svg } from "./dom.js";

const EDGE = { left: 48, right: 14, top: 12, bottom: 36 };
const STEPS = [1, 2, 2.5, 5, 10];

/** Round numbers from `low` to `high`, about `count` of them. */
export function ticks(low, high, count) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * STEPS.find((one) => one * power >= rough * 0.999);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-6; at += 1) found.push(at * step || 0);
  return found;
}

export class Curves {
  constructor(place, { x, readout = null, height = 300, labels = null }) {
    Object.assign(this, { place, x, readout, height, labels, series: [], options: {} });
    new ResizeObserver(() => this.paint()).observe(place);
  }

  /** Draws series of {name, hue, dash, points: [[x, y]]}; `from` and `to` widen the axis. */
  draw(series, options) {
    Object.assign(this, { series, options });
    this.paint();
  }

  paint() {
    const width = Math.floor(this.place.clientWidth);
    const points = this.series.flatMap((one) => one.points);
    if (!width) return;
    if (!points.length) {
      if (this.series.length) this.place.replaceChildren(el("p", { class: "empty" }, "Nothing has been measured yet."));
      return;
    }
    const { y, from, to } = this.options;
    const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
    const [x0, x1] = this.labels ? [0, Math.max(1, ...xs)] : [0, Math.max(...xs) || 1];
    const [low, high] = [Math.min(from ?? Infinity, ...ys), Math.max(to ?? -Infinity, ...ys)];
    const pad = low === high ? Math.abs(low) * 0.1 || 1 : 0;
    const [y0, y1] = [low - pad, high + pad];
    const right = width - EDGE.right;
    const bottom = this.height - EDGE.bottom;
    this.atX = (value) => EDGE.left + ((value - x0) / (x1 - x0)) * (right - EDGE.left);
    this.atY = (value) => bottom - ((value - y0) / (y1 - y0)) * (bottom - EDGE.top);
    const drawing = svg("svg", {
      width, height: this.height, role: "img",
      "aria-label": `${y} over ${this.x}: ${this.series.map((one) => one.name).join(", ")}`,
    });
    for (const value of ticks(y0, y1, 5)) {
      drawing.append(
        svg("line", { class: "axis", x1: EDGE.left, x2: right, y1: this.atY(value), y2: this.atY(value) }),
        svg("text", { x: EDGE.left - 8, y: this.atY(value) + 4, "text-anchor": "end" }, String(+value.toPrecision(4))));
    }
    for (const [value, name] of this.labelled(x0, x1, width)) {
      const anchor = this.atX(value) > right - 20 ? "end" : "middle";
      drawing.append(svg("text", { x: this.atX(value), y: bottom + 16, "text-anchor": anchor }, name));
    }
    drawing.append(svg("text", { x: right, y: this.height - 4, "text-anchor": "end" }, this.x),
      svg("text", { x: EDGE.left, y: this.height - 4 }, `↑ ${y}`));
    for (const { hue, dash, on, faint, points: own } of this.series) {
      if (!own.length) continue;
      const line = own.map(([px, py], number) => `${number ? "L" : "M"}${this.atX(px).toFixed(1)} ${this.atY(py).toFixed(1)}`).join("");
      // A single point is a line of no length, which only a round end makes visible.
      drawing.append(svg("path", {
        class: `curve ${hue}${on ? " on" : ""}${faint ? " faint" : ""}`, d: own.length === 1 ? `${line}h0` : line,
        "stroke-dasharray": dash, "stroke-linecap": own.length === 1 ? "round" : null, "stroke-width": own.length === 1 ? 6 : null,
      }));
    }
    const cursor = svg("line", { class: "cursor", y1: EDGE.top, y2: bottom, visibility: "hidden" });
    drawing.append(cursor);
    if (this.readout) {
      drawing.addEventListener("pointermove", (event) => this.read(event, cursor, drawing));
      drawing.addEventListener("pointerleave", () => cursor.setAttribute("visibility", "hidden"));
    }
    this.place.replaceChildren(drawing);
  }

  labelled(x0, x1, width) {
    if (!this.labels) return ticks(x0, x1, Math.max(2, width / 140)).map((value) => [value, compact(value)]);
    const every = Math.ceil(this.labels.length / Math.max(1, width / 64));
    return this.labels.map((name, number) => [number, name.length > 9 ? `${name.slice(0, 8)}…` : name])
      .filter(([number]) => number % every === 0);
  }

  read(event, cursor, drawing) {
    const at = event.clientX - drawing.getBoundingClientRect().left;
    const near = (own) => own.reduce((best, point) =>
      Math.abs(this.atX(point[0]) - at) < Math.abs(this.atX(best[0]) - at) ? point : best);
    const found = this.series.filter((one) => one.points.length).map((one) => [one.name, near(one.points)]);
    const place = this.atX(found.map(([, point]) => point[0]).sort((a, b) => Math.abs(this.atX(a) - at) - Math.abs(this.atX(b) - at))[0]);
    for (const name of ["x1", "x2"]) cursor.setAttribute(name, place);
    cursor.setAttribute("visibility", "visible");
    this.readout.textContent = found.map(([name, [x, y]]) =>
      `${name} ${y.toPrecision(3)} at ${this.labels ? this.labels[x] : compact(x)}`).join(" · ");
  }
}
