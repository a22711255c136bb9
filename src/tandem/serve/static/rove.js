/* Many things of one kind are one stop of the Tab key: arrow keys, Home and End go from one to the next. */

export function rove(place, items) {
  const stop = (chosen) => items.forEach((item) => { item.tabIndex = item === chosen ? 0 : -1; });
  place.addEventListener("keydown", (event) => {
    const at = items.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    items[Math.min(items.length - 1, Math.max(0, to))].focus();
  });
  place.addEventListener("focusin", ({ target }) => items.includes(target) && stop(target));
  stop(items[0]);
}
