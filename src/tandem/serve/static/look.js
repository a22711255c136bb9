/* The page "Look inside": surprise, prediction word by word, attention, and influence, of one sentence in every model. */

import { ask } from "./api.js";
import { Board, examples, whileTyping } from "./board.js";
import { Curves } from "./curves.js";
import { byId, characters, el, percent } from "./dom.js";
import { key, map, thumbnail } from "./map.js";
import { columns } from "./words.js";

// Bits of surprise that fill a column, so that columns of several models can be compared.
const HIGHEST_SURPRISE = 24;
// Every prefix is a request of its own.
const MOST_WORDS = 24;
const MOST_KEPT = 400;
const MOST_CLASSES = 8;

const text = byId("text");
const boards = ["score", "classify", "fill-mask", "attention", "influence"].map((needs) => {
  const board = new Board(document.querySelector(`[data-needs='${needs}']`), () => answer(board));
  return board;
});
const [surprise, classes, next, attention, influence] = boards;

const works = new Map([
  [surprise, async (model, signal) => {
    const { words, measure, log_probability: sum } = await ask("/score", { model: model.id, text: text.value }, signal);
    const bits = (nats) => (nats === null ? null : -nats / Math.LN2);
    return [
      columns(words.map((word) => ({ text: word.text, value: bits(word.log_probability) })), HIGHEST_SURPRISE),
      el("p", { class: "key" }, `${bits(sum).toFixed(1)} bits in all · ${measure}`),
    ];
  }],
  [classes, (model, signal) => asRead(classes, model, signal, "/classify", (prefix) => ({ text: prefix, words: false }), (found) => {
    const names = found[0].answer.labels.map(({ label }) => label).slice(0, MOST_CLASSES);
    const place = el("div", { class: "figure low" });
    const readout = el("p", { class: "readout" }, "Point at a word to read the classes up to it.");
    const curves = new Curves(place, { x: "words read", readout, height: 170, labels: found.map(({ word }) => word) });
    curves.draw(names.map((name, number) => ({
      name, hue: `hue${number}`, dash: ["", "6 3", "2 3"][number % 3],
      points: found.map((one, at) => [at, one.answer.labels[number].probability]),
    })), { y: "probability", from: 0, to: 1 });
    const last = found.at(-1).answer.labels;
    return [place, el("p", { class: "key" }, ...names.map((name, number) =>
      el("span", { class: `legend hue${number}` }, `${name} ${percent(last[number].probability)}`))), readout];
  })],
  [next, (model, signal) => asRead(next, model, signal, "/fill-mask", (prefix) => ({ text: `${prefix.replace(/\S+$/, "")}[MASK]`, top_k: 1 }), (found) => {
    return [el("div", { class: "guesses" }, ...found.map(({ word, answer: { masks } }) => {
      const guess = masks.at(-1)[0];
      return el("span", {}, el("b", {}, word), el("small", {}, `${guess.token} ${percent(guess.probability)}`));
    })), el("p", { class: "key" }, "beneath each word: what was expected in its place, from the words before it")];
  })],
  [attention, async (model, signal) => {
    const { tokens, layers } = await ask("/attention", { model: model.id, text: text.value }, signal);
    return layers.length ? heads(tokens, layers) : [el("p", { class: "empty" }, "There is no attention in this model.")];
  }],
]);

let kept = new Map();

/** Draws the answers to every beginning of the text as they come; those known from before are not asked for again. */
async function asRead(board, model, signal, path, body, draw) {
  const ends = [...text.value.matchAll(/\S+/g)].slice(0, MOST_WORDS);
  const found = [];
  for (const word of ends) {
    const prefix = text.value.slice(0, word.index + word[0].length);
    const name = JSON.stringify([path, model.id, prefix]);
    const known = kept.get(name) ?? await ask(path, { model: model.id, ...body(prefix) }, signal);
    if (kept.size > MOST_KEPT) kept = new Map();
    kept.set(name, known);
    if (signal.aborted) return [];
    found.push({ word: word[0], answer: known });
    board.kept.get(model.id).answer.replaceChildren(...draw(found));
  }
  return draw(found);
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
      const button = el("button", { type: "button", "aria-label": name, title: name, onclick: () => show(button, matrix, name) }, thumbnail(matrix));
      buttons.push(button);
      return button;
    })));
  buttons[0].click();
  return [...rows, large];
}

/** Influence is drawn when all models have answered, since one scale holds for all. */
async function drawInfluence() {
  const found = new Map();
  await influence.ask(async (model, signal) => {
    found.set(model.id, await ask("/influence", { model: model.id, text: text.value }, signal));
    return [...influence.kept.get(model.id).answer.childNodes];
  });
  const highest = Math.max(1e-12, ...[...found.values()].flatMap(({ matrix }) => matrix.flat()));
  for (const panel of influence.shown) {
    if (!found.has(panel.model.id)) continue;
    const { tokens, matrix } = found.get(panel.model.id);
    panel.show(map(matrix, { rows: tokens, columns: tokens, highest, verb: "is moved by", name: `Influence in ${panel.model.id}` }).node,
      key(highest, "of the output's length, for all models"));
  }
}

function answer(board) {
  if (!characters(text.value.trim()).length) return board.hint("Write a sentence.");
  return board === influence ? drawInfluence() : board.ask(works.get(board));
}

const all = () => boards.filter((board) => board.shown.length).forEach(answer);
whileTyping([text], all, 400);
examples(byId("texts"), [text], all);
for (const board of boards) board.open();
