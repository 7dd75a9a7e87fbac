// The page on which REST is tried: made of the description that the server gives, so that it offers what there is and nothing else.

import { el, find } from '../lib/dom.js';

/** @typedef {{ [key: string]: any }} Json what came as JSON */
/** @typedef {{ name: string, in: string, required?: boolean, description?: string, schema: Json }} Parameter */
/** @typedef {{ method: string, path: string, operation: Json }} Row */

/** How deep an example goes. */
const DEEPEST = 6;

const groups = find('[data-groups]');
const token = /** @type {HTMLInputElement} */ (find('[data-token]'));
const wanted = /** @type {HTMLInputElement} */ (find('[data-find]'));

/** What a schema refers to. @param {Json} description @param {Json} schema @returns {Json} */
function resolved(description, schema) {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  return reference.slice(2).split('/').reduce((place, key) => place[key], description);
}

/** A value of that shape, with what must be there. @param {Json} description @param {Json} reference @param {number} depth @returns {unknown} */
function example(description, reference, depth = 0) {
  const schema = resolved(description, reference);
  if ('default' in schema) return schema.default;
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice && depth < DEEPEST) return example(description, choice, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object': {
      const required = schema.required ?? [];
      const fields = required.map((/** @type {string} */ name) => [name, example(description, schema.properties[name] ?? {}, depth + 1)]);
      return Object.fromEntries(fields);
    }
    case 'array':
      return schema.minItems && depth < DEEPEST ? [example(description, schema.items ?? {}, depth + 1)] : [];
    case 'integer':
    case 'number':
      return schema.minimum ?? 0;
    case 'boolean':
      return false;
    case 'string':
      return '';
    default:
      return null;
  }
}

/** @param {Json} description @param {Row} row */
function form(description, { method, path, operation }) {
  const parameters = /** @type {Parameter[]} */ (operation.parameters ?? []);
  const inputs = new Map(parameters.map((parameter) => [parameter, input(parameter)]));
  const places = el('div', { class: 'places' });
  for (const [parameter, element] of inputs) {
    places.append(el('label', { title: parameter.description ?? '' }, `${parameter.name}${parameter.required ? '' : ' (optional)'}`, element));
  }
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = schema ? el('textarea', { spellcheck: 'false', 'aria-label': 'Body' }) : null;
  if (body) body.value = JSON.stringify(example(description, schema), null, 2);
  const status = el('p', { class: 'status', role: 'status' });
  const answer = el('pre', { hidden: '' });
  const known = schema ? el('details', {}, el('summary', {}, el('span', { class: 'verb' }, 'Body'), 'What may stand in it')) : null;
  known?.append(el('pre', {}, JSON.stringify(resolved(description, schema), null, 2)));
  const element = el('form', {}, el('p', {}, ...worded(operation.description ?? '')), places, ...(body ? [body] : []), ...(known ? [known] : []));
  element.append(el('button', { type: 'submit' }, 'Send'), status, answer);
  element.addEventListener('submit', async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    status.textContent = '…';
    try {
      const response = await send(method, path, inputs, body?.value);
      const text = await response.text();
      const place = response.headers.get('Location');
      status.textContent = `${response.status} ${response.statusText}${place ? ` · ${place}` : ''}`;
      status.dataset.good = response.ok ? 'yes' : 'no';
      answer.textContent = pretty(text);
      answer.hidden = text === '';
    } catch (error) {
      status.textContent = String(error);
      status.dataset.good = 'no';
    }
  });
  return element;
}

/** Words between backticks are code. @param {string} text */
function worded(text) {
  return text.split('`').map((part, at) => (at % 2 ? el('code', {}, part) : part));
}

/** @param {Parameter} parameter */
function input(parameter) {
  const words = parameter.schema.enum;
  if (words) return el('select', {}, el('option', { value: '' }, ''), ...words.map((/** @type {string} */ word) => el('option', {}, word)));
  const value = parameter.name === 'branch' ? '1' : '';
  return el('input', { ...(parameter.required ? { required: '' } : {}), autocomplete: 'off', value });
}

/** @param {string} method @param {string} path @param {Map<Parameter, HTMLInputElement | HTMLSelectElement>} inputs @param {string | undefined} body */
function send(method, path, inputs, body) {
  /** @type {Record<string, string>} */
  const headers = {};
  const query = new URLSearchParams();
  let place = path;
  for (const [parameter, { value }] of inputs) {
    if (parameter.in === 'path') place = place.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value !== '' && parameter.in === 'query') query.set(parameter.name, value);
    else if (value !== '') headers[parameter.name] = value;
  }
  if (token.value) headers.Authorization = `Bearer ${token.value}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const asked = query.toString();
  return fetch(`/api/v1${place}${asked ? `?${asked}` : ''}`, { method: method.toUpperCase(), headers, body: body ?? null });
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** @param {Json} description */
function show(description) {
  find('[data-about]').textContent = description.info.description;
  for (const { name } of description.tags) {
    const section = el('section', { class: 'group' }, el('h2', {}, name));
    for (const [path, operations] of Object.entries(/** @type {Json} */ (description.paths))) {
      for (const [method, operation] of Object.entries(/** @type {Json} */ (operations))) {
        if (operation.tags[0] === name) section.append(row(description, { method, path, operation }));
      }
    }
    groups.append(section);
  }
}

/** @param {Json} description @param {Row} shown */
function row(description, shown) {
  const verb = shown.method.toUpperCase();
  const { path, operation } = shown;
  const about = el('span', { class: 'about' }, ...worded(operation.summary));
  const head = el('summary', {}, el('span', { class: 'verb', 'data-verb': verb }, verb), el('span', { class: 'path' }, path), about);
  const element = el('details', { 'data-words': `${verb} ${path} ${operation.summary}`.toLowerCase() }, head);
  // Made when it is looked at: there are many.
  element.addEventListener('toggle', () => element.append(form(description, shown)), { once: true });
  return element;
}

wanted.addEventListener('input', () => {
  const words = wanted.value.toLowerCase().split(/\s+/);
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('details[data-words]'))) {
    element.hidden = !words.every((word) => element.dataset.words?.includes(word));
  }
  for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.group'))) {
    section.hidden = !section.querySelector('details[data-words]:not([hidden])');
  }
});

try {
  const response = await fetch('/api/v1/openapi.json');
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  show(await response.json());
} catch (error) {
  const problem = find('[data-problem]');
  problem.textContent = String(error);
  problem.hidden = false;
}
