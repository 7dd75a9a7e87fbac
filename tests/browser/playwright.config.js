// The pages in a real Chromium, against the real program. `npm run test:browser`; `… -- --grep kiosk` runs some of it.
// CHROMIUM names the browser; the program is the one that `cargo build` built.

import { defineConfig } from '@playwright/test';
import { launchOptions } from './support/chromium.js';

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  globalSetup: './support/setup.js',
  reporter: [['list']],
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // In CI one more try: of well over a hundred tests with two browsers on two cores one may run into its deadline. Whatever needed it is named as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: { actionTimeout: 10_000, navigationTimeout: 15_000, launchOptions: launchOptions() },
});
