/* The answers of several models side by side: who is asked, who is busy, what came, what went wrong. */

import { models } from "./api.js";
import { compact, el } from "./dom.js";
import { problem } from "./problem.js";

const SHOWN_AT_FIRST = 3;
// How often a busy server is asked the same by itself.
const MOST_TRIES = 4;

/** Waits; it ends at once when nobody wants the answer any more. */
const pause = (seconds, signal) => new Promise((done) => {
  setTimeout(done, seconds * 1000);
  signal.addEventListener("abort", done);
});

class Panel {
  constructor(model, rows) {
    this.model = model;
    this.answer = el("div", { class: `answer ${rows}` }, ...[1, 2, 3].map(() => el("div", { class: "ghost" })));
    this.node = el("article", { class: "panel", "aria-label": model.id },
      el("header", {}, el("h3", {}, model.id),
        el("p", {}, `${model.encoder} · ${compact(model.parameters)} parameters`)),
      this.answer);
  }

  /**
   * Asks by `work(model, signal, draw)`, which draws nodes as often as there are new ones, and returns in words what came.
   * What stood there stays until something is drawn; what has been drawn stays when something goes wrong after it.
   */
  async fill(work, signal, again, tries = 1) {
    let drawn = false;
    this.node.setAttribute("aria-busy", "true");
    try {
      const said = await work(this.model, signal, (...nodes) => {
        if (signal.aborted) return;
        drawn = true;
        this.answer.replaceChildren(...nodes.flat());
      });
      return { said, answered: true };
    } catch (error) {
      if (signal.aborted) return {};
      const wait = error.status === 503 && tries < MOST_TRIES ? error.retryAfter : 0;
      this.answer.replaceChildren(...(drawn ? this.answer.childNodes : []), problem(error, again, wait));
      if (!wait) return { said: `no answer. ${error.message}` };
      this.node.removeAttribute("aria-busy");
      await pause(wait, signal);
      return signal.aborted ? {} : await this.fill(work, signal, again, tries + 1);
    } finally {
      if (!signal.aborted) this.node.removeAttribute("aria-busy");
    }
  }

  hint(text) {
    this.node.removeAttribute("aria-busy");
    this.answer.replaceChildren(el("p", { class: "empty" }, text));
  }
}

/** The board in `place`: `ask(work)` asks every model shown; `changed` is called when another choice is made. */
export class Board {
  constructor(place, changed) {
    Object.assign(this, { place, changed, shown: [], capable: [], rows: place.dataset.rows });
    [this.chooser, this.panels, this.status, this.absent] = [...place.children];
  }

  async open() {
    try {
      this.capable = (await models()).filter((model) => model.can.includes(this.place.dataset.needs));
    } catch (error) {
      this.panels.replaceChildren(el("div", { class: "panel" }, problem(error, () => this.open())));
      return;
    } finally {
      this.panels.removeAttribute("aria-busy");
    }
    this.absent.hidden = this.capable.length > 0;
    this.chooser.hidden = this.panels.hidden = this.status.hidden = !this.capable.length;
    this.kept = new Map(this.capable.map((model) => [model.id, new Panel(model, this.rows)]));
    this.chooser.replaceChildren(this.chooser.firstElementChild, ...this.capable.map((model, number) => {
      const box = el("input", { type: "checkbox", value: model.id, checked: number < SHOWN_AT_FIRST, onchange: () => this.choose() });
      return el("label", { class: "choice" }, box, el("span", {}, model.id));
    }));
    this.choose();
  }

  choose() {
    const boxes = [...this.chooser.querySelectorAll("input")];
    const on = boxes.filter((box) => box.checked);
    // The last one stays: a board without a model would answer nothing.
    for (const box of boxes) box.disabled = on.length === 1 && box.checked;
    this.shown = on.map((box) => this.kept.get(box.value));
    this.panels.replaceChildren(...this.shown.map((panel) => panel.node));
    this.changed();
  }

  /** Asks all that are shown at the same time, and says what they answer; an earlier question is called off. */
  async ask(work) {
    this.stop();
    const { signal } = (this.running = new AbortController());
    const before = performance.now();
    const asked = this.shown;
    const found = await Promise.all(asked.map((panel) => panel.fill(work, signal, () => this.askAgain(panel, work))));
    if (signal.aborted || !found.length) return;
    const answered = found.filter((one) => one.answered).length;
    const took = `${answered} of ${found.length} answered in ${Math.round(performance.now() - before)} ms. `;
    this.say(took, found.map((one, number) => `${asked[number].model.id}: ${one.said}`).join("; "));
  }

  /** Asks one model once more. */
  async askAgain(panel, work) {
    if (this.running.signal.aborted) this.running = new AbortController();
    const { signal } = this.running;
    const { said } = await panel.fill(work, signal, () => this.askAgain(panel, work));
    if (!signal.aborted) this.say("", `${panel.model.id}: ${said}`);
  }

  /** Says to eyes how long it took, and to screen readers what was answered. */
  say(shown, heard = "") {
    this.status.replaceChildren(shown, el("span", { class: "unseen" }, heard));
  }

  /** Empties every panel but for a hint. */
  hint(text) {
    this.stop();
    for (const panel of this.shown) panel.hint(text);
    this.say("", text);
  }

  stop() {
    this.running?.abort();
    for (const panel of this.shown) panel.node.removeAttribute("aria-busy");
  }
}

/** Calls `answer` a moment after the last change of one of the fields. */
export function whileTyping(fields, answer, wait = 250) {
  let timer;
  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(answer, wait);
    });
  }
}

/** A click on an example writes it into its fields. */
export function examples(place, fields, answer) {
  place.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-text]");
    if (!chip) return;
    chip.dataset.text.split(" || ").forEach((text, number) => { fields[number].value = text; });
    answer();
  });
}

/** What of a text a model has not read or not told, in words: `unknown` counts tokens. */
export function notes({ cut, ended, unknown }) {
  return [
    cut ? "Longer than this model reads: the end was not read." : "",
    ended === false ? "Cut off: the translation did not come to an end." : "",
    unknown ? `${unknown} ${unknown === 1 ? "token of the text is" : "tokens of the text are"} unknown to this model.` : "",
  ].filter(Boolean).map((line) => el("p", { class: "note" }, line));
}
