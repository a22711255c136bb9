/* The page "Fill and continue": words for masks, and text that comes word by word. */

import { ask, stream } from "./api.js";
import { bars } from "./bars.js";
import { Board, examples, notes, whileTyping } from "./board.js";
import { byId, el } from "./dom.js";

const WRITTEN_MASK = /\[mask\]|<mask>/i;

const gap = byId("gap");
const filling = new Board(document.querySelector("[data-needs='fill-mask']"), fill);

function fill() {
  if (!WRITTEN_MASK.test(gap.value)) return filling.hint("Write [MASK] where a word is to be guessed.");
  return filling.ask(async (model, signal, draw) => {
    const found = await ask("/fill-mask", { model: model.id, text: gap.value, top_k: 5 }, signal);
    draw(...found.masks.flatMap((guesses, number) => [
      found.masks.length > 1 ? el("p", { class: "drawn-label" }, `gap ${number + 1}`) : "",
      bars(guesses.map(({ token, probability }) => [token, probability])),
    ]), ...notes(found));
    return found.masks.map(([best]) => best.token).join(", ");
  });
}

byId("insert").addEventListener("click", () => {
  gap.setRangeText("[MASK]", gap.selectionStart, gap.selectionEnd, "end");
  gap.focus();
  fill();
});
whileTyping([gap], fill);
examples(byId("gaps"), [gap], fill);
filling.open();

const [form, prompt, begin, halt] = ["go", "prompt", "begin", "halt"].map(byId);
const going = new Board(document.querySelector("[data-needs='generate']"), () => {
  going.hint("Press Continue.");
  ready();
});

function settings() {
  const number = (id) => byId(id).valueAsNumber;
  return { tokens: number("tokens"), temperature: number("temperature"), top_p: number("top-p"), seed: number("seed") };
}

function go() {
  const body = { text: prompt.value, ...settings() };
  return going.ask(async (model, signal, draw) => {
    begin.disabled = true;
    halt.disabled = false;
    const more = el("span", {});
    const end = el("p", { class: "readout" });
    const whole = el("p", { class: "continuation running" }, el("span", { class: "prompt" }, body.text), more);
    draw(whole, end);
    const began = performance.now();
    signal.addEventListener("abort", () => {
      if (whole.classList.contains("running")) end.textContent = "stopped";
    });
    try {
      const { reason, tokens } = await stream("/generate", { model: model.id, ...body }, signal, (piece) => more.append(piece));
      const seconds = (performance.now() - began) / 1000;
      end.textContent = tokens === null ? `${reason} reached after ${seconds.toFixed(1)} s` : `${tokens} tokens in ${seconds.toFixed(1)} s`;
    } finally {
      whole.classList.remove("running");
      // One that has been called off by the next leaves the buttons to it.
      if (!signal.aborted && !going.panels.querySelector(".running")) ready();
    }
    return more.textContent;
  });
}

function ready() {
  begin.disabled = !going.capable.length;
  halt.disabled = true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  go();
});
halt.addEventListener("click", () => {
  going.stop();
  ready();
  begin.focus();
  going.say("Stopped.");
});
// The browser says what is wrong with a setting, as it does for the button.
examples(byId("prompts"), [prompt], () => form.requestSubmit());
going.open();
