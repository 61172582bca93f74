// A name that would run if it were ever read as HTML, in everything that can have a name.
"use strict";
const amqp = require("amqplib");
const { api } = require("./browser.js");

const XSS = `<img src=x onerror="window.pwned=1;alert(1)">'"><script>window.pwned=2;alert(2)</script>`;

async function plant() {
    const name = encodeURIComponent(XSS);
    await api("PUT", `vhosts/${name}`, { description: XSS, tags: [XSS] });
    await api("PUT", `users/${name}`, { password: "x", tags: [XSS, "management"] });
    await api("PUT", `permissions/%2F/${name}`, { configure: "", write: "", read: "" });
    await api("PUT", `permissions/${name}/guest`, { configure: ".*", write: ".*", read: ".*" });
    await api("PUT", `exchanges/%2F/${name}`, { type: "topic", arguments: { [XSS]: XSS } });
    await api("PUT", `queues/%2F/${name}`, { arguments: { [XSS]: XSS, "x-dead-letter-exchange": XSS } });
    await api("POST", `bindings/%2F/e/${name}/q/${name}`, { routing_key: XSS, arguments: { [XSS]: XSS } });
    await api("PUT", `policies/%2F/${name}`, { pattern: "^<img", definition: { "message-ttl": 3_600_000 } });
    await api("PUT", `vhost-limits/${name}/max-queues`, { value: 10 });
    await api("PUT", `user-limits/${name}/max-channels`, { value: 10 });

    const connection = await amqp.connect(process.env.AMQP_URL,
        { clientProperties: { connection_name: XSS, [XSS]: XSS } });
    const channel = await connection.createConfirmChannel();
    const death = { reason: XSS, queue: XSS, exchange: XSS, "routing-keys": [XSS], count: 2 };
    channel.publish(XSS, XSS, Buffer.from(XSS), { contentType: XSS, messageId: XSS, correlationId: XSS,
        headers: { [XSS]: XSS, "x-death": [death] } });
    await channel.waitForConfirms();
    await channel.consume(XSS, () => {}, { consumerTag: XSS, noAck: false });
    channel.publish(XSS, XSS, Buffer.from(XSS), {});
    await channel.waitForConfirms();
    await channel.cancel(XSS);
    await channel.recover();
    await channel.consume("work", () => {}, { consumerTag: XSS });

    const connections = await api("GET", "connections");
    const own = connections.find((each) => each.user_provided_name === XSS);
    const addresses = [["Connections", "connections"], [`Connection ${own.name}`, "connection", own.name],
        [`Channel ${own.name} (1)`, "channel", `${own.name} (1)`], ["Exchanges", "exchanges"],
        [`Exchange ${XSS}`, "exchange", "/", XSS], ["Queues", "queues"], [`Queue ${XSS}`, "queue", "/", XSS],
        ["Queue work", "queue", "/", "work"], ["Dead letters", "dead-letters"], ["Users", "users"],
        [`User ${XSS}`, "user", XSS], ["Virtual hosts", "vhosts"], [`Virtual host ${XSS}`, "vhost", XSS],
        ["Policies", "policies"], ["Limits", "limits"], ["Definitions", "definitions"]];
    return { addresses, close: () => connection.close() };
}

module.exports = { plant, XSS };
