// Pictures of every page, for people to look at: light, dark and on a phone. Only with SCREENSHOTS=DIRECTORY.
"use strict";
const path = require("node:path");
const { api, publish, go } = require("./browser.js");

const LOOKS = [["light", 1280, 900], ["dark", 1280, 900], ["phone", 375, 800]];
const PAGES = [["Overview", "overview"], ["Connections", "connections"], ["Channels", "channels"],
    ["Exchanges", "exchanges"], ["Exchange orders", "exchange", "/", "orders"], ["Queues", "queues"],
    ["Queue invoices", "queue", "/", "invoices"], ["Queue invoices.dead", "queue", "/", "invoices.dead"],
    ["Dead letters", "dead-letters"], ["Users", "users"], ["User guest", "user", "guest"], ["Virtual hosts", "vhosts"],
    ["Policies", "policies"], ["Limits", "limits"], ["Definitions", "definitions"], ["Health", "health"]];

async function furnish() {
    await api("PUT", "exchanges/%2F/orders", { type: "topic", durable: true });
    await api("PUT", "exchanges/%2F/orders.dead", { type: "fanout", durable: true });
    await api("PUT", "queues/%2F/invoices.dead", { durable: true });
    await api("POST", "bindings/%2F/e/orders.dead/q/invoices.dead", {});
    for (const [name, key] of [["invoices", "order.paid"], ["shipping", "order.*"], ["audit", "#"]]) {
        await api("PUT", `queues/%2F/${name}`, { durable: true, arguments: name === "invoices"
            ? { "x-dead-letter-exchange": "orders.dead", "x-message-ttl": 86_400_000 } : {} });
        await api("POST", `bindings/%2F/e/orders/q/${name}`, { routing_key: key });
    }
    await api("POST", "bindings/%2F/e/orders/e/news", { routing_key: "order.big" });
    for (let i = 0; i < 40; i += 1) {
        await publish("invoices", JSON.stringify({ order: 4200 + i, customer: "C-117", total: 99.9 }),
            { delivery_mode: 2, content_type: "application/json", headers: { region: "eu" } });
    }
    await api("POST", "queues/%2F/invoices/get", { count: 3, ackmode: "reject_requeue_false", encoding: "auto" });
}

async function take_screenshots(page) {
    const directory = process.env.SCREENSHOTS;
    if (!directory) {
        return;
    }
    await furnish();
    await page.reload();
    for (const [look, width, height] of LOOKS) {
        await page.emulateMedia({ colorScheme: look === "dark" ? "dark" : "light" });
        await page.setViewportSize({ width, height });
        for (const [heading, ...segments] of PAGES) {
            await go(page, heading, ...segments);
            if (segments[0] === "queue") {
                await page.getByRole("button", { name: "Look" }).click();
                await page.getByRole("article").first().waitFor();
            }
            if (segments[0] === "exchange") {
                await page.getByLabel("With the key").fill("order.paid");
                await page.getByRole("button", { name: "Explain" }).click();
                await page.getByRole("list", { name: "Queues that it reaches" }).waitFor();
            }
            await publish("audit", "x"); // something moves
            await page.waitForLoadState("networkidle");
            await page.evaluate(() => scrollTo(0, 0));
            const name = [look, segments[0], ...segments.slice(2)].join("-");
            await page.screenshot({ fullPage: true, path: path.join(directory, `${name}.png`) });
        }
    }
    await page.emulateMedia({ colorScheme: null });
    await page.setViewportSize({ width: 1280, height: 900 });
}

module.exports = { take_screenshots, furnish };
