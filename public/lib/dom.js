// Small helpers to build and update a page. Texts go in as text nodes, so a name with markup in it stays a name.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string|boolean|number|undefined|((event: any) => void)>} [attributes]  `onclick` and the like are listeners; false and undefined leave out
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children);
  return node;
}

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} selector @param {ParentNode} [root]
 * @returns {T}
 */
export function find(selector, root = document) {
  const node = root.querySelector(selector);
  if (!node) throw new Error(`the page has no ${selector}`);
  return /** @type {T} */ (node);
}

/** Writes only what changed, so that screen readers and selections are not disturbed. @param {Node} node @param {string|number} text */
export function setText(node, text) {
  if (node.textContent !== String(text)) node.textContent = String(text);
}

/** @param {Element} node @param {string} name @param {string|boolean|null|undefined} value */
export function setAttribute(node, name, value) {
  if (value === false || value === null || value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== (value === true ? '' : value)) node.setAttribute(name, value === true ? '' : value);
}

/**
 * Makes `parent` hold one element an item, in order, and keeps those that stay: focus and animations live on.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T) => string|number} key
 * @param {(item: T) => HTMLElement} create
 * @param {(node: HTMLElement, item: T, index: number) => void} update
 */
export function keyed(parent, items, key, create, update) {
  const old = new Map(Array.from(parent.children, (child) => [/** @type {HTMLElement} */ (child).dataset.key, /** @type {HTMLElement} */ (child)]));
  let place = parent.firstElementChild;
  items.forEach((item, index) => {
    const id = String(key(item));
    const node = old.get(id) ?? create(item);
    node.dataset.key = id;
    old.delete(id);
    update(node, item, index);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  });
  for (const node of old.values()) node.remove();
}
