/* Elements. Whatever a model, a run or a person wrote becomes a text node and never markup. */

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An HTML element: `onclick` and the like are listeners, `--name` a custom property, strings become text. */
export const el = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);

/** The same for SVG. */
export const svg = (tag, attributes = {}, ...children) => filled(document.createElementNS(SVG, tag), attributes, children);

export const byId = (id) => document.getElementById(id);

/** Says what has happened, to eyes and to screen readers. */
export function say(text) {
  byId("status").textContent = text;
}

/** Offsets of the API count characters as Python does; those of JavaScript count an emoji twice. */
export const characters = (text) => Array.from(text);

export const percent = (share) => `${(share * 100).toFixed(1)} %`;

const COUNT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
/** 1,234,567 as 1.23M. */
export const compact = (number) => (Number.isFinite(number) ? COUNT.format(number) : "–");
