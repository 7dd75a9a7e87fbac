// Says what is missing before the first test instead of failing in each of them.

import { existsSync } from 'node:fs';
import { launchOptions } from './chromium.js';
import { PROGRAM } from './program.js';

export default function setup() {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run \`cargo build\` first`);
  const { executablePath = '' } = launchOptions();
  if (!existsSync(executablePath)) throw new Error(`no browser at ${executablePath}: install chromium, or name one with CHROMIUM=/path`);
}
