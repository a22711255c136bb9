/* What is drawn on the words of a text. */

import { characters, el } from "./dom.js";

// Where nothing matters, noise should not look as if it did.
const LEAST_SCALE = 0.05;

const rounded = (number) => Math.round(number * 100) / 100;
const signed = (number) => `${rounded(number) < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;

export const strongest = (words) => Math.max(LEAST_SCALE, ...words.map((word) => Math.abs(word.influence)));

/** The text with every word shaded by its influence, which stands beneath it; what lowers the answer is dashed as well. */
export function influence(text, words, highest = strongest(words)) {
  const whole = characters(text);
  const parts = [];
  let at = 0;
  for (const word of words) {
    parts.push(whole.slice(at, word.start).join(""), el("span", { class: "weighed" },
      el("span", { class: rounded(word.influence) < 0 ? "word against" : "word", "--share": Math.abs(word.influence) / highest },
        whole.slice(word.start, word.end).join("")),
      el("small", {}, signed(word.influence))));
    at = word.end;
  }
  return el("p", { class: "words" }, ...parts, whole.slice(at).join(""));
}

/** What the shades say. */
export const shadesMean = () => el("p", { class: "key" }, "shaded: makes the class likelier; dashed: less likely");

/** A column on each word, as high as its value; a word without one has none. */
export function columns(words, highest) {
  return el("div", { class: "columns" }, ...words.map(({ text, value }) =>
    el("span", {}, el("small", {}, value === null ? "–" : value.toFixed(1)),
      el("i", { "--share": value === null ? 0 : Math.min(1, value / highest) }), el("b", {}, text))));
}
