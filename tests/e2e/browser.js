// A headless Chromium with the page in it, and what every test wants to know of it: nothing was refused by the content
// security policy, no script failed, no dialogue of the browser opened, nothing that a name holds has run.
"use strict";
const assert = require("node:assert");
const { chromium } = require("playwright-core");

const URL_OF_PAGE = process.env.MGMT_URL + "/";
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const LIMIT_MS = Number(process.env.LIMIT_MS ?? 15_000);

async function open_browser(more = {}) {
    const options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]; // tests may run as root
    const browser = await chromium.launch({ executablePath: EXECUTABLE, args: options });
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true,
        ...more });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(`script error: ${error.message}`));
    page.on("dialog", (dialog) => {
        complaints.push(`dialogue: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on("console", (message) => {
        if (/Content Security Policy|Refused to/.test(message.text())) {
            complaints.push(message.text());
        }
    });
    return { browser, context, page, complaints };
}

async function log_in(page, user = "guest", password = "guest") {
    await page.getByLabel("User").fill(user);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in" }).click();
}

// Shows a page of the menu or one thing: go(page, "Queues", "queue", "/", name).
async function go(page, heading, ...segments) {
    const address = "#/" + segments.map(encodeURIComponent).join("/");
    await page.evaluate((hash) => {
        location.hash = hash;
    }, address);
    await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
}

// Waits until probe() is true; it may throw until then.
async function eventually(what, probe) {
    const deadline = Date.now() + LIMIT_MS;
    for (;;) {
        try {
            if (await probe()) {
                return;
            }
        } catch (error) {
            if (Date.now() > deadline) {
                throw error;
            }
        }
        assert.ok(Date.now() < deadline, `in time: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50)); // between two questions
    }
}

// Straight to the API, as guest.
async function api(method, path, body) {
    const response = await fetch(`${process.env.MGMT_URL}/api/${path}`, { method,
        headers: { Authorization: "Basic " + btoa("guest:guest"), "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
}

function publish(queue, payload, properties = {}) {
    return api("POST", "exchanges/%2F/amq.default/publish", { routing_key: queue, payload, payload_encoding: "string",
        properties });
}

module.exports = { URL_OF_PAGE, open_browser, log_in, go, eventually, api, publish };
