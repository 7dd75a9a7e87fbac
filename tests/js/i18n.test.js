import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nameIn, pickLanguage, translate } from '../../public/lib/i18n.js';

const root = join(import.meta.dirname, '../..');
const pages = join(root, 'public');
const files = readdirSync(pages, { recursive: true }).map(String);
const read = (name) => readFileSync(join(pages, name), 'utf8');
/** What every page needs, and the parts that some load beside it. */
const PARTS = ['', 'access.', 'admin.'];
const partsIn = (lang) => PARTS.map((part) => JSON.parse(read(`i18n/${part}${lang}.json`)));
const es = Object.assign({}, ...partsIn('es'));
const en = Object.assign({}, ...partsIn('en'));
const html = files.filter((name) => name.endsWith('.html')).map((name) => [name, read(name)]);
const scripts = files.filter((name) => name.endsWith('.js')).map((name) => [name, read(name)]);

/** The key itself, or its plural forms. */
const known = (key) => key in es || `${key}.other` in es;

/** Keys that pages name literally, and the beginnings of those that they put together. */
function used() {
  const keys = new Set();
  const prefixes = new Set();
  for (const [, text] of html) for (const [, key] of text.matchAll(/data-i18n(?:-label|-placeholder)?="([^"]+)"/g)) keys.add(key);
  for (const [, text] of scripts) {
    for (const [, key] of text.matchAll(/'([a-z]+(?:\.[a-zA-Z]+)+)'/g)) if (known(key)) keys.add(key);
    for (const [, key] of text.matchAll(/`([a-z]+(?:\.[a-z]+)*\.)\$\{/g)) prefixes.add(key);
  }
  return { keys, prefixes };
}

test('both languages have the same keys, and no text is empty', () => {
  assert.deepEqual(Object.keys(en), Object.keys(es));
  for (const messages of [es, en]) for (const [key, text] of Object.entries(messages)) assert.ok(text.trim(), key);
});

test('no two parts say the same key', () => {
  const keys = partsIn('es').flatMap((part) => Object.keys(part));
  assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), []);
});

test('both languages fill the same places', () => {
  const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const key of Object.keys(es)) assert.deepEqual(places(en[key]), places(es[key]), key);
});

test('every key that a page names exists', () => {
  for (const [name, text] of html) for (const [, key] of text.matchAll(/data-i18n(?:-label|-placeholder)?="([^"]+)"/g)) assert.ok(known(key), `${name}: ${key}`);
  for (const [name, text] of scripts) for (const [, key] of text.matchAll(/\bt(?:In)?\([^'`)]*'([^']+)'/g)) assert.ok(known(key), `${name}: ${key}`);
});

test('no text is left over', () => {
  const { keys, prefixes } = used();
  for (const key of Object.keys(es)) {
    const base = key.replace(/\.(zero|one|two|few|many|other)$/, '');
    assert.ok(keys.has(key) || keys.has(base) || [...prefixes].some((prefix) => key.startsWith(prefix)), `${key} is not used`);
  }
});

test('the texts in the pages themselves are the Spanish ones', () => {
  for (const [name, text] of html) {
    for (const [, key, content] of text.matchAll(/data-i18n="([^"]+)"[^>]*>([^<]*)</g)) assert.equal(content, es[key], `${name}: ${key}`);
    for (const [tag] of text.matchAll(/<[^>]+data-i18n-label="[^"]+"[^>]*>/g)) {
      const [, key] = /data-i18n-label="([^"]+)"/.exec(tag);
      assert.equal(/aria-label="([^"]+)"/.exec(tag)?.[1], es[key], `${name}: ${key}`);
    }
  }
});

test('every code and every state of the contract has words', () => {
  const contract = readFileSync(join(root, 'docs/events.md'), 'utf8');
  const codes = [...contract.split('## Codes')[1].matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code));
  assert.ok(codes.length > 10, 'the codes were found');
  for (const code of codes) assert.ok(known(`error.${code}`), code);
  const [, states] = /\| `estado` \|[^|]*\|[^|]*\|([^|]+)\|/.exec(contract);
  for (const [, state] of states.matchAll(/`([a-z]+)`/g)) assert.ok(known(`state.${state}`), state);
});

test('every code that the program answers is in the documents and has words', () => {
  const source = (name) => readFileSync(join(root, name), 'utf8');
  const table = (name, heading) => source(name).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const told = new Set([...(table('docs/events.md', 'Codes') + table('docs/api.md', 'Refusals')).matchAll(/`([a-z_]+)`/g)].map(([, code]) => code));
  for (const name of ['src/office/refused.rs', 'src/service/failure.rs', 'src/http/api/problem.rs']) {
    const [, list] = /fn code\(&self\) -> &'static str \{\n(.*?)\n {4}\}/s.exec(source(name)) ?? [];
    const codes = [...(list ?? '').matchAll(/=> "([a-z_]+)"/g)].map(([, code]) => code);
    assert.ok(codes.length > 5, `${name}: the codes were found`);
    for (const code of codes) {
      assert.ok(told.has(code), `${name}: ${code} is in no table of the documents`);
      assert.ok(known(`error.${code}`), `${name}: ${code} has no words`);
    }
  }
});

test('the content policy is kept: no inline scripts, styles or foreign addresses', () => {
  for (const [name, text] of html) {
    assert.doesNotMatch(text, /\sstyle="|<style|\son[a-z]+="|javascript:/i, name);
    assert.doesNotMatch(text, /<script(?![^>]*\ssrc=")/i, name);
    assert.doesNotMatch(text, /(?:src|href)="(?:https?:)?\/\//i, name);
    for (const [, address] of text.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address, /^[/#]/, `${name}: ${address}`);
  }
  for (const [name, text] of scripts) assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
});

test('a language is chosen by address, saved choice, branch, browser, in that order', () => {
  assert.equal(pickLanguage({ address: 'en', saved: 'es', branch: 'es', browser: ['es'] }), 'en');
  assert.equal(pickLanguage({ address: 'fr', saved: 'en', branch: 'es' }), 'en');
  assert.equal(pickLanguage({ branch: 'en', browser: ['es-ES'] }), 'en');
  assert.equal(pickLanguage({ browser: ['ca', 'en-GB', 'es'] }), 'en');
  assert.equal(pickLanguage({ browser: ['ca'] }), 'es');
});

test('plurals, numbers and unknown keys', () => {
  assert.equal(translate(es, 'es', 'kiosk.ahead', { n: 1 }), '1 persona delante de usted');
  assert.equal(translate(en, 'en', 'kiosk.ahead', { n: 12_345 }), '12,345 people ahead of you');
  assert.equal(translate(es, 'es', 'no.such.key'), 'no.such.key');
});

test('names fall back to a language that they have', () => {
  assert.equal(nameIn({ es: 'Caja' }, 'en'), 'Caja');
  assert.equal(nameIn({ es: 'Caja', en: 'Cashier' }, 'en'), 'Cashier');
  assert.equal(nameIn(undefined, 'en'), '');
  assert.equal(nameIn('<b>Caja</b>', 'es'), '<b>Caja</b>');
});
