/* What is drawn on the words of a text. */

import { characters, el } from "./dom.js";

// Where nothing matters, noise should not look as if it did.
const LEAST_SCALE = 0.05;

const signed = (number) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;

/** The text with every word shaded by its influence; what lowers the answer is dashed as well. */
export function influence(text, words, scale) {
  const whole = characters(text);
  const highest = Math.max(LEAST_SCALE, scale ?? 0, ...words.map((word) => Math.abs(word.influence)));
  const parts = [];
  let at = 0;
  for (const word of words) {
    parts.push(whole.slice(at, word.start).join(""));
    parts.push(el("span", {
      class: word.influence < 0 ? "word against" : "word", title: signed(word.influence),
      "--share": Math.abs(word.influence) / highest,
    }, whole.slice(word.start, word.end).join("")));
    at = word.end;
  }
  return el("p", { class: "words" }, ...parts, whole.slice(at).join(""));
}

/** In words and numbers, what the shades say: the strongest three. */
export function strongest(words) {
  const first = [...words].sort((one, other) => Math.abs(other.influence) - Math.abs(one.influence)).slice(0, 3);
  return el("p", { class: "key" }, ...first.map((word) => el("span", {}, `${word.text} ${signed(word.influence)}`)));
}

/** A column on each word, as high as its value; a word without one has none. */
export function columns(words, highest) {
  return el("div", { class: "columns" }, ...words.map(({ text, value }) =>
    el("span", {}, el("small", {}, value === null ? "–" : value.toFixed(1)),
      el("i", { "--share": value === null ? 0 : Math.min(1, value / highest) }), el("b", {}, text))));
}
