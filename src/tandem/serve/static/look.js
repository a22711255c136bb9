/* The page "Look inside": surprise, prediction word by word, attention, and influence, of one sentence in every model. */

import { ask } from "./api.js";
import { likeliest } from "./bars.js";
import { Board, examples, notes, whileTyping } from "./board.js";
import { Curves, style, swatch } from "./curves.js";
import { byId, el, percent } from "./dom.js";
import { highestOf, key, map, thumbnail } from "./map.js";
import { rove } from "./rove.js";
import { columns } from "./words.js";

// Bits of surprise that fill a column, so that columns of several models can be compared.
const HIGHEST_SURPRISE = 24;
// Every prefix is a request of its own.
const MOST_WORDS = 24;
const MOST_KEPT = 400;
const MOST_CLASSES = 8;

const text = byId("text");

async function surprise(model, signal, draw) {
  const found = await ask("/score", { model: model.id, text: text.value }, signal);
  const bits = (nats) => (nats === null ? null : -nats / Math.LN2);
  const sum = `${bits(found.log_probability).toFixed(1)} bits in all`;
  draw(
    columns(found.words.map((word) => ({ text: word.text, value: bits(word.log_probability) })), HIGHEST_SURPRISE),
    el("p", { class: "key" }, `${sum} · ${found.measure}`), ...notes(found),
  );
  return sum;
}

async function next(model, signal, draw) {
  const found = await asRead(model, signal, ["/next", { top_k: 1 }, 0], (known) => draw(
    el("div", { class: "guesses" }, ...known.map(({ word, answer: { tokens: [guess] } }) =>
      el("span", {}, el("b", {}, word), el("small", {}, `${guess.token} ${percent(guess.probability)}`)))),
    el("p", { class: "key" }, "beneath each word: what was expected in its place, from the words before it"), tooMany(),
  ));
  return found.map(({ word, answer: { tokens: [guess] } }) => `${guess.token} for ${word}`).join(", ");
}

async function classes(model, signal, draw) {
  const found = await asRead(model, signal, ["/classify", { words: false }, 1], (known) => {
    const { labels } = known.at(-1).answer;
    // Those that are likeliest now, drawn as everywhere by their place among all.
    const shown = [...labels.keys()].sort((a, b) => labels[b].probability - labels[a].probability).slice(0, MOST_CLASSES).sort((a, b) => a - b);
    const place = el("div", { class: "figure low" });
    const readout = el("p", { class: "readout" }, "Point at a word to read the classes up to it, or go there with the arrow keys.");
    const curves = new Curves(place, { x: "words read", readout, height: 170, labels: known.map(({ word }) => word) });
    curves.draw(shown.map((number) => ({
      name: labels[number].label, ...style(number),
      points: known.map((one, at) => [at, one.answer.labels[number].probability]),
    })), { y: "probability", from: 0, to: 1 });
    draw(place, el("p", { class: "key" },
      ...shown.map((number) => el("span", {}, swatch(number), `${labels[number].label} ${percent(labels[number].probability)}`)),
      shown.length < labels.length ? el("span", {}, `the likeliest ${shown.length} of ${labels.length} classes`) : ""), readout, tooMany());
  });
  return found.length ? likeliest(found.at(-1).answer.labels.map(({ label, probability }) => [label, probability])) : "";
}

async function attention(model, signal, draw) {
  const { tokens, layers } = await ask("/attention", { model: model.id, text: text.value }, signal);
  draw(...(layers.length ? heads(tokens, layers) : [el("p", { class: "empty" }, "There is no attention in this model.")]));
  return `${layers.length} layers of attention`;
}

let kept = new Map();
const words = () => [...text.value.matchAll(/\S+/g)];
const tooMany = () => (words().length > MOST_WORDS ? el("p", { class: "note" }, `the first ${MOST_WORDS} of ${words().length} words`) : "");

/**
 * Draws the answers to every beginning of the text as they come; those known from before are not asked for again.
 * `end` says whether a beginning ends before its last word, 0, or behind it, 1.
 */
async function asRead(model, signal, [path, more, end], draw) {
  const found = [];
  for (const word of words().slice(0, MOST_WORDS)) {
    const beginning = text.value.slice(0, word.index + end * word[0].length).trimEnd();
    const name = JSON.stringify([path, model.id, beginning]);
    const known = kept.get(name) ?? await ask(path, { model: model.id, text: beginning, ...more }, signal);
    if (kept.size > MOST_KEPT) kept = new Map();
    kept.set(name, known);
    if (signal.aborted) break;
    found.push({ word: word[0], answer: known });
    draw(found);
  }
  return found;
}

/** Every head of every layer small, and the chosen one large. */
function heads(tokens, layers) {
  const large = el("div", {});
  const buttons = [];
  const show = (button, matrix, name) => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    large.replaceChildren(el("p", { class: "drawn-label" }, name),
      map(matrix, { rows: tokens, columns: tokens, highest: 1, verb: "attends to", name }).node, key(1, "of the attention"));
  };
  const rows = layers.map((layer) => el("div", { class: "heads" }, el("p", {}, `layer ${layer.name}`),
    ...layer.heads.map((matrix, head) => {
      const name = `layer ${layer.name}, head ${head + 1}`;
      const button = el("button", { type: "button", "aria-label": name, onclick: () => show(button, matrix, name) }, thumbnail(matrix));
      buttons.push(button);
      return button;
    })));
  const all = el("div", {}, ...rows);
  rove(all, buttons);
  buttons[0].click();
  return [all, large];
}

/** One scale holds for all models: each that answers draws those before it anew. */
function influence() {
  const found = [];
  return async (model, signal, draw) => {
    found.push({ model, draw, ...await ask("/influence", { model: model.id, text: text.value }, signal) });
    const highest = Math.max(...found.map(({ matrix }) => highestOf(matrix)));
    for (const one of found) {
      one.draw(map(one.matrix, { rows: one.tokens, columns: one.tokens, highest, verb: "is moved by", name: `Influence in ${one.model.id}` }).node,
        key(highest, "of the output's length, for all models"));
    }
    return `moved by up to ${highestOf(found.at(-1).matrix).toFixed(2)} of its length`;
  };
}

/** For each board the question that it asks of a model; one that needs to know all its answers is made anew each time. */
const works = { score: () => surprise, classify: () => classes, next: () => next, attention: () => attention, influence };
const boards = Object.entries(works).map(([needs, work]) => {
  const answer = () => (text.value.trim() ? board.ask(work()) : board.hint("Write a sentence."));
  const board = new Board(document.querySelector(`[data-needs='${needs}']`), answer);
  return { board, answer };
});

const all = () => boards.filter(({ board }) => board.shown.length).forEach(({ answer }) => answer());
whileTyping([text], all, 400);
examples(byId("texts"), [text], all);
for (const { board } of boards) board.open();
