/* Curves over an axis, drawn at the size that the page has for them. */

import { compact, el, svg } from "./dom.js";

const EDGE = { left: 48, right: 14, top: 26, bottom: 36 };
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

const NUM_HUES = 8;
const DASHES = ["", "6 3", "2 3", "9 3 2 3"];

/** How curve `number` is told from the others: hue and dash together are 32 ways, and neighbours differ in both. */
export const style = (number) => ({
  hue: `hue${number % NUM_HUES}`, dash: DASHES[(number + Math.floor(number / NUM_HUES)) % DASHES.length],
});

/** A piece of curve `number`, to stand beside its name. */
export function swatch(number) {
  const { hue, dash } = style(number);
  return svg("svg", { class: "swatch", width: 26, height: 8, "aria-hidden": "true" },
    svg("line", { class: `curve ${hue}`, x1: 0, x2: 26, y1: 4, y2: 4, "stroke-dasharray": dash }));
}

const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** Curves in `place`, which a pointer or the arrow keys read; what they read is told in `readout`. */
export class Curves {
  constructor(place, { x, readout, height = 300, labels = null }) {
    Object.assign(this, { place, x, readout, height, labels, series: [], options: {}, at: null });
    new ResizeObserver(() => this.paint()).observe(place);
    readout.setAttribute("role", "status");
    const point = (event) => this.drawn && this.read(this.nearest(event.clientX - place.getBoundingClientRect().left));
    place.addEventListener("pointermove", point);
    place.addEventListener("pointerdown", point);
    // A finger that is lifted leaves too; what it has chosen stays to be read.
    place.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.read(null));
    place.addEventListener("focus", () => this.drawn && this.read(this.at ?? 0));
    place.addEventListener("blur", () => this.read(null));
    place.addEventListener("keydown", (event) => {
      const step = KEYS[event.key];
      if (step === undefined || !this.drawn) return;
      event.preventDefault();
      this.read(Math.max(0, Math.min(this.xs.length - 1, (this.at ?? 0) + step)));
    });
  }

  /** Draws series of {name, hue, dash, points: [[x, y]]}; `y` names the axis, `from` and `to` widen it. */
  draw(series, options) {
    Object.assign(this, { series, options });
    this.paint();
  }

  paint() {
    const width = Math.floor(this.place.clientWidth);
    const points = this.series.flatMap((one) => one.points);
    if (!width) return;
    this.drawn = points.length > 0;
    if (!points.length) {
      // There is nothing to read by keys.
      for (const name of ["role", "tabindex", "aria-label"]) this.place.removeAttribute(name);
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
    this.xs = [...new Set(xs)].sort((a, b) => a - b);
    this.place.setAttribute("role", "application");
    this.place.tabIndex = 0;
    this.place.setAttribute("aria-label", `${y} over ${this.x}: ${this.series.map((one) => one.name).join(", ")}; arrow keys read it`);
    const drawing = svg("svg", { width, height: this.height, "aria-hidden": "true" });
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
      svg("text", { x: 0, y: 11 }, `↑ ${y}`));
    for (const { hue, dash, on, faint, points: own } of this.series) {
      if (!own.length) continue;
      const line = own.map(([px, py], number) => `${number ? "L" : "M"}${this.atX(px).toFixed(1)} ${this.atY(py).toFixed(1)}`).join("");
      // A single point is a line of no length, which only a round end makes visible.
      drawing.append(svg("path", {
        class: `curve ${hue}${on ? " on" : ""}${faint ? " faint" : ""}`, d: own.length === 1 ? `${line}h0` : line,
        "stroke-dasharray": dash, "stroke-linecap": own.length === 1 ? "round" : null, "stroke-width": own.length === 1 ? 6 : null,
      }));
    }
    this.cursor = svg("line", { class: "cursor", y1: EDGE.top, y2: bottom, visibility: "hidden" });
    drawing.append(this.cursor);
    this.place.replaceChildren(drawing);
    if (this.at !== null) this.mark();
  }

  labelled(x0, x1, width) {
    if (!this.labels) return ticks(x0, x1, Math.max(2, width / 140)).map((value) => [value, compact(value)]);
    const every = Math.ceil(this.labels.length / Math.max(1, width / 64));
    return this.labels.map((name, number) => [number, name.length > 9 ? `${name.slice(0, 8)}…` : name])
      .filter(([number]) => number % every === 0);
  }

  nearest(left) {
    return this.xs.reduce((best, x, number) =>
      (Math.abs(this.atX(x) - left) < Math.abs(this.atX(this.xs[best]) - left) ? number : best), 0);
  }

  /** Tells the values at place `at` of the axis; null takes the cursor away. */
  read(at) {
    this.at = at === null ? null : Math.min(at, this.xs.length - 1);
    if (at === null) return this.cursor?.setAttribute("visibility", "hidden");
    this.mark();
    const x = this.xs[this.at];
    const near = (own) => own.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));
    this.readout.textContent = this.series.filter((one) => one.points.length).map(({ name, points }) => {
      const [own, value] = near(points);
      return `${name} ${value.toPrecision(3)} at ${this.labels ? this.labels[own] : compact(own)}`;
    }).join(" · ");
  }

  mark() {
    for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, this.atX(this.xs[Math.min(this.at, this.xs.length - 1)]));
    this.cursor.setAttribute("visibility", "visible");
  }
}
