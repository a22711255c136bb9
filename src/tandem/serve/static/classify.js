/* The page "Classify and tag": one text, its class, the words that decide it, and what each word is. */

import { ask } from "./api.js";
import { bars, likeliest } from "./bars.js";
import { Board, examples, notes, whileTyping } from "./board.js";
import { byId, characters, el } from "./dom.js";
import { influence, shadesMean } from "./words.js";

// A text of hundreds of classes would be a page of bars.
const MOST_CLASSES = 8;
const NUM_HUES = 8;

const text = byId("text");
const classes = new Board(document.querySelector("[data-needs='classify']"), classify);
const tags = new Board(document.querySelector("[data-needs='tag']"), tag);

function classify() {
  const asked = text.value;
  if (!asked.trim()) return classes.hint("Write a text.");
  return classes.ask(async (model, signal, draw) => {
    const found = await ask("/classify", { model: model.id, text: asked, words: true }, signal);
    const pairs = found.labels.map(({ label, probability }) => [label, probability]);
    const many = pairs.length > MOST_CLASSES;
    const shown = many ? [...pairs].sort(([, one], [, other]) => other - one).slice(0, MOST_CLASSES) : pairs;
    draw(
      bars(shown), many ? el("p", { class: "key" }, `the likeliest ${MOST_CLASSES} of ${pairs.length} classes`) : "", ...notes(found),
      el("p", { class: "drawn-label" }, "Words that decide it"),
      influence(asked, found.words), shadesMean(),
    );
    return likeliest(pairs);
  });
}

/** What a label names, without the B- or I- that says where a name begins. */
const named = (label) => label.replace(/^[BI]-/, "");

/** Pieces of a text, some of which carry a name beneath them; a name has its colour by its place among all of the model's. */
function spans(parts, labels) {
  const names = [...new Set(labels.map(named))].filter((name) => name !== "O");
  return el("div", { class: "tagged" }, ...parts.map(({ text: piece, name, probability }) => el("span", {
    class: name && names.includes(name) ? `hue${names.indexOf(name) % NUM_HUES}` : "",
  }, piece, el("small", {}, [name ?? "\u00a0", probability ? `${Math.round(probability * 100)} %` : ""].join(" ")))));
}

function entityParts(asked, { words, entities }) {
  const whole = characters(asked);
  const outside = words.filter((word) => !entities.some((one) => one.start < word.end && word.start < one.end))
    .map((word) => ({ text: word.text, start: word.start }));
  const inside = entities.map((one) => ({ start: one.start, name: one.type, text: whole.slice(one.start, one.end).join("") }));
  return [...outside, ...inside].sort((one, other) => one.start - other.start);
}

function tag() {
  const asked = text.value;
  if (!asked.trim()) return tags.hint("Write a text.");
  return tags.ask(async (model, signal, draw) => {
    const found = await ask("/tag", { model: model.id, text: asked }, signal);
    const tellsNames = model.labels.some((label) => label.startsWith("B-"));
    const parts = tellsNames ? entityParts(asked, found)
      : found.words.map((word) => ({ text: word.text, name: word.tag, probability: word.probability }));
    const none = tellsNames && !found.entities.length;
    draw(spans(parts, model.labels), none ? el("p", { class: "empty" }, "No names in it.") : "", ...notes(found));
    return none ? "no names" : parts.filter((part) => part.name).map((part) => `${part.text} ${part.name}`).join(", ");
  });
}

function both() {
  classify();
  tag();
}

whileTyping([text], both);
examples(byId("texts"), [text], both);
classes.open();
tags.open();
