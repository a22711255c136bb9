/* Probabilities as bars. */

import { el, percent } from "./dom.js";

/** One bar for each [name, share]; the highest carries the accent. */
export function bars(pairs) {
  const highest = Math.max(...pairs.map(([, share]) => share));
  return el("ul", { class: "bars" }, ...pairs.map(([name, share]) =>
    el("li", { class: share === highest ? "bar best" : "bar plain" },
      el("span", { class: "name" }, name), el("span", { class: "number" }, percent(share)),
      el("span", { class: "track", "--share": share }))));
}

/** The likeliest in words. */
export function likeliest(pairs) {
  const [name, share] = pairs.reduce((best, pair) => (pair[1] > best[1] ? pair : best));
  return `${name} ${percent(share)}`;
}
