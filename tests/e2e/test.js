// The page at / as a person uses it. Run by tests/interop/run, which starts the broker.
"use strict";
const assert = require("node:assert");
const { URL_OF_PAGE, open_browser, log_in, go, eventually, api, publish } = require("./browser.js");
const { plant, XSS } = require("./planted.js");
const { unreadable_texts } = require("./readable.js");
const { take_screenshots } = require("./screenshots.js");

const queue_size = async (name) => (await api("GET", `queues/%2F/${encodeURIComponent(name)}`)).messages;
const section = (page, title) => page.getByRole("region", { name: title, exact: true });

async function wrong_password_is_said(page) {
    await page.goto(URL_OF_PAGE);
    await log_in(page, "guest", "wrong");
    await page.getByText("User or password is wrong.").waitFor();
}

async function login_lasts_and_is_hidden_from_scripts(page) {
    await log_in(page);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    const [cookie] = await page.context().cookies();
    assert.deepStrictEqual([cookie.httpOnly, cookie.sameSite, await page.evaluate(() => document.cookie)],
        [true, "Strict", ""]);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

async function a_queue_is_declared_filled_read_purged_deleted(page) {
    await go(page, "Queues", "queues");
    await page.getByText("Add a queue").click();
    await page.getByLabel("Name", { exact: true }).fill("orders");
    await page.getByRole("button", { name: "Add queue" }).click();
    await page.getByRole("link", { name: "orders", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Queue orders" }).waitFor();
    const publishing = section(page, "Publish a message");
    await publishing.getByLabel("Payload").fill('{"answer": 42}');
    await publishing.getByLabel("Headers").fill("colour = green");
    await publishing.getByRole("button", { name: "Publish" }).click();
    await page.getByText("Message published").waitFor();
    assert.strictEqual(await queue_size("orders"), 1);

    await page.getByRole("button", { name: "Get messages" }).click();
    const message = page.getByRole("article", { name: "Message 1" });
    await message.getByText('"answer": 42').waitFor();
    await message.getByText("green").waitFor();
    assert.strictEqual(await queue_size("orders"), 1); // it was only looked at

    await page.getByRole("button", { name: "Purge messages" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Purge messages" }).click();
    await page.getByText("Queue purged").waitFor();
    assert.strictEqual(await queue_size("orders"), 0);
    await page.getByRole("button", { name: "Delete queue" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete queue" }).click();
    await page.getByRole("heading", { level: 1, name: "Queues" }).waitFor();
}

async function the_list_of_queues_has_pages_and_a_filter(page) {
    const paths = Array.from({ length: 60 }, (_, i) => `queues/%2F/many-${String(i).padStart(2, "0")}`);
    await Promise.all(paths.map((path) => api("PUT", path, {})));
    await go(page, "Overview", "overview");
    await go(page, "Queues", "queues");
    await page.getByText(/page 1 of 2/).waitFor();
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText(/page 2 of 2/).waitFor();
    await page.getByLabel("Filter by name").fill("many-3");
    await page.getByText(/^10 of/).waitFor();
    await page.getByRole("button", { name: "Name" }).click();
    await eventually("the order is turned round", async () =>
        await page.locator("tbody th").first().textContent() === "many-39");
    await Promise.all(paths.map((path) => api("DELETE", path)));
}

async function dead_letters_go_back_where_they_came_from(page) {
    await api("PUT", "exchanges/%2F/graveyard", { type: "fanout" });
    await api("PUT", "queues/%2F/dead", { durable: true, arguments: { "x-queue-type": "quorum" } });
    await api("POST", "bindings/%2F/e/graveyard/q/dead", {});
    await api("PUT", "queues/%2F/work", { arguments: { "x-dead-letter-exchange": "graveyard" } });
    await publish("work", "one", { headers: { kept: "yes" }, message_id: "m1" });
    await publish("work", "two");
    await go(page, "Queue work", "queue", "/", "work");
    await page.getByLabel("What to do").selectOption("reject_requeue_false");
    await page.getByRole("button", { name: "Get messages" }).click();
    await eventually("both are dead", async () => await queue_size("dead") === 2);

    await go(page, "Dead letters", "dead-letters");
    await section(page, "Dead letter queues").getByRole("link", { name: "dead", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Queue dead" }).waitFor();
    const messages = section(page, "Look through the messages");
    await messages.getByRole("button", { name: "Look" }).click();
    await messages.getByText("Why it is here").first().waitFor();
    await messages.getByText("a consumer rejected it").first().waitFor();
    await messages.getByLabel("Do it with").selectOption("match");
    await messages.getByRole("button", { name: "Send back" }).click();
    await page.getByText("2 of 2 messages sent back").waitFor();
    await messages.getByText("No such message is ready.").waitFor();
    assert.deepStrictEqual([await queue_size("dead"), await queue_size("work")], [0, 2]);
    const [message] = await api("POST", "queues/%2F/work/get",
        { count: 1, ackmode: "ack_requeue_true", encoding: "auto" });
    assert.deepStrictEqual([message.payload, message.properties.message_id, message.properties.headers],
        ["one", "m1", { kept: "yes" }]);
}

async function messages_are_found_moved_copied_deleted(page) {
    await api("PUT", "queues/%2F/pile", { durable: true });
    await api("PUT", "queues/%2F/sorted", { durable: true });
    for (let i = 0; i < 25; i += 1) {
        await publish("pile", `letter ${i}`, { headers: { colour: i % 5 === 0 ? "red" : "blue" }, delivery_mode: 2 });
    }
    await go(page, "Queue pile", "queue", "/", "pile");
    const messages = section(page, "Look through the messages");
    const look = () => messages.getByRole("button", { name: "Look" }).click();
    await look();
    await messages.getByText("Places 1 to 20", { exact: true }).waitFor();
    await messages.getByRole("button", { name: "Next" }).click();
    await messages.getByText("Places 21 to 25", { exact: true }).waitFor();
    await messages.getByRole("button", { name: "Previous" }).click();
    await messages.getByText("Places 1 to 20", { exact: true }).waitFor();
    await messages.getByLabel("Header is").fill("colour:red");
    await look();
    await messages.getByText("Places 1 to 21", { exact: true }).waitFor();
    assert.strictEqual(await messages.getByRole("article").count(), 5);
    await messages.getByLabel("Choose place 6", { exact: true }).check();
    await messages.getByLabel("Its name").fill("sorted");
    await messages.getByRole("button", { name: "Send them there" }).click();
    await page.getByText("1 of 1 message moved").waitFor();
    await messages.getByLabel("Do it with").selectOption("match");
    await messages.getByLabel("Copy, and leave them here").check();
    await messages.getByRole("button", { name: "Send them there" }).click();
    await page.getByText("4 of 4 messages copied").waitFor();
    assert.deepStrictEqual([await queue_size("pile"), await queue_size("sorted")], [24, 5]);
    await messages.getByRole("button", { name: "Delete them" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete messages" }).click();
    await page.getByText("4 of 4 messages deleted").waitFor();
    const seen = await api("GET", "queues/%2F/pile/peek?count=100");
    assert.deepStrictEqual([seen.length, seen.some((each) => each.redelivered)], [20, false]);
    await Promise.all(["pile", "sorted"].map((name) => api("DELETE", `queues/%2F/${name}`)));
}

async function arguments_change_in_place(page) {
    await api("PUT", "queues/%2F/changing", { durable: true });
    await go(page, "Queue changing", "queue", "/", "changing");
    const settings = section(page, "Arguments and policy");
    await settings.getByLabel("Arguments to change").fill("x-max-length = 7");
    await settings.getByRole("button", { name: "Change arguments" }).click();
    await page.getByText("Changed: x-max-length").waitFor();
    await settings.getByText("max-length", { exact: true }).waitFor();
    assert.strictEqual((await api("GET", "queues/%2F/changing")).arguments["x-max-length"], 7);
    await settings.getByLabel("Arguments to change").fill("x-queue-type = quorum");
    await settings.getByRole("button", { name: "Change arguments" }).click();
    await settings.getByText("cannot change").waitFor();
    await api("DELETE", "queues/%2F/changing");
}

async function charts_move(page) {
    await go(page, "Overview", "overview");
    const points = () => page.evaluate(() =>
        window.Chart.getChart(document.querySelector("canvas"))?.data.datasets[0].data);
    await eventually("the chart is drawn", async () => await points() !== undefined);
    await eventually("what is published shows", async () => {
        await publish("work", "more");
        return (await points()).some((point) => point.y > 0);
    });
    await page.getByRole("img", { name: /Message rates: Published/ }).waitFor();
}

async function an_exchange_is_bound_and_drawn(page) {
    await api("PUT", "exchanges/%2F/news", { type: "topic" });
    await go(page, "Exchange news", "exchange", "/", "news");
    const bindings = section(page, "Bindings");
    await bindings.getByLabel("Name", { exact: true }).fill("work");
    await bindings.getByLabel("Routing key").fill("sport.#");
    await bindings.getByRole("button", { name: "Bind", exact: true }).click();
    await bindings.getByRole("group", { name: "Bindings as a graph" }).getByText("work", { exact: true }).waitFor();
    const asking = section(page, "Where would it go?");
    await asking.getByLabel("With the key").fill("sport.chess");
    await asking.getByRole("button", { name: "Explain" }).click();
    await asking.getByRole("list", { name: "Queues that it reaches" }).getByText("sport.#").waitFor();
    await asking.getByLabel("With the key").fill("weather");
    await asking.getByRole("button", { name: "Explain" }).click();
    await asking.getByText("It reaches no queue.").waitFor();
    await bindings.getByRole("button", { name: "Unbind" }).click();
    await bindings.getByText("No bindings.").first().waitFor();
}

async function administration(page) {
    await go(page, "Users", "users");
    await page.getByText("Add a user").click();
    await page.getByLabel("Name", { exact: true }).fill("clerk");
    await page.getByLabel("Password", { exact: true }).fill("secret");
    await page.getByLabel("Tag", { exact: true }).selectOption("management");
    await page.getByRole("button", { name: "Add user" }).click();
    await page.getByRole("link", { name: "clerk" }).click();
    await page.getByRole("button", { name: "Set permissions" }).click();
    await eventually("permissions", async () => (await api("GET", "users/clerk/permissions")).length === 1);
    await go(page, "Policies", "policies");
    await page.getByText("Set a policy").click();
    const policy = page.locator("details[open]");
    await policy.getByLabel("Name", { exact: true }).fill("short");
    await policy.getByLabel("Pattern").fill("^tmp");
    await policy.getByLabel("Definition").fill("message-ttl = 1000");
    await policy.getByRole("button", { name: "Set policy" }).click();
    await eventually("the policy", async () =>
        (await api("GET", "policies/%2F/short")).definition["message-ttl"] === 1000);
    await go(page, "Health", "health");
    await page.getByText("well").first().waitFor();
    await go(page, "Definitions", "definitions");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    assert.match((await download).suggestedFilename(), /^leveret-definitions-.*\.json$/);
}

async function names_never_run(page, complaints) {
    const { addresses, close } = await plant();
    await page.goto(URL_OF_PAGE); // so that it knows the new virtual host
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    for (const [heading, ...segments] of addresses) {
        await go(page, heading, ...segments);
        await eventually(`${segments[0]} shows the name as text`, () => page.evaluate((text) =>
            document.querySelector("main").textContent.includes(text), XSS));
        await eventually(`${segments[0]} fits a phone`, async () => {
            await page.setViewportSize({ width: 375, height: 800 });
            return await page.evaluate(() => document.documentElement.scrollWidth) <= 375;
        });
        await page.setViewportSize({ width: 1280, height: 900 });
        assert.strictEqual(await page.evaluate(() => window.pwned), undefined, `ran on ${segments[0]}`);
        assert.strictEqual(await page.locator("main img, main script, main iframe").count(), 0, segments[0]);
    }
    await page.goto(URL_OF_PAGE + "#/queue/%2F/" + encodeURIComponent(XSS));
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByText("Why it is here").waitFor();
    await page.getByRole("button", { name: "Get messages" }).click();
    await eventually("shown twice", async () => await page.getByRole("article").count() >= 2);
    await page.goto(URL_OF_PAGE + "#/exchange/%2F/" + encodeURIComponent(XSS));
    await page.getByLabel("With the key").fill(XSS);
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByRole("list", { name: "Queues that it reaches" }).getByText(XSS).first().waitFor();
    assert.strictEqual(await page.evaluate(() => window.pwned), undefined, "ran among messages or ways");
    assert.strictEqual(await page.locator("main img, main script, main iframe").count(), 0);
    assert.deepStrictEqual(complaints, []);
    await close();
}

const MENU = ["overview", "connections", "channels", "exchanges", "queues", "dead-letters", "users", "vhosts",
    "policies", "limits", "definitions", "health"];

async function everything_has_a_label(page) {
    for (const name of MENU) {
        await page.goto(`${URL_OF_PAGE}#/${name}`);
        await page.locator(`nav a[aria-current=page][href='#/${name}']`).waitFor();
        const nameless = await page.evaluate(() => [...document.querySelectorAll("input, select, textarea, button")]
            .filter((each) => !(each.labels?.length || each.ariaLabel ||
                (each.tagName === "BUTTON" && each.textContent)))
            .map((each) => each.outerHTML));
        assert.deepStrictEqual(nameless, [], name);
        assert.strictEqual(await page.locator("h1").count(), 1);
    }
}

async function everything_can_be_read(page) {
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        for (const name of [...MENU, "queue/%2F/work", "exchange/%2F/news", "user/guest", "vhost/%2F"]) {
            await page.goto(`${URL_OF_PAGE}#/${name}`);
            await page.locator("h1").waitFor();
            await page.waitForLoadState("networkidle");
            assert.deepStrictEqual(await page.evaluate(unreadable_texts), [], `${name}, ${colorScheme}`);
        }
    }
    await page.emulateMedia({ colorScheme: null });
}

async function the_keyboard_is_enough(page) {
    await page.goto(`${URL_OF_PAGE}#/queues`);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Queues" }).waitFor();
    await page.getByRole("link", { name: "Skip to content" }).focus();
    await page.keyboard.press("Enter");
    assert.strictEqual(await page.evaluate(() => document.activeElement.id), "main");
    await page.getByRole("link", { name: "work", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Queue work" }).waitFor();
    await page.getByRole("button", { name: "Delete queue" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    assert.strictEqual(await page.evaluate(() => document.activeElement.textContent), "Cancel");
    await page.keyboard.press("Escape");
    await eventually("the focus returns to where it was", () => page.evaluate(() =>
        document.activeElement.textContent === "Delete queue"));
}

async function log_out_ends_it(page) {
    const before = await page.context().cookies();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Log in" }).waitFor();
    const answer = await fetch(`${process.env.MGMT_URL}/api/whoami`,
        { headers: { Cookie: `${before[0].name}=${before[0].value}` } });
    assert.strictEqual(answer.status, 401);
}

const TESTS = [wrong_password_is_said, login_lasts_and_is_hidden_from_scripts,
    a_queue_is_declared_filled_read_purged_deleted, the_list_of_queues_has_pages_and_a_filter,
    dead_letters_go_back_where_they_came_from, messages_are_found_moved_copied_deleted, arguments_change_in_place,
    charts_move, an_exchange_is_bound_and_drawn, administration,
    everything_has_a_label, everything_can_be_read, the_keyboard_is_enough, take_screenshots, names_never_run,
    log_out_ends_it];

async function main() {
    const { browser, page, complaints } = await open_browser();
    let failed = 0;
    for (const test of TESTS) {
        try {
            await test(page, complaints);
            assert.deepStrictEqual(complaints, []);
            console.log(`ok      ${test.name}`);
        } catch (error) {
            failed += 1;
            complaints.length = 0;
            console.log(`FAILED  ${test.name}\n${error.stack}`);
            await page.screenshot({ path: `${__dirname}/failed-${test.name}.png` }).catch(() => {});
        }
    }
    await browser.close();
    console.log(`${TESTS.length - failed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1); // whatever a failed test has left open
}

main();
