/* The page "Translate": the translation, and which words of the text each of its words was told from. */

import { ask } from "./api.js";
import { Board, examples, notes, whileTyping } from "./board.js";
import { byId, el } from "./dom.js";
import { key, map } from "./map.js";
import { rove } from "./rove.js";

const [text, beam] = [byId("text"), byId("beam")];
const board = new Board(document.querySelector("[data-needs='translate']"), answer);

/** The two rows of tokens and the map between them: choosing a word of the translation shows its row in both. */
function alignment({ source, target, attention }) {
  const from = source.map((token) => el("span", { class: "word", "--share": 0 }, token));
  const picture = map(attention, { rows: target, columns: source, highest: 1, name: "Alignment: what each word was told from", chosen: mark });
  const into = target.map((token, row) => el("button", {
    class: "word", type: "button", "--share": 0, "aria-pressed": "false",
    onpointerenter: () => show(row), onfocus: () => show(row), onclick: () => show(row),
  }, token));
  function mark(row) {
    into.forEach((word, number) => word.setAttribute("aria-pressed", String(number === row)));
    from.forEach((word, column) => word.style.setProperty("--share", row === null ? 0 : attention[row][column]));
  }
  function show(row) {
    picture.choose(row);
    mark(row);
  }
  const spaced = (words) => words.flatMap((word) => [word, " "]);
  const words = el("p", { class: "words" }, ...spaced(into));
  rove(words, into);
  return [
    el("p", { class: "drawn-label" }, "Text"), el("p", { class: "words" }, ...spaced(from)),
    el("p", { class: "drawn-label" }, "Translation, a word to choose"), words,
    el("p", { class: "drawn-label" }, "Alignment"), picture.node, key(1, "of the attention"),
  ];
}

function answer() {
  if (!text.value.trim()) return board.hint("Write a text.");
  if (!beam.checkValidity()) return board.hint(`Beam: ${beam.validationMessage}`);
  return board.ask(async (model, signal, draw) => {
    const found = await ask("/translate", { model: model.id, text: text.value, beam: beam.valueAsNumber }, signal);
    const drawable = found.attention.length && found.attention[0].length;
    draw(
      el("p", { class: "translation" }, found.translation || "(nothing)"), ...notes(found),
      ...(drawable ? alignment(found) : [el("p", { class: "empty" }, "This model translates without attention: there is no alignment to draw.")]),
    );
    return found.translation || "nothing";
  });
}

whileTyping([text, beam], answer, 350);
examples(byId("texts"), [text], answer);
board.open();
