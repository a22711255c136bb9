/* A matrix as a map: rows and columns are tokens, a cell is the darker the larger its number. */

import { el, svg } from "./dom.js";

const LONGEST = 12;
const CHARACTER = 6.4;
const PADDING = 13;
const LEAST = 1e-12;

const VISIBLE = { " ": "␣", "\n": "⏎", "\t": "⇥" };
const short = (token) => {
  const shown = (token || "␣").replace(/[ \n\t]/g, (one) => VISIBLE[one]);
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST - 1)}…` : shown;
};

/** How far from 0 the numbers of a matrix go; a loop, since a map may hold more than a call takes arguments. */
export function highestOf(matrix) {
  let highest = LEAST;
  for (const row of matrix) for (const number of row) highest = Math.max(highest, Math.abs(number));
  return highest;
}

const signed = (number) => number.toFixed(2).replace("-", "−");

/** The numbers as a canvas with a pixel for each: elements for each would be hundreds of thousands. */
function shades(matrix, highest, width, height) {
  const [columns, rows] = [matrix[0].length, matrix.length];
  const canvas = el("canvas", { width: columns, height: rows, "--width": `${width}px`, "--height": `${height}px` });
  canvas.paint = () => {
    const style = getComputedStyle(document.documentElement);
    const [accent, against] = ["--accent", "--against"].map((name) => parseInt(style.getPropertyValue(name).trim().slice(1), 16));
    const image = new ImageData(columns, rows);
    matrix.forEach((row, y) => row.forEach((number, x) => {
      const colour = number < 0 ? against : accent;
      const alpha = 255 * Math.min(1, Math.abs(number) / highest);
      image.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, alpha], 4 * (y * columns + x));
    }));
    canvas.getContext("2d").putImageData(image, 0, 0);
  };
  canvas.paint();
  return canvas;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const canvas of document.querySelectorAll("canvas")) canvas.paint();
});

/** A small map without names, for a choice among many. */
export const thumbnail = (matrix, size = 52) => shades(matrix, highestOf(matrix), size, size);

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * The map with its tokens; a line beneath tells the cell under the pointer, or the one that arrow keys have come to.
 * `verb` stands between the token of a row and that of a column; `chosen(row)` is called with the row that is read.
 */
export function map(matrix, { rows, columns, highest = highestOf(matrix), verb = "from", name, chosen = () => {} }) {
  const size = Math.max(10, Math.min(26, Math.floor(310 / Math.max(rows.length, columns.length))));
  const wide = (tokens) => PADDING + CHARACTER * Math.max(...tokens.map((token) => short(token).length));
  const [left, top] = [wide(rows), wide(columns)];
  const [width, height] = [size * columns.length, size * rows.length];
  const box = (kind, more) => svg("rect", { class: kind, height: size, visibility: "hidden", ...more });
  const marks = [box("row-mark", { x: left - 1, width: width + 1 }), box("cell-mark", { width: size })];
  const labels = rows.map((token, y) => svg("text", { x: left - 5, y: top + (y + 0.5) * size + 4, "text-anchor": "end" }, short(token)));
  const heads = columns.map((token, x) => svg("text", {
    transform: `translate(${left + (x + 0.5) * size + 4} ${top - 5}) rotate(-90)`,
  }, short(token)));
  const readout = el("p", { class: "readout", role: "status" }, "Point at a cell to read it, or go there with the arrow keys.");
  let at = null;

  /** Marks a row, and a cell of it if there is a `column`, and tells its numbers; null takes the marks away. */
  function choose(row, column = null) {
    at = row === null ? null : [row, column ?? 0];
    labels.forEach((label, y) => label.classList.toggle("on", y === row));
    heads.forEach((head, x) => head.classList.toggle("on", x === column));
    marks[0].setAttribute("visibility", row === null ? "hidden" : "visible");
    marks[1].setAttribute("visibility", column === null ? "hidden" : "visible");
    if (row === null) return;
    for (const mark of marks) mark.setAttribute("y", top + row * size - 0.5);
    if (column !== null) marks[1].setAttribute("x", left + column * size - 0.5);
    const told = (x) => `${columns[x]} ${signed(matrix[row][x])}`;
    const most = [...columns.keys()].sort((a, b) => Math.abs(matrix[row][b]) - Math.abs(matrix[row][a])).slice(0, 3).map(told).join(", ");
    readout.textContent = column === null ? `${rows[row]} ${verb} ${most}` : `${rows[row]} ${verb} ${told(column)}; most: ${most}`;
  }

  function read(row, column) {
    const inside = row >= 0 && row < rows.length && column < columns.length;
    choose(inside ? row : null, inside && column >= 0 ? column : null);
    chosen(inside ? row : null);
  }

  const drawing = el("div", { class: "map", "--left": `${left}px`, "--top": `${top}px` },
    shades(matrix, highest, width, height),
    svg("svg", { width: left + width, height: top + height, "aria-hidden": "true" }, ...labels, ...heads, ...marks));
  const point = (event) => {
    const corner = drawing.getBoundingClientRect();
    read(Math.floor((event.clientY - corner.top - top) / size), Math.floor((event.clientX - corner.left - left) / size));
  };
  drawing.addEventListener("pointermove", point);
  drawing.addEventListener("pointerdown", point);
  // A finger that is lifted leaves too; what it has chosen stays to be read.
  drawing.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && read(-1, 0));
  const scroll = el("div", {
    class: "scroll", tabindex: 0, role: "application", "aria-label": `${name}; arrow keys read it`,
    onfocus: () => at ?? read(0, 0), onblur: () => read(-1, 0),
    onkeydown: (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const within = (number, end) => Math.max(0, Math.min(end - 1, number));
      const [row, column] = at ?? [0, 0];
      read(within(row + step[0], rows.length), within(column + step[1], columns.length));
    },
  }, drawing);
  return { node: el("div", {}, scroll, readout), choose };
}

/** What the shades of maps say; `both` where numbers below 0 have a colour too. */
export const key = (highest, what, { both = false } = {}) => el("p", { class: "key" },
  el("span", {}, both ? signed(-highest) : "0", el("span", { class: both ? "ramp both" : "ramp" }), `${signed(highest)} ${what}`));
