// SPDX-License-Identifier: MIT
//
// A headless Chromium, spoken to by its DevTools protocol over a pipe, so that nothing but node is needed. Each command is
// waited for no longer than PATIENCE_MS.

'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');

const PATIENCE_MS = 60000;

class Browser {
  // folder: a profile of its own, which is written to.
  constructor(program, folder) {
    // The sandbox of the browser takes what containers do not give; the pages are our own.
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
      '--no-first-run', '--disable-extensions', '--disable-background-networking', '--force-color-profile=srgb',
      '--font-render-hinting=none', '--disable-lcd-text', '--remote-debugging-pipe', `--user-data-dir=${folder}`, 'about:blank'];
    const env = { ...process.env };

    delete env.DBUS_SESSION_BUS_ADDRESS;
    delete env.DBUS_SYSTEM_BUS_ADDRESS;
    this.child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env });
    this.gone = new Promise((resolve) => this.child.on('exit', resolve));
    this.waiting = new Map();
    this.events = [];
    this.rest = Buffer.alloc(0);
    this.last = 0;
    this.child.stdio[4].on('data', (data) => this.read(data));
    this.child.on('exit', () => this.waiting.forEach((answer) => answer.reject(new Error('the browser has ended'))));
  }

  read(data) {
    let end;

    this.rest = Buffer.concat([this.rest, data]);
    while ((end = this.rest.indexOf(0)) >= 0) {
      this.take(JSON.parse(this.rest.subarray(0, end).toString()));
      this.rest = this.rest.subarray(end + 1);
    }
  }

  take(message) {
    const answer = this.waiting.get(message.id);

    if (!message.id) {
      this.events.push(message);
      this.changed?.();
    } else if (answer) {
      this.waiting.delete(message.id);
      if (message.error) answer.reject(new Error(`${answer.method}: ${message.error.message}`));
      else answer.resolve(message.result);
    }
  }

  command(method, params = {}) {
    const id = ++this.last;
    const asked = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject, method }));
    const message = { id, method, params };

    if (this.session) message.sessionId = this.session;
    this.child.stdio[3].write(`${JSON.stringify(message)}\0`);
    return this.within(asked, method);
  }

  within(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what}: no answer`)), PATIENCE_MS);
    });

    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  // The next event of that name, also one that has come already.
  async event(method) {
    for (;;) {
      const i = this.events.findIndex((event) => event.method === method);

      if (i >= 0) return this.events.splice(i, 1)[0].params;
      await this.within(new Promise((resolve) => { this.changed = resolve; }), method);
    }
  }

  async begin() {
    const { targetInfos } = await this.command('Target.getTargets');
    const { targetId } = targetInfos.find((target) => target.type === 'page');

    this.session = (await this.command('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.command(`${domain}.enable`);
  }

  // All that was said since the last call: errors and warnings of the console and of the browser, and what was asked of a network.
  complaints() {
    const found = this.events.map(({ method, params }) => {
      if (method === 'Runtime.exceptionThrown') return params.exceptionDetails.text;
      if (method === 'Runtime.consoleAPICalled') return `console: ${JSON.stringify(params.args)}`;
      if (method === 'Log.entryAdded') return params.entry.text;
      if (method === 'Network.requestWillBeSent' && !/^(file|data):/.test(params.request.url)) return `asked for ${params.request.url}`;
      return null;
    }).filter(Boolean);

    this.events = [];
    return found;
  }

  async open(file, { width, height, dark, script = true }) {
    await this.command('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: width < 500 ? 2 : 1, mobile: width < 500 });
    await this.command('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
    await this.command('Emulation.setScriptExecutionDisabled', { value: !script });
    await this.command('Page.navigate', { url: `file://${file}` });
    await this.event('Page.loadEventFired');
  }

  // The value of an expression in the page, which its Content-Security-Policy does not hold back.
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.command('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });

    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async screenshot(file, whole = true) {
    const { data } = await this.command('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });

    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  async pdf(file) {
    const { data } = await this.command('Page.printToPDF', { printBackground: false, preferCSSPageSize: true });

    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  async end() {
    this.child.kill();
    await this.gone;
  }
}

module.exports = { Browser };
