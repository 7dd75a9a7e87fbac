// The browser that the tests drive: the one installed on this machine, never a downloaded one.

/** @returns {import('@playwright/test').LaunchOptions} */
export function launchOptions() {
  return {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    // As root there is no sandbox; the pages are our own.
    chromiumSandbox: false,
    args: ['--disable-gpu', '--disable-component-update', '--disable-sync'],
  };
}
