/* The page "Classify and tag": one text, its class, the words that decide it, and what each word is. */

import { ask } from "./api.js";
import { bars } from "./bars.js";
import { Board, examples, whileTyping } from "./board.js";
import { byId, characters, el } from "./dom.js";
import { influence, strongest } from "./words.js";

// A text of hundreds of classes would be a page of bars.
const MOST_CLASSES = 8;
const NUM_HUES = 8;

const text = byId("text");
const classes = new Board(document.querySelector("[data-needs='classify']"), classify);
const tags = new Board(document.querySelector("[data-needs='tag']"), tag);

function classify() {
  const asked = text.value;
  if (!asked.trim()) return classes.hint("Write a text.");
  return classes.ask(async (model, signal) => {
    const found = await ask("/classify", { model: model.id, text: asked, words: true }, signal);
    const ranked = found.labels.length > MOST_CLASSES
      ? [...found.labels].sort((one, other) => other.probability - one.probability).slice(0, MOST_CLASSES) : found.labels;
    return [
      bars(ranked.map(({ label, probability }) => [label, probability])),
      el("p", { class: "drawn-label" }, "Words that decide it"),
      influence(asked, found.words), strongest(found.words),
    ];
  });
}

/** Pieces of a text, some of which carry a name beneath them and a colour of their own for each name. */
function spans(parts) {
  const names = [...new Set(parts.map((part) => part.name).filter(Boolean))].sort();
  return el("div", { class: "tagged" }, ...parts.map(({ text: piece, name, title }) => el("span", {
    class: name ? `hue${names.indexOf(name) % NUM_HUES}` : "", title: title ?? null,
  }, piece, el("small", {}, name ?? "\u00a0"))));
}

function entityParts(asked, { words, entities }) {
  const whole = characters(asked);
  const outside = words.filter((word) => !entities.some((one) => one.start < word.end && word.start < one.end));
  const named = entities.map((one) => ({ ...one, name: one.type, text: whole.slice(one.start, one.end).join("") }));
  return [...outside, ...named].sort((one, other) => one.start - other.start);
}

function tag() {
  const asked = text.value;
  if (!asked.trim()) return tags.hint("Write a text.");
  return tags.ask(async (model, signal) => {
    const found = await ask("/tag", { model: model.id, text: asked }, signal);
    const names = found.entities.length || model.labels.some((label) => label.startsWith("B-"));
    if (names) {
      return [spans(entityParts(asked, found)), found.entities.length ? "" : el("p", { class: "empty" }, "No names in it.")];
    }
    return [spans(found.words.map((word) => ({
      text: word.text, name: word.tag, title: word.probability === null ? null : `${(word.probability * 100).toFixed(1)} %`,
    })))];
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
