/* A matrix as a map: rows and columns are tokens, a cell is the darker the larger its number. */

import { el, svg } from "./dom.js";

const LONGEST = 12;
const CHARACTER = 6.4;
const PADDING = 13;

const VISIBLE = { " ": "␣", "\n": "⏎", "\t": "⇥" };
const short = (token) => {
  const shown = (token || "␣").replace(/[ \n\t]/g, (one) => VISIBLE[one]);
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST - 1)}…` : shown;
};

const highestOf = (matrix) => Math.max(1e-12, ...matrix.flat());

function cells(matrix, highest, size, left, top) {
  return matrix.flatMap((row, y) => row.map((share, x) => svg("rect", {
    class: "cell", x: left + x * size, y: top + y * size, width: size - (size > 8 ? 1 : 0), height: size - (size > 8 ? 1 : 0),
    "fill-opacity": Math.min(1, share / highest).toFixed(3),
  })));
}

/** A small map without names, for a choice among many. */
export function thumbnail(matrix, size = 52) {
  const side = size / Math.max(matrix.length, matrix[0].length);
  return svg("svg", { width: size, height: size, "aria-hidden": "true" },
    svg("rect", { class: "frame", width: size, height: size }), ...cells(matrix, highestOf(matrix), side, 0, 0));
}

/** The map with its tokens; a line beneath tells the row under the pointer. `chosen(row)` is called with its number. */
export function map(matrix, { rows, columns, highest = highestOf(matrix), verb = "from", name, chosen = () => {} }) {
  const size = Math.max(10, Math.min(26, Math.floor(310 / Math.max(rows.length, columns.length))));
  const wide = (tokens) => PADDING + CHARACTER * Math.max(...tokens.map((token) => short(token).length));
  const [left, top] = [wide(rows), wide(columns)];
  const [width, height] = [left + size * columns.length, top + size * rows.length];
  const mark = svg("rect", { class: "row-mark", x: left - 1, width: size * columns.length + 1, height: size, visibility: "hidden" });
  const labels = rows.map((token, y) => svg("text", { x: left - 5, y: top + (y + 0.5) * size + 4, "text-anchor": "end" }, short(token)));
  const heads = columns.map((token, x) => svg("text", {
    transform: `translate(${left + (x + 0.5) * size + 4} ${top - 5}) rotate(-90)`,
  }, short(token)));
  const readout = el("p", { class: "readout" }, "Point at a row to read it.");
  const choose = (row) => {
    labels.forEach((label, number) => label.classList.toggle("on", number === row));
    mark.setAttribute("visibility", row === null ? "hidden" : "visible");
    if (row === null) return;
    mark.setAttribute("y", top + row * size - 0.5);
    const most = matrix[row].map((share, x) => [share, x]).sort((a, b) => b[0] - a[0]).slice(0, 3);
    readout.textContent = `${rows[row]} ${verb} ${most.map(([share, x]) => `${columns[x]} ${share.toFixed(2)}`).join(", ")}`;
  };
  const drawing = svg("svg", { width, height, role: "img", "aria-label": name },
    svg("rect", { class: "frame", x: left, y: top, width: width - left, height: height - top }),
    ...cells(matrix, highest, size, left, top), ...labels, ...heads, mark);
  drawing.addEventListener("pointermove", (event) => {
    const row = Math.floor((event.clientY - drawing.getBoundingClientRect().top - top) / size);
    const inside = row >= 0 && row < rows.length ? row : null;
    choose(inside);
    chosen(inside);
  });
  drawing.addEventListener("pointerleave", () => { choose(null); chosen(null); });
  const node = el("div", {}, el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": name }, drawing), readout);
  return { node, choose };
}

/** What the shades of maps say. */
export const key = (highest, what) => el("p", { class: "key" },
  el("span", {}, "0", el("span", { class: "ramp" }), highest.toFixed(2), ` ${what}`));
