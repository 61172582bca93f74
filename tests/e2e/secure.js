// The page over TLS. Run by tests/interop/tls_page.py, which starts a broker with a certificate that no browser knows.
"use strict";
const assert = require("node:assert");
const { URL_OF_PAGE, open_browser, log_in, go } = require("./browser.js");

async function main() {
    assert.ok(URL_OF_PAGE.startsWith("https:"));
    const { browser, page, complaints } = await open_browser({ ignoreHTTPSErrors: true });
    await page.goto(URL_OF_PAGE);
    await log_in(page);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    const [cookie] = await page.context().cookies();
    assert.deepStrictEqual([cookie.secure, cookie.httpOnly, cookie.sameSite], [true, true, "Strict"]);
    await page.reload();
    await go(page, "Queues", "queues");
    assert.deepStrictEqual(complaints, []);
    await browser.close();
}

main();
